"""One telling for each step of an access request: who hears what, in which letter, and who doesn't."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection

from brokerage.accounts.models import Role, User
from brokerage.domain import access_requests, external_encounters
from brokerage.domain.external_encounters import Happened
from brokerage.eventlog.models import Event
from brokerage.models import AccessRequest, Claim
from brokerage.notifications import clocks
from brokerage.notifications.models import Entry, Letter
from brokerage.queries import asking
from brokerage.vocabulary import Content
from brokerage.web.requested import RequestsPage
from schools.queries import oversight_access
from tests import factories
from tests.factories import access
from tests.factories.market import LONDON
from tests.notifications.telling import last_letter, letters, pay, told

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 2, 10, tzinfo=LONDON)
"""The clock's day 1 is Tuesday 3 November; day 10 is Monday 16."""
DATES = [date(2027, 1, 12), date(2027, 1, 14)]


def morning(month: int, day: int, hour: int = 7, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LONDON)


class Cast:
    """Fernlow Academy with everyone who could hear, the college that asks it, and its hub."""

    def __init__(self) -> None:
        hub = factories.hub(name="Severn Hub")
        school = factories.school(name="Fernlow Academy", hub=hub)
        college = factories.provider(name="Forge & Field Training")
        self.leader = factories.member(school, Role.CAREERS_LEADER)
        self.administrator = factories.member(school, Role.CAREERS_ADMINISTRATOR)
        self.senior = factories.member(school, Role.SENIOR_LEADER)
        self.governor = factories.member(school, Role.LINK_GOVERNOR)
        self.officer = factories.member(college, Role.LIAISON_OFFICER)
        self.visitor = factories.member(college, Role.LIAISON_OFFICER)
        self.lead = factories.member(college, Role.LIAISON_LEAD)
        self.hub_lead = factories.member(hub, Role.HUB_LEAD)

    def ask(self, **fields) -> AccessRequest:
        fields = {"dates": DATES, "visitor": self.visitor} | fields
        return access_requests.ask(
            school=self.leader.organisation, what=access.what(**fields), by=self.officer, at=MONDAY
        )

    def heard(self) -> dict[str, str]:
        """Who was told what since the last look, by their part."""
        pay()
        mine = {member.user_id: part for part, member in vars(self).items()}
        entries = Entry.objects.order_by("id")
        found = {mine[entry.person_id]: entry.text for entry in entries}
        assert len(found) == entries.count()
        Entry.objects.all().delete()
        return found

    def mailed(self) -> set[str]:
        mine = {member.user_id: part for part, member in vars(self).items()}
        found = {mine[letter.person_id] for letter in Letter.objects.all()}
        Letter.objects.all().delete()
        return found


@pytest.fixture
def cast() -> Cast:
    return Cast()


@pytest.fixture
def request_(cast) -> AccessRequest:
    request = cast.ask()
    cast.heard(), cast.mailed()
    return request


def by_school(cast: Cast) -> dict:
    return {"by": cast.leader, "at": MONDAY + timedelta(days=1)}


def by_asker(cast: Cast) -> dict:
    return {"by": cast.officer, "at": MONDAY + timedelta(days=2)}


def test_the_school_hears_who_asks_and_by_when_to_answer(cast):
    request = cast.ask()
    text = "Forge & Field Training ask to meet Year 10. Answer by Monday 16 November."
    assert cast.heard() == {
        "leader": text,
        "administrator": text,
        "visitor": "Forge & Field Training asked Fernlow Academy to meet Year 10, and put you forward to come.",
    }
    letter = last_letter(cast.leader)
    assert letter.subject == text
    assert f"/school/requests/{request.public_id}/" in letter.text
    assert "If you do nothing, this is late from Tuesday 17 November, and they are told." in letter.text
    assert "We'd love to meet" not in letter.text + letter.html
    assert cast.mailed() == {"leader", "administrator"}


def test_a_college_that_nobody_has_checked_yet_is_named_so(cast):
    stranger = access.college(name="Wexbourne College", verified_at=None)
    access_requests.ask(school=cast.leader.organisation, what=access.what(), by=stranger, at=MONDAY)
    pay()
    assert told(cast.leader)[0][1].startswith("Wexbourne College (not yet verified) ask to meet Year 10.")


def test_where_nobody_leads_careers_the_senior_leader_hears():
    senior = factories.member(factories.school(), Role.SENIOR_LEADER)
    access_requests.ask(school=senior.organisation, what=access.what(), by=access.college(), at=MONDAY)
    pay()
    assert [type_ for type_, _ in told(senior)] == ["access_request.asked"]


def test_a_yes_is_a_booking_with_its_calendar_file(cast, request_):
    access_requests.grant(
        request=request_, on=DATES[0], starts=time(8, 50), venue="Main hall", **by_school(cast)
    )
    text = "Fernlow Academy said yes: Tuesday 12 January, 08:50, Main hall."
    assert cast.heard() == {"officer": text, "visitor": text}
    letter = last_letter(cast.visitor)
    assert letter.subject == text
    assert "Report to reception on Sutton Road." in letter.text
    assert str(Claim.objects.get().public_id) in letter.ics
    assert "BEGIN:VEVENT" in letter.ics
    assert cast.mailed() == {"officer", "visitor"}


def test_other_dates_and_what_becomes_of_them(cast, request_):
    access_requests.counter_offer(
        request=request_, dates=[date(2027, 1, 19)], starts=time(9), venue="Gym", **by_school(cast)
    )
    text = "Fernlow Academy can't do your dates but offers 19 January."
    assert cast.heard() == {"officer": text, "visitor": text}
    assert cast.mailed() == {"officer", "visitor"}

    access_requests.accept_counter_offer(request=request_, on=date(2027, 1, 19), **by_asker(cast))
    yes = "Fernlow Academy said yes: Tuesday 19 January, 09:00, Gym."
    taken = "Forge & Field Training took your date: Tuesday 19 January, 09:00, Gym."
    assert cast.heard() == {"officer": yes, "visitor": yes, "leader": taken, "administrator": taken}
    assert last_letter(cast.officer).ics
    assert cast.mailed() == {"officer", "visitor", "leader", "administrator"}


def test_other_dates_that_will_not_do(cast, request_):
    access_requests.counter_offer(
        request=request_, dates=[DATES[0]], starts=time(9), delivery_mode="live_online", **by_school(cast)
    )
    assert cast.heard()["officer"] == "Fernlow Academy offers 12 January, not quite as you asked."
    access_requests.reject_counter_offer(request=request_, **by_asker(cast))
    text = "Forge & Field Training can't take the dates you offered. This request has ended."
    assert cast.heard() == {"leader": text, "administrator": text}


def test_not_yet_and_the_day_it_comes_back(cast, request_):
    until = date(2027, 2, 22)
    access_requests.postpone(request=request_, until=until, reason="exam_period", **by_school(cast))
    text = "Please ask Fernlow Academy again after 22 February: exams or mock exams."
    assert cast.heard() == {"officer": text, "visitor": text}
    letter = last_letter(cast.officer)
    assert letter.subject == "Please ask Fernlow Academy again after 22 February."
    assert "comes back to them by itself" in letter.text

    assert clocks.look(at=morning(2, 21, year=2027)) == 0
    assert clocks.look(at=morning(2, 22, year=2027)) == 1
    assert clocks.look(at=morning(2, 22, 9, year=2027)) == 0
    again = "Forge & Field Training ask again to meet Year 10, as you wished. Answer by Monday 8 March."
    back = "Your request is back with Fernlow Academy, as they wished. Their clock starts again."
    assert cast.heard() == {"leader": again, "administrator": again, "officer": back, "visitor": back}


def test_a_no_keeps_its_reason_out_of_the_subject(cast, request_):
    access_requests.refuse(
        request=request_, ground="already_met", note="Sorry, and thank you.", **by_school(cast)
    )
    text = "Not this time at Fernlow Academy: they've met their need for this phase."
    assert cast.heard() == {"officer": text, "visitor": text}
    letter = last_letter(cast.officer)
    assert letter.subject == "Not this time at Fernlow Academy."
    assert text in letter.text
    assert "Sorry" not in letter.text
    assert cast.mailed() == {"officer", "visitor"}


def test_a_question_and_its_answer(cast, request_):
    access_requests.ask_back(request=request_, question="How many will come?", **by_school(cast))
    text = "Fernlow Academy asked you a question. Their clock waits for you."
    assert cast.heard() == {"officer": text, "visitor": text}
    assert "How many" not in last_letter(cast.officer).text
    assert cast.mailed() == {"officer", "visitor"}

    access_requests.answer_question(request=request_, answer="Two of us.", **by_asker(cast))
    text = "Forge & Field Training answered your question. Answer by Wednesday 18 November."
    assert cast.heard() == {"leader": text, "administrator": text}
    assert cast.mailed() == {"leader", "administrator"}


def test_asked_already(cast, request_):
    again = access_requests.ask(
        school=cast.leader.organisation,
        what=access.what(year_groups=[9], dates=DATES),
        by=cast.officer,
        at=MONDAY + timedelta(hours=1),
    )
    cast.heard()
    access_requests.mark_duplicate(request=again, duplicate_of=request_, **by_school(cast))
    text = "Fernlow Academy says this repeats what you asked on 2 November. Their clock waits for you."
    assert cast.heard() == {"officer": text}

    access_requests.settle_duplicate(request=again, is_duplicate=False, **by_asker(cast))
    text = "Forge & Field Training say this is another request. Answer by Wednesday 18 November."
    assert cast.heard() == {"leader": text, "administrator": text}

    access_requests.mark_duplicate(
        request=again, duplicate_of=request_, by=cast.leader, at=MONDAY + timedelta(days=3)
    )
    cast.heard()
    staff = User.objects.create_user(email="staff@doorway.test", is_staff=True)
    access_requests.confirm_duplicate(request=again, by=staff, at=MONDAY + timedelta(days=4))
    school = "Doorway's staff agree: Forge & Field Training asked this already on 2 November."
    asker = (
        "Doorway's staff found that your request to Fernlow Academy repeats the one you made on 2 November."
    )
    assert cast.heard() == {"leader": school, "administrator": school, "officer": asker}


def test_agreeing_that_it_was_asked_already(cast, request_):
    again = access_requests.ask(
        school=cast.leader.organisation, what=access.what(year_groups=[9]), by=cast.officer, at=MONDAY
    )
    access_requests.mark_duplicate(request=again, duplicate_of=request_, **by_school(cast))
    cast.heard()
    access_requests.settle_duplicate(request=again, is_duplicate=True, **by_asker(cast))
    text = "Forge & Field Training agree that it repeats their request on 2 November."
    assert cast.heard() == {"leader": text, "administrator": text}


def test_taking_it_back_tells_the_school_and_the_colleague_who_was_to_come(cast, request_):
    access_requests.withdraw(request=request_, **by_asker(cast))
    school = "Forge & Field Training withdrew their request to meet Year 10. Nothing to answer."
    assert cast.heard() == {
        "leader": school,
        "administrator": school,
        "visitor": "Forge & Field Training withdrew the request to meet Year 10 at Fernlow Academy.",
    }
    assert cast.mailed() == set()


def test_a_follow_up_says_which_day_it_is_and_not_what_they_wrote(cast, request_):
    access_requests.follow_up(
        request=request_, message="A no would help.", by=cast.officer, at=morning(11, 17)
    )
    text = "Forge & Field Training wrote again, politely. It's day 11."
    assert cast.heard() == {"leader": text, "administrator": text}
    assert "A no would help" not in last_letter(cast.leader).text


def test_less_than_was_granted(cast, request_):
    access_requests.grant(request=request_, on=DATES[0], starts=time(8, 50), **by_school(cast))
    cast.heard(), cast.mailed()
    access_requests.report(
        request=request_, kinds=["shorter"], minutes=15, by=cast.officer, at=morning(1, 13, year=2027)
    )
    text = "Forge & Field Training say 12 January was less than agreed. Read what they say."
    assert cast.heard() == {"leader": text, "administrator": text}
    assert cast.mailed() == {"leader", "administrator"}


@pytest.mark.parametrize(
    ("day", "number", "roles", "has_letter"),
    [
        (10, 6, {"leader"}, False),
        (12, 8, {"leader", "administrator"}, True),
        (16, 10, {"leader", "administrator", "senior"}, True),
    ],
)
def test_while_it_is_in_time_the_school_alone_is_nudged(cast, request_, day, number, roles, has_letter):
    assert clocks.look(at=morning(11, day) - timedelta(minutes=1)) == 0
    assert clocks.look(at=morning(11, day)) == 1
    assert clocks.look(at=morning(11, day, 16)) == 0
    text = f"Day {number} of 10: Forge & Field Training are waiting for an answer."
    assert cast.heard() == dict.fromkeys(roles, text)
    assert cast.mailed() == (roles if has_letter else set())


def test_turning_late_gives_the_asker_a_follow_up_to_send(cast, request_):
    assert clocks.look(at=morning(11, 17)) == 1
    school = "Late: day 11. Forge & Field Training are waiting for an answer."
    asker = (
        "It's day 11, and Fernlow Academy hasn't answered. Here is a polite follow-up you can send as it is."
    )
    assert cast.heard() == {
        **dict.fromkeys(("leader", "administrator", "senior"), school),
        **dict.fromkeys(("officer", "visitor"), asker),
    }
    letter = last_letter(cast.officer)
    assert (
        "“I wrote on 2 November about meeting your Year 10. I know how full the term is. "
        "A no, or a date in spring, would help us plan.”" in letter.text
    )
    assert f"/requests/{request_.public_id}/follow-up/" in letter.text
    assert AccessRequest.objects.get(pk=request_.pk).followed_up_at is None


def test_a_question_too_many_keeps_nobody_from_hearing_that_it_is_late(cast, request_):
    """Two questions, answered on Tuesday, cost that day; the third stays open and costs none: day 11 is the 18th."""
    for number in range(3):
        at = MONDAY + timedelta(days=1 + number // 2, hours=number)
        access_requests.ask_back(request=request_, question="How many?", by=cast.leader, at=at)
        cast.heard()
        if number < 2:
            access_requests.answer_question(request=request_, answer="Two.", by=cast.officer, at=at)
            cast.heard()

    def late(on: date) -> list[int]:
        """The navigation's number, the asker's page, the hub's page."""
        page = RequestsPage(cast.officer, show="", after=None, at=datetime.combine(on, time(12), LONDON))
        waiting = oversight_access.open_requests(cast.hub_lead, on)
        of_us = asking.late_count(cast.officer.organisation, today=on)
        return [of_us, page.late, sum(asked.is_late for asked in waiting)]

    assert late(date(2026, 11, 17)) == [0, 0, 0]
    assert late(date(2026, 11, 18)) == [1, 1, 1]
    assert [clocks.look(at=morning(11, 18)), clocks.look(at=morning(11, 19))] == [1, 0]
    heard = cast.heard()
    assert set(heard) == {"leader", "administrator", "senior", "officer", "visitor"}
    assert heard["leader"] == "Late: day 11. Forge & Field Training are waiting for an answer."
    assert (
        heard["officer"]
        == "It's day 11, and Fernlow Academy hasn't answered. They wait for a word from you, too."
    )
    assert "follow-up" not in last_letter(cast.officer).text


def test_nobody_hears_of_a_clock_that_a_question_pauses(cast, request_):
    access_requests.ask_back(request=request_, question="How many?", **by_school(cast))
    cast.heard()
    assert [clocks.look(at=morning(11, day)) for day in (10, 17)] == [0, 0]
    assert not access_requests.reach(request=request_, day=11, state="late", at=morning(11, 17))


def test_very_late_the_hub_hears_too(cast, request_):
    assert clocks.look(at=morning(12, 1)) == 1
    heard = cast.heard()
    assert set(heard) == {"leader", "administrator", "senior", "officer", "visitor", "hub_lead"}
    assert heard["leader"] == "Very late: day 21. Forge & Field Training are waiting for an answer."
    assert heard["hub_lead"] == "Very late: day 21: Fernlow Academy owes Forge & Field Training an answer."
    assert clocks.look(at=morning(12, 2)) == 0


def test_when_they_are_late_and_every_date_is_past_that_is_said_once(cast):
    cast.ask(dates=[date(2026, 11, 4)])
    cast.heard()
    # Asked at two days' notice: the school has its ten days all the same, and its usual reminders.
    assert [clocks.look(at=morning(11, day)) for day in (5, 6, 9)] == [0, 0, 0]
    for day, number in ((10, 6), (12, 8), (16, 10)):
        assert clocks.look(at=morning(11, day)) == 1
        assert cast.heard()["leader"].startswith(f"Day {number} of 10: ")
    assert clocks.look(at=morning(11, 17)) == 1
    heard = cast.heard()
    assert (
        heard["leader"]
        == "No response by day 11, and every date that Forge & Field Training offered is past."
    )
    assert "hub_lead" in heard
    assert [clocks.look(at=morning(11, day)) for day in (18, 19)] == [0, 0]


def test_after_an_outage_the_day_it_is_is_told(cast, request_):
    assert clocks.look(at=morning(11, 13)) == 1
    assert set(cast.heard().values()) == {"Day 9 of 10: Forge & Field Training are waiting for an answer."}


def test_nobody_is_told_on_a_day_without_pupils_or_on_a_day_between(cast, request_):
    assert clocks.look(at=morning(11, 14)) == 0  # Saturday, day 9 untold
    assert clocks.look(at=morning(11, 16)) == 1
    cast.ask(year_groups=[9])
    told = [clocks.look(at=morning(11, day)) for day in (10, 11, 12, 13)]
    assert told == [1, 0, 1, 0]


def test_a_request_put_off_past_its_dates_has_its_whole_clock_again(cast, request_):
    access_requests.postpone(
        request=request_, until=date(2027, 2, 22), reason="exam_period", **by_school(cast)
    )
    clocks.look(at=morning(2, 22, year=2027))
    assert [clocks.look(at=morning(2, day, year=2027)) for day in (23, 24, 25, 26)] == [0, 0, 0, 0]
    assert clocks.look(at=morning(3, 2, year=2027)) == 1


def test_one_that_fails_keeps_nobody_else_waiting(cast, request_):
    other = access.asked(at=MONDAY, dates=DATES)
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.subject_id = '{request_.public_id}' THEN RAISE EXCEPTION 'no room'; END IF; RETURN NEW;
            END $$;
            CREATE TRIGGER refuse_it BEFORE INSERT ON eventlog_event FOR EACH ROW EXECUTE FUNCTION refuse_it()
        """)
    assert clocks.look(at=morning(11, 10)) == 1
    other.refresh_from_db()
    assert other.told_day == 6

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse_it ON eventlog_event")
    assert clocks.look(at=morning(11, 10, 8)) == 1
    pay()
    assert [kind for kind, _ in told(cast.leader)] == ["access_request.clock_reached"]


def test_an_answer_on_the_way_silences_the_news_of_the_clock(cast, request_):
    clocks.look(at=morning(11, 17))
    access_requests.refuse(request=request_, ground="already_met", by=cast.leader, at=morning(11, 17, 8))
    heard = cast.heard()
    assert set(heard) == {"officer", "visitor"}
    assert heard["officer"].startswith("Not this time")


def test_an_encounter_elsewhere_is_put_to_the_provider_it_names(cast):
    encounter = external_encounters.record(
        what=Happened(
            provider=cast.lead.organisation,
            y7_entry=2023,
            on=date(2026, 10, 14),
            starts=time(10),
            ends=time(10, 50),
            offered=150,
            attended=140,
            content=list(Content),
            evidence="A register.",
        ),
        by=cast.leader,
        at=MONDAY,
    )
    assert cast.heard() == {"lead": "Fernlow Academy recorded that you came on 14 October. Is that so?"}

    external_encounters.dispute(encounter=encounter, note="It was 15 minutes.", by=cast.officer, at=MONDAY)
    saw = "Forge & Field Training saw 14 October differently. Read their note."
    assert cast.heard() == {
        "leader": saw,
        "administrator": saw,
        "lead": "Forge & Field Training told Fernlow Academy that 14 October was different.",
    }
    assert "15 minutes" not in last_letter(cast.leader).text

    external_encounters.confirm(encounter=encounter, by=cast.lead, at=MONDAY)
    assert cast.heard() == dict.fromkeys(
        ("leader", "administrator"), "Forge & Field Training confirmed 14 October."
    )
    external_encounters.remove(encounter=encounter, by=cast.leader, at=MONDAY)
    assert cast.heard() == {"lead": "Fernlow Academy took back what it recorded of 14 October."}


def test_entries_carry_ids_and_codes(cast):
    request = cast.ask()
    pay()
    entry = Entry.objects.get(person=cast.leader.user)
    assert entry.data == {
        "request": str(request.public_id),
        "school": str(cast.leader.organisation.public_id),
        "asker": str(cast.officer.organisation.public_id),
    }
    assert entry.link == f"/school/requests/{request.public_id}/"
    assert letters(cast.governor) == []
    assert Event.objects.count() == 1
