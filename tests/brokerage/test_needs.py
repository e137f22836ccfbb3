from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from brokerage.domain import needs
from brokerage.domain.idempotency import Once
from brokerage.domain.slots import SlotTime
from brokerage.errors import DomainError, InvalidInput, NotAllowed, Unprocessable
from brokerage.eventlog.models import Event
from brokerage.models import EncounterNeed, Listing, Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


def test_need_is_filled_in_with_the_types_defaults_and_the_schools_own():
    leader = factories.member(factories.school())

    need = needs.post(
        fields={
            "title": "Apprenticeship morning",
            "encounter_type": "provider_encounter",
            "year_groups": [11],
        },
        slots=[time_slot()],
        publish=True,
        by=leader,
        at=timezone.now(),
    )

    assert (need.open_to, need.main_benchmark, need.supervision) == (
        ["technical_provider"],
        7,
        "staff_present",
    )
    assert (need.venue, need.expected_pupils) == ("Main hall", {"11": 180})
    assert (need.entrance, need.contact) == ("Report to reception on Sutton Road.", leader)
    assert [event.type for event in Event.objects.order_by("id")] == [
        "brokerage.need.drafted.v1",
        "brokerage.need.published.v1",
    ]


def test_draft_may_be_incomplete_and_publishing_names_what_is_missing():
    leader = factories.member(factories.school())
    draft = needs.post(fields={"title": "Something"}, slots=[], publish=False, by=leader, at=timezone.now())

    with pytest.raises(InvalidInput) as caught:
        needs.publish(need=draft, by=leader, at=timezone.now())

    assert caught.value.code == "need_incomplete"
    assert set(caught.value.fields) == {"encounter_type", "year_groups", "open_to", "main_benchmark", "slots"}


def test_failed_publication_keeps_no_half_made_need():
    leader = factories.member(factories.school())

    with pytest.raises(InvalidInput):
        needs.post(fields={"title": "Something"}, slots=[], publish=True, by=leader, at=timezone.now())

    assert not EncounterNeed.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": -1}, "slots.0.starts_at"),
        ({"minutes": 0}, "slots.0.ends_at"),
        ({"hour": 23, "minutes": 120}, "slots.0.ends_at"),
        ({"places": 0}, "slots.0.places"),
        ({"places": 1001}, "slots.0.places"),
    ],
)
def test_unfit_time_is_named(changes, field):
    with pytest.raises(InvalidInput) as caught:
        factories.posted(slots=[time_slot(**changes)])

    assert list(caught.value.fields) == [field]


def test_fifty_one_times_are_too_many():
    with pytest.raises(InvalidInput) as caught:
        factories.posted(slots=[time_slot(days=20 + day) for day in range(51)])

    assert "slots" in caught.value.fields


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"year_groups": [6]}, "year_groups"),
        ({"sectors": ["alchemy"]}, "sectors"),
        ({"subjects": ["alchemy"]}, "subjects"),
        ({"expected_pupils": {"9": 20}}, "expected_pupils"),
        ({"expected_pupils": {"10": 0}}, "expected_pupils"),
        ({"state": "open"}, "state"),
    ],
)
def test_unfit_value_is_named(fields, named):
    with pytest.raises(InvalidInput) as caught:
        factories.need(**fields)

    assert named in caught.value.fields


@pytest.mark.parametrize("role", ["link_governor", "careers_adviser"])
def test_those_who_only_read_post_nothing(role):
    with pytest.raises(NotAllowed):
        factories.need(factories.member(factories.school(), role))


def test_need_is_listed_for_each_year_group_and_sector_wanted():
    need = factories.posted(year_groups=[9, 10], sectors=["digital", "engineering"])

    rows = Listing.objects.filter(need=need).order_by("year_group", "sector")
    assert [(row.year_group, row.sector, row.is_first) for row in rows] == [
        (9, "digital", True),
        (9, "engineering", False),
        (10, "digital", False),
        (10, "engineering", False),
    ]


def test_listing_follows_an_amended_need_and_a_moved_school():
    leader = factories.member(factories.school())
    need = factories.posted(leader, sectors=["digital"])

    needs.amend(need=need, fields={"sectors": [], "open_to": ["university"]}, by=leader, at=timezone.now())
    leader.organisation.easting = 450000
    leader.organisation.save()

    row = Listing.objects.get(need=need)
    assert (row.sector, row.open_to, row.easting) == ("", 4, 450000)


def test_amending_says_what_changed_and_keeps_the_rest():
    leader = factories.member(factories.school())
    need = factories.posted(leader)

    needs.amend(need=need, fields={"title": "Interviews", "year_groups": [10]}, by=leader, at=timezone.now())

    assert Event.objects.get(type="brokerage.need.amended.v1").data["changed"] == ["title"]
    assert Listing.objects.filter(need=need).count() == 1


def test_earlier_closing_date_closes_the_slots_earlier():
    leader = factories.member(factories.school())
    need = factories.posted(leader)
    closes_at = timezone.now() + timedelta(days=3)

    needs.amend(need=need, fields={"closes_at": closes_at}, by=leader, at=timezone.now())

    assert factories.slot_of(need).open_until == closes_at


def test_time_with_a_live_claim_cannot_be_taken_away():
    leader = factories.member(factories.school())
    need = factories.posted(leader, slots=[time_slot(), time_slot(days=21)])
    factories.accepted_claim(on=need)
    kept = Slot.objects.get(need=need, taken=0)

    with pytest.raises(DomainError) as caught:
        needs.amend(
            need=need,
            fields={},
            slots=[time_slot(days=21, public_id=kept.public_id)],
            by=leader,
            at=timezone.now(),
        )

    assert caught.value.code == "slot_has_claims"


def test_withdrawn_need_cannot_be_amended_or_published():
    leader = factories.member(factories.school())
    need = factories.posted(leader)
    needs.withdraw(need=need, reason="other", by=leader, at=timezone.now())

    for call in (
        lambda: needs.amend(need=need, fields={"title": "Again"}, by=leader, at=timezone.now()),
        lambda: needs.publish(need=need, by=leader, at=timezone.now()),
    ):
        with pytest.raises(DomainError) as caught:
            call()
        assert caught.value.code == "need_withdrawn"


def test_database_itself_refuses_to_reopen_a_withdrawn_need():
    leader = factories.member(factories.school())
    need = factories.posted(leader)
    needs.withdraw(need=need, reason="other", by=leader, at=timezone.now())

    with pytest.raises(Exception, match="Invalid transition"), transaction.atomic():
        EncounterNeed.objects.filter(pk=need.pk).update(state="open")


def test_database_itself_refuses_an_open_need_with_a_gap():
    need = factories.posted()

    with pytest.raises(IntegrityError, match="open_need_is_whole"), transaction.atomic():
        EncounterNeed.objects.filter(pk=need.pk).update(year_groups=[])


def test_idempotency_key_makes_one_need():
    leader = factories.member(factories.school())
    once = Once(leader.user_id, "key", "hash")

    first = needs.post(
        fields={"title": "One"}, slots=[], publish=False, by=leader, at=timezone.now(), once=once
    )
    again = needs.post(
        fields={"title": "One"}, slots=[], publish=False, by=leader, at=timezone.now(), once=once
    )

    assert (first.pk, EncounterNeed.objects.count()) == (again.pk, 1)
    with pytest.raises(Unprocessable):
        needs.post(
            fields={"title": "Two"},
            slots=[],
            publish=False,
            by=leader,
            at=timezone.now(),
            once=Once(leader.user_id, "key", "other hash"),
        )


def test_a_key_that_another_wrote_meanwhile_makes_nothing():
    """What `made` read can be older than the lock it got."""
    once = Once(factories.member(factories.school()).user_id, "k1", "hash")
    assert once.made() is None
    once.remember(uuid4(), at=timezone.now())

    with pytest.raises(DomainError, match="still running") as refused:
        once.remember(uuid4(), at=timezone.now())
    assert refused.value.code == "idempotency_key_in_use"


def test_events_cannot_be_changed_or_deleted():
    factories.posted()

    for change in (lambda: Event.objects.update(data={}), lambda: Event.objects.all().delete()):
        with pytest.raises(Exception, match=r"Cannot (update|delete)"), transaction.atomic():
            change()


NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)


def on(day: str) -> SlotTime:
    starts_at = datetime.fromisoformat(f"{day}T10:00:00+00:00")
    return SlotTime(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ({"slots": [on("2029-08-31"), on("2029-09-01")]}, {"slots.1.starts_at": "The date"}),
        ({"closes_at": datetime(2999, 1, 1, 9, tzinfo=UTC)}, {"closes_at": "The last day to claim"}),
    ],
)
def test_dates_beyond_the_third_academic_year_are_refused_by_name(what, fields):
    with pytest.raises(InvalidInput) as caught:
        factories.need(at=NOVEMBER, **{"slots": [on("2026-12-01")]} | what)

    assert caught.value.code == "date_out_of_range"
    assert caught.value.fields == {
        name: f"{called} must be by 31 August 2029" for name, called in fields.items()
    }


def test_an_open_need_closes_by_the_day_of_its_last_time_and_a_draft_when_it_likes():
    evening, later = datetime(2026, 12, 8, 23, tzinfo=UTC), datetime(2026, 12, 9, 23, tzinfo=UTC)
    slots = [on("2026-12-08"), on("2026-12-01")]
    draft = factories.need(slots=slots, closes_at=later, at=NOVEMBER)
    need = factories.need(slots=slots, closes_at=evening, publish=True, at=NOVEMBER)

    for change in (
        lambda: needs.publish(need=draft, by=draft.posted_by, at=NOVEMBER),
        lambda: needs.amend(need=need, fields={"closes_at": later}, by=need.posted_by, at=NOVEMBER),
        lambda: needs.amend(need=need, fields={}, slots=slots[1:], by=need.posted_by, at=NOVEMBER),
    ):
        with pytest.raises(InvalidInput, match="The last day to claim must be by") as caught:
            change()
        assert (caught.value.code, set(caught.value.fields)) == ("closes_after_last_time", {"closes_at"})


def test_date_that_stood_already_may_stay_beyond_the_horizon():
    need = factories.need(slots=[on("2029-08-31")], at=NOVEMBER)
    slot = need.slots.get()
    kept = SlotTime(starts_at=slot.starts_at, ends_at=slot.ends_at, public_id=slot.public_id)
    earlier = NOVEMBER - timedelta(days=200)

    needs.amend(need=need, fields={"title": "Later"}, slots=[kept], by=need.posted_by, at=earlier)

    day = timedelta(days=1)
    moved = replace(kept, starts_at=kept.starts_at + day, ends_at=kept.ends_at + day)
    with pytest.raises(InvalidInput):
        needs.amend(need=need, fields={}, slots=[moved], by=need.posted_by, at=earlier)
