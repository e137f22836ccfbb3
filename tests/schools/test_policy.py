"""The provider access policy statement: its parts, its versions, its pages, and what differs from it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from brokerage.accounts.models import Membership, MembershipState, Role
from brokerage.accounts.models.organisation import FormerUrn
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.models import AccessTerms
from schools.domain import policies
from schools.models import ProviderAccessPolicy, School
from schools.policy import behaviour, model_text
from schools.policy.behaviour import Difference, Offer, Refusal, differences
from schools.policy.statement import Part, Standing, Statement, Status, Times, a_year_after, standing
from schools.queries import policies as query
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import as_, typed

PAGE = "/school/policy/"
TODAY = date(2026, 11, 12)
WHOLE = Statement(
    procedure="Write to us.",
    granting="To all.",
    refusing={"exam_period": ""},
    premises="The hall.",
    times=(Times((1, 2, 3, 4, 5), time(9), time(15)),),
    encounters="Two in each phase.",
    contact="The careers leader",
    approved_on=date(2026, 9, 1),
    approved_by="Full governing board",
    review_on=date(2027, 9, 1),
)
database = pytest.mark.django_db


def but(**changes: Any) -> Statement:
    return Statement(**{**WHOLE.__dict__, **changes})


@pytest.mark.parametrize(
    ("published", "draft", "expected"),
    [
        (None, None, Standing(Status.MISSING)),
        (None, but(times=(), refusing={}), Standing(Status.INCOMPLETE, (Part.GROUNDS, Part.TIMES))),
        (None, WHOLE, Standing(Status.DRAFT)),
        (WHOLE, None, Standing(Status.CURRENT)),
        (WHOLE, but(times=()), Standing(Status.CURRENT)),
        (but(review_on=TODAY), None, Standing(Status.CURRENT)),
        (but(review_on=TODAY - timedelta(days=1)), None, Standing(Status.OVERDUE)),
        (but(contact=""), None, Standing(Status.INCOMPLETE, (Part.CONTACT,))),
    ],
)
def test_how_a_statement_stands(published, draft, expected: Standing):
    assert standing(published, draft, TODAY) == expected


@pytest.mark.parametrize("part", Part)
def test_each_part_is_missed_alone(part: Part):
    empty: dict[str, Any] = {"refusing": {}, "times": (), "approved_on": None, "review_on": None}
    field = {"grounds": "refusing", "approval": "review_on"}.get(part, str(part))

    assert but(**{field: empty.get(field, "")}).missing == (part,)


def test_a_year_after_a_leap_day():
    assert [a_year_after(day) for day in (date(2028, 2, 29), date(2026, 9, 1))] == [
        date(2029, 2, 28),
        date(2027, 9, 1),
    ]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute)


def test_what_differs_from_what_was_published():
    offers = [Offer(at(2, 9), at(2, 10)), Offer(at(3, 14, 30), at(3, 15, 30)), Offer(at(7, 10), at(7, 11))]
    refusals = [Refusal(TODAY, ground) for ground in ("exam_period", "no_capacity", "no_capacity")]

    found = differences(
        but(review_on=date(2026, 9, 1)), refusals=refusals, offers=[*offers, offers[1]], today=TODAY
    )

    assert [each.what for each in found] == [
        Difference.REVIEW_OVERDUE,
        Difference.GROUND_NOT_PUBLISHED,
        Difference.OUTSIDE_PUBLISHED_TIMES,
    ]
    assert "«No room or staff on that day» was given 2 times" in found[1].text
    assert found[2].text.startswith(
        "2 times you offered providers lie outside the times you published: 3 November, 14:30; 7 November, 10:00."
    )


def test_nothing_differs_from_nothing_and_from_what_is_kept():
    inside = [Offer(at(2, 9), at(2, 15))]

    assert differences(None, refusals=[Refusal(TODAY, "other")], offers=[], today=TODAY) == []
    assert differences(WHOLE, refusals=[Refusal(TODAY, "exam_period")], offers=inside, today=TODAY) == []


def test_many_offers_outside_are_counted_not_listed():
    offers = [Offer(at(day, 16), at(day, 17)) for day in range(2, 7)]

    (found,) = behaviour.differences(WHOLE, refusals=[], offers=offers, today=TODAY)

    assert "; 4 November, 16:00 and 2 more." in found.text


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def model(**changes: Any) -> dict[str, Any]:
    """A whole statement in the verb's fields, but for what only a school can say."""
    return {
        **model_text.start(
            day_starts=time(8, 45), day_ends=time(15, 15), rooms=["Main hall"], years=[8, 9, 12]
        ),
        "contact_text": "careers@school.example",
        "approved_on": timezone.localdate() - timedelta(days=30),
        "approved_by": "Full governing board",
        "review_on": timezone.localdate() + timedelta(days=335),
        **changes,
    }


def save(by: Membership, **changes: Any) -> ProviderAccessPolicy:
    return policies.save_draft(fields=changes or model(), by=by, at=timezone.now())


def published(by: Membership, **changes: Any) -> ProviderAccessPolicy:
    save(by, **model(**changes))
    return policies.publish(by=by, at=timezone.now())


def told() -> list[str]:
    return list(Event.objects.order_by("id").values_list("type", flat=True))


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def address(by: Membership) -> str:
    return f"/schools/{School.objects.get(organisation=by.organisation).slug}/provider-access-policy/"


def test_the_model_names_only_phases_the_school_teaches_and_its_rooms():
    text = model_text.start(
        day_starts=time(8, 40), day_ends=time(15, 10), rooms=["Hall", "Library"], years=[7, 8, 9, 10, 11]
    )

    assert "Years 10 and 11" in text["encounters"]
    assert "Years 12" not in text["encounters"]
    assert "Hall or Library" in text["premises"]
    assert text["times"] == [{"weekdays": [1, 2, 3, 4, 5], "starts": "08:40", "ends": "15:10"}]


@database
def test_publishing_tells_the_market_and_gives_an_address(leader: Membership):
    policy = published(leader, contact=leader)

    terms = AccessTerms.objects.get(school=leader.organisation)
    assert (terms.grounds, terms.contact, terms.policy_published_at, terms.policy_review_on) == (
        ["date_clash", "exam_period", "safeguarding_not_satisfied", "not_a_provider", "no_capacity"],
        leader,
        policy.published_at,
        policy.review_on,
    )
    assert School.objects.get().slug == leader.organisation.urn
    assert told() == ["brokerage.policy.drafted.v1", "brokerage.policy.published.v1"]


@database
def test_an_unfinished_statement_is_not_published_and_says_what_is_missing(leader: Membership):
    save(leader, **model(times=[], refusing={}))

    with pytest.raises(InvalidInput, match=r"Write these first: grounds for saying yes and no and times\."):
        policies.publish(by=leader, at=timezone.now())
    assert not AccessTerms.objects.exists()
    assert told() == ["brokerage.policy.drafted.v1"]


@database
def test_a_change_after_publishing_is_a_new_version_and_leaves_the_old_one_standing(leader: Membership):
    first = published(leader)
    draft = save(leader, procedure="Ring us.")

    policies_now = query.of(leader.organisation_id, timezone.localdate())
    assert (policies_now.published, policies_now.draft) == (first, draft)
    assert (draft.version, draft.premises, first.procedure) == (2, first.premises, model()["procedure"])

    policies.publish(by=leader, at=timezone.now())
    assert [(each.version, each.superseded_at is None) for each in query.versions(leader.organisation)] == [
        (2, True),
        (1, False),
    ]
    assert School.objects.get().slug == leader.organisation.urn


@database
def test_the_same_again_is_no_draft_and_no_event(leader: Membership):
    published(leader)
    save(leader, **model())

    assert query.of(leader.organisation_id, timezone.localdate()).draft is None
    assert told()[2:] == []
    with pytest.raises(DomainError, match="no changes to publish"):
        policies.publish(by=leader, at=timezone.now())


@database
def test_a_discarded_draft_leaves_what_is_published(leader: Membership):
    first = published(leader)
    save(leader, procedure="Ring us.")
    for _ in range(2):
        policies.discard_draft(by=leader, at=timezone.now())

    now = query.of(leader.organisation_id, timezone.localdate())
    assert (now.published, now.draft) == (first, None)
    assert told()[-1] == "brokerage.policy.discarded.v1"
    assert len(told()) == 4


@database
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refusing": {"competes": ""}}, "refusing"),
        ({"refusing": {"other": ""}}, "refusing"),
        ({"refusing": {"exam_period": "Ask for A123456789012 first."}}, "refusing"),
        ({"refusing": ["exam_period"]}, "refusing"),
        ({"times": [{"weekdays": [6], "starts": "09:00", "ends": "10:00"}]}, "times"),
        ({"times": [{"weekdays": [1], "starts": "10:00", "ends": "10:00"}]}, "times"),
        ({"times": [{"weekdays": [1]}]}, "times"),
        ({"times": [{"weekdays": [[1]], "starts": "09:00", "ends": "10:00"}]}, "times"),
        ({"procedure": "x" * 4001}, "procedure"),
        ({"approved_on": date(2100, 1, 1), "review_on": None}, "approved_on"),
        ({"review_on": date(2000, 1, 1)}, "review_on"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_field(leader: Membership, changes: dict, field: str):
    with pytest.raises(InvalidInput) as refused:
        save(leader, **model(**changes))

    assert list(refused.value.fields) == [field]
    assert not ProviderAccessPolicy.objects.exists()


@database
def test_somebody_elses_member_is_no_contact(leader: Membership):
    with pytest.raises(InvalidInput):
        save(leader, contact=factories.member(factories.school()))


@database
def test_a_contact_who_has_left_makes_it_incomplete_and_is_no_longer_named(leader: Membership):
    colleague = factories.member(leader.organisation, Role.SENIOR_LEADER)
    published(leader, contact=colleague, contact_text="")
    assert str(colleague.user) in text_of(Client().get(address(leader)))

    Membership.objects.filter(pk=colleague.pk).update(state=MembershipState.ENDED)

    stands = query.of(leader.organisation_id, timezone.localdate()).standing
    assert stands == Standing(Status.INCOMPLETE, (Part.CONTACT,))
    assert str(colleague.user) not in text_of(Client().get(address(leader)))


@database
def test_a_school_not_yet_checked_keeps_its_draft(leader: Membership):
    leader.organisation.verified_at = None
    leader.organisation.save()
    save(leader)

    with pytest.raises(DomainError) as refused:
        policies.publish(by=leader, at=timezone.now())
    assert refused.value.code == "school_not_verified"


@database
def test_verbs_refuse_whoever_may_not(leader: Membership):
    for by in (
        factories.member(leader.organisation, Role.LINK_GOVERNOR),
        factories.member(factories.employer()),
    ):
        with pytest.raises(NotAllowed):
            save(by, procedure="Mine")
        with pytest.raises(NotAllowed):
            policies.publish(by=by, at=timezone.now())
        with pytest.raises(NotAllowed):
            policies.discard_draft(by=by, at=timezone.now())


@database
def test_anyone_reads_what_is_published_and_nobody_a_draft(leader: Membership):
    save(leader, **model())
    key = leader.organisation.urn
    assert Client().get(f"/schools/{key}/provider-access-policy/").status_code == 404
    policies.publish(by=leader, at=timezone.now())
    save(leader, procedure="A secret plan.")

    page = text_of(Client().get(address(leader)))

    assert "Ask through Doorway" in page
    assert "A secret plan." not in page
    assert "The pupils sit exams or mock exams then." in page
    assert leader.user.email not in page
    assert "careers@school.example" in page


@database
def test_the_address_outlives_a_conversion(leader: Membership):
    published(leader)
    old, school = leader.organisation.urn, leader.organisation
    FormerUrn.objects.create(urn=old, organisation=school)
    school.urn = "123456"
    school.save()

    assert Client().get(f"/schools/{old}/provider-access-policy/").status_code == 200
    assert Client().get("/schools/123456/provider-access-policy/")["Location"] == address(leader)


@database
def test_two_schools_of_one_name_get_two_addresses():
    keys = []
    for _ in range(2):
        by = factories.member(factories.school(urn=None, name="St Orrin's School"))
        published(by)
        keys.append(School.objects.get(organisation=by.organisation).slug)

    assert keys == ["st-orrins-school", "st-orrins-school-2"]


@database
def test_from_nothing_to_published_through_the_pages(leader: Membership):
    client = as_(leader)
    assert "You haven’t published one here yet." in text_of(client.get(PAGE))
    client.post(f"{PAGE}start/")
    assert "Still to write: a contact and the approval." in text_of(client.get(PAGE))
    assert "Write these first" in text_of(client.post(f"{PAGE}publish/"))
    client.post(f"{PAGE}contact/", {"contact": leader.pk, "contact_text": "", "safeguarding": ""})
    approved = timezone.localdate() - timedelta(days=30)
    client.post(f"{PAGE}approval/", {"approved_by": "Full governing board", "approved_on": typed(approved)})

    response = client.post(f"{PAGE}publish/", follow=True)

    assert "Published. Anyone can read it at its address." in text_of(response)
    assert ProviderAccessPolicy.objects.get().review_on == a_year_after(approved)
    assert address(leader) in text_of(response)
    assert "Nothing differs" in text_of(response)


GROUNDS = {"granting": "To all.", "ground_exam_period": "on", "own_exam_period": "In May."}
TIMES = {
    "days_0": ["2", "4"],
    "starts_0": "0900",
    "ends_0": "15:00",
    "starts_1": "",
    "ends_1": "",
    "times_note": "",
}


@database
@pytest.mark.parametrize(
    ("part", "sent", "fields"),
    [
        ("grounds", GROUNDS, {"granting": "To all.", "refusing": {"exam_period": "In May."}}),
        ("times", TIMES, {"times": [{"weekdays": [2, 4], "starts": "09:00", "ends": "15:00"}]}),
        ("procedure", {"procedure": "Ring us.\r\nThen wait."}, {"procedure": "Ring us.\nThen wait."}),
    ],
)
def test_a_part_is_saved_and_shown_again(leader: Membership, part: str, sent: dict, fields: dict):
    client = as_(leader)

    assert client.post(f"{PAGE}{part}/", sent).status_code == 302

    policy = ProviderAccessPolicy.objects.get()
    assert {name: getattr(policy, name) for name in fields} == fields
    assert client.get(f"{PAGE}{part}/").status_code == 200


@database
@pytest.mark.parametrize(
    ("part", "sent", "message"),
    [
        ("procedure", {"procedure": ""}, "Say how a provider asks"),
        ("grounds", {"granting": "To all."}, "Tick at least one ground for saying no"),
        ("grounds", GROUNDS | {"own_other": "Rain"}, "Tick this ground too, or clear its sentence"),
        ("grounds", GROUNDS | {"ground_other": "on"}, "Say what the other reason is"),
        ("times", TIMES | {"ends_0": "08:00"}, "The end time must be after 09:00"),
        ("times", TIMES | {"days_0": []}, "Choose at least one day"),
        ("times", {"times_note": ""}, "Choose the days and times on which providers can come"),
        (
            "contact",
            {"contact": "", "contact_text": ""},
            "Choose a contact, or write how providers reach you",
        ),
        (
            "approval",
            {"approved_by": "Board", "approved_on": "1/9/2100"},
            "The day it was approved can&#x27;t be ahead",
        ),
    ],
)
def test_slips_are_said_and_nothing_is_kept(leader: Membership, part: str, sent: dict, message: str):
    response = as_(leader).post(f"{PAGE}{part}/", sent)

    assert response.status_code == 422
    assert message in text_of(response)
    assert not ProviderAccessPolicy.objects.exists()


@database
def test_others_of_the_school_read_only(leader: Membership):
    save(leader, **model())
    client = as_(factories.member(leader.organisation, Role.LINK_GOVERNOR))

    assert "Publish</button>" not in text_of(client.get(PAGE))
    assert "Ask through Doorway" in text_of(client.get(f"{PAGE}preview/"))
    assert client.get(f"{PAGE}procedure/").status_code == 403
    assert client.post(f"{PAGE}publish/").status_code == 403


@database
def test_what_the_school_offered_outside_its_times_is_said(leader: Membership):
    published(leader, times=[policies.hours([1, 2, 3, 4, 5], time(9), time(9, 30))])
    factories.posted(leader)
    factories.posted(leader, open_to=["employer"], slots=[time_slot(days=30)])

    assert "1 time you offered providers lies outside the times you published" in text_of(
        as_(leader).get(PAGE)
    )
