from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from brokerage.accounts.models import Membership, ProviderKind, Role
from brokerage.calendar.models import Closure
from brokerage.domain import access_requests, claims, needs, terms, wording
from brokerage.domain.slots import LONDON
from brokerage.errors import DomainError, InvalidInput
from brokerage.eventlog.models import Event
from brokerage.models import (
    AccessRequest,
    AccessTerms,
    Claim,
    CounterOffer,
    Encounter,
    EncounterNeed,
    Listing,
    Question,
    Words,
)
from brokerage.states import AccessState, ClaimState
from brokerage.vocabulary import Content, RefusalGround
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def steps(request: AccessRequest) -> list[str]:
    events = Event.objects.filter(subject_id=request.public_id).order_by("id")
    return [event.type.removeprefix("brokerage.access_request.").removesuffix(".v1") for event in events]


def now() -> Any:
    return timezone.now()


def test_asking_starts_the_clock_and_keeps_the_words_out_of_the_log() -> None:
    request = access.asked(message="We’d love to meet your Year 10.")
    event = Event.objects.get(subject_id=request.public_id)
    words = Words.objects.get(request=request)
    assert request.state == AccessState.WAITING
    assert event.data["words"] == words.sha256 == Words.digest(words.salt, "We’d love to meet your Year 10.")
    assert "love" not in str(event.data)
    assert event.data["content"] == [str(element) for element in Content]


def test_a_school_that_nobody_could_answer_for_is_not_asked() -> None:
    school = factories.school()
    factories.member(school, Role.LINK_GOVERNOR)
    assert refusal(lambda: access.asked(of=school)) == "school_not_here"


def test_a_school_is_asked_until_the_day_it_closes() -> None:
    """R29."""
    today = timezone.localdate()
    closing = factories.school(closed_on=today + timedelta(days=1))
    factories.member(closing, Role.CAREERS_LEADER)
    closed = factories.school(closed_on=today)
    factories.member(closed, Role.CAREERS_LEADER)

    assert access.asked(of=closing).state == AccessState.WAITING
    assert refusal(lambda: access.asked(of=closed)) == "school_closed"


def test_one_open_request_for_a_year_group_of_a_school_at_a_time() -> None:
    by = access.college()
    request = access.asked(by, year_groups=[9, 10])
    assert refusal(lambda: access.asked(by, of=request.school, year_groups=[10, 11])) == "already_asked"
    assert access.asked(by, of=request.school, year_groups=[12]).state == AccessState.WAITING
    assert access.asked(of=request.school, year_groups=[10]).state == AccessState.WAITING


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year_groups", []),
        ("year_groups", [6]),
        ("minutes", 4),
        ("dates", []),
        ("dates", [date(2020, 1, 6)]),
        ("encounter_type", "party"),
        ("content", ["jokes"]),
        ("message", "x" * 1001),
        ("message", "See pupil H801200001001"),
    ],
)
def test_an_unfit_ask_names_the_field_and_writes_nothing(field: str, value: object) -> None:
    with pytest.raises(DomainError) as caught:
        access.asked(**{field: value})
    assert field in caught.value.fields
    assert not AccessRequest.objects.exists()


def test_a_grant_becomes_a_need_that_nobody_else_can_see_or_claim() -> None:
    request = access.granted()
    need = EncounterNeed.objects.get(access_request=request)
    claim = Claim.objects.get(slot__need=need)
    assert (request.state, claim.state, claim.claimant) == (
        AccessState.GRANTED,
        ClaimState.ACCEPTED,
        request.asker,
    )
    assert Encounter.objects.filter(slot__need=need).count() == 1
    assert (need.venue, need.expected_pupils, need.main_benchmark) == ("Main hall", {"10": 180}, 7)
    rival = access.college()
    assert not EncounterNeed.objects.visible_to(rival).filter(pk=need.pk).exists()
    assert EncounterNeed.objects.visible_to(request.asked_by).filter(pk=need.pk).exists()
    slot = factories.slot_of(need)
    assert refusal(lambda: claims.submit(slot=slot, attendee=rival, by=rival, at=now())) == "need_closed"


def test_a_granted_place_given_up_or_moved_stays_out_of_the_listing() -> None:
    request = access.granted()
    claim = Claim.objects.get(slot__need=request.need)
    slot = factories.slot_of(claim.slot.need)
    later = factories.market.SlotTime(
        starts_at=slot.starts_at + timedelta(days=1),
        ends_at=slot.ends_at + timedelta(days=1),
        public_id=slot.public_id,
    )
    needs.amend(need=claim.slot.need, fields={}, slots=[later], by=access.answerer(request), at=now())
    claims.withdraw(claim=claim, reason="ill", by=request.asked_by, at=now())
    slot.refresh_from_db()
    assert (slot.taken, slot.open_until) == (0, None)
    assert not Listing.objects.filter(slot=slot).exists()


def test_granting_again_changes_nothing() -> None:
    request = access.granted()
    again = access.granted(request)
    assert again.need_id == request.need_id
    assert refusal(lambda: access.granted(request, on=request.dates[1])) == "request_answered"
    assert steps(request) == ["asked", "granted"]


def test_a_visitor_booked_elsewhere_by_then_comes_off_and_the_visit_stands() -> None:
    by = access.college()
    first = access.granted(access.asked(by))
    second = access.asked(by, dates=first.dates)
    granted = access.granted(second, on=first.dates[0])
    claim = Claim.objects.get(slot__need=granted.need)
    assert (claim.state, claim.attendee_id, claim.attendee_clashed) == (ClaimState.ACCEPTED, None, True)


def test_a_question_pauses_the_clock_until_the_asker_answers() -> None:
    request = access.asked()
    access_requests.ask_back(
        request=request, question="How many come?", by=access.answerer(request), at=now()
    )
    pause = Question.objects.get(request=request)
    assert pause.answered_at is None
    answered = access_requests.answer_question(
        request=request, answer="Two of us.", by=request.asked_by, at=now()
    )
    pause.refresh_from_db()
    assert (answered.state, answered.answered_at) == (AccessState.WAITING, None)
    assert pause.answered_at is not None


def test_a_counter_offer_is_an_answer_and_its_dates_can_be_taken() -> None:
    request = access.asked()
    day = access.weekday(days=40)
    offered = access_requests.counter_offer(
        request=request, dates=[day], starts=time(9), minutes=40, by=access.answerer(request), at=now()
    )
    assert offered.state == AccessState.COUNTERED
    assert offered.answered_at is not None
    elsewhere = day + timedelta(days=1)
    take = lambda on: access_requests.accept_counter_offer(  # noqa: E731
        request=request, on=on, by=request.asked_by, at=now()
    )
    assert refusal(lambda: take(elsewhere)) == "date_not_offered"
    granted = take(day)
    assert granted.state == AccessState.GRANTED
    assert Event.objects.filter(subject_id=request.public_id).last().data["counter_offer"] is True
    slot = factories.slot_of(granted.need)
    assert (slot.ends_at - slot.starts_at) == timedelta(minutes=40)


def test_what_is_accepted_is_the_offer_that_was_read() -> None:
    request = access.asked()
    leader, day = access.answerer(request), access.weekday(days=40)

    def offer(hour: int, **fields: Any) -> CounterOffer:
        access_requests.counter_offer(
            request=request, dates=[day], starts=time(hour), by=leader, at=now(), **fields
        )
        return CounterOffer.objects.get(request=request, outcome="")

    def take(read: CounterOffer | None = None) -> AccessRequest:
        named = read.public_id if read else None
        return access_requests.accept_counter_offer(
            request=request, on=day, counter_offer=named, by=request.asked_by, at=now()
        )

    first, again = offer(9), offer(9)
    assert refusal(lambda: take(first)) == "offer_replaced"
    second = offer(14, minutes=30, venue="Lab 2", delivery_mode="in_person")
    assert refusal(lambda: take(again)) == refusal(take) == "offer_replaced"

    granted = take(second)
    assert take(second).pk == granted.pk
    assert refusal(lambda: take(first)) == "no_counter_offer"
    event = Event.objects.filter(subject_id=request.public_id).order_by("id").last()
    assert event is not None
    assert (event.data["offer"], event.data["minutes"]) == (str(second.public_id), 30)
    slot = factories.slot_of(granted.need)
    assert (slot.starts_at.astimezone(LONDON).hour, granted.need.venue) == (14, "Lab 2")  # type: ignore[union-attr]


def test_another_visit_that_day_is_not_what_was_accepted() -> None:
    request = access.asked()
    day = access.weekday(days=40)
    by = access.answerer(request)
    access_requests.counter_offer(request=request, dates=[day], starts=time(9), by=by, at=now())
    access.granted(request, on=day, starts=time(14))
    take = lambda: access_requests.accept_counter_offer(  # noqa: E731
        request=request, on=day, by=request.asked_by, at=now()
    )
    assert refusal(take) == "no_counter_offer"


def test_a_rejected_counter_offer_ends_the_request() -> None:
    request = access.asked()
    access_requests.counter_offer(
        request=request, dates=[access.weekday()], starts=time(9), by=access.answerer(request), at=now()
    )
    rejected = access_requests.reject_counter_offer(request=request, by=request.asked_by, at=now())
    assert rejected.state == AccessState.REJECTED
    assert refusal(lambda: access.granted(request)) == "request_answered"


def test_a_postponed_request_comes_back_on_its_day_with_a_new_clock() -> None:
    request = access.asked()
    until = timezone.localdate() + timedelta(days=30)
    access_requests.postpone(
        request=request, until=until, reason="exam_period", by=access.answerer(request), at=now()
    )
    assert access_requests.bring_back(request=request, at=now()) is False
    then = now() + timedelta(days=30)
    assert access_requests.bring_back(request=request, at=then) is True
    request.refresh_from_db()
    assert (request.state, request.clock_from, request.answered_at) == (AccessState.WAITING, until, None)


def test_a_refusal_stands_on_a_published_ground_or_says_that_none_is_published() -> None:
    request = access.asked()
    by = access.answerer(request)
    AccessTerms.objects.create(
        school=request.school, grounds=[RefusalGround.EXAM_PERIOD], policy_published_at=now()
    )
    no = lambda ground: access_requests.refuse(request=request, ground=ground, by=by, at=now())  # noqa: E731
    assert refusal(lambda: no("already_met")) == "ground_not_published"
    assert refusal(lambda: no("competes_with_us")) == "invalid"
    assert no("exam_period").ground_is_published is True
    unpublished = access.asked()
    refused = access_requests.refuse(
        request=unpublished, ground="already_met", by=access.answerer(unpublished), at=now()
    )
    assert refused.ground_is_published is False


def test_a_duplicate_stands_once_the_asker_agrees_and_not_before() -> None:
    by = access.college()
    first = access.asked(by, year_groups=[9])
    second = access.asked(by, of=first.school, year_groups=[10])
    leader = access.answerer(first)
    mark = lambda request, of: access_requests.mark_duplicate(  # noqa: E731
        request=request, duplicate_of=of, by=leader, at=now()
    )
    assert refusal(lambda: mark(second, access.asked())) == "invalid"
    assert mark(second, first).state == AccessState.DUPLICATE_MARKED
    disagreed = access_requests.settle_duplicate(request=second, is_duplicate=False, by=by, at=now())
    assert disagreed.state == AccessState.WAITING
    mark(second, first)
    agreed = access_requests.settle_duplicate(request=second, is_duplicate=True, by=by, at=now())
    assert agreed.state == AccessState.DUPLICATE
    assert not Question.objects.filter(request=second, answered_at__isnull=True).exists()


def test_a_withdrawn_request_asks_for_nothing_more() -> None:
    request = access.asked()
    access_requests.withdraw(request=request, by=request.asked_by, at=now())
    assert refusal(lambda: access.granted(request)) == "request_withdrawn"
    assert refusal(
        lambda: access_requests.withdraw(request=access.granted(), by=request.asked_by, at=now())
    ) in {"not_allowed"}
    granted = access.granted()
    assert (
        refusal(lambda: access_requests.withdraw(request=granted, by=granted.asked_by, at=now()))
        == "already_granted"
    )


def test_a_follow_up_once_a_week_while_they_owe_an_answer() -> None:
    request = access.asked()
    write = lambda at: access_requests.follow_up(  # noqa: E731
        request=request, message="A no would help us plan.", by=request.asked_by, at=at
    )
    write(now())
    assert refusal(lambda: write(now())) == "too_soon"
    assert write(now() + timedelta(days=8)).followed_up_at is not None


def test_less_than_granted_can_be_reported_once_it_is_over() -> None:
    request = access.granted()
    tell = lambda: access_requests.report(  # noqa: E731
        request=request, kinds=["shorter"], minutes=10, by=request.asked_by, at=now()
    )
    assert refusal(tell) == "not_over"
    factories.over(Claim.objects.get(slot__need=request.need))
    assert (tell().shortfalls, tell().reported_minutes) == (["shorter"], 10)


def test_each_shortfall_is_said_once_and_never_taken_back() -> None:
    request = access.granted()
    factories.over(Claim.objects.get(slot__need=request.need))

    def tell(*kinds: str, minutes: int | None = None, note: str = "") -> tuple[list[str], int | None]:
        told = access_requests.report(
            request=request, kinds=kinds, minutes=minutes, note=note, by=request.asked_by, at=now()
        )
        return told.shortfalls, told.reported_minutes

    assert tell("shorter", minutes=10, note="It rained.") == (["shorter"], 10)
    assert tell("shorter", minutes=10, note="It rained.") == tell("shorter") == (["shorter"], 10)
    assert refusal(lambda: tell("shorter", minutes=5)) == "already_reported"
    assert refusal(lambda: tell("shorter", note="And it was cold.")) == "already_reported"
    assert tell("other_audience") == (["shorter", "other_audience"], 10)
    assert steps(request).count("shortfall_reported") == 2
    assert Words.objects.filter(request=request, step="report").count() == 1


def test_each_side_does_only_its_own_part() -> None:
    request = access.asked()
    leader, stranger = access.answerer(request), access.college()
    governor = factories.member(request.school, Role.LINK_GOVERNOR)
    colleague = factories.member(request.asker, Role.LIAISON_OFFICER)
    lead = factories.member(request.asker, Role.LIAISON_LEAD)
    for outsider in (stranger, request.asked_by, governor):
        assert refusal(lambda: access.granted(request, by=outsider)) == "not_allowed"  # noqa: B023
    for other in (stranger, leader, colleague):
        assert (
            refusal(lambda: access_requests.withdraw(request=request, by=other, at=now()))  # noqa: B023
            == "not_allowed"
        )
    assert access_requests.withdraw(request=request, by=lead, at=now()).state == AccessState.WITHDRAWN


def test_who_sees_a_request() -> None:
    school = factories.school(hub=factories.hub(), trust=factories.trust())
    factories.member(school, Role.CAREERS_LEADER)
    request = access.asked(of=school)
    seen = lambda by: AccessRequest.objects.visible_to(by).filter(pk=request.pk).exists()  # noqa: E731
    assert all(seen(factories.member(each)) for each in (school, request.asker, school.hub, school.trust))
    others = (factories.school(), factories.provider(), factories.hub(), factories.trust())
    assert not any(seen(factories.member(each)) for each in others)


def test_an_employer_and_a_university_ask_too() -> None:
    university = factories.member(factories.university(), Role.LIAISON_LEAD)
    volunteer = factories.member(factories.employer(), Role.VOLUNTEER)
    sixth_form = factories.member(
        factories.provider(provider_kind=ProviderKind.SIXTH_FORM_COLLEGE), Role.LIAISON_OFFICER
    )
    categories = [
        Event.objects.get(subject_id=access.asked(by).public_id).data["category"]
        for by in (university, volunteer, sixth_form)
    ]
    assert categories == ["university", "employer", "university"]
    leader: Membership = factories.member(factories.school(), Role.CAREERS_LEADER)
    assert refusal(lambda: access.asked(leader)) == "not_allowed"


def test_postgresql_itself_refuses_a_move_that_the_table_lacks() -> None:
    rejected = access.asked()
    access_requests.withdraw(request=rejected, by=rejected.asked_by, at=now())
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        AccessRequest.objects.filter(pk=rejected.pk).update(state=AccessState.WAITING)


def test_a_request_and_its_words_cannot_be_deleted_or_rewritten() -> None:
    request, silent = access.asked(message="Please answer."), access.asked(message="")
    for change in (
        lambda: AccessRequest.objects.filter(pk=silent.pk).delete(),
        lambda: Words.objects.filter(request=request).update(text="Never mind."),
        lambda: Words.objects.filter(request=request).delete(),
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()
    words = Words.objects.get(request=request)
    staff = access.staff()
    for nobody in (request.asked_by, request.asked_by.user):
        assert refusal(lambda by=nobody: wording.erase(words=words, by=by, at=now())) == "not_allowed"
    for _ in range(2):
        wording.erase(words=words, by=staff, at=now())
    erasures = Event.objects.filter(subject_id=request.public_id, type__contains="words.erased")
    assert [(each.actor_id, each.data["words"]) for each in erasures] == [(staff.pk, words.sha256)]
    words.refresh_from_db()
    assert (words.text, words.salt, words.is_as_written) == ("", "", True)


def test_nobody_is_received_in_the_holidays() -> None:
    request = access.asked()
    by = access.answerer(request)
    day = request.dates[0]
    Closure.objects.create(
        school=request.school, kind="holiday", label="Half-term", first_on=day, last_on=day
    )
    with pytest.raises(DomainError) as caught:
        access.granted(request)
    assert (caught.value.code, list(caught.value.fields)) == ("school_holiday", ["on"])
    with pytest.raises(DomainError) as caught:
        access_requests.counter_offer(request=request, dates=[day], starts=time(9), by=by, at=now())
    assert list(caught.value.fields) == ["dates"]
    days = (day - timezone.localdate()).days
    with pytest.raises(DomainError) as caught:
        factories.need(by, slots=[factories.market.time_slot(days=days)])
    assert list(caught.value.fields) == ["slots.0.starts_at"]


def test_a_school_lets_providers_see_its_gaps_or_not() -> None:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    assert terms.show_gaps(shows=True, by=leader, at=now()).shows_gaps is True
    assert terms.show_gaps(shows=True, by=leader, at=now()).shows_gaps is True
    assert terms.show_gaps(shows=False, by=leader, at=now()).shows_gaps is False
    assert Event.objects.filter(type__contains="gaps.shown").count() == 2
    governor = factories.member(leader.organisation, Role.LINK_GOVERNOR)
    assert refusal(lambda: terms.show_gaps(shows=True, by=governor, at=now())) == "not_allowed"


def test_one_answer_a_term_that_can_be_changed() -> None:
    leader = factories.member(factories.school(), Role.CAREERS_LEADER)
    no = lambda **fields: terms.answer(is_interested=False, by=leader, at=now(), **fields)  # noqa: E731
    assert refusal(no) == "invalid"
    assert no(reason="building_work").reason == "building_work"
    no(reason="building_work")
    assert terms.answer(is_interested=True, by=leader, at=now()).reason == ""
    assert Event.objects.filter(type__contains="term.answered").count() == 2


def test_who_made_an_offer_and_left_meets_nobody() -> None:
    request = access.asked()
    gone, colleague = access.answerer(request), factories.member(request.school, Role.SENIOR_LEADER)
    day = access.weekday(days=40)
    access_requests.counter_offer(request=request, dates=[day], starts=time(10), by=gone, at=now())
    Membership.objects.filter(pk=gone.pk).update(state="ended", ended_at=now())
    access_requests.accept_counter_offer(request=request, on=day, by=request.asked_by, at=now())
    assert EncounterNeed.objects.get(access_request=request).contact == colleague


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-12-25", "Friday 25 December is a bank holiday (Christmas Day). Choose a school day."),
        ("2026-12-05", "Saturday 5 December is at the weekend. Choose a school day."),
        ("2026-12-02", "Wednesday 2 December is in half-term. Choose a school day."),
    ],
)
def test_nobody_asks_for_a_day_nor_is_offered_one_or_put_off_to_one_without_pupils(
    day: str, why: str
) -> None:
    at = datetime(2026, 11, 9, 9, tzinfo=UTC)
    request = access.asked(at=at)
    off, by = date.fromisoformat(day), access.answerer(request)
    half_term = date(2026, 12, 2)
    Closure.objects.create(
        school=request.school, kind="holiday", label="Half-term", first_on=half_term, last_on=half_term
    )

    with pytest.raises(InvalidInput) as put_off:
        access_requests.postpone(request=request, until=off, reason="exam_period", by=by, at=at)
    with pytest.raises(InvalidInput) as asked:
        access.asked(of=request.school, at=at, dates=[date(2026, 12, 3), off])

    offered = [date(2026, 12, 3), off]
    with pytest.raises(InvalidInput) as countered:
        access_requests.counter_offer(request=request, dates=offered, starts=time(9), by=by, at=at)

    assert (put_off.value.code, put_off.value.fields) == ("not_a_school_day", {"until": why})
    assert (asked.value.code, asked.value.fields) == ("not_a_school_day", {"dates": why})
    assert countered.value.fields == {"dates": why}
