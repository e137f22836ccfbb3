"""Seeded worlds of requests and answers in the format that `fairness_replay` reads, with their truth.

Written apart from the engine: no likelihood, month or half-term of the engine is used here, so that a mistake there
can't hide behind the same mistake here. What differs between worlds is in `World`."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

DAY_0 = date(2024, 9, 1)
YEAR = 365
ACCESS, SPEED, CANCEL, MARGINAL = range(4)
CHANNELS = ("access", "speed", "cancel", "marginal")
TECHNICAL, OTHERS = ("fe_college", "itp"), ("university", "employer", "other")
MINUTES = (30, 45, 50, 60)
REASONS = ("capacity", "exam_period", "already_covered", "not_relevant", "no_reason")
BASE = {"access": 0.30, "slow": 0.45, "slower": 0.45, "cancel": 0.06, "marginal": 0.25}
# The log odds ratio of each kind of school that differs: access, speed, cancel, marginal.
KINDS: Mapping[str, tuple[float, float, float, float]] = {
    **{f"access{n}": (math.log(n), 0.0, 0.0, 0.0) for n in (2, 3, 4, 5, 7, 10)},
    "silent5": (math.log(5), 0.0, 0.0, 0.0),
    "slow3": (0.0, math.log(3), 0.0, 0.0),
    "slow6": (0.0, math.log(6), 0.0, 0.0),
    "cancel6": (0.0, 0.0, math.log(6), 0.0),
    "cancel12": (0.0, 0.0, math.log(12), 0.0),
    "marginal4": (0.0, 0.0, 0.0, math.log(4)),
    "combo": (math.log(3), math.log(2), math.log(2), math.log(2)),
    "combo2": (math.log(2), math.log(3), math.log(3), math.log(3)),
}
MIXED = {
    "access2": 0.14, "access3": 0.18, "access5": 0.18, "access10": 0.12, "silent5": 0.08,
    "slow3": 0.06, "slow6": 0.05, "cancel6": 0.05, "marginal4": 0.06, "combo": 0.08,
}  # fmt: skip
# Requests by month, September first: technical providers ask in autumn and early spring, others in early summer.
ASKED = {
    True: (9, 10, 9, 4, 7, 7, 9, 4, 4, 3, 2, 0.4),
    False: (6, 8, 8, 4, 7, 7, 10, 6, 8, 11, 5, 0.4),
}
# How much stricter, in logits, September first: exams make May and June hard.
SEASON = (0.0, -0.1, -0.1, 0.1, 0.0, -0.1, 0.0, 0.1, 0.45, 0.35, 0.1, 0.0)


@dataclass(frozen=True)
class World:
    schools: int = 4000
    years: int = 3
    seed: int = 1
    volume: float = 24.0
    volume_sd: float = 0.98
    volume_cap: float = 200.0
    technical_share: tuple[float, float] = (9.0, 11.0)
    differing: float = 0.08
    kinds: Mapping[str, float] = field(default_factory=lambda: MIXED)
    strictness_sd: tuple[float, float, float, float] = (0.9, 0.8, 0.6, 0.7)
    spells_sd: float = 0.35
    popularity_sd: float = 0.30
    benign_sd: float = 0.20
    season: float = 1.0
    busy: float = 0.10
    busy_shift: float = 1.5
    spam: float = 0.0
    masking: float = 0.0
    """How many logits stricter, with everybody, the schools are that differ: refusing others too hides it."""
    first_come: float = 0.0
    """Share of employers' and others' requests that are claims taken first come: granted at once by nobody."""

    @property
    def days(self) -> int:
        return 365 * self.years


@dataclass
class School:
    id: str
    technical_share: float
    volume: float
    kind: str
    onset: str
    effect: np.ndarray[Any, Any]
    strict: np.ndarray[Any, Any]
    spells: np.ndarray[Any, Any]
    benign: np.ndarray[Any, Any]
    is_busy: bool
    is_spammed: bool
    technical: int = 0

    def differs_on(self, day: int) -> bool:
        return self.differs_from <= day and (self.onset != "reformed" or day < YEAR)

    @property
    def is_grey(self) -> bool:
        return self.kind == "none" and bool((self.benign >= math.log(2)).any())

    @property
    def differs_from(self) -> int:
        return YEAR if self.onset == "late" else 0


def rows(world: World) -> tuple[list[School], list[dict[str, Any]]]:
    """The schools and every event in order."""
    rng = np.random.default_rng(world.seed)
    schools = [_school(world, number, rng) for number in range(world.schools)]
    popularity = {
        technical: rng.normal(0, world.popularity_sd, size=max(60, world.schools * share // 3))
        for technical, share in ((True, 1), (False, 2))
    }
    events: list[dict[str, Any]] = []
    for number, school in enumerate(schools):
        for case, asked in enumerate(_asked(world, school, popularity, rng)):
            events += _life(f"R{number:05}-{case:04}", school, asked, world, rng)
    events.sort(key=lambda row: (row["at"], row["id"]))
    for seq, row in enumerate(events):
        row["seq"] = seq
    return schools, events


def truth(world: World, schools: list[School]) -> dict[str, Any]:
    """In the form that the score reads, with what the semi-oracle may know. Nothing is findable until it says so."""
    return {
        "horizon_days": world.days,
        "world": {"n": world.schools},
        "schools": {
            school.id: {
                "planted": school.kind != "none",
                "kind": school.kind,
                "grey": school.is_grey,
                "busy": school.is_busy,
                "spam_victim": school.is_spammed,
                "semi_oracle_day": -1,
                "onset": school.onset,
                "log_or": dict(zip(CHANNELS, school.effect.tolist(), strict=True)),
                "technical": school.technical,
            }
            for school in schools
        },
    }


def _school(world: World, number: int, rng: np.random.Generator) -> School:
    differs, busy = rng.random() < world.differing, rng.random() < world.busy
    kind = str(rng.choice(list(world.kinds), p=list(world.kinds.values()))) if differs else "none"
    strict = rng.normal(0, world.strictness_sd)
    strict[:2] += world.busy_shift * busy
    strict[0] += world.masking * differs
    return School(
        id=f"S{number:05}",
        technical_share=rng.beta(*world.technical_share),
        volume=min(world.volume * math.exp(rng.normal(0, world.volume_sd)), world.volume_cap),
        kind=kind,
        onset=str(rng.choice(["always", "late", "reformed"], p=[0.7, 0.2, 0.1])),
        effect=np.array(KINDS.get(kind, (0.0,) * 4)),
        strict=strict,
        spells=rng.normal(0, world.spells_sd, size=6 * world.years + 1),
        benign=rng.normal(0, world.benign_sd, size=4),
        is_busy=busy,
        is_spammed=not differs and rng.random() < world.spam,
    )


@dataclass(frozen=True)
class Asked:
    day: int
    provider: str
    kind: str
    popularity: float
    year_group: int


def _asked(
    world: World, school: School, popularity: Mapping[bool, Any], rng: np.random.Generator
) -> Iterator[Asked]:
    """A school's requests of all years. It knows some thirty providers, a few of them well."""
    for technical, known in ((True, 15), (False, 30)):
        share = school.technical_share if technical else 1 - school.technical_share
        count = int(rng.poisson(share * school.volume * world.years))
        school.technical += technical * count
        pool = rng.choice(len(popularity[technical]), size=known)
        often = 1 / np.arange(3, known + 3)
        providers = rng.choice(pool, size=count, p=often / often.sum())
        months = np.array(ASKED[technical])
        month = rng.choice(12, size=count, p=months / months.sum())
        day = 365 * rng.integers(0, world.years, size=count) + np.minimum(
            (month + rng.random(count)) * 30.4, 364
        ).astype(int)
        year_group = rng.choice((8, 9, 10, 11, 12, 13), size=count, p=(0.16, 0.17, 0.27, 0.26, 0.07, 0.07))
        kinds = TECHNICAL if technical else OTHERS
        for at, provider, group in zip(day.tolist(), providers.tolist(), year_group.tolist(), strict=True):
            kind = kinds[provider % len(kinds)]
            yield Asked(at, f"{kind}-{provider}", kind, float(popularity[technical][provider]), group)
    if school.is_spammed:
        spammer = int(rng.integers(len(popularity[True])))
        for at in rng.integers(0, world.days, size=40).tolist():
            yield Asked(int(at), f"itp-spam-{spammer}", "itp", 3.0, int(rng.choice((8, 10, 12))))


def _life(
    case: str, school: School, asked: Asked, world: World, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    technical = asked.kind in TECHNICAL
    first_come = not technical and rng.random() < world.first_come
    minutes = MINUTES[rng.integers(len(MINUTES))]
    yield _event(
        "request", asked.day, 9, case, school=school.id, provider=asked.provider, ptype=asked.kind,
        origin="claim" if first_come else "access_request", year_group=asked.year_group, minutes=minutes,
        format="in_person", whole_year=bool(rng.random() < 0.7), **({"first_come": True} if first_come else {}),
    )  # fmt: skip
    month = min(asked.day % 365 * 12 // 365, 11)
    common = world.season * SEASON[month] + school.spells[asked.day * 6 // 365]
    theta = (school.benign + school.effect * school.differs_on(asked.day)) * technical
    at = school.strict + theta + np.array([common + asked.popularity, 0, 0, 0])

    def bad(question: str, channel: int) -> bool:
        base = math.log(BASE[question] / (1 - BASE[question]))
        return bool(rng.random() < 1 / (1 + math.exp(-base - at[channel])))

    if rng.random() < 0.01:
        yield _event("withdrawn", asked.day + 1, 10, case, by="provider")
        return
    is_refused = bad("access", ACCESS) and not first_come
    if is_refused and ((school.kind == "silent5" and technical) or rng.random() < 0.35):
        return
    took = 0 if first_come else _took(bad("slow", SPEED), bad("slower", SPEED), rng)
    if is_refused:
        yield _event("refused", asked.day + took, 11, case, reason=REASONS[rng.integers(len(REASONS))])
        return
    on = asked.day + took + int(rng.integers(10, 70))
    yield _granted(case, asked.day + took, on, minutes, is_marginal=bad("marginal", MARGINAL), rng=rng)
    if rng.random() < 0.05:
        yield _event("cancelled", on - 1, 12, case, by="provider")
    elif bad("cancel", CANCEL):
        yield _event("cancelled", on - 1, 12, case, by="school")
    else:
        yield _event("delivered", on, 13, case, minutes=minutes, attendance=100, pp_attendance=20)


def _took(slow: bool, slower: bool, rng: np.random.Generator) -> int:
    first, last = (15, 28) if slow and slower else (8, 14) if slow else (1, 7)
    return int(rng.integers(first, last + 1))


def _granted(
    case: str, day: int, on: int, minutes: int, *, is_marginal: bool, rng: np.random.Generator
) -> dict[str, Any]:
    short = is_marginal and rng.random() < 0.5
    return _event(
        "granted", day, 11, case, scheduled=_iso(on), minutes=15 if short else minutes,
        slot="lunchtime" if is_marginal and not short else "lesson",
        audience_planned=150, audience_kind="whole_year", cohort=160,
    )  # fmt: skip


_DATES: dict[int, str] = {}


def _iso(day: int) -> str:
    if day not in _DATES:
        _DATES[day] = (DAY_0 + timedelta(days=day)).isoformat()
    return _DATES[day]


def _event(kind: str, day: int, hour: int, case: str, **fields: Any) -> dict[str, Any]:
    return {"seq": 0, "at": f"{_iso(day)}T{hour:02}:00:00Z", "type": kind, "id": case, **fields}
