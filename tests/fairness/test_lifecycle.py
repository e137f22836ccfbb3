"""From the night that raises a flag to the night that clears it, through the verbs."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import resolve

from brokerage.accounts.models import Membership, Organisation, User
from brokerage.calendar.models import Closure
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.models import Event
from brokerage.fairness import asked, bundles, lifecycle, nightly, reading
from brokerage.fairness.asked import Outcome
from brokerage.fairness.models import FairnessCase, SchoolEvidence
from brokerage.fairness.states import CaseState, Tier
from brokerage.notifications import handlers
from tests import factories
from tests.factories import access
from tests.fairness import logs
from tests.fairness.logs import NIGHT, ON

pytestmark = pytest.mark.django_db


@dataclass
class World:
    school: Organisation
    people: dict[str, Membership]
    staff: User
    technical: list[Organisation]
    others: list[Organisation]

    @property
    def case(self) -> FairnessCase:
        return FairnessCase.objects.get(school=self.school)

    def review(self) -> FairnessCase:
        by = self.people["leader"]
        lifecycle.give_context(case=self.case, context="The hall was closed.", by=by, at=days_on(1))
        return lifecycle.finish_reply(case=self.case, by=by, at=days_on(1))

    def requests(self, *, technical: bool, refused: bool) -> list[Any]:
        return [
            UUID(each.public_id)
            for each in asked.of(self.school, today=ON)
            if each.is_technical is technical and (each.outcome == Outcome.REFUSED) is refused
        ]


def days_on(days: int) -> datetime:
    return NIGHT + timedelta(days=days)


def told(case: FairnessCase) -> list[str]:
    return [step.type.split(".")[2] for step in reading.steps_of(case)]


@pytest.fixture
def world() -> World:
    hub, trust = factories.hub(), factories.trust()
    school = factories.school(hub=hub, trust=trust)
    technical, others = logs.askers()
    logs.write(school, technical, others, refused=32)
    logs.write(factories.school(), technical, others, refused=6)
    people = {
        "leader": factories.member(school),
        "senior": factories.member(school, "senior_leader"),
        "governor": factories.member(school, "link_governor"),
        "administrator": factories.member(school, "careers_administrator"),
        "adviser": factories.member(school, "careers_adviser"),
        "hub": factories.member(hub),
        "trust": factories.member(trust),
        "other hub": factories.member(factories.hub()),
        "other school": factories.member(factories.school()),
        "provider": factories.member(technical[0]),
    }
    staff = User.objects.create_user(email="staff@example.test", password="a-good-password", is_staff=True)
    return World(school, people, staff, technical, others)


@pytest.fixture
def flagged(world: World) -> World:
    run = nightly.replay(on=ON, at=NIGHT)
    lifecycle.follow(run=run, at=NIGHT)
    return world


def test_the_night_flags_the_school_once(flagged: World) -> None:
    lifecycle.follow(run=nightly.replay(on=ON, at=NIGHT), at=NIGHT)

    case = flagged.case
    assert case.state == CaseState.FLAGGED
    assert case.e_now >= case.threshold
    assert told(case) == ["flagged"]
    assert FairnessCase.objects.count() == 1


# What each sees, by stage


SCHOOL = {"leader", "senior", "governor"}
EVERYONE = {
    "leader", "senior", "governor", "administrator", "adviser", "hub", "trust", "other hub", "other school", "provider",
}  # fmt: skip
STAGES: dict[str, set[str]] = {
    "flagged": SCHOOL,
    "reply_open": SCHOOL,
    "review": SCHOOL | {"hub", "trust"},
    "confirmed": SCHOOL | {"hub", "trust"},
    "explained": SCHOOL | {"hub", "trust"},
    "monitored": SCHOOL | {"hub", "trust"},
    "withdrawn": SCHOOL | {"hub", "trust"},
    "cleared": SCHOOL | {"hub", "trust"},
    "renewed": SCHOOL | {"hub", "trust"},
}


def bring_to(world: World, stage: str) -> None:
    """Through the legal moves alone: PostgreSQL refuses any other."""
    ways = {
        "reply_open": ["reply_open"],
        "review": ["reply_open", "review"],
        **{end: ["reply_open", "review", end] for end in ("confirmed", "explained", "withdrawn")},
        "monitored": ["reply_open", "review", "confirmed", "monitored"],
        **{end: ["reply_open", "review", "confirmed", "monitored", end] for end in ("cleared", "renewed")},
    }
    for state in ways.get(stage, []):
        more: dict[str, Any] = {}
        if state == "review":
            more = {"review_from": days_on(1)}
        if state in ("confirmed", "explained", "withdrawn"):
            more = {
                "decision": state,
                "reviewer": world.staff,
                "decided_at": days_on(2),
                "reason": "So it is.",
            }
        if state in ("withdrawn", "cleared", "renewed"):
            more |= {"ended_at": days_on(3)}
        FairnessCase.objects.update(state=state, **more)


def test_who_sees_a_case_and_its_evidence_at_each_stage(flagged: World) -> None:
    """One world, each stage in a savepoint of its own: role x stage, all cells."""
    assert set(STAGES) == set(CaseState)
    assert set(flagged.people) == EVERYONE
    for stage, readers in STAGES.items():
        try:
            with transaction.atomic():
                bring_to(flagged, stage)
                found = {
                    who: FairnessCase.objects.visible_to(person).exists()  # type: ignore[attr-defined]
                    for who, person in flagged.people.items()
                }
                evidence = {
                    who
                    for who, person in flagged.people.items()
                    if reading.evidence_of(flagged.school, by=person)
                }
                has_ended = stage in ("withdrawn", "cleared", "renewed")
                assert {who for who, sees in found.items() if sees} == readers, stage
                assert evidence == ({"leader"} if has_ended else readers), stage
                raise UndoError
        except UndoError:
            pass


class UndoError(Exception):
    pass


def test_an_early_notice_is_the_careers_leaders_alone(world: World) -> None:
    run = nightly.replay(on=ON, at=NIGHT)
    SchoolEvidence.objects.filter(school=world.school).update(tier=Tier.EARLY_NOTICE)
    lifecycle.follow(run=run, at=NIGHT)
    lifecycle.follow(run=run, at=NIGHT)

    (notice,) = Event.objects.filter(type__contains="fairness_notice")
    (news,) = handlers.news_of(notice)
    assert [who.user for who in news.to] == [world.people["leader"].user]
    readers = {who for who, person in world.people.items() if reading.evidence_of(world.school, by=person)}
    assert readers == {"leader"}


def test_who_is_told_of_a_flag_and_no_figure_is_in_it(flagged: World) -> None:
    (event,) = Event.objects.filter(type__contains="fairness_case.flagged")
    (news,) = handlers.news_of(event)
    assert {who.user for who in news.to} == {flagged.people[who].user for who in SCHOOL}
    assert news.letter is not None
    draft = news.letter(news.to[0])
    said = " ".join([draft.subject, *draft.paragraphs, draft.otherwise, str(news.text), str(news.data)])
    assert "%" not in said
    assert f"{flagged.case.e_now:.0f}" not in said


def test_whose_turn_a_review_is(flagged: World) -> None:
    """The area's hub lead is told with a page to go to; where there is none, staff."""
    flagged.review()
    (event,) = Event.objects.filter(type__contains="reply_ended")
    to_school, to_reviewer = handlers.news_of(event)
    assert {who.user for who in to_school.to} == {flagged.people[who].user for who in SCHOOL - {"leader"}}
    assert [who.user for who in to_reviewer.to] == [flagged.people["hub"].user]
    assert resolve(to_school.link).url_name == "fairness"
    assert resolve(to_reviewer.link).url_name == "fairness_case"

    Organisation.objects.filter(pk=flagged.school.pk).update(hub=None)
    assert [who.user for who in handlers.news_of(event)[1].to] == [flagged.staff]


# The reply


def test_the_reply_opens_on_a_school_day_and_its_clock_stops_in_holidays(flagged: World) -> None:
    """Flagged on Tuesday 1 July; twenty school days later it is Tuesday the 29th, without a holiday."""
    Closure.objects.create(
        school=flagged.school,
        kind="holiday",
        label="Summer",
        first_on=date(2025, 7, 14),
        last_on=date(2025, 8, 31),
    )
    lifecycle.look_at_replies(at=NIGHT)
    assert flagged.case.state == CaseState.FLAGGED

    lifecycle.look_at_replies(at=days_on(1))
    assert flagged.case.state == CaseState.REPLY_OPEN

    lifecycle.look_at_replies(at=days_on(60))  # 30 August: 8 school days have counted
    assert flagged.case.state == CaseState.REPLY_OPEN

    last = reading.reply_clock(flagged.case, today=date(2025, 9, 1)).answer_by
    assert last == date(2025, 9, 16)
    lifecycle.look_at_replies(at=datetime(2025, 9, 16, 20, tzinfo=NIGHT.tzinfo))
    assert flagged.case.state == CaseState.REPLY_OPEN
    lifecycle.look_at_replies(at=datetime(2025, 9, 17, 6, tzinfo=NIGHT.tzinfo))
    assert flagged.case.state == CaseState.REVIEW
    assert told(flagged.case) == ["flagged", "reply_opened", "reply_ended"]


def test_only_its_careers_leader_and_senior_leader_reply(flagged: World) -> None:
    replied = set()
    for who, by in flagged.people.items():
        try:
            lifecycle.give_context(case=flagged.case, context=f"From {who}.", by=by, at=days_on(1))
            replied.add(who)
        except NotAllowed:
            assert flagged.case.context != f"From {who}."
    assert replied == {"leader", "senior"}


def test_the_school_contests_adds_and_explains(flagged: World) -> None:
    leader = flagged.people["leader"]
    request = flagged.requests(technical=True, refused=True)[0]
    elsewhere = access.held_elsewhere(leader)
    lifecycle.contest(case=flagged.case, request=request, ground="wrong_type", by=leader, at=days_on(1))
    lifecycle.contest(
        case=flagged.case,
        request=request,
        ground="agreed_elsewhere",
        note="By phone.",
        by=leader,
        at=days_on(2),
    )
    lifecycle.add_encounter(case=flagged.case, encounter=elsewhere, by=leader, at=days_on(2))

    (contest,) = flagged.case.contests.all()
    assert (contest.ground, contest.note) == ("agreed_elsewhere", "By phone.")
    assert list(flagged.case.encounters.all()) == [elsewhere]
    assert told(flagged.case) == [
        "flagged", "reply_opened", "request_contested", "request_contested", "encounter_added",
    ]  # fmt: skip


def test_words_are_checked(flagged: World) -> None:
    for text in ("", "Ask H801200001001.", "x" * 4001):
        with pytest.raises(InvalidInput) as raised:
            lifecycle.give_context(
                case=flagged.case, context=text, by=flagged.people["leader"], at=days_on(1)
            )
        assert set(raised.value.fields) == {"context"}


def test_a_request_that_is_no_part_of_the_evidence_cannot_be_contested(flagged: World) -> None:
    with pytest.raises(DomainError) as raised:
        lifecycle.contest(
            case=flagged.case, request=flagged.school.public_id, ground="wrong_type",
            by=flagged.people["leader"], at=days_on(1),
        )  # fmt: skip
    assert raised.value.code == "not_in_evidence"


def test_after_the_reply_nothing_can_be_added(flagged: World) -> None:
    flagged.review()
    with pytest.raises(DomainError) as raised:
        lifecycle.give_context(case=flagged.case, context="Late.", by=flagged.people["leader"], at=days_on(9))
    assert raised.value.code == "reply_over"


# The review


def test_only_the_areas_hub_lead_and_staff_decide(flagged: World) -> None:
    flagged.review()
    hub = flagged.people.pop("hub")
    for by in flagged.people.values():
        with pytest.raises(NotAllowed):
            lifecycle.decide(case=flagged.case, decision="confirmed", reason="No.", by=by, at=days_on(9))
    lifecycle.decide(case=flagged.case, decision="confirmed", reason="It stands.", by=hub, at=days_on(9))

    case = flagged.case
    assert (case.state, case.reviewer, case.reason) == ("confirmed", hub.user, "It stands.")


def test_nobody_decides_where_they_are_a_party(flagged: World) -> None:
    flagged.review()
    hub, trust = flagged.people["hub"], flagged.school.trust
    for party in (flagged.others[0], flagged.school, trust):
        assert party is not None
        membership = factories.member(party, user=hub.user)
        with pytest.raises(NotAllowed) as raised:
            lifecycle.decide(case=flagged.case, decision="explained", reason="Fine.", by=hub, at=days_on(9))
        assert raised.value.code == "conflict_of_interest"
        membership.delete()


def test_before_review_nobody_decides(flagged: World) -> None:
    with pytest.raises(DomainError) as raised:
        lifecycle.decide(
            case=flagged.case, decision="confirmed", reason="Now.", by=flagged.staff, at=days_on(1)
        )
    assert raised.value.code == "not_in_review"


def test_each_contest_is_answered_before_the_decision(flagged: World) -> None:
    request = flagged.requests(technical=True, refused=True)[0]
    leader = flagged.people["leader"]
    contest = lifecycle.contest(
        case=flagged.case, request=request, ground="wrong_type", by=leader, at=days_on(1)
    )
    flagged.review()
    with pytest.raises(DomainError) as raised:
        lifecycle.decide(
            case=flagged.case, decision="confirmed", reason="Now.", by=flagged.staff, at=days_on(9)
        )
    assert raised.value.code == "contests_open"

    before = flagged.case.e_now
    lifecycle.settle_contest(contest=contest, accept=False, answer="It was.", by=flagged.staff, at=days_on(9))
    assert flagged.case.e_now == before
    lifecycle.decide(case=flagged.case, decision="confirmed", reason="Now.", by=flagged.staff, at=days_on(9))
    assert flagged.case.state == CaseState.CONFIRMED


def test_an_accepted_exclusion_is_the_replay_without_it(flagged: World) -> None:
    """The same as running the frozen stream without that request at all, all national figures as frozen."""
    request = str(flagged.requests(technical=True, refused=True)[0])
    contest = lifecycle.contest(
        case=flagged.case, request=UUID(request), ground="providers_fault",
        by=flagged.people["leader"], at=days_on(1),
    )  # fmt: skip
    flagged.review()
    text = flagged.case.bundle.content
    case = lifecycle.settle_contest(
        contest=contest, accept=True, answer="Yes.", by=flagged.staff, at=days_on(9)
    )

    without = json.loads(text)
    without["stream"] = [row for row in without["stream"] if row["id"] != request]
    expected = bundles.rerun(bundles.canonical(without)).figures.e
    assert case.e_now == pytest.approx(expected, rel=1e-9)
    assert case.e_now < flagged.case.contests.get().e_before
    assert case.bundle.content == text


def test_evidence_that_falls_below_a_tenth_withdraws_itself(flagged: World) -> None:
    leader = flagged.people["leader"]
    refused = flagged.requests(technical=True, refused=True)
    for request in refused:
        lifecycle.contest(case=flagged.case, request=request, ground="wrong_type", by=leader, at=days_on(1))
    flagged.review()
    for contest in flagged.case.contests.all():
        lifecycle.settle_contest(
            contest=contest, accept=True, answer="So it was.", by=flagged.staff, at=days_on(9)
        )
        if flagged.case.state == CaseState.WITHDRAWN:
            break

    case = flagged.case
    assert case.state == CaseState.WITHDRAWN
    assert case.e_now < case.threshold / 10
    assert case.decision == ""
    withdrawn = Event.objects.get(type__contains="fairness_case.withdrawn")
    assert (withdrawn.actor_key, withdrawn.data["reason"]) == ("platform", "evidence_fell")
    assert reading.case_of(flagged.school, by=leader) is None


def test_what_was_accepted_is_out_of_the_next_night_too(flagged: World) -> None:
    request = flagged.requests(technical=True, refused=True)[0]
    leader = flagged.people["leader"]
    contest = lifecycle.contest(
        case=flagged.case, request=request, ground="wrong_type", by=leader, at=days_on(1)
    )
    flagged.review()
    lifecycle.settle_contest(contest=contest, accept=True, answer="Yes.", by=flagged.staff, at=days_on(2))
    before = SchoolEvidence.objects.get(school=flagged.school, on=ON).technical

    nightly.replay(on=ON + timedelta(days=3), at=days_on(3))
    after = SchoolEvidence.objects.get(school=flagged.school, on=ON + timedelta(days=3)).technical
    assert after == before - 1


# Afterwards


def confirmed(world: World) -> None:
    world.review()
    lifecycle.decide(case=world.case, decision="confirmed", reason="So it is.", by=world.staff, at=days_on(2))
    run = nightly.replay(on=ON + timedelta(days=3), at=days_on(3))
    lifecycle.follow(run=run, at=days_on(3))


def a_year_on(world: World) -> None:
    later = ON + timedelta(days=367)
    lifecycle.follow(run=nightly.replay(on=later, at=days_on(367)), at=days_on(367))


def test_a_confirmed_case_is_watched_and_cleared_after_a_quiet_year(flagged: World) -> None:
    confirmed(flagged)
    assert flagged.case.state == CaseState.MONITORED

    a_year_on(flagged)
    assert flagged.case.state == CaseState.CLEARED
    assert told(flagged.case)[-3:] == ["decided", "monitored", "ended"]


def test_what_goes_on_is_seen_again_as_a_new_case(flagged: World) -> None:
    confirmed(flagged)
    logs.write(flagged.school, flagged.technical, flagged.others, refused=36, first=ON + timedelta(days=60))
    a_year_on(flagged)

    old, new = FairnessCase.objects.order_by("flagged_at")
    assert (old.state, new.state, new.follows) == (CaseState.RENEWED, CaseState.FLAGGED, old)


def test_a_closed_schools_flag_ends(flagged: World) -> None:
    Organisation.objects.filter(pk=flagged.school.pk).update(closed_on=ON)
    lifecycle.follow(run=nightly.replay(on=ON + timedelta(days=1), at=days_on(1)), at=days_on(1))
    assert flagged.case.state == CaseState.WITHDRAWN
    assert not SchoolEvidence.objects.filter(school=flagged.school, on__gt=ON).exists()


# The bundle


def test_a_bundle_runs_again_anywhere_with_the_same_figures(flagged: World, tmp_path: Path) -> None:
    bundle = flagged.case.bundle
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle.content.encode())
    out = StringIO()
    call_command("fairness_rerun", str(path), stdout=out)

    assert bundles.digest(bundle.content) == bundle.sha256
    assert f"SHA-256 {bundle.sha256}" in out.getvalue()
    assert "The same figures as frozen." in out.getvalue()
    assert bundles.rerun(bundle.content).figures.e == flagged.case.e_now


def test_a_bundle_that_was_changed_says_so(flagged: World, tmp_path: Path) -> None:
    content = json.loads(flagged.case.bundle.content)
    refused = next(row for row in content["stream"] if row["type"] == "refused")
    content["stream"].remove(refused)
    content["stream"] = [row for row in content["stream"] if row["id"] != refused["id"]]
    path = tmp_path / "bundle.json"
    path.write_text(bundles.canonical(content))
    with pytest.raises(CommandError, match="Not as frozen"):
        call_command("fairness_rerun", str(path), stdout=StringIO())


def test_a_bundle_is_never_rewritten(flagged: World) -> None:
    bundle = flagged.case.bundle
    bundle.content = "{}"
    with pytest.raises(DatabaseError), transaction.atomic():
        bundle.save()
