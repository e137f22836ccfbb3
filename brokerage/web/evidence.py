"""A school's fairness evidence as a page (ux.md P13): the sentence, the pictures, and every request behind them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final, TypeVar
from uuid import UUID

from django.urls import reverse

from brokerage.accounts.models import Kind, Membership, Organisation, Role
from brokerage.fairness import asked, findings, reading
from brokerage.fairness.asked import Outcome, Requested
from brokerage.fairness.models import SchoolEvidence, Trial
from brokerage.fairness.parameters import CANCEL_ROW, DEFAULT, MARGINAL_ROW, SPEED_7, SPEED_14
from brokerage.fairness.states import Tier
from brokerage.fairness.stream import window_of
from brokerage.queries.cursors import SIZE
from brokerage.web import charts, dates, evidence_words
from brokerage.web.charts import words

OTHERS: Final = "Universities, employers, others"
TECHNICAL: Final = "Colleges, apprenticeship providers"
SHOWN: Final = 10
T = TypeVar("T")
REASONS: Final = (
    ("Answered after more than 7 days", SPEED_7),
    ("Answered after more than 14 days", SPEED_14),
    ("Agreed, then cancelled by the school", CANCEL_ROW),
    ("Held, but short, outside lessons or for part of the year group", MARGINAL_ROW),
)


@dataclass(frozen=True)
class Counts:
    """What was granted within four weeks, and when the first and last of them were asked."""

    evidence: SchoolEvidence
    period: str

    @property
    def other(self) -> str:
        return f"{self.evidence.other_granted:,} of {self.evidence.other:,}"

    @property
    def technical(self) -> str:
        return f"{self.evidence.technical_granted:,} of {self.evidence.technical:,}"

    @property
    def other_noun(self) -> str:
        return "request" if self.evidence.other == 1 else "requests"


@dataclass(frozen=True)
class Row:
    """A request in the list behind the pictures."""

    requested: Requested
    asker: str
    href: str
    today: date
    mark: str = ""
    steps: tuple[str, ...] = ()

    @property
    def public_id(self) -> str:
        return self.requested.public_id

    @property
    def asked_on(self) -> date:
        return self.requested.asked_on

    @property
    def about(self) -> str:
        return evidence_words.about(self.requested)

    @property
    def happened(self) -> str:
        return evidence_words.happened(self.requested)

    @property
    def counted(self) -> str:
        return self.mark or evidence_words.counted(self.requested, self.today)

    @property
    def named(self) -> str:
        """In a list to choose from."""
        return f"{dates.in_list(self.asked_on, self.today)}, {self.asker}: {self.happened}"


class Evidence:
    """What a school's people, or those who review its case, may see of it. `evidence` is None where nothing has been
    worked out that this reader may see."""

    def __init__(
        self,
        school: Organisation,
        evidence: SchoolEvidence | None,
        *,
        by: Membership | None,
        at: datetime,
        marks: Mapping[str, str] | None = None,
    ) -> None:
        self.organisation, self.evidence, self.by = school, evidence, by
        self.today = dates.local_day(at)
        self.marks = marks or {}

    @property
    def school(self) -> str:
        return self.organisation.name

    @property
    def is_ours(self) -> bool:
        return self.by is not None and self.by.organisation_id == self.organisation.pk

    @property
    def tier(self) -> Tier:
        return Tier(self.evidence.tier) if self.evidence else Tier.INSUFFICIENT

    @property
    def day_0(self) -> date:
        """Where the years begin that these figures count."""
        return window_of(self.evidence.replay.on if self.evidence else self.today)

    @property
    def since(self) -> date:
        """How far back its requests are listed."""
        return self.day_0

    @property
    def total(self) -> int:
        return self.evidence.technical + self.evidence.other if self.evidence else 0

    @property
    def has_pictures(self) -> bool:
        """Under ten requests the counts alone (ux.md section 7)."""
        return self.total >= words.FEWEST_FOR_A_RATE

    # The sentence

    @cached_property
    def counts(self) -> Counts | None:
        counted = [each.asked_on for each in self.requests if each.is_counted]
        if self.evidence is None or not self.total or not counted:
            return None
        return Counts(self.evidence, evidence_words.period(min(counted), max(counted)))

    @property
    def judged(self) -> str:
        """What was allowed for; `odds` end the sentence where there are any to say."""
        if self.tier == Tier.INSUFFICIENT:
            return evidence_words.too_few(len(self.requests))
        allowed = "Allowing for the time of year, how busy the school was and how popular each provider is elsewhere,"
        if self.odds:
            return f"{allowed} the odds that this is a real difference rather than chance are"
        return f"{allowed} no concern follows from these figures."

    @property
    def odds(self) -> str:
        """Of a real difference, only from an early notice on: below it they would say more than is known."""
        if self.evidence is None or self.tier not in (Tier.EARLY_NOTICE, Tier.FLAG):
            return ""
        return findings.odds(DEFAULT.odds * self.evidence.e / self.evidence.threshold)

    @property
    def worked_out(self) -> str:
        if self.evidence is None:
            return ""
        return f"Worked out up to {dates.in_sentence(self.evidence.on, self.today)}"

    # The pictures

    @cached_property
    def rates(self) -> charts.GrantRates:
        found = self.evidence
        assert found is not None
        return charts.GrantRates(
            (
                charts.GroupRate(OTHERS, found.other_granted, found.other, False),
                charts.GroupRate(TECHNICAL, found.technical_granted, found.technical, True),
            )
        )

    @property
    def ten(self) -> charts.DoorsInTen:
        others, technical = self.rates.groups
        return charts.DoorsInTen(
            (replace(others, name="Others"), replace(technical, name="Colleges and providers"))
        )

    @property
    def over_time(self) -> charts.EvidenceOverTime:
        found = self.evidence
        assert found is not None
        steps = [
            charts.EvidenceStep(on, e, self._request_said(name), self._href(name))
            for (on, name), e in self._steps.items()
        ]
        return charts.EvidenceOverTime(tuple(steps), found.threshold, DEFAULT.notice, self.requests_href)

    @property
    def waiting(self) -> charts.Waiting:
        return charts.Waiting(
            self._waits("colleges and providers", is_technical=True),
            self._waits("others", is_technical=False),
        )

    @property
    def funnel(self) -> charts.FunnelOfSchools:
        """No names, by design."""
        found = self.evidence
        assert found is not None
        return charts.FunnelOfSchools(
            charts.SchoolRate(found.technical_granted, found.technical),
            tuple(
                charts.SchoolRate(each.granted, each.asked)
                for each in reading.comparable_to(self.organisation)
                if each.school_id != self.organisation.pk
            ),
        )

    @property
    def happened(self) -> charts.WhatHappened:
        return charts.WhatHappened(
            (self._outcomes("Others", False), self._outcomes("Colleges and providers", True))
        )

    @property
    def happened_note(self) -> str:
        return (
            "Refused with a reason includes those put off, and other dates that weren’t agreed. What doesn’t count is"
            " in the list of requests, with the reason."
        )

    @property
    def left_out(self) -> charts.LeaveOneOut | None:
        """None below the floors, where nothing is left out."""
        without = reading.left_out_of(self.evidence) if self.evidence else []
        if self.evidence is None or not without:
            return None
        return charts.LeaveOneOut(
            tuple(charts.LeftOut(each.provider.name, each.e) for each in without if each.provider),
            tuple(
                charts.LeftOut(evidence_words.half_term(each.half_term, self.day_0), each.e)
                for each in without
                if each.half_term is not None
            ),
            self.evidence.e,
            DEFAULT.left_out_at_least,
        )

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        """What was asked of each request, and of how many it was so: counts alone."""
        groups = [[each for each in self.requests if each.is_technical == kind] for kind in (False, True)]
        rows = [
            (str(label), *(evidence_words.outcome_count(group, outcome) for group in groups))
            for label, outcome in (
                ("Refused, put off, or no date agreed", Outcome.REFUSED),
                ("No answer by day 28", Outcome.SILENT),
            )
        ]
        for label, row in REASONS:
            rows.append((label, *(evidence_words.of(*asked.tally(group, row)) for group in groups)))
        return [(name, other, technical) for name, other, technical in rows]

    # The requests

    @cached_property
    def _steps(self) -> dict[tuple[date, str], float]:
        """E after the last trial of each request and day: what one request moved."""
        return {(trial.matured_on, str(trial.request)): trial.e_after for trial in self.trials}

    @cached_property
    def _steps_of(self) -> dict[str, list[str]]:
        """`Evidence 34 after 12 November`; none under ten requests."""
        said: dict[str, list[str]] = defaultdict(list)
        for (on, name), e in self._steps.items() if self.has_pictures else ():
            said[name].append(f"Evidence {words.evidence(e)} after {dates.in_list(on, self.today)}")
        return said

    @cached_property
    def trials(self) -> list[Trial]:
        return list(Trial.objects.filter(school=self.organisation).order_by("number"))

    @cached_property
    def requests(self) -> list[Requested]:
        return asked.of(self.organisation, today=self.today, since=self.since, trials=self.trials)

    @cached_property
    def _names(self) -> dict[str, str]:
        ids = {each.asker for each in self.requests}
        named = Organisation.objects.filter(public_id__in=ids).values_list("public_id", "name")
        return {str(public_id): name for public_id, name in named}

    def row(self, each: Requested) -> Row:
        return Row(
            each,
            self._names.get(each.asker, "An organisation that has left"),
            self._page_of(each),
            self.today,
            self.marks.get(each.public_id, ""),
            tuple(self._steps_of.get(each.public_id, ())),
        )

    @cached_property
    def rows(self) -> list[Row]:
        return [self.row(each) for each in self.requests]

    @property
    def first_requests(self) -> list[Row]:
        return self.rows[:SHOWN]

    def _request_said(self, name: str) -> str:
        place = self._places.get(name)
        return "A request" if place is None else self.rows[place].named

    @property
    def requests_href(self) -> str:
        return reverse("fairness_requests")

    def _page_of(self, each: Requested) -> str:
        """Its own, which the school alone has, and of requests alone."""
        return (
            ""
            if each.is_claim or not self.is_ours
            else reverse("schools:request", args=[UUID(each.public_id)])
        )

    def _href(self, name: str) -> str:
        """Its own page, or its place in the list."""
        place = self._places.get(name)
        if place is None:
            return ""
        start = place - place % SIZE
        before = f"?after={self.requests[start - 1].public_id}" if start else ""
        return self._page_of(self.requests[place]) or f"{self.requests_href}{before}#request-{name}"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {each.public_id: place for place, each in enumerate(self.requests)}

    def _waits(self, name: str, *, is_technical: bool) -> charts.WaitingGroup:
        waits = (
            wait
            for each in self.requests
            if each.is_technical == is_technical and (wait := each.wait(self.today)) is not None
        )
        return charts.WaitingGroup(name, tuple(waits))

    def _outcomes(self, name: str, is_technical: bool) -> charts.Outcomes:
        found = [each.outcome for each in self.requests if each.is_technical == is_technical]
        return charts.Outcomes(
            name,
            granted=found.count(Outcome.GRANTED),
            granted_later=found.count(Outcome.LATER),
            refused=found.count(Outcome.REFUSED),
            no_answer=found.count(Outcome.SILENT),
        )


def is_reader(by: Membership) -> bool:
    """Whether Fairness is in this person's navigation: what they find there depends on the stage."""
    kind, role = by.organisation.kind, by.role
    if kind == Kind.SCHOOL:
        return role in (Role.CAREERS_LEADER, Role.SENIOR_LEADER, Role.LINK_GOVERNOR)
    return kind in (Kind.HUB, Kind.TRUST)


def listed(
    rows: Sequence[T], key: Callable[[T], str], after: str | None, size: int = SIZE
) -> tuple[list[T], str | None]:
    """A page of them and after which the next begins; what isn't one of theirs is the beginning of the list."""
    start = next((place for place, row in enumerate(rows, start=1) if key(row) == after), 0)
    shown = list(rows[start : start + size])
    return shown, key(shown[-1]) if start + size < len(rows) else None
