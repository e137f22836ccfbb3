"""Post a need, draft it, copy it, amend it (P4)."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.domain.slots import LONDON
from brokerage.models import EncounterNeed, Slot
from brokerage.web.dates import in_sentence, local_day
from tests import factories
from tests.factories.market import time_slot
from tests.schools.pages import a_need, as_, open_days, school_day, typed

pytestmark = pytest.mark.django_db
POST = "/school/needs/post/"
PLACES = "Enter how many places, from 1 to 1,000"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school())


def errors_of(response) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def row_errors(response, number: int = 0) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["formset"].forms[number].errors.items()}


def test_type_year_and_date_are_enough_to_post(leader: Membership):
    response = as_(leader).post(POST, a_need())

    need = EncounterNeed.objects.get()
    assert response.url == f"/school/needs/{need.public_id}/"
    assert (need.state, need.title, need.posted_by) == ("open", "Career talk, Year 9", leader)
    assert (need.open_to, need.main_benchmark, need.audience) == (["employer"], 5, "whole_year")
    assert (need.expected_pupils, need.allocation) == ({"9": 180}, "first_come")
    slot = Slot.objects.get()
    start, end = slot.starts_at.astimezone(LONDON), slot.ends_at.astimezone(LONDON)
    assert (f"{start:%H:%M}", f"{end:%H:%M}", slot.places) == ("09:10", "10:00", 1)
    assert start.date() == school_day()


def test_page_is_filled_in_from_how_the_school_receives_visitors(leader: Membership):
    form = as_(leader).get(POST).context["form"]

    assert form["venue"].value() == "Main hall"
    assert form["entrance"].value() == "Report to reception on Sutton Road."
    assert form["visitor_notes"].value() == "Bring photo ID."
    assert form["contact"].value() == leader.pk


@pytest.mark.parametrize("role", [Role.CAREERS_ADMINISTRATOR, Role.SENIOR_LEADER])
def test_administrator_and_senior_leader_post_too(leader: Membership, role: Role):
    other = factories.member(leader.organisation, role)

    as_(other).post(POST, a_need())

    assert EncounterNeed.objects.get().posted_by == other


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_may_neither_open_nor_send_the_form(leader: Membership, role: Role):
    client = as_(factories.member(leader.organisation, role))

    assert client.get(POST).status_code == 403
    response = client.post(POST, a_need())
    assert response.status_code == 403
    assert "lets you read here" in response.content.decode()
    assert not EncounterNeed.objects.exists()


def test_what_is_missing_is_named_beside_its_field_unless_the_type_will_fill_it_in(leader: Membership):
    response = as_(leader).post(POST, a_need({}, encounter_type=None, year_groups=None))

    assert response.status_code == 422
    assert errors_of(response) == {
        "encounter_type": ["Choose what you need"],
        "year_groups": ["Choose at least one year group"],
    }
    assert row_errors(response) == {"day": ["Add at least one time"]}
    assert not EncounterNeed.objects.exists()


def test_what_was_typed_is_kept_when_something_is_wrong(leader: Membership):
    row = {"day": "soon", "starts": "9.30", "ends": "10", "places": "two"}
    response = as_(leader).post(POST, a_need(row, title="Robots at work", description="Bring one."))

    page = response.content.decode()
    assert response.status_code == 422
    for kept in ('value="soon"', 'value="9.30"', 'value="two"', 'value="Robots at work"', "Bring one."):
        assert kept in page
    assert row_errors(response) == {
        "day": ["Enter a date like 21 January or 21/1/2027"],
        "places": ["Enter a whole number, like 30"],
    }
    assert "Error: Post a need" in page


@pytest.mark.parametrize(
    ("row", "field", "message"),
    [
        ({"starts": "0910"}, "day", "Enter a date"),
        ({"day": "{day}"}, "starts", "Enter when it starts"),
        ({"day": "{day}", "starts": "0910", "ends": "0900"}, "ends", "The end time must be after 09:10"),
        ({"day": "1/2/2020", "starts": "0910"}, "day", "The date must be in the future"),
        ({"day": "{day}", "starts": "0910", "places": "0"}, "places", PLACES),
        ({"day": "{day}", "starts": "0910", "places": "2000"}, "places", PLACES),
        ({"day": "{day}", "starts": "2350"}, "ends", "Enter when it ends"),
    ],
)
def test_each_slip_in_a_time_is_said_beside_it(leader: Membership, row, field: str, message: str):
    row = {name: value.format(day=typed(school_day())) for name, value in row.items()}

    response = as_(leader).post(POST, a_need(row))

    assert response.status_code == 422
    assert row_errors(response) == {field: [message]}


def test_a_pupils_number_is_refused_in_free_text(leader: Membership):
    response = as_(leader).post(POST, a_need(description="Ask for A123456789012."))

    assert response.status_code == 422
    assert "looks like a pupil" in errors_of(response)["description"][0]


def test_a_day_in_the_schools_holiday_is_an_error(leader: Membership):
    Closure.objects.create(
        school=leader.organisation,
        kind="holiday",
        label="Half-term",
        first_on=date(2027, 2, 15),
        last_on=date(2027, 2, 19),
    )

    response = as_(leader).post(POST, a_need({"day": "18 Feb 2027", "starts": "0910"}))

    said = row_errors(response)["day"][0]
    assert said.removesuffix(" Choose a school day.") in (
        "Thursday 18 February is in half-term.",
        "Thursday 18 February 2027 is in half-term.",
    )
    assert not EncounterNeed.objects.exists()


@pytest.mark.parametrize("kind", ["inset", "exams", "other"])
def test_other_closures_are_a_word_beside_the_time_and_stop_nothing(leader: Membership, kind: str):
    day = school_day()
    Closure.objects.create(
        school=leader.organisation, kind=kind, label="Mock exam week", first_on=day, last_on=day
    )

    parts = as_(leader).post("/school/needs/post/fill/", a_need())
    as_(leader).post(POST, a_need())

    assert parts.context["formset"].forms[0].check == ("soon", "Mock exam week")
    assert EncounterNeed.objects.get().state == "open"


def test_weekends_and_evenings_are_a_word_beside_the_time(leader: Membership):
    saturday = school_day() + timedelta(days=5 - school_day().weekday())
    rows = (
        {"day": typed(saturday), "starts": "0910"},
        {"day": typed(school_day()), "starts": "1830"},
        {"day": typed(school_day()), "starts": "0910"},
    )

    forms = as_(leader).post("/school/needs/post/fill/", a_need(*rows)).context["formset"].forms

    assert [form.check for form in forms] == [
        ("soon", "Saturday"),
        ("soon", "Outside your day, 08:45 to 15:15"),
        ("ok", "School day"),
    ]


def test_a_weekend_is_posted_and_said_in_the_preview_and_afterwards_once(leader: Membership):
    saturday = school_day() + timedelta(days=5 - school_day().weekday())
    said = f"{in_sentence(saturday)} is at the weekend: pupils would have to come in."
    client = as_(leader)
    row = {"day": typed(saturday), "starts": "0910"}

    preview = client.post(POST, a_need(row, publish=None, preview="1"), follow=True)
    (open_day,) = open_days(leader, 1)
    posted = client.post(POST, a_need(row, {"day": typed(open_day), "starts": "0910"}), follow=True)

    assert [clash.words for _, clash in preview.context["slots"]] == ["Saturday"]
    assert re.search(r">\s*Saturday\s*<", preview.content.decode())
    assert [str(message) for message in posted.context["messages"]][1:] == [said]
    need = EncounterNeed.objects.get(state="open")
    stands = [
        {"public_id": str(slot.public_id), "day": typed(local_day(slot.starts_at)), "starts": "0910"}
        for slot in need.slots.order_by("starts_at")
    ]
    changes = a_need(*stands, publish=None, save="1", title="Robots") | {"slot-INITIAL_FORMS": "2"}
    changed = client.post(f"/school/needs/{need.public_id}/edit/", changes, follow=True)
    assert [str(message) for message in changed.context["messages"]] == ["Changed: Robots."]


@pytest.mark.parametrize("written", ["{0.day}/{0.month}/{0.year}", "{0.day} {0:%b} {0.year}", "{0:%Y-%m-%d}"])
def test_dates_are_read_as_people_write_them(leader: Membership, written: str):
    as_(leader).post(POST, a_need({"day": written.format(school_day()), "starts": "9"}))

    assert Slot.objects.get().starts_at.astimezone(LONDON).date() == school_day()


def test_a_row_without_a_date_is_on_the_day_above_and_an_empty_or_repeated_one_says_nothing(
    leader: Membership,
):
    rows = (
        {"day": typed(school_day()), "starts": "0900", "ends": "0930"},
        {"starts": "0900", "ends": "0930"},
        {"starts": "1000", "ends": "1030", "places": "3"},
        {},
    )

    as_(leader).post(POST, a_need(*rows))

    slots = [(slot.starts_at.astimezone(LONDON), slot.places) for slot in Slot.objects.order_by("starts_at")]
    assert [(f"{start:%d %H:%M}", places) for start, places in slots] == [
        (f"{school_day():%d} 09:00", 1),
        (f"{school_day():%d} 10:00", 3),
    ]


def test_another_time_without_javascript_keeps_everything_and_finds_no_fault(leader: Membership):
    response = as_(leader).post(POST, a_need({"day": "soon"}, add="slot", publish=None, title="Robots"))

    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["formset"].total_form_count() == 2
    assert 'value="soon"' in page
    assert 'value="Robots"' in page
    assert "There is a problem" not in page
    assert not EncounterNeed.objects.exists()


def test_more_than_fifty_times_are_refused(leader: Membership):
    rows = [{"day": typed(school_day()), "starts": f"{9 + n // 10}:{n % 10:02d}"} for n in range(51)]

    response = as_(leader).post(POST, a_need(*rows))

    assert response.status_code == 422
    assert response.context["formset"].non_form_errors() == ["A need can have up to 50 times"]
    assert not EncounterNeed.objects.exists()


def test_choosing_a_type_fills_in_what_nobody_chose_and_leaves_what_they_did(leader: Membership):
    sent = a_need(
        encounter_type="provider_encounter",
        filled_for="career_talk",
        open_to=["employer"],
        main_benchmark="5",
        allocation="school_chooses",
        audience="whole_year",
        supervision="staff_present",
    )

    response = as_(leader).post("/school/needs/post/fill/", sent)

    form = response.context["form"]
    assert form["open_to"].value() == ["technical_provider"]
    assert form["main_benchmark"].value() == "7"
    assert form["allocation"].value() == "school_chooses"
    assert response.context["type_changed"] is True
    assert 'id="part-open-to" hx-swap-oob="true"' in response.content.decode()


def test_what_follows_a_date_swaps_no_field_the_person_may_be_in(leader: Membership):
    sent = a_need(filled_for="career_talk", open_to=["employer"])

    page = as_(leader).post("/school/needs/post/fill/", sent).content.decode()

    assert 'id="part-side"' in page
    assert 'id="slot-0-check"' in page
    assert "<select" not in page
    assert '<input class="' not in page


def test_side_counts_who_can_see_it(leader: Membership):
    factories.provider(easting=401000, northing=301000)
    factories.provider(easting=402000, northing=301000)
    factories.provider(easting=440000, northing=340000)
    factories.employer(easting=401000, northing=301000)

    def said(**fields) -> str:
        sent = a_need(encounter_type="provider_encounter", **fields)
        return as_(leader).post("/school/needs/post/fill/", sent).context["reach"]

    assert said() == "2 colleges and training providers within 15 miles can see this."
    assert said(delivery_mode="live_online") == "3 colleges and training providers can see this."


def test_draft_may_be_incomplete_and_is_the_schools_alone(leader: Membership):
    response = as_(leader).post(POST, a_need({}, year_groups=None, publish=None, draft="1"))

    need = EncounterNeed.objects.get()
    assert response.url == "/school/needs/in/drafts/"
    assert (need.state, need.title, need.slots.count()) == ("draft", "Career talk", 0)
    claimant = factories.member(factories.employer())
    assert not EncounterNeed.objects.visible_to(claimant).exists()


def test_draft_is_finished_and_posted_on_the_same_form(leader: Membership):
    draft = factories.need(leader, slots=[])

    response = as_(leader).post(f"/school/needs/{draft.public_id}/edit/", a_need(title="Finished"))

    draft.refresh_from_db()
    assert response.url == f"/school/needs/{draft.public_id}/"
    assert (draft.state, draft.title, draft.slots.count()) == ("open", "Finished", 1)


def test_preview_shows_what_claimants_see_and_posts_it(leader: Membership):
    client = as_(leader)
    sent = client.post(POST, a_need(publish=None, preview="1", entrance="Secret gate"))
    need = EncounterNeed.objects.get()
    assert sent.url == f"/school/needs/{need.public_id}/preview/"

    page = client.get(sent.url).content.decode()
    assert "Career talk, Year 9" in page
    assert "Secret gate" not in page
    client.post(sent.url)

    need.refresh_from_db()
    assert need.state == "open"


def test_preview_of_a_draft_without_year_groups_says_who_without_a_gap(leader: Membership):
    draft = factories.need(leader, slots=[], year_groups=[])

    facts = dict(as_(leader).get(f"/school/needs/{draft.public_id}/preview/").context["facts"])

    assert facts["Who"] == "Whole year"


def test_preview_of_an_unfinished_draft_names_what_is_missing(leader: Membership):
    draft = factories.need(leader, slots=[], title="")
    address = f"/school/needs/{draft.public_id}/preview/"

    assert (
        "Still missing: give it a title, add at least one time." in as_(leader).get(address).content.decode()
    )
    assert as_(leader).post(address).status_code == 409
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_copy_of_the_last_keeps_everything_but_the_dates(leader: Membership):
    factories.posted(
        leader,
        title="Robots at work",
        slots=[time_slot(days=20, hour=9, places=4), time_slot(days=27, hour=9, places=4)],
        sectors=["digital"],
    )

    response = as_(leader).get(f"{POST}?copy=last")

    form, times = response.context["form"], response.context["formset"]
    assert (form["title"].value(), form["sectors"].value()) == ("Robots at work", ["digital"])
    assert form["closes_on"].value() is None
    assert len(times.forms) == 1
    row = times.forms[0]
    assert row["day"].value() is None
    assert row["places"].value() == 4
    assert 'value="09:00"' in response.content.decode()


def test_any_need_can_be_copied_but_nobody_elses(leader: Membership):
    mine, theirs = factories.need(leader, title="Mine"), factories.posted(title="Theirs")

    client = as_(leader)

    assert client.get(f"{POST}?copy={mine.public_id}").context["form"]["title"].value() == "Mine"
    assert client.get(f"{POST}?copy={theirs.public_id}").status_code == 404
    assert client.get(f"{POST}?copy=nonsense").status_code == 404


def test_sent_twice_posted_once(leader: Membership):
    sent = a_need(page="8a0f6f6e-0000-4000-8000-000000000000")
    client = as_(leader)

    first, second = client.post(POST, sent), client.post(POST, sent)

    assert first.url == second.url
    assert EncounterNeed.objects.count() == 1
    client.post(POST, sent | {"title": "Another"})
    assert EncounterNeed.objects.count() == 2


def edited(need: EncounterNeed, **changes: str) -> dict[str, object]:
    """The edit page sent back as it came, with some fields changed."""
    slot = factories.slot_of(need)
    start, end = slot.starts_at.astimezone(LONDON), slot.ends_at.astimezone(LONDON)
    row = {
        "public_id": str(slot.public_id),
        "day": typed(start.date()),
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "places": str(slot.places),
    }
    sent = a_need(
        row | changes,
        encounter_type=need.encounter_type,
        filled_for=need.encounter_type,
        year_groups=[str(year) for year in need.year_groups],
        open_to=need.open_to,
        main_benchmark=str(need.main_benchmark),
        title=need.title,
        publish=None,
        save="1",
    )
    return sent | {"slot-INITIAL_FORMS": "1"}


def test_amending_moves_a_time_and_keeps_its_claims(leader: Membership):
    need = factories.posted(leader, slots=[time_slot(days=20, hour=9, places=4)])
    claim = factories.accepted_claim(on=need)

    response = as_(leader).post(
        f"/school/needs/{need.public_id}/edit/", edited(need, starts="13:00", ends="")
    )

    claim.refresh_from_db()
    assert response.url == f"/school/needs/{need.public_id}/"
    assert f"{factories.slot_of(need).starts_at.astimezone(LONDON):%H:%M}" == "13:00"
    assert (claim.state, claim.slot_moved_at is not None) == ("accepted", True)


def test_card_at_the_side_shows_the_times_that_stand(leader: Membership):
    need = factories.posted(leader, slots=[time_slot(days=20, hour=9), time_slot(days=21, hour=9)])

    card = as_(leader).get(f"/school/needs/{need.public_id}/edit/").context["card"]

    assert (card.first, card.times, card.days) == (factories.slot_of(need).starts_at, 2, 2)


def test_fewer_places_than_taken_is_refused_in_the_page(leader: Membership):
    need = factories.posted(leader, slots=[time_slot(places=4)])
    factories.accepted_claim(on=need)
    factories.accepted_claim(on=need)

    response = as_(leader).post(f"/school/needs/{need.public_id}/edit/", edited(need, places="1"))

    assert response.status_code == 422
    sentence = "2 places are taken. Cancel a booking before you offer fewer."
    assert response.context["formset"].errors == [{"places": [sentence]}]
    assert f'<a href="#id_slot-0-places">{sentence}</a>' in response.content.decode()
    assert factories.slot_of(need).places == 4


def test_taking_the_only_time_away_is_refused_once_with_the_page_as_it_was(leader: Membership):
    need = factories.posted(leader)

    response = as_(leader).post(
        f"/school/needs/{need.public_id}/edit/", edited(need) | {"slot-0-DELETE": "on"}
    )

    assert response.status_code == 422
    assert response.context["formset"].non_form_errors() == ["Add at least one time"]
    assert not response.context["formset"].forms[0].errors
    assert need.slots.standing().count() == 1


def test_a_posted_time_may_stay_on_a_day_that_became_a_holiday(leader: Membership):
    need = factories.posted(leader, slots=[time_slot(days=20)])
    day = factories.slot_of(need).starts_at.astimezone(LONDON).date()
    Closure.objects.create(
        school=leader.organisation, kind="holiday", label="Half-term", first_on=day, last_on=day
    )

    response = as_(leader).post(f"/school/needs/{need.public_id}/edit/", edited(need))

    assert response.status_code == 302


def test_someone_elses_need_is_not_there(leader: Membership):
    theirs = factories.posted()
    client = as_(leader)

    for page in ("", "edit/", "preview/", "withdraw/", "record/", "claims/"):
        assert client.get(f"/school/needs/{theirs.public_id}/{page}").status_code == 404
    assert client.post(f"/school/needs/{theirs.public_id}/edit/", a_need()).status_code == 404
    assert client.post(f"/school/needs/{theirs.public_id}/preview/").status_code == 404


def test_readers_may_not_change_or_publish(leader: Membership):
    need, draft = factories.posted(leader), factories.need(leader)
    client = as_(factories.member(leader.organisation, Role.LINK_GOVERNOR))

    assert "Change it" not in client.get(f"/school/needs/{need.public_id}/preview/").content.decode()
    assert client.get(f"/school/needs/{need.public_id}/edit/").status_code == 403
    assert client.post(f"/school/needs/{need.public_id}/edit/", a_need()).status_code == 403
    assert client.post(f"/school/needs/{draft.public_id}/preview/").status_code == 403
    assert client.post("/school/needs/post/fill/", a_need()).status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_withdrawn_need_is_not_amended(leader: Membership):
    need = factories.posted(leader)
    EncounterNeed.objects.filter(pk=need.pk).update(state="withdrawn", withdrawn_at=timezone.now())

    response = as_(leader).post(f"/school/needs/{need.public_id}/edit/", edited(need))

    assert response.status_code == 422
    assert "You withdrew this need. Copy it to post it again." in response.content.decode()
