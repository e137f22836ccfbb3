"""Streams for the fairness engine: single lines, and a small seeded world with one school that differs."""

import math
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from brokerage.fairness.stream import DAY_0, StreamEvent, date_of, parse_event

KINDS = ("fe_college", "itp", "university", "employer", "other")


def line(kind: str, day: int, hour: int = 9, **fields: Any) -> StreamEvent:
    at = f"{DAY_0 + timedelta(days=day)}T{hour:02}:00:00+00:00"
    return parse_event({"seq": 0, "at": at, "type": kind, **fields})


def request(case: str, day: int, provider: str, kind: str, school: str = "S", **fields: Any) -> StreamEvent:
    asked: dict[str, Any] = {
        "origin": "access_request",
        "year_group": 10,
        "minutes": 60,
        "format": "in_person",
        "whole_year": True,
    }
    return line("request", day, id=case, school=school, provider=provider, ptype=kind, **asked | fields)


def granted(case: str, day: int, scheduled: int, **fields: Any) -> StreamEvent:
    slot: dict[str, Any] = {
        "minutes": 60,
        "slot": "lesson",
        "audience_planned": 100,
        "audience_kind": "whole_year",
        "cohort": 100,
    }
    return line("granted", day, id=case, scheduled=date_of(scheduled).isoformat(), **slot | fields)


def refused(case: str, day: int, reason: str = "capacity") -> StreamEvent:
    return line("refused", day, id=case, reason=reason)


def delivered(case: str, day: int) -> StreamEvent:
    return line("delivered", day, id=case, minutes=60, attendance=100, pp_attendance=20)


def world(
    *, seed: int, odds: Mapping[str, float], schools: int = 24, days: int = 300, requests: int = 90
) -> list[StreamEvent]:
    """Honest schools, each as strict with everybody as it happens to be, apart from those in `odds`, which refuse
    technical providers at that odds ratio. Independent of the engine's own likelihood code."""
    rng = random.Random(seed)
    events: list[StreamEvent] = []
    for number in range(schools):
        school = f"S{number:03}"
        strict = rng.gauss(0, 0.8)
        for n in range(requests):
            events += _request(rng, f"R{number:03}-{n:04}", school, strict, odds.get(school, 1.0), days)
    return sorted(events, key=lambda event: event.at)


def _request(
    rng: random.Random, case: str, school: str, strict: float, odds: float, days: int
) -> list[StreamEvent]:
    technical = rng.random() < 0.5
    kind = rng.choice(KINDS[:2] if technical else KINDS[2:])
    day = rng.randrange(days)
    asked = request(
        case, day, f"{kind}-{rng.randrange(40)}", kind, school, year_group=rng.choice((8, 9, 10, 11, 12))
    )
    logit = math.log(0.3 / 0.7) + strict + (math.log(odds) if technical else 0.0)
    took = 1 + int(rng.expovariate(1 / 8))
    if rng.random() < 1 / (1 + math.exp(-logit)):
        return [asked] if rng.random() < 0.5 else [asked, refused(case, day + took)]
    on = day + took + rng.randrange(20, 50)
    short = rng.random() < 0.25
    answer = granted(case, day + took, on, slot="lunchtime" if short else "lesson")
    if rng.random() < 0.06:
        return [asked, answer, line("cancelled", on - 3, id=case, by="school")]
    return [asked, answer, delivered(case, on)]
