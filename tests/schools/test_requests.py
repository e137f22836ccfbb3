"""The inbox of requests and the answers to them (P8, P9), as a school's people use them without a script."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Role
from brokerage.calendar import calendars
from brokerage.calendar.models import Closure
from brokerage.domain import access_requests as verbs
from brokerage.domain.slots import LONDON, SlotTime
from brokerage.models import AccessRequest, AccessTerms, CounterOffer, PhaseStanding, TermAnswer, Words
from brokerage.queries import access_requests
from brokerage.vocabulary import PostponeReason, RefusalGround
from brokerage.web import clocks, paging
from schools import replies
from schools.pal.windows import entry_of
from schools.queries import free_dates, requests
from tests import factories
from tests.factories import access
from tests.schools.pages import as_, open_days, typed

pytestmark = pytest.mark.django_db
INBOX = "/school/requests/"


@pytest.fixture
def leader() -> Membership:
    return factories.member(factories.school(name="Fernlow Academy"))


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def page_of(request: AccessRequest, answer: str = "") -> str:
    return f"{INBOX}{request.public_id}/{answer}"


def ask(leader: Membership, name: str = "Forge & Field Training", **fields: Any) -> AccessRequest:
    org = fields.pop("org", {})
    fields.setdefault("dates", open_days(leader, 2))
    return access.asked(access.college(name=name, **org), of=leader.organisation, **fields)


def close(leader: Membership, day: date, kind: str, label: str) -> None:
    Closure.objects.create(school=leader.organisation, kind=kind, label=label, first_on=day, last_on=day)


def standing(leader: Membership, year: int, **fields: Any) -> PhaseStanding:
    """A year group in its open phase, short of two."""
    today = timezone.localdate()
    entry = entry_of(year, today)
    return PhaseStanding.objects.create(
        **{
            "school": leader.organisation,
            "y7_entry": entry,
            "phase": (year - 6) // 2,
            "state": "short",
            "occasions": 0,
            "short_by": 2,
            "lower": 0,
            "upper": 0,
            "opens_on": today - timedelta(days=60),
            "closes_on": today + timedelta(days=90),
            "computed_on": today,
            "computed_at": timezone.now(),
        }
        | fields
    )


def publish(leader: Membership, *grounds: str) -> None:
    AccessTerms.objects.update_or_create(
        school=leader.organisation,
        defaults={"grounds": list(grounds), "policy_published_at": timezone.now()},
    )


def written(request: AccessRequest, step: str) -> str:
    return Words.objects.get(request=request, step=step).text


def test_the_most_used_clock_comes_first(leader: Membership) -> None:
    now = timezone.now()
    for name, days in (("Young", 1), ("Old", 40), ("Middle", 12)):
        ask(leader, name, at=now - timedelta(days=days), dates=open_days(leader, 2))

    response = as_(leader).get(INBOX)

    assert [row.request.asker.name for row in response.context["rows"]] == ["Old", "Middle", "Young"]
    oldest = access_requests.inbox(leader.organisation, today=timezone.localdate())[0]
    assert clocks.running(oldest.clock)[1] in text_of(response)
    assert [count for _, _, count in response.context["tabs"]] == [3, 0, 0]
    assert response.context["shown"].request.asker.name == "Old"


def test_what_is_to_answer_comes_a_page_at_a_time_in_the_order_of_its_clocks(
    leader: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SIZE", 2)
    now = timezone.now()
    for name, days in (("Third", 3), ("First", 40), ("Second", 12), ("Last", 3)):
        ask(leader, name, at=now - timedelta(days=days), dates=open_days(leader, 2))
    first = as_(leader).get(INBOX)
    after = {"after": first.context["page"].next}
    second = as_(leader).get(INBOX, after)

    names = [[row.request.asker.name for row in page.context["rows"]] for page in (first, second)]
    assert names == [["First", "Second"], ["Third", "Last"]]
    assert second.context["page"].next is None
    last = second.context["rows"][1].request
    assert f'href="{page_of(last)}?after={after["after"]}"' in text_of(second)
    beside = as_(leader).get(page_of(last), after)
    assert [row.is_open for row in beside.context["rows"]] == [False, True]
    anew = as_(leader).get(INBOX, {"after": "nonsense"})
    assert [row.request.asker.name for row in anew.context["rows"]] == ["First", "Second"]

    verbs.refuse(request=last, ground="no_capacity", by=leader, at=now)
    gone = as_(leader).get(page_of(last), after)
    assert [row.request for row in gone.context["rows"]] == [last]


def test_an_ask_in_their_words_with_all_they_said(leader: Membership) -> None:
    request = ask(
        leader,
        message="Two of our apprentices come along.",
        year_groups=[10],
        minutes=40,
        content=["offer", "questions"],
        qualifications=["t_level"],
    )

    page = text_of(as_(leader).get(page_of(request)))

    assert "“Two of our apprentices come along.”" in page
    assert f"{request.asked_by.user}, schools liaison officer," in page
    assert "Year 10, whole year (180)" in page
    assert "Provider encounter, 40 minutes, in person" in page
    assert "T Levels" in page
    assert page.count('<li class="dw-covers__not">') == 2
    assert "Not yet verified" not in page


def test_a_request_beside_the_list_stays_under_the_lists_heading_when_it_is_read_again(
    leader: Membership,
) -> None:
    request = ask(leader)
    inbox = text_of(as_(leader).get(INBOX))
    address = f"{page_of(request)}?beside=1"
    assert f'hx-get="{address}"' in inbox

    for page in (inbox, text_of(as_(leader).get(address))):
        assert '<h2 id="request-title">' in page
    assert "beside" not in text_of(as_(leader).get(page_of(request)))


def test_an_unverified_asker_is_marked(leader: Membership) -> None:
    request = ask(leader, org={"verified_at": None})

    assert "Not yet verified" in text_of(as_(leader).get(page_of(request)))


def test_what_it_does_for_the_year_group_is_said_only_when_it_is_known(leader: Membership) -> None:
    request = ask(leader, year_groups=[10])
    assert "Helps you" not in text_of(as_(leader).get(page_of(request)))

    standing(leader, 10)
    assert "<b>First of two</b> for Year 10. Year 10 haven’t met this provider yet." in text_of(
        as_(leader).get(page_of(request))
    )
    PhaseStanding.objects.update(occasions=1, short_by=1)
    assert "<b>Second of two</b> for Year 10." in text_of(as_(leader).get(page_of(request)))
    PhaseStanding.objects.update(planned=1)
    assert "<b>Year 10 have their two already,</b> held or booked." in text_of(
        as_(leader).get(page_of(request))
    )


def test_a_provider_they_have_met_counts_only_in_another_mix(leader: Membership) -> None:
    college = access.college()
    claim = factories.accepted_claim(college, on=factories.posted(leader, year_groups=[10]))
    factories.over(claim)
    type(claim).objects.filter(pk=claim.pk).update(state="fulfilled")
    standing(leader, 10)

    request = access.asked(college, of=leader.organisation, year_groups=[10])

    assert "A second with a different mix of providers would count." in text_of(
        as_(leader).get(page_of(request))
    )


def test_the_clock_shows_its_working(leader: Membership) -> None:
    asked_at = timezone.now() - timedelta(days=14)
    day = (asked_at + timedelta(days=1)).astimezone(LONDON).date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    close(leader, day, "inset", "INSET day")
    request = ask(leader, at=asked_at, dates=open_days(leader, 2))

    page = text_of(as_(leader).get(page_of(request)))

    assert "counted since the day after they asked" in page
    assert ", INSET day" in page
    assert "Weekends never count." in page
    assert "View as a table" in page


def test_the_first_free_date_stands_selected(leader: Membership) -> None:
    closed, exams, same_pupils, same_room, free, later = open_days(leader, 6)
    request = ask(leader, year_groups=[10], dates=[closed, exams, same_pupils, same_room, free, later])
    close(leader, closed, "holiday", "Half-term")
    close(leader, exams, "exams", "Mock exams")
    factories.accepted_claim(on=_posted(leader, same_pupils, year_groups=[10], venue="Library"))
    factories.accepted_claim(on=_posted(leader, same_room, year_groups=[7]))

    shown = as_(leader).get(page_of(request)).context["shown"].granting

    assert [(day.refused, day.warned) for day in shown.days] == [
        ("Closed: half-term", ""),
        ("", "Mock exams"),
        ("", "08:45: Mock interviews"),
        ("", "08:45: Mock interviews"),
        ("", ""),
        ("", ""),
    ]
    assert shown.chosen is not None
    assert shown.chosen.on == free


def _posted(leader: Membership, day: date, **fields: Any) -> Any:
    start = datetime.combine(day, time(8, 45), LONDON)
    slot = SlotTime(starts_at=start, ends_at=start + timedelta(hours=1), places=1)
    return factories.posted(leader, slots=[slot], **fields)


def test_another_visit_that_day_is_shown_and_stands_in_nobodys_way(leader: Membership) -> None:
    (day,) = open_days(leader, 1)
    factories.accepted_claim(on=_posted(leader, day, year_groups=[7], venue="Library"))
    request = ask(leader, year_groups=[10], dates=[day])

    (shown,) = as_(leader).get(page_of(request)).context["shown"].granting.days

    assert (shown.is_free, shown.words) == (True, "08:45, free; 08:45 Mock interviews")


def test_yes_takes_one_form_that_was_filled_in(leader: Membership) -> None:
    request = ask(leader, minutes=40)
    client = as_(leader)
    form = client.get(page_of(request)).context["form"]
    filled = {field.name: field.value() or "" for field in form} | {"on": form.initial["on"].isoformat()}
    filled["starts"] = f"{filled['starts']:%H:%M}"

    response = client.post(page_of(request, "grant/"), filled, follow=True)

    request.refresh_from_db()
    assert request.state == "granted"
    assert request.need is not None
    slot = request.need.slots.get()
    assert (request.need.venue, slot.starts_at.astimezone(LONDON).time()) == ("Main hall", time(8, 45))
    assert slot.ends_at - slot.starts_at == timedelta(minutes=40)
    assert "They’ve been told." in text_of(response)


def test_the_time_of_the_last_visit_is_filled_in(leader: Membership) -> None:
    first, second = open_days(leader, 2)
    access.granted(ask(leader, "First", dates=[first]), starts=time(11, 5), by=leader)

    form = as_(leader).get(page_of(ask(leader, "Second", dates=[second]))).context["form"]

    assert form.initial["starts"] == time(11, 5)


GRANTING: dict[str, Any] = {"starts": "09:00", "minutes": "40", "venue": "Library", "audience": "class"}


def test_a_date_that_closed_meanwhile_is_refused_and_nothing_is_lost(leader: Membership) -> None:
    closed, free = open_days(leader, 2)
    request = ask(leader, dates=[closed, free])
    close(leader, closed, "holiday", "Half-term")
    sent = GRANTING | {"on": closed.isoformat(), "message": "See you then."}

    response = as_(leader).post(page_of(request, "grant/"), sent)

    assert response.status_code == 422
    page = text_of(response)
    assert "can’t be chosen: closed: half-term. Choose another date" in page
    assert "See you then." in page
    assert 'value="Library"' in page
    request.refresh_from_db()
    assert request.state == "waiting"


def test_only_a_date_they_offered_can_be_granted(leader: Membership) -> None:
    request = ask(leader, dates=open_days(leader, 1))
    other = open_days(leader, 3)[2]

    response = as_(leader).post(page_of(request, "grant/"), GRANTING | {"on": other.isoformat()})

    assert response.status_code == 422
    assert "Choose one of the dates they offered" in text_of(response)


def test_what_a_verb_says_of_a_field_stands_beside_it(leader: Membership) -> None:
    request = ask(leader, dates=open_days(leader, 1))
    sent = GRANTING | {"on": request.dates[0].isoformat(), "starts": "23:50"}

    response = as_(leader).post(page_of(request, "grant/"), sent)

    assert response.status_code == 422
    assert "It must end on the day it starts" in text_of(response)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ("grant/", GRANTING),
        ("refuse/", {"choice": "no_capacity", "message_no_capacity": "No room, sorry."}),
        ("ask/", {"question": "No room, sorry."}),
        ("postpone/", {"choice": "other", "message_other": "No room, sorry.", "until": "in"}),
        ("offer/", {"message": "No room, sorry."} | GRANTING | {"year_groups": ["10"]}),
    ],
)
def test_withdrawn_while_they_were_reading(leader: Membership, answer: str, sent: dict[str, Any]) -> None:
    request = ask(leader, dates=open_days(leader, 1))
    day = request.dates[0]
    sent = sent | {"on": day.isoformat(), "day": [day.isoformat()], "delivery_mode": "in_person"}
    sent |= {"until": typed(day)} if "until" in sent else {}
    verbs.withdraw(request=request, by=request.asked_by, at=timezone.now())

    response = as_(leader).post(page_of(request, answer), sent)

    assert response.status_code == 409
    page = text_of(response)
    assert "They withdrew while you were reading. Nothing to answer." in page
    assert answer == "grant/" or "No room, sorry." in page


def test_the_grounds_are_those_of_the_policy(leader: Membership) -> None:
    publish(leader, RefusalGround.EXAM_PERIOD, RefusalGround.NO_CAPACITY)
    request = ask(leader)
    client = as_(leader)
    page = client.get(page_of(request, "refuse/"))
    assert [value for value, _ in page.context["form"].fields["choice"].choices] == [
        "exam_period",
        "no_capacity",
    ]

    client.post(
        page_of(request, "refuse/"),
        {
            "choice": "exam_period",
            "message_exam_period": "After the exams, please.",
            "message_no_capacity": "x",
        },
    )

    request.refresh_from_db()
    assert (request.state, request.ground, request.ground_is_published) == ("refused", "exam_period", True)
    assert written(request, "refuse") == "After the exams, please."


def test_without_a_policy_the_whole_list_is_marked(leader: Membership) -> None:
    request = ask(leader)

    response = as_(leader).get(page_of(request, "refuse/"))

    assert len(response.context["form"].fields["choice"].choices) == len(RefusalGround)
    page = text_of(response)
    assert "Marked “no published ground” while your policy lists none." in page
    assert "Your policy lists no grounds for refusing yet." in page


def test_a_policy_without_grounds_leaves_other_dates(leader: Membership) -> None:
    publish(leader)

    page = text_of(as_(leader).get(page_of(ask(leader), "refuse/")))

    assert "Your policy lists no grounds for refusing yet." in page
    assert "offer other dates" in page
    assert ">Send<" not in page


def test_a_ground_writes_its_message_and_offers_those_who_still_need_one(leader: Membership) -> None:
    closes = timezone.localdate() + timedelta(days=90)
    standing(leader, 12, short_by=1, occasions=1)
    standing(leader, 10)
    request = ask(leader, year_groups=[10])

    form = as_(leader).get(page_of(request, "refuse/")).context["form"]

    assert form["message_already_met"].value() == (
        "Thank you for offering to meet our Year 10. We've already arranged two encounters for them in the "
        "second key phase (Years 10 and 11), so we can't take this one. Year 12 still needs one before "
        f"{closes.day} {closes:%B}: would that interest you?"
    )
    assert "would that interest you" not in form["message_safeguarding_not_satisfied"].value()


def test_every_ground_and_reason_has_its_message(leader: Membership) -> None:
    request = ask(leader)

    said = [replies.refusal(ground, request, "") for ground in RefusalGround.values]
    said += [replies.postponement(reason, request) for reason in PostponeReason.values]

    assert len(set(said)) == len(RefusalGround) + len(PostponeReason)
    assert all(each.startswith("Thank you for offering to meet our Year 10. ") for each in said)


def test_postponed_until_the_exams_on_their_date_are_over(leader: Membership) -> None:
    (day,) = open_days(leader, 1)
    close(leader, day, "exams", "Mock exams")
    request = ask(leader, dates=[day])
    client = as_(leader)
    until = client.get(page_of(request, "postpone/")).context["form"].initial["until"]
    assert until == free_dates.later([day], calendars.days_of(leader.organisation_id), timezone.localdate())
    assert until > day

    client.post(
        page_of(request, "postpone/"),
        {"choice": "exam_period", "until": typed(until), "message_exam_period": "Later."},
    )

    request.refresh_from_db()
    assert (request.state, request.postponed_until, request.postpone_reason) == (
        "postponed",
        until,
        "exam_period",
    )
    assert written(request, "postpone") == "Later."


def test_a_day_too_far_off_is_said_beside_its_field(leader: Membership) -> None:
    request = ask(leader)
    far = timezone.localdate() + timedelta(days=300)

    response = as_(leader).post(
        page_of(request, "postpone/"), {"choice": "other", "until": typed(far), "message_other": "Later."}
    )

    assert response.status_code == 422
    page = text_of(response)
    assert "Choose a day within six months, or say not this time" in page
    assert "Later." in page


def test_other_dates_are_suggested_free_and_go_out_as_they_stand(leader: Membership) -> None:
    request = ask(leader, dates=open_days(leader, 1))
    client = as_(leader)
    form = client.get(page_of(request, "offer/")).context["form"]
    filled = {field.name: field.value() for field in form} | {"other": ""}
    filled["starts"] = f"{filled['starts']:%H:%M}"
    assert len(filled["day"]) == 2

    client.post(page_of(request, "offer/"), filled)

    offer = CounterOffer.objects.get(request=request)
    assert [day.isoformat() for day in offer.dates] == filled["day"]
    assert (offer.starts, offer.venue, offer.year_groups) == (time(8, 45), "Main hall", [10])


def test_a_holiday_cannot_be_offered(leader: Membership) -> None:
    (day,) = open_days(leader, 1)
    close(leader, day, "holiday", "Half-term")
    request = ask(leader)
    sent = GRANTING | {"other": typed(day), "year_groups": ["10"], "delivery_mode": "in_person"}

    response = as_(leader).post(page_of(request, "offer/"), sent)

    assert response.status_code == 422
    assert "is in half-term. Choose a school day." in text_of(response)


def test_a_question_pauses_the_clock_and_yes_is_still_possible(leader: Membership) -> None:
    request = ask(leader)
    client = as_(leader)

    client.post(page_of(request, "ask/"), {"question": "How many will come?"})

    request.refresh_from_db()
    assert request.state == "questioned"
    response = client.get(f"{INBOX}in/with-them/")
    page = text_of(response)
    assert "Clock paused: question asked" in page
    assert "“How many will come?”" in page
    assert response.context["shown"].granting is not None


def test_an_earlier_ask_of_theirs_is_named_as_the_one_it_repeats(leader: Membership) -> None:
    college = access.college()
    dates = open_days(leader, 1)
    access.asked(college, of=leader.organisation, year_groups=[8], dates=dates)
    earlier = access.asked(college, of=leader.organisation, year_groups=[9, 10], dates=dates)
    verbs.refuse(request=earlier, ground="no_capacity", by=leader, at=timezone.now())
    access.asked(college, of=leader.organisation, year_groups=[9], dates=dates)
    again = access.asked(college, of=leader.organisation, year_groups=[10], dates=dates)
    client = as_(leader)
    assert "They asked already" in text_of(client.get(page_of(again)))
    form = client.get(page_of(again, "duplicate/")).context["form"]
    assert form.initial["message"].endswith("about Years 9 and 10. Do you agree?")
    assert form.initial["earlier"] == str(earlier.public_id)

    client.post(page_of(again, "duplicate/"), form.initial)

    again.refresh_from_db()
    assert (again.state, again.duplicate_of) == ("duplicate_marked", earlier)


@pytest.mark.parametrize("other", [{"year_groups": [8]}, {"dates": [date(2025, 11, 20)]}])
def test_a_request_for_other_pupils_or_another_school_year_is_not_taken_for_the_same(
    leader: Membership, other: dict[str, Any]
) -> None:
    earlier = ask(leader)
    verbs.refuse(request=earlier, ground="no_capacity", by=leader, at=timezone.now())
    AccessRequest.objects.filter(pk=earlier.pk).update(**other)
    again = access.asked(earlier.asked_by, of=leader.organisation, dates=open_days(leader, 1))

    form = as_(leader).get(page_of(again, "duplicate/")).context["form"]

    assert [key for key, _ in form.fields["earlier"].choices] == [str(earlier.public_id)]
    assert form.initial["earlier"] == ""
    assert "repeats what you asked before." in form.initial["message"]


def test_who_refuses_what_was_granted_is_led_to_the_visit(leader: Membership) -> None:
    request = access.granted(ask(leader))
    visit = f'<a href="/school/needs/{request.need.public_id}/">the visit’s page</a>'
    client = as_(leader)

    opened = client.get(page_of(request, "refuse/"), follow=True).content.decode()
    sent = client.post(page_of(request, "refuse/"), {"choice": "no_capacity"})
    again = client.post(page_of(request, "grant/"), GRANTING)

    said = f"This request was granted. To call it off, cancel on {visit}."
    assert [said in page for page in (opened, sent.content.decode(), again.content.decode())] == [True] * 3
    assert (sent.status_code, again.status_code) == (409, 409)


def test_nothing_to_repeat_is_said(leader: Membership) -> None:
    request = ask(leader)

    assert "They asked already" not in text_of(as_(leader).get(page_of(request)))
    page = text_of(as_(leader).get(page_of(request, "duplicate/")))
    assert "They haven’t asked you anything before." in page


def test_an_answered_request_opens_with_its_steps(leader: Membership) -> None:
    request = ask(leader)
    verbs.refuse(request=request, ground="no_capacity", by=leader, at=timezone.now())
    client = as_(leader)

    assert client.get(page_of(request, "refuse/"))["Location"] == page_of(request)
    page = text_of(client.get(page_of(request)))
    assert "Fernlow Academy said not this time: no room or staff on that day (no published ground)" in page
    assert "Say yes to a date" not in page


@pytest.mark.parametrize("role", [Role.LINK_GOVERNOR, Role.CAREERS_ADVISER])
def test_readers_see_list_clock_and_steps_and_answer_nothing(leader: Membership, role: Role) -> None:
    request = ask(leader)
    client = as_(factories.member(leader.organisation, role))

    page = text_of(client.get(page_of(request)))

    assert "Your clock" in page
    assert "Every step" in page
    assert "Say yes to a date" not in page
    assert "Interested" not in page
    for answer in ("offer/", "postpone/", "ask/", "refuse/", "duplicate/"):
        assert client.get(page_of(request, answer)).status_code == 403
    assert client.post(page_of(request, "grant/"), GRANTING).status_code == 403
    assert client.post(f"{INBOX}term/").status_code == 403


def test_another_schools_request_is_not_there(leader: Membership) -> None:
    theirs = access.asked()

    assert as_(leader).get(page_of(theirs)).status_code == 404
    assert as_(theirs.asked_by).get(page_of(theirs)).status_code == 404
    assert as_(leader).get(f"{INBOX}in/somewhere/").status_code == 404


def test_nobody_waits_and_how_the_last_was_answered(leader: Membership) -> None:
    assert "No one is waiting" in text_of(as_(leader).get(INBOX))

    verbs.refuse(request=ask(leader), ground="no_capacity", by=leader, at=timezone.now())

    assert "The last request was answered in 0 school days." in text_of(as_(leader).get(INBOX))


def test_no_share_of_answers_is_said_under_ten(leader: Membership) -> None:
    def answered() -> requests.Figures:
        shown: requests.Figures = as_(leader).get(INBOX).context["figures"]
        return shown

    now = timezone.now()
    for number in range(9):
        request = ask(leader, f"College {number}", at=now)
        verbs.refuse(request=request, ground="no_capacity", by=leader, at=now)
    assert (answered().answering.answered, answered().nine_in_ten) == (9, "")

    request = ask(leader, "College 10", at=now)
    verbs.refuse(request=request, ground="no_capacity", by=leader, at=now)
    assert (answered().answering.answered, answered().nine_in_ten) == (10, "0 days")


def test_interested_is_one_form(leader: Membership) -> None:
    client = as_(leader)

    response = client.post(f"{INBOX}term/", {"next": "today"})

    assert response["Location"] == "/school/"
    assert TermAnswer.objects.get().is_interested
    assert "Are you looking for technical providers" not in text_of(client.get("/school/"))
    assert "Providers see: <b>interested</b>" in text_of(client.get(INBOX))


def test_not_this_term_has_a_reason(leader: Membership) -> None:
    client = as_(leader)

    client.post(f"{INBOX}term/", {"reason": "timetable_full"})

    assert "Providers see: <b>not this term: the timetable is full</b>" in text_of(client.get(INBOX))
    assert "Choose a reason" not in text_of(client.post(f"{INBOX}term/", {"reason": "other"}, follow=True))
    assert "went wrong" not in text_of(client.post(f"{INBOX}term/", {"reason": "nonsense"}, follow=True))
    assert TermAnswer.objects.get().reason == "other"


def test_today_lists_requests_the_most_urgent_first(leader: Membership) -> None:
    now = timezone.now()
    fresh = ask(leader, "Young College", at=now, year_groups=[9])
    ask(leader, "Old College", at=now - timedelta(days=40))
    paused = ask(leader, "Paused College")
    verbs.ask_back(request=paused, question="How many?", by=leader, at=now)

    response = as_(leader).get("/school/")

    to_do = response.context["today"].to_do
    assert [item.title for item in to_do] == [
        "Old College ask to meet Year 10",
        "Young College ask to meet Year 9",
    ]
    assert (to_do[1].action, to_do[1].href) == ("Answer", page_of(fresh))
    assert to_do[0].status[0] in ("late", "very")
    assert "answer by" in to_do[1].status[1]
    page = text_of(response)
    assert 'Requests <span class="dw-count" id="waits-schools-requests">2</span>' in page
    assert "Are you looking for technical providers" in page


def test_new_rows_enter_at_their_place_but_never_above_the_open_one(leader: Membership) -> None:
    now = timezone.now()
    old, open_one, young = (
        ask(leader, name, at=now - timedelta(days=days), dates=open_days(leader, 1))
        for name, days in (("Old", 30), ("Open", 12), ("Young", 1))
    )
    seen = [str(open_one.public_id)]

    response = as_(leader).get(page_of(open_one), {"seen": seen})

    assert [(row.request, row.is_new) for row in response.context["rows"]] == [
        (open_one, False),
        (old, True),
        (young, True),
    ]
    elsewhere = as_(leader).get(page_of(open_one), {"seen": seen, "seen_in": "with-them"}).context["rows"]
    assert not [row for row in elsewhere if row.is_new]
    unread = as_(leader).get(page_of(open_one)).context["rows"]
    assert [(row.request, row.is_new) for row in unread] == [(old, False), (open_one, False), (young, False)]


@pytest.mark.parametrize(
    ("address", "statements"), [(INBOX, 23), ("one", 26), ("/school/", 22), (f"{INBOX}in/answered/", 17)]
)
def test_takes_the_same_statements_for_one_and_for_three(
    leader: Membership, address: str, statements: int
) -> None:
    client = as_(leader)
    standing(leader, 10)

    def one_more() -> AccessRequest:
        done = ask(leader, "Answered")
        verbs.refuse(request=done, ground="no_capacity", by=leader, at=timezone.now())
        return ask(leader, "Waiting", message="Hello.")

    def counted() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        return len(captured)

    first = one_more()
    path = page_of(first) if address == "one" else address
    assert counted() == statements
    one_more()
    one_more()

    assert counted() == statements
