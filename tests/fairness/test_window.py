"""Three school years count: from September 2027 on the oldest falls out each year, and all goes on as before."""

import json
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from brokerage.fairness import bundles, lifecycle, nightly
from brokerage.fairness.engine import Engine
from brokerage.fairness.models import FairnessCase, Replay, SchoolEvidence, Trial
from brokerage.fairness.states import Tier
from brokerage.fairness.stream import DAY_0, StreamEvent, parse_event, window_of
from brokerage.web.cases import CasePage
from brokerage.web.evidence_words import half_term
from tests import factories
from tests.factories.market import LONDON
from tests.fairness import logs
from tests.fairness.streams import granted, request


@pytest.mark.parametrize(
    ("on", "begins"),
    [
        (date(2024, 9, 1), date(2024, 9, 1)),
        (date(2026, 11, 22), date(2024, 9, 1)),
        (date(2027, 8, 31), date(2024, 9, 1)),
        (date(2027, 9, 1), date(2025, 9, 1)),
        (date(2028, 2, 29), date(2025, 9, 1)),
        (date(2029, 10, 31), date(2027, 9, 1)),
    ],
)
def test_its_own_school_year_and_the_two_before(on: date, begins: date) -> None:
    assert window_of(on) == begins


def test_the_same_autumn_weighs_the_same_whenever_the_window_begins() -> None:
    first, second = (values(date(year, 9, 1)) for year in (2024, 2027))
    assert first == second
    assert first[0] > 1.5


def values(day_0: date) -> tuple[float, list[int]]:
    engine = Engine(["S"], day_0=day_0)
    moved = (day_0 - DAY_0).days
    list(engine.run([later(event, moved, day_0) for event in autumn()], until=120))
    return float(engine.e[0]), engine.trials.all().matured.tolist()


def autumn() -> list[StreamEvent]:
    """Colleges without an answer, employers granted."""
    made: list[StreamEvent] = []
    for day in range(8):
        made.append(request(f"T{day}", day, f"P{day}", "fe_college"))
        made += [request(f"O{day}", day, f"E{day}", "employer"), granted(f"O{day}", day + 2, day + 40)]
    return sorted(made, key=lambda event: event.day)


def later(event: StreamEvent, days: int, day_0: date) -> StreamEvent:
    row = dict(event.data)
    row["at"] = (event.at + timedelta(days=days)).isoformat()
    if "scheduled" in row:
        row["scheduled"] = (date.fromisoformat(row["scheduled"]) + timedelta(days=days)).isoformat()
    return parse_event(row, day_0)


def morning_after(on: date) -> datetime:
    return datetime.combine(on + timedelta(days=1), time(3), LONDON)


def night(on: date) -> Replay:
    at = morning_after(on)
    return nightly.replay(on=on, at=at, then=lambda run: lifecycle.follow(run=run, at=at))


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2027, 2029])
def test_a_night_in_a_later_autumn(year: int) -> None:
    """What was asked before the window is out of it; a flag, its bundle and its page go on as in the first years."""
    on = date(year, 10, 31)
    school, (technical, others) = factories.school(), logs.askers()
    logs.write(school, technical, others, refused=12, of=12, first=date(year - 3, 9, 20))
    logs.write(school, technical, others, refused=32, first=date(year - 2, 9, 20))
    logs.write(factories.school(), technical, others, refused=6, first=date(year - 2, 9, 20))
    run = night(on)

    evidence = SchoolEvidence.objects.get(school=school)
    assert (evidence.technical, evidence.technical_granted) == (36, 4)
    assert Trial.objects.filter(school=school, asked_on__lt=window_of(on)).count() == 0
    assert nightly.compare(run, [school.pk], at=morning_after(on)) == []
    case = FairnessCase.objects.get(school=school)
    assert json.loads(case.bundle.content)["day_0"] == f"{year - 2}-09-01"
    assert bundles.rerun(case.bundle.content).figures.e == case.e_now
    halves = [half_term(int(each), window_of(on)) for each in evidence.left_out["half_terms"]]
    assert halves[:2] == [f"autumn {year - 2}, first half", f"autumn {year - 2}, second half"]


@pytest.mark.django_db
def test_a_reply_that_runs_over_the_first_of_september_keeps_all_that_was_raised() -> None:
    """Flagged in July on requests of which none counts any more in September: each can be contested still."""
    july, september = date(2027, 7, 10), date(2027, 9, 14)
    school, (technical, others) = factories.school(), logs.askers()
    leader = factories.member(school)
    logs.write(school, technical, others, refused=32, first=date(2025, 1, 10))
    logs.write(factories.school(), technical, others, refused=6, first=date(2025, 1, 10))
    night(july)
    night(september)

    evidence, case = SchoolEvidence.objects.get(school=school, on=september), FairnessCase.objects.get()
    page = CasePage(school, evidence, case, by=leader, at=morning_after(september))
    assert (evidence.technical, evidence.tier) == (0, Tier.INSUFFICIENT)
    assert {row.public_id for row in page.contestable} == bundles.requests_in(case.bundle.content)
    assert {row.counted for row in page.contestable} == {"No: asked before the school years that count"}
    contested = UUID(page.contestable[0].public_id)
    lifecycle.contest(
        case=case, request=contested, ground="wrong_type", by=leader, at=morning_after(september)
    )
