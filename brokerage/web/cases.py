"""A school's evidence beside its case: who sees it now, the right of reply, and what was decided."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from brokerage.accounts.models import Membership, Organisation, User
from brokerage.calendar.clock import Clock
from brokerage.fairness import bundles, conflicts, lifecycle, reading
from brokerage.fairness.asked import Outcome
from brokerage.fairness.models import Contest, FairnessCase, SchoolEvidence
from brokerage.fairness.states import CaseState, ContestOutcome, Tier
from brokerage.fairness.stream import window_of
from brokerage.models import PhaseStanding
from brokerage.web import dates, evidence_words
from brokerage.web.charts import words
from brokerage.web.clocks import Badge
from brokerage.web.evidence import Evidence, Row
from brokerage.web.evidence_words import many

ENCOUNTERS: Final = 2


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    is_done: bool = False
    is_now: bool = False


@dataclass(frozen=True)
class Line:
    text: str
    href: str = ""


@dataclass(frozen=True)
class Decision:
    """`reason` in the words of whoever decided; empty where the figures alone ended it."""

    title: str
    reason: str
    by: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Reply:
    """The right of reply as a box: how long it lasts, where it stands, what there is to do."""

    case: FairnessCase
    clock: Clock
    is_ours: bool
    may_reply: bool

    @property
    def _days_left(self) -> int:
        return max(reading.REPLY_SCHOOL_DAYS - self.clock.day, 0)

    @property
    def left(self) -> str:
        if not self.case.is_replying:
            return "Closed"
        return many(self._days_left, "school day")

    @property
    def until(self) -> str:
        today, last = self.clock.today, self.clock.answer_by
        if not self.case.is_replying:
            since = self.case.review_from
            return f"since {dates.in_sentence(since, today)}" if since else ""
        if last is None:
            return "left. Your calendar doesn’t say yet when term begins again."
        return f"left, until {dates.in_sentence(last, today)}"

    @property
    def steps(self) -> list[Step]:
        case, today = self.case, self.clock.today
        has_replied, is_decided = not case.is_replying, bool(case.decision)
        replied = "Closed" if has_replied else self._counted
        return [
            Step("Raised", f"{dates.in_list(case.flagged_at, today)}. Evidence frozen", is_done=True),
            Step(f"{self.whose} reply", replied, is_done=has_replied, is_now=not has_replied),
            Step(
                "A named person reviews",
                "Never from the school or a provider involved",
                is_done=is_decided,
                is_now=has_replied and not is_decided,
            ),
            Step("Outcome, with written reasons", "Explained, withdrawn or confirmed", is_done=is_decided),
        ]

    @property
    def _counted(self) -> str:
        """`Day 3 of 20 school days`; before the first, when that is."""
        of, first = reading.REPLY_SCHOOL_DAYS, self.clock.starts_on
        if self.clock.day:
            return f"Day {self.clock.day} of {of} school days"
        return f"{of} school days{f' from {dates.in_list(first, self.clock.today)}' if first else ''}"

    @property
    def whose(self) -> str:
        return "Your" if self.is_ours else "The school’s"

    @property
    def href(self) -> str:
        return reverse("fairness_reply", args=[self.case.public_id]) if self.is_ours else ""

    @property
    def bundle_href(self) -> str:
        return reverse("fairness_bundle", args=[self.case.public_id])


class CasePage(Evidence):
    """P13, with a case or without; what `by` may know of either was settled by whoever fetched them."""

    def __init__(
        self,
        school: Organisation,
        evidence: SchoolEvidence | None,
        case: FairnessCase | None,
        *,
        by: Membership | None,
        at: datetime,
    ) -> None:
        super().__init__(school, evidence, by=by, at=at)
        self.case = case
        self.standing = case if case is not None and not case.has_ended else None
        self.marks = {str(each.request): contested(each) for each in self.contests}

    @property
    def since(self) -> date:
        """While a case stands, all that it was raised on."""
        return min(self.day_0, window_of(self.standing.flagged_on)) if self.standing else self.day_0

    @property
    def is_careers_leader(self) -> bool:
        return reading.is_careers_leader(self.by, self.organisation)

    @property
    def is_shown(self) -> bool:
        """A careers leader reads always; others while a case that they may see stands."""
        return self.is_careers_leader or self.evidence is not None

    @property
    def who_sees(self) -> str:
        if self.standing is None and not self.is_careers_leader:
            return "While no case is open, the school’s careers leader alone sees its figures."
        if self.standing is None:
            return "Seen by the careers leader only. Not by governors, trust or hub. Not by providers. Not public."
        whose = "your" if self.is_ours else "the school’s"
        inside = f"{whose} careers leader, senior leader and link governor"
        if self.standing.review_from is None:
            return (
                f"Seen by {inside} only. Your trust and careers hub don’t see it while you reply."
                " Not by providers. Not public."
            )
        theirs = "your" if self.is_ours else "its"
        return (
            f"Seen by {inside}, {theirs} trust and {theirs} careers hub, and a reviewer."
            " Not by providers. Not public."
        )

    @property
    def badge(self) -> Badge:
        """With a case its state; else, for the careers leader alone, the words of the tier."""
        if self.standing is not None or not self.is_careers_leader:
            return evidence_words.case_badge(self.case) if self.case else ("na", "No case open")
        if self.tier == Tier.FLAG:
            return "na", "No case open"
        return "soon" if self.tier == Tier.EARLY_NOTICE else "na", str(self.tier.label)

    @property
    def method_href(self) -> str:
        return reverse("fairness_method")

    @property
    def requests_href(self) -> str:
        if self.is_ours or self.case is None:
            return reverse("fairness_requests")
        return reverse("fairness_case_requests", args=[self.case.public_id])

    @cached_property
    def reply(self) -> Reply | None:
        """Gone once it was decided: the outcome stands in its place."""
        if self.standing is None or self.standing.decision:
            return None
        clock = reading.reply_clock(self.standing, today=self.today)
        return Reply(self.standing, clock, self.is_ours, self.may_reply)

    @property
    def may_reply(self) -> bool:
        case = self.case
        return case is not None and case.is_replying and lifecycle.may_reply(self.by, case)

    @property
    def outcome(self) -> Decision | None:
        return decided(self.case, self.today) if self.case is not None else None

    @property
    def this_week(self) -> list[Line]:
        """Help with an early notice; nothing else ever reads it."""
        if self.standing is not None or self.tier != Tier.EARLY_NOTICE or not self.is_careers_leader:
            return []
        technical = [each for each in self.requests if each.is_technical]
        waiting = sum(evidence_words.waits(each) for each in technical)
        silent = sum(each.outcome == Outcome.SILENT for each in technical)
        asked = "from colleges and apprenticeship providers"
        lines = []
        if waiting:
            lines.append(
                Line(f"Answer {many(waiting, 'request')} {asked} that still wait", _school("requests"))
            )
        if silent:
            lines.append(
                Line(f"Look at {many(silent, 'request')} {asked} with no answer by day 28", "#requests")
            )
        lines.append(
            Line("Where a date doesn’t suit, offer another: agreed within four weeks, it counts as yes")
        )
        lines.append(Line("Agreed something without Doorway? Record it", _school("elsewhere")))
        return lines

    @cached_property
    def statutory(self) -> Badge | None:
        """Encounters held or booked of those due in windows now open: a count, no statistics."""
        standings = PhaseStanding.objects.filter(
            school=self.organisation, opens_on__lte=self.today, closes_on__gte=self.today
        ).exclude(state="not_assessed")
        found = [
            min(ENCOUNTERS, occasions + planned)
            for occasions, planned in standings.values_list("occasions", "planned")
        ]
        if not found:
            return None
        due = ENCOUNTERS * len(found)
        kind = "ok" if sum(found) == due else "soon"
        return kind, f"Statutory encounters: {sum(found)} of {due} held or booked"

    @property
    def access_href(self) -> str:
        return _school("provider_access") if self.is_ours else ""

    # What the school says

    @cached_property
    def contests(self) -> list[Contest]:
        if self.case is None:
            return []
        return list(self.case.contests.select_related("contested_by__user", "settled_by"))

    @property
    def contested(self) -> list[tuple[Contest, Row | None]]:
        rows = {row.public_id: row for row in self.rows}
        return [(each, rows.get(str(each.request))) for each in self.contests]

    @property
    def open_contests(self) -> int:
        return sum(each.outcome == ContestOutcome.OPEN for each in self.contests)

    @property
    def contestable(self) -> list[Row]:
        """Those in the frozen evidence that haven't been contested."""
        if self.case is None:
            return []
        known = {str(each.request) for each in self.contests}
        wanted = bundles.requests_in(self.case.bundle.content) - known
        return [row for row in self.rows if row.public_id in wanted]


@dataclass(frozen=True)
class Weight:
    """Evidence before and after what was accepted: E, as the charts print it."""

    label: str
    e: str


class ReviewPage(CasePage):
    """P22: the evidence with the reply beside it. `reviewer` is staff, or the acting membership."""

    def __init__(self, *args: Any, reviewer: Membership | User | None, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reviewer, self.user = reviewer, user

    @cached_property
    def parties(self) -> list[Organisation]:
        """Those in the case that the reader is a member of."""
        return conflicts.of(self.user, self.case) if self.case else []

    @property
    def is_reviewer(self) -> bool:
        return self.case is not None and lifecycle.may_review(self.reviewer, self.case)

    @property
    def may_decide(self) -> bool:
        return bool(self.case and self.case.is_in_review and self.is_reviewer and not self.parties)

    @property
    def why_not(self) -> str:
        """Why the reader can't decide; empty where nothing is left to decide."""
        case = self.case
        if case is None or case.decision or case.has_ended:
            return ""
        if case.is_replying:
            last = reading.reply_clock(case, today=self.today).answer_by
            until = f" until {dates.in_sentence(last, self.today)}" if last else " time to reply"
            return f"The school has{until}. You can read, not decide."
        if not self.is_reviewer:
            return "You can read, not decide: that’s for the area’s hub lead or Doorway’s staff."
        if self.parties:
            names = words.listed(each.name for each in self.parties)
            return f"You work with a provider in this case. Pass it on. ({names})"
        return ""

    @property
    def weights(self) -> list[Weight]:
        """When raised, after each exclusion that was accepted, and what it takes to confirm."""
        case = self.case
        assert case is not None
        taken_out = [each for each in self.contests if each.outcome == ContestOutcome.ACCEPTED]
        named = {row.public_id: row for row in self.rows}
        found = [Weight("When raised", words.evidence(json.loads(case.bundle.content)["figures"]["e"]))]
        for each in sorted(taken_out, key=lambda each: each.settled_at or case.flagged_at):
            row = named.get(str(each.request))
            said = f"{row.asker}, {dates.in_list(row.asked_on, self.today)}" if row else "a request"
            found.append(Weight(f"Without {said} too", words.evidence(each.e_after or 0.0)))
        return [*found, Weight("Needed to confirm", words.evidence(case.threshold))]


def contested(contest: Contest) -> str:
    return {
        ContestOutcome.OPEN: "Contested, waits for the reviewer",
        ContestOutcome.ACCEPTED: "No: taken out by the reviewer",
        ContestOutcome.REFUSED: "Yes: contested, still counts",
    }[ContestOutcome(contest.outcome)]


def decided(case: FairnessCase, today: date) -> Decision | None:
    """`Confirmed on 12 January by Helen Marsh, for these reasons.`"""
    if not case.decision:
        if case.state != CaseState.WITHDRAWN or case.ended_at is None:
            return None
        on = dates.in_sentence(case.ended_at, today)
        return Decision(
            f"Withdrawn on {on}.", "", "", ("Without what was taken out, the figures no longer show it.",)
        )
    assert case.decided_at is not None
    word, on = CaseState(case.decision).label, dates.in_sentence(case.decided_at, today)
    title = f"{word} on {on} by {case.reviewer}, for these reasons."
    return Decision(title, case.reason, f"{case.reviewer}, {on}", _since(case, today))


def _since(case: FairnessCase, today: date) -> tuple[str, ...]:
    match case.state:
        case CaseState.CONFIRMED | CaseState.EXPLAINED | CaseState.MONITORED:
            since = dates.in_sentence(case.monitored_from, today) if case.monitored_from else "the next night"
            return (
                f"From {since} on, new requests are weighed by themselves. Once {lifecycle.CLEAR_TECHNICAL} or more"
                " of them, from colleges and apprenticeship providers, show no such difference, the case is cleared;"
                " after 12 months without new evidence too.",
            )
        case CaseState.CLEARED if case.ended_at:
            return (f"Cleared on {dates.in_sentence(case.ended_at, today)}.",)
        case CaseState.RENEWED:
            return ("The figures since then show a difference again: a new case was raised.",)
    return ()


def _school(name: str) -> str:
    try:
        return reverse(f"schools:{name}")
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Tile:
    count: int
    title: str
    text: str


@dataclass(frozen=True)
class CaseRow:
    case: FairnessCase
    today: date

    @property
    def badge(self) -> Badge:
        return evidence_words.case_badge(self.case)

    @property
    def days(self) -> int:
        """In review so far, calendar days."""
        since = self.case.review_from
        return (self.today - dates.local_day(since)).days if since else 0

    @property
    def age(self) -> str:
        if self.case.is_in_review:
            return waited(self.days)
        return f"decided {dates.in_list(self.case.decided_at, self.today)}" if self.case.decided_at else ""


def waited(days: int) -> str:
    return f"for {many(days, 'day')}" if days else "since today"


class Caseload:
    """Those of an area that reached a reviewer, A to Z: by state and age, never ranked."""

    def __init__(self, cases: list[FairnessCase], today: date) -> None:
        self.all = [
            CaseRow(case, today) for case in sorted(cases, key=lambda case: case.school.name.casefold())
        ]

    @property
    def waiting(self) -> list[CaseRow]:
        return [row for row in self.all if row.case.is_in_review]

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, [self._waiting_said, self._cleared_said]))

    @property
    def _cleared_said(self) -> str:
        """Where answers even out: what was asked since shows no such difference."""
        cleared = sum(row.case.state == CaseState.CLEARED for row in self.all)
        return f"{many(cleared, 'case')} cleared so far." if cleared else ""

    @property
    def _waiting_said(self) -> str:
        if not self.waiting:
            return "No case waits for a decision."
        oldest = waited(max(row.days for row in self.waiting))
        if len(self.waiting) == 1:
            return f"1 case waits for a decision, {oldest}."
        return f"{len(self.waiting)} cases wait for a decision, the longest {oldest}."

    @property
    def tiles(self) -> list[Tile]:
        if not self.all:
            return []
        oldest = waited(max((row.days for row in self.waiting), default=0))
        states = (
            (
                CaseState.REVIEW,
                "with a reviewer",
                oldest if self.waiting else "none waits",
            ),
            (CaseState.CONFIRMED, "confirmed", "with written reasons"),
            (CaseState.EXPLAINED, "explained", "by what the school replied"),
            (CaseState.MONITORED, "watched", "new requests alone count"),
        )
        return [
            Tile(sum(row.case.state == state for row in self.all), title, text)
            for state, title, text in states
        ]
