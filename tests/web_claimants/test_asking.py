"""Ask a school, follow what comes of it, and read how one's requests fare."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar.models import Closure
from brokerage.domain import access_requests, terms, wording
from brokerage.models import AccessRequest, AccessTerms, PhaseStanding, Words
from brokerage.queries import asking
from brokerage.vocabulary import Content, RefusalGround
from brokerage.web import faring, requested
from brokerage.web.dates import in_sentence
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db

HERE = {"easting": 400000, "northing": 300000}


@pytest.fixture
def officer() -> Membership:
    return access.college(name="Saltmere College", **HERE)


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy", **HERE), Role.CAREERS_LEADER)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def day(days: int) -> date:
    return access.weekday(days=days)


def form(officer: Membership, **fields: Any) -> dict[str, Any]:
    """As the page sends it, with the dates filled in."""
    return {
        "year_groups": ["10"],
        "encounter_type": "assembly",
        "date_1": day(20).isoformat(),
        "date_2": day(27).isoformat(),
        "minutes": "40",
        "visitor": str(officer.public_id),
        "delivery_mode": "in_person",
        "audience": "whole_year",
        "content": ["offer", "careers", "learning", "questions"],
        "qualifications": ["t_level"],
        "message": "We’d love to meet them.",
    } | fields


def asked(officer: Membership, leader: Membership, *, days_ago: int = 0, **fields: Any) -> AccessRequest:
    at = timezone.now() - timedelta(days=days_ago)
    return access.asked(officer, of=leader.organisation, at=at, **fields)


def late(officer: Membership, leader: Membership, **fields: Any) -> AccessRequest:
    """More than ten school days ago, and fewer than twenty."""
    return asked(officer, leader, days_ago=21, dates=[day(20)], **fields)


# --- Which school ---


def test_the_nearest_schools_that_can_answer_come_first(as_member, officer, leader):
    far = factories.member(factories.school(name="Aston School", easting=410000))
    factories.school(name="Nobody Here School", **HERE)
    unplaced = factories.member(factories.school(name="Somewhere School", easting=None, northing=None))

    page = as_member(officer).get("/requests/ask/").context["page"].page

    assert [row.school for row in page.items] == [
        leader.organisation,
        far.organisation,
        unplaced.organisation,
    ]
    assert [row.metres for row in page.items] == [0, 10000, None]


def test_the_next_page_of_schools_follows_on(as_member, officer, monkeypatch):
    monkeypatch.setattr(asking, "SIZE", 2)
    places = [{"easting": 400000 + 900_000 * number} for number in range(2)] + [
        {"easting": None, "northing": None}
    ]
    schools = [factories.member(factories.school(**place)).organisation for place in places]
    client = as_member(officer)
    first = client.get("/requests/ask/").context["page"].page
    second = client.get(f"/requests/ask/?after={first.next}").context["page"].page
    assert [row.school for row in (*first.items, *second.items)] == schools
    assert second.next is None
    anew = client.get("/requests/ask/?after=nonsense").context["page"].page
    assert [row.school for row in anew.items] == schools[:2]


def test_a_school_is_found_by_name_and_one_that_could_not_answer_says_so(as_member, officer, leader):
    factories.school(name="Fernhill School")
    response = as_member(officer).get("/requests/ask/?q=fern")

    rows = {row.school.name: row.is_here for row in response.context["page"].page.items}
    assert rows == {"Fernlow Academy": True, "Fernhill School": False}
    assert "Nobody here uses Doorway yet" in text(response)


def gap(leader: Membership, *, shows: bool) -> None:
    today = timezone.localdate()
    AccessTerms.objects.update_or_create(school=leader.organisation, defaults={"shows_gaps": shows})
    PhaseStanding.objects.create(
        school=leader.organisation,
        y7_entry=today.year - (today.month < 9) - 4,
        phase=2,
        state="short",
        occasions=1,
        short_by=1,
        lower=0.5,
        upper=0.5,
        opens_on=today - timedelta(days=100),
        closes_on=today + timedelta(days=100),
        computed_on=today,
        computed_at=timezone.now(),
    )


@pytest.mark.parametrize("shows", [True, False])
def test_only_a_school_that_chose_to_shows_which_years_want_more(as_member, officer, leader, shows):
    gap(leader, shows=shows)
    client = as_member(officer)

    assert ("Year 11: 1 more wanted" in text(client.get("/requests/ask/"))) is shows
    page = client.get(f"/requests/ask/{leader.organisation.public_id}/?year=11")
    assert ("They’d like to hear from providers" in text(page)) is shows
    assert page.context["form"]["year_groups"].value() == [11]


def test_pages_cost_the_same_with_one_and_with_three(
    as_member, officer, leader, django_assert_num_queries: Any
):
    client = as_member(officer)
    counts = {}
    for number in (1, 3):
        while AccessRequest.objects.count() < number:
            other = factories.member(factories.school(**HERE), Role.CAREERS_LEADER)
            late(officer, other)
        for path, most in (("/requests/ask/", 15), ("/requests/", 19)):
            with django_assert_num_queries(most, exact=False) as counted:
                assert client.get(path).status_code == 200
            counts.setdefault(path, set()).add(len(counted))
    assert {path: len(each) for path, each in counts.items()} == {"/requests/ask/": 1, "/requests/": 1}


# --- Ask ---


def test_everything_but_years_and_dates_is_filled_in_and_remembered(as_member, officer, leader):
    client = as_member(officer)
    address = f"/requests/ask/{leader.organisation.public_id}/"
    fresh = client.get(address).context["form"]
    assert fresh["content"].value() == list(Content)
    assert fresh["visitor"].value() == str(officer.public_id)
    assert "what they can learn and train for" in fresh["message"].value()

    sent = client.post(address, form(officer))

    made = AccessRequest.objects.get()
    assert sent["Location"] == f"/requests/{made.public_id}/"
    assert (made.year_groups, made.minutes, made.visitor) == ([10], 40, officer)
    assert made.dates == [day(20), day(27)]
    assert Words.objects.get(request=made).text == "We’d love to meet them."
    assert "Sent to Fernlow Academy. They should answer by" in text(client.get(sent["Location"]))

    other = factories.member(factories.school())
    again = client.get(f"/requests/ask/{other.organisation.public_id}/").context["form"]
    assert (again["minutes"].value(), again["qualifications"].value()) == (40, ["t_level"])
    assert "tell them about T Levels with us" in again["message"].value()


def test_a_school_that_has_closed_for_good_says_so_on_its_page(as_member, officer):
    """R29: whoever kept its address reads why, before filling anything in."""
    closed = factories.school(name="Fernlow Academy", closed_on=date(2026, 8, 31))

    page = as_member(officer).get(f"/requests/ask/{closed.public_id}/")

    assert page.status_code == 409
    assert "Fernlow Academy closed on 31 August 2026." in text(page)


def test_a_day_on_which_the_school_is_closed_is_said_and_nothing_typed_is_lost(as_member, officer, leader):
    Closure.objects.create(
        school=leader.organisation, kind="holiday", label="half-term", first_on=day(20), last_on=day(20)
    )
    response = as_member(officer).post(f"/requests/ask/{leader.organisation.public_id}/", form(officer))

    assert response.status_code == 422
    assert "is in half-term. Choose a school day." in text(response)
    assert "We’d love to meet them." in text(response)
    assert not AccessRequest.objects.exists()


def test_asking_again_is_answered_in_the_page_with_the_day_of_the_first(as_member, officer, leader):
    first = late(officer, leader)
    client = as_member(officer)
    address = f"/requests/ask/{leader.organisation.public_id}/"

    day_number = client.get(address).context["page"].standing[0].clock.day
    assert day_number > 10
    assert f"That one is on day {day_number}." in text(client.get(address))

    refused = client.post(address, form(officer))
    assert refused.status_code == 409
    assert f"/requests/{first.public_id}/" in text(refused)
    assert AccessRequest.objects.count() == 1


def test_a_request_made_today_is_on_no_day_0(as_member, officer, leader):
    asked(officer, leader)
    page = as_member(officer).get(f"/requests/ask/{leader.organisation.public_id}/")

    starts_on = page.context["page"].standing[0].clock.starts_on
    assert f"Their clock starts on {in_sentence(starts_on, timezone.localdate())}." in text(page)


def test_not_this_term_stands_above_the_form_and_offers_the_next(as_member, officer, leader):
    terms.answer(is_interested=False, reason="building_work", by=leader, at=timezone.now())
    client = as_member(officer)
    address = f"/requests/ask/{leader.organisation.public_id}/"

    assert "This school said: not this term, because of building work." in text(client.get(address))
    suggested = client.get(f"{address}?when=next-term").context["form"]
    days = [suggested[f"date_{number}"].value() for number in (1, 2, 3)]
    assert all(each > timezone.localdate() and each.weekday() < 5 for each in days)


def test_its_published_policy_is_linked(as_member, officer, leader):
    client = as_member(officer)
    address = f"/requests/ask/{leader.organisation.public_id}/"
    assert "provider-access-policy" not in text(client.get(address))
    AccessTerms.objects.create(
        school=leader.organisation, grounds=["exam_period"], policy_published_at=timezone.now()
    )
    assert f"/schools/{leader.organisation.urn}/provider-access-policy/" in text(client.get(address))


def test_a_school_where_nobody_could_answer_is_not_asked(as_member, officer):
    empty = factories.school(name="Tarn Hill School")
    response = as_member(officer).post(f"/requests/ask/{empty.public_id}/", form(officer))
    assert response.status_code == 409
    assert "Nobody at Tarn Hill School uses Doorway yet" in text(response)


def test_employers_ask_from_their_menu_and_schools_do_not_ask(as_member, leader):
    volunteer = factories.member(factories.employer(), Role.VOLUNTEER)
    assert 'href="/requests/ask/"' in text(as_member(volunteer).get("/find/"))
    assert as_member(leader).get("/requests/ask/").status_code == 404


# --- My requests ---


def test_what_waits_for_us_stands_first_then_the_latest(as_member, officer, leader):
    leaders = [factories.member(factories.school(), Role.CAREERS_LEADER) for _ in range(3)]
    today = timezone.localdate()
    Closure.objects.create(
        school=leader.organisation, kind="inset", first_on=today - timedelta(days=26), last_on=today
    )
    in_time = asked(officer, leader, days_ago=25, dates=[day(20)])  # closed ever since
    overdue = late(officer, leaders[0])
    questioned = asked(officer, leaders[1])
    access_requests.ask_back(request=questioned, question="How many?", by=leaders[1], at=timezone.now())
    countered = asked(officer, leaders[2])
    access_requests.counter_offer(
        request=countered, dates=[day(30)], starts=time(9), by=leaders[2], at=timezone.now()
    )
    client = as_member(officer)

    page = client.get("/requests/").context["page"]

    assert [row.request.pk for row in page.open.items] == [
        countered.pk,
        questioned.pk,
        overdue.pk,
        in_time.pk,
    ]
    assert (len(page.ours), page.late) == (2, 1)
    shown = text(client.get("/requests/"))
    assert "1 school is late with an answer." in shown
    assert '<span class="dw-count" id="waits-requests">1 late</span>' in shown
    assert f"/requests/{overdue.public_id}/follow-up/" in shown


def test_what_is_open_is_shown_twenty_at_a_time(as_member, officer, monkeypatch):
    monkeypatch.setattr(requested, "SIZE", 2)
    for _ in range(3):
        late(officer, factories.member(factories.school(), Role.CAREERS_LEADER))
    client = as_member(officer)
    first = client.get("/requests/").context["page"]
    second = client.get(f"/requests/?after={first.open.next}").context["page"]
    shown = [row.request.pk for row in (*first.open.items, *second.open.items)]
    assert (len(set(shown)), len(first.open.items), second.open.next, second.late) == (3, 2, None, 3)
    assert client.get("/requests/?after=²").status_code == 200


def test_both_sides_words_stand_in_the_history(as_member, officer, leader):
    request = asked(officer, leader, message="Could we come?")
    access_requests.refuse(
        request=request,
        ground=RefusalGround.ALREADY_MET,
        note="Thank you, but two have been.",
        by=leader,
        at=timezone.now(),
    )
    client = as_member(officer)
    shown = text(client.get(f"/requests/{request.public_id}/"))

    assert "Could we come?" in shown
    assert "Thank you, but two have been." in shown
    assert "Not this time at Fernlow Academy: they&#x27;ve met their need for this phase." in shown
    ended = client.get("/requests/?show=ended").context["page"]
    assert [row.request.pk for row in ended.ended.items] == [request.pk]
    assert client.get("/requests/").context["page"].open.items == []


def test_a_counter_offer_is_taken_with_one_button(as_member, officer, leader):
    request = asked(officer, leader)
    access_requests.counter_offer(
        request=request, dates=[day(30), day(37)], starts=time(9), by=leader, at=timezone.now()
    )
    client = as_member(officer)
    address = f"/requests/{request.public_id}/"
    assert text(client.get(address)).count(">Accept ") == 2

    refused = client.post(f"{address}accept/", {"on": "nonsense"})
    assert refused.status_code == 400
    done = client.post(f"{address}accept/", {"on": day(37).isoformat()}, follow=True)

    request.refresh_from_db()
    assert request.state == "granted"
    assert "You’re booked" in text(done)


def post(client: Any, request: AccessRequest, act: str, **fields: str) -> int:
    return client.post(f"/requests/{request.public_id}/{act}/", fields).status_code


def test_none_of_these(as_member, officer, leader):
    request = asked(officer, leader)
    access_requests.counter_offer(
        request=request, dates=[day(30)], starts=time(9), by=leader, at=timezone.now()
    )
    client = as_member(officer)
    assert post(client, request, "reject", **{"reject-words": "Another time."}) == 302
    request.refresh_from_db()
    assert request.state == "rejected"


def test_a_question_is_answered_and_an_empty_answer_sends_nothing(as_member, officer, leader):
    request = asked(officer, leader)
    access_requests.ask_back(request=request, question="How many of you?", by=leader, at=timezone.now())
    client = as_member(officer)
    assert "How many of you?" in text(client.get(f"/requests/{request.public_id}/"))

    assert post(client, request, "answer") == 422
    assert post(client, request, "answer", **{"answer-words": "Two."}) == 302
    request.refresh_from_db()
    assert request.state == "waiting"


def test_both_pages_say_when_a_text_was_removed(as_member, officer, leader):
    request = asked(officer, leader, message="Ask for Ada Fern.")
    words = Words.objects.get(request=request)
    wording.erase(words=words, by=access.staff(), at=timezone.now())
    removed = f"This text was removed on {in_sentence(timezone.localdate())}."
    for client, page in ((as_member(officer), "requests"), (as_member(leader), "school/requests")):
        shown = text(client.get(f"/{page}/{request.public_id}/"))
        assert removed in shown
        assert "Ada Fern" not in shown
    assert text(as_member(leader).get(f"/school/requests/{request.public_id}/")).count(removed) == 2


def test_a_third_question_pauses_nothing_and_both_pages_say_so(as_member, officer, leader):
    request = asked(officer, leader, days_ago=7)
    school = as_member(leader)
    page = f"/school/requests/{request.public_id}/ask/"
    for number in range(3):
        is_paused = number < 2
        assert ("Your clock waits for their answer." in text(school.get(page))) is is_paused
        said = text(school.post(page, {"question": "How many of you?"}, follow=True))
        assert ("clock waits for their answer." in said) is is_paused
        shown = text(as_member(officer).get(f"/requests/{request.public_id}/"))
        assert ("Their clock waits for you." in shown) is is_paused
        assert ("Clock paused: question asked" in shown) is is_paused
        access_requests.answer_question(request=request, answer="Two.", by=officer, at=timezone.now())
    assert "Not paused for the question of" in text(school.get(f"/school/requests/{request.public_id}/"))
    assert "The clock ran on: 2 questions pause it, and no more" in shown


@pytest.mark.parametrize(
    ("end", "asks", "then"),
    [
        ("", "If you agree, they answer that one.", "The school answers that one."),
        ("refuse", "They’ve answered that one.", "The school has answered that one."),
        ("withdraw", "That one has ended.", "That one has ended too."),
    ],
)
def test_a_repeat_says_what_became_of_the_first(as_member, officer, leader, end, asks, then):
    first, second = asked(officer, leader), asked(officer, leader, year_groups=[9])
    at = timezone.now()
    if end == "refuse":
        access_requests.refuse(request=first, ground="no_capacity", by=leader, at=at)
    elif end == "withdraw":
        access_requests.withdraw(request=first, by=officer, at=at)
    access_requests.mark_duplicate(request=second, duplicate_of=first, by=leader, at=at)
    client = as_member(officer)

    before = text(client.get(f"/requests/{second.public_id}/"))
    post(client, second, "duplicate", agrees="yes")
    after = text(client.get(f"/requests/{second.public_id}/"))

    assert asks in before
    assert then in after
    assert "Settled as a duplicate" in after
    assert "Answered the same day" not in after
    assert "Answered before day 1" not in after


@pytest.mark.parametrize(("agrees", "state"), [("yes", "duplicate"), ("no", "waiting")])
def test_whether_it_was_asked_already(as_member, officer, leader, agrees, state):
    first = asked(officer, leader)
    second = asked(officer, leader, year_groups=[9])
    access_requests.mark_duplicate(request=second, duplicate_of=first, by=leader, at=timezone.now())
    client = as_member(officer)
    repeats = f'<a href="/requests/{first.public_id}/">{{}}Year 10, asked on '
    assert repeats.format("your request for ") in text(client.get(f"/requests/{second.public_id}/"))

    assert post(client, second, "duplicate") == 400
    second.refresh_from_db()
    assert second.state == "duplicate_marked"
    assert post(client, second, "duplicate", agrees=agrees) == 302
    second.refresh_from_db()
    assert second.state == state
    shown = text(client.get(f"/requests/{second.public_id}/"))
    assert (repeats.format("") in shown) is (state == "duplicate")


def test_the_follow_up_is_written_and_only_its_button_sends_it(as_member, officer, leader):
    request = late(officer, leader)
    client = as_member(officer)
    page = client.get(f"/requests/{request.public_id}/follow-up/")
    ready = page.context["ask"]["follow_up"]["words"].value()
    assert ready.endswith("would help us plan.")
    request.refresh_from_db()
    assert request.followed_up_at is None

    assert post(client, request, "follow-up", **{"follow_up-words": ready}) == 302
    request.refresh_from_db()
    assert request.followed_up_at is not None
    assert post(client, request, "follow-up", **{"follow_up-words": ready}) == 409


def test_withdrawing_tells_the_school(as_member, officer, leader):
    request = asked(officer, leader)
    assert post(as_member(officer), request, "withdraw") == 302
    request.refresh_from_db()
    assert request.state == "withdrawn"


def test_less_than_granted_can_be_said_once_it_is_over(as_member, officer, leader):
    request = access.granted(asked(officer, leader, dates=[day(20)]))
    client = as_member(officer)
    address = f"/requests/{request.public_id}/"
    assert "It was less than they granted" not in text(client.get(address))
    slot = request.need.slots.get()
    back = timezone.now() - timedelta(days=1) - slot.ends_at
    request.need.slots.update(starts_at=slot.starts_at + back, ends_at=slot.ends_at + back, open_until=None)

    assert "It was less than they granted" in text(client.get(address))
    assert client.post(f"{address}report/", {}).status_code == 422
    sent = client.post(f"{address}report/", {"kinds": ["shorter"], "minutes": "15", "note": "It rained."})
    assert sent.status_code == 302
    request.refresh_from_db()
    assert (request.shortfalls, request.reported_minutes) == (["shorter"], 15)
    more = client.post(f"{address}report/", {"kinds": ["shorter"], "note": "And nobody met us."})
    assert more.status_code == 409
    assert "And nobody met us." in text(more)


def test_a_colleague_reads_and_a_coordinator_speaks(as_member, officer, leader):
    colleague = factories.member(officer.organisation, Role.LIAISON_OFFICER)
    lead = factories.member(officer.organisation, Role.LIAISON_LEAD)
    request = asked(officer, leader)
    assert as_member(colleague).get(f"/requests/{request.public_id}/").status_code == 200
    assert post(as_member(colleague), request, "withdraw") == 403
    assert post(as_member(lead), request, "withdraw") == 302
    stranger = access.college()
    assert as_member(stranger).get(f"/requests/{request.public_id}/").status_code == 404


# --- Encounters elsewhere ---


@pytest.fixture
def elsewhere(officer, leader):
    return access.held_elsewhere(leader, officer.organisation, attended=3)


def test_an_encounter_elsewhere_is_confirmed_or_told_differently(as_member, officer, elsewhere):
    client = as_member(officer)
    address = f"/encounters/elsewhere/{elsewhere.public_id}/"
    shown = text(client.get(address))
    assert "fewer than 5" in shown
    assert f"/encounters/elsewhere/{elsewhere.public_id}/" in text(client.get("/visits/"))

    assert client.get(f"{address}confirm/").status_code == 200
    elsewhere.refresh_from_db()
    assert elsewhere.confirmation == ""
    assert client.post(f"{address}dispute/", {"note": ""}).status_code == 422
    assert client.post(f"{address}dispute/", {"note": "It was a stall."}).status_code == 302
    elsewhere.refresh_from_db()
    assert elsewhere.confirmation == "disputed"
    assert client.post(f"{address}confirm/").status_code == 302
    elsewhere.refresh_from_db()
    assert elsewhere.confirmation == "confirmed"
    assert text(client.get("/encounters/elsewhere/")).count("Confirmed") == 1
    assert as_member(access.college()).get(address).status_code == 404


# --- How we fare ---


def test_fewer_than_ten_are_too_few_to_show(as_member, officer, leader):
    late(officer, leader)
    assert "Too few to show" in text(as_member(officer).get("/requests/how-we-fare/"))


def test_how_we_fare_counts_what_has_had_its_ten_days_by_area(as_member, officer):
    now = timezone.now()
    for number in range(12):
        area = "Stowshire" if number < 10 else "Wexland"
        leader = factories.member(
            factories.school(local_authority=area, name=f"School {area} {number}"), Role.CAREERS_LEADER
        )
        request = asked(officer, leader, days_ago=40)
        if number < 8:
            access_requests.refuse(
                request=request, ground="already_met", by=leader, at=now - timedelta(days=36)
            )
    asked(officer, factories.member(factories.school(), Role.CAREERS_LEADER))  # too young to count

    context = as_member(officer).get("/requests/how-we-fare/").context

    assert (context["everywhere"].count, context["everywhere"].figures.granted.granted) == (12, 0)
    stowshire, wexland = context["areas"]
    assert (stowshire.area, stowshire.counted, stowshire.figures.nine_in_ten.days) == (
        "Stowshire",
        "10",
        None,
    )
    assert (wexland.counted, wexland.figures) == ("fewer than 5", None)
    assert "Too few to show" in text(as_member(officer).get("/requests/how-we-fare/"))


def test_the_interval_of_a_median_is_that_of_the_tables():
    """n = 20: the 6th and the 15th (Conover, Practical Nonparametric Statistics, table A3)."""
    figure = faring.quantile(list(range(1, 21)), 0.5)
    assert (figure.days, figure.low, figure.high) == (10, 6, 15)


def test_no_answer_ranks_after_every_answer_and_an_open_end_is_said():
    figure = faring.quantile([3, 4, 5, None, None, 6, 7, 8, 9, None], 0.9)
    assert figure.days is None
    assert figure.words == "Not reached yet"
    assert faring.quantile(list(range(1, 13)), 0.9).interval == "8 or more"
    assert faring.percent(0.996) == "over 99%"


def test_a_year_that_is_no_number_chooses_none(as_member, officer, leader):
    path = f"/requests/ask/{leader.organisation.public_id}/"
    for year in ("9" * 5000, "\N{SUPERSCRIPT TWO}", "99"):
        assert as_member(officer).get(path, {"year": year}).status_code == 200


def test_a_date_too_far_ahead_is_said_beside_it_and_stays(as_member, officer, leader):
    page = as_member(officer).post(
        f"/requests/ask/{leader.organisation.public_id}/", form(officer, date_2="1/3/2999")
    )

    assert page.status_code == 422
    assert page.context["form"].errors == {"date_2": ["Choose dates within the next 18 months"]}
    assert 'value="1/3/2999"' in text(page)


def test_a_length_that_cannot_be_is_said_with_everything_else(as_member, officer, leader):
    wrong = {"year_groups": [], "minutes": "600", "date_1": "soon"}
    page = as_member(officer).post(f"/requests/ask/{leader.organisation.public_id}/", form(officer, **wrong))

    assert page.context["form"].errors["minutes"] == ["Enter how many minutes, from 5 to 480"]
    assert set(page.context["form"].errors) == set(wrong)
    assert 'value="600"' in text(page)
