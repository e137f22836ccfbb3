"""Made-up data for every chart of the style guide, edge cases among it. All names are fictional."""

from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from brokerage.calendar.school_days import SATURDAY
from brokerage.web import charts
from brokerage.web.charts import Day

TODAY = date(2026, 11, 24)
Example = tuple[str, Any]


def everything(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide_charts.html", examples() | {"clock_key": charts.ClockKey()})


def examples() -> dict[str, Any]:
    """By the box they stand in: in a list, all the page wide, or half of it."""
    return {"strips": strips(), "full": full(), "half": half(), "hubs": [("The schools of a hub", hub())]}


def chances(seed: int) -> Random:
    """The same every time."""
    return Random(seed)  # noqa: S311 - made-up data


def clock(
    asked_on: date,
    closed: dict[date, str] | None = None,
    paused: frozenset[date] = frozenset(),
    last: int = 10,
    answered_on: date | None = None,
    compact: bool = False,
) -> charts.ResponseClock:
    """A clock up to school day `last`, or up to today where that is later."""
    days: list[charts.ClockDay] = []
    numbers, on = count(1), asked_on
    number = 0
    while number < last or on < TODAY:
        on += timedelta(days=1)
        if answered_on and on > answered_on:
            break
        if on.weekday() >= SATURDAY:
            continue
        if why := (closed or {}).get(on):
            days.append(charts.ClockDay(on, Day.CLOSED, None, why))
        elif on in paused:
            days.append(charts.ClockDay(on, Day.PAUSED, None, "while they answer your question"))
        else:
            number = next(numbers)
            days.append(charts.ClockDay(on, Day.COUNTED if on <= TODAY else Day.TO_COME, number))
    return charts.ResponseClock(asked_on, TODAY, tuple(days), answered_on=answered_on, compact=compact)


def run_of(first: date, days: int, why: str) -> dict[date, str]:
    return {first + timedelta(days=n): why for n in range(days)}


INSET = {date(2026, 11, 18): "INSET"}
HALF_TERM = run_of(date(2026, 10, 26), 5, "half-term")


def strips() -> list[Example]:
    return [
        ("Forge & Field Training: day 8 of 10", clock(date(2026, 11, 11), INSET, compact=True)),
        ("Saltmere College: day 5 of 10", clock(date(2026, 11, 17), INSET, compact=True)),
        ("Asked today", clock(TODAY, compact=True)),
        ("Late, over half-term", clock(date(2026, 10, 21), HALF_TERM | INSET, last=20, compact=True)),
        ("Very late", clock(date(2026, 10, 5), HALF_TERM | INSET, last=31, compact=True)),
        (
            "Paused",
            clock(
                date(2026, 11, 11), INSET, frozenset({date(2026, 11, 20), date(2026, 11, 23)}), compact=True
            ),
        ),
    ]


def half() -> list[Example]:
    holiday = run_of(date(2026, 12, 21), 14, "Christmas holiday")
    closed = charts.ResponseClock(
        date(2026, 12, 18),
        date(2026, 12, 30),
        tuple(
            charts.ClockDay(on, Day.CLOSED, None, why)
            for on, why in holiday.items()
            if on.weekday() < SATURDAY and on <= date(2027, 1, 1)
        ),
    )
    return [
        ("C2 Your clock: day 8 of 10", clock(date(2026, 11, 11), INSET)),
        ("C2 Late, over half-term", clock(date(2026, 10, 21), HALF_TERM | INSET, last=20)),
        ("C2 Very late", clock(date(2026, 10, 5), HALF_TERM | INSET, last=29)),
        ("C2 Paused", clock(date(2026, 11, 11), INSET, frozenset({date(2026, 11, 20), date(2026, 11, 23)}))),
        ("C2 All days closed", closed),
        ("C2 Answered on day 3", clock(date(2026, 11, 11), answered_on=date(2026, 11, 16))),
        ("C2 Asked today", charts.ResponseClock(TODAY, TODAY, ())),
        ("C11 Coverage", coverage()),
        ("C11 Small cohorts", small_coverage()),
        ("C11 None", charts.CoverageBounds(())),
        ("Doors in ten", charts.DoorsInTen(rates(58, 94, 12, 61).groups)),
        ("Doors in ten, few requests", charts.DoorsInTen(rates(30, 60, 3, 8).groups)),
        ("C3 Said yes within four weeks", rates(58, 94, 12, 61)),
        ("C3 Few requests from one group", rates(31, 33, 3, 8)),
        ("C3 All and none", rates(40, 40, 0, 12)),
        ("C3 No requests", rates(0, 0, 0, 0)),
        ("C4 How the evidence built up", evidence(60, 0.13)),
        ("C4 Beyond the scale", evidence(90, 0.22)),
        ("C4 One request", evidence(1, 0.1)),
        ("C4 No requests", charts.EvidenceOverTime((), 640)),
        ("C5 Still waiting for any answer", waiting(61, 94)),
        ("C5 Few requests from one group", waiting(7, 40)),
        ("C5 Few requests", waiting(3, 1)),
        ("C6 Among comparable schools", funnel(12, 61)),
        ("C6 Too few requests of one’s own", funnel(2, 7)),
        (
            "C6 Too few schools",
            charts.FunnelOfSchools(charts.SchoolRate(12, 61), (charts.SchoolRate(5, 20),)),
        ),
        ("C9 Who gets the visits", concentration(0.5)),
        ("C9 The other way round", concentration(-0.6)),
        ("C9 Few visits", charts.WhoGetsTheVisits((charts.SchoolVisits(900, 7, 0.2),))),
    ]


def full() -> list[Example]:
    return [
        ("C1 What each year group has, and by when", timeline()),
        ("C1 One year group, long names, many doors", one_cohort()),
        ("C1 None", charts.EvidenceTimeline(TODAY, ())),
        ("C7 What happened to each request", outcomes((58, 11, 13, 12), (12, 4, 10, 35))),
        ("C7 Few, none, many", outcomes((1, 1, 240, 1900), (0, 0, 0, 0))),
        ("C8 Would it hold without any one of them?", leaving_out()),
        ("C8 It would not", charts.LeaveOneOut((charts.LeftOut("Northgale Apprenticeships", 3.2),), (), 44)),
        (
            "C8 Long names, beyond the scale",
            charts.LeaveOneOut(
                (
                    charts.LeftOut("The Wexbourne and Vale College of Further and Higher Education", 1.2),
                    charts.LeftOut("Saltmere College", 90_000),
                ),
                (
                    charts.LeftOut("autumn 2025, second half", 0.4),
                    charts.LeftOut("spring 2026, first half", 14_000),
                ),
                88_000,
            ),
        ),
    ]


def timeline() -> charts.EvidenceTimeline:
    soon = (date(2025, 9, 1), date(2027, 2, 28))
    later = (date(2026, 9, 1), date(2028, 2, 28))
    wexbourne, forge = "Wexbourne College", "Forge & Field"
    held, part = charts.TimelineDoor, 0.94
    return charts.EvidenceTimeline(
        TODAY,
        (
            charts.TimelineCohort(
                "Year 9",
                "First phase",
                *soon,
                (held(date(2026, 3, 12), wexbourne), held(date(2026, 11, 20), forge, share=part)),
                "soon",
                "Coverage not yet proven",
                share=part,
                chance="18 in 100",
            ),
            charts.TimelineCohort(
                "Year 11",
                "Second phase",
                *soon,
                (held(date(2026, 5, 6), wexbourne), held(date(2027, 1, 19), "3 providers", "booked")),
                "book",
                "On course",
                chance="9 in 100",
            ),
            charts.TimelineCohort(
                "Year 13",
                "Third phase",
                *soon,
                (held(date(2026, 10, 14), wexbourne),),
                "soon",
                "Short by 1",
                verb="offered",
                chance="41 in 100",
                to_find="Any provider",
            ),
            charts.TimelineCohort(
                "Year 8",
                "First phase",
                *later,
                (held(date(2026, 10, 1), "Saltmere College", share=0.97),),
                "na",
                "15 months left",
                share=0.97,
                to_find="A different provider",
            ),
            charts.TimelineCohort(
                "Year 10", "Second phase", *later, (), "na", "15 months left", to_find="Any"
            ),
            charts.TimelineCohort(
                "Year 12",
                "Third phase",
                *later,
                (held(date(2026, 9, 29), "Northgale"), held(date(2027, 2, 4), "Saltmere College", "booked")),
                "book",
                "On course",
                verb="offered",
            ),
        ),
    )


def one_cohort() -> charts.EvidenceTimeline:
    names = (
        "The Wexbourne and Vale College of Further Education",
        "Westfield Apprenticeships",
        "Saltmere College",
    )
    doors = tuple(
        charts.TimelineDoor(
            date(2026, 11, 2) + timedelta(days=4 * n), names[n % 3], share=(1, 0.4, 0.05)[n % 3]
        )
        for n in range(6)
    )
    year = charts.TimelineCohort(
        "Year 11",
        "Second phase",
        date(2025, 9, 1),
        date(2027, 2, 28),
        doors,
        "late",
        "Two short, and only 12 school days left to find them",
        share=0.996,
    )
    return charts.EvidenceTimeline(date(2027, 2, 9), (year,))


def coverage() -> charts.CoverageBounds:
    return charts.CoverageBounds(
        (
            charts.Coverage("Year 9", 153, 142 / 153, 142 / 153),
            charts.Coverage("Year 10", 158, 0.75, 0.85),
            charts.Coverage("Year 11", 149, 1, 1),
            charts.Coverage("Year 12", 96, 0, 0),
        )
    )


def small_coverage() -> charts.CoverageBounds:
    return charts.CoverageBounds(
        (
            charts.Coverage("Year 9", 153, 150 / 153, 1),
            charts.Coverage("Year 11, the group taught at the hospital school", 12, 2 / 12, 9 / 12),
        )
    )


def rates(granted: int, asked: int, technical_granted: int, technical_asked: int) -> charts.GrantRates:
    return charts.GrantRates(
        (
            charts.GroupRate("Universities, employers, others", granted, asked, False),
            charts.GroupRate("Colleges, apprenticeship providers", technical_granted, technical_asked, True),
        )
    )


def evidence(requests: int, drift: float) -> charts.EvidenceOverTime:
    lot, value, steps = chances(7), 0.0, []
    for n in range(requests):
        value += drift + lot.uniform(-0.4, 0.4)
        on = date(2025, 9, 12) + timedelta(days=round(n * 430 / max(requests, 2)))
        steps.append(charts.EvidenceStep(on, 10 ** (value / 2.2), f"Request {n + 1}", f"#request-{n + 1}"))
    return charts.EvidenceOverTime(tuple(steps), review_at=640)


def waiting(technical: int, others: int) -> charts.Waiting:
    lot = chances(3)

    def group(name: str, size: int, usual: int, open_share: float) -> charts.WaitingGroup:
        waits = [
            charts.Wait(min(round(lot.expovariate(1 / usual)) + 1, 60), lot.random() > open_share)
            for _ in range(size)
        ]
        return charts.WaitingGroup(name, tuple(waits))

    return charts.Waiting(
        group("colleges and providers", technical, 40, 0.1), group("others", others, 7, 0.05)
    )


def funnel(granted: int, asked: int) -> charts.FunnelOfSchools:
    lot = chances(5)
    schools = []
    for _ in range(32):
        size = lot.randint(12, 115)
        share = min(max(lot.gauss(0.56, 0.1), 0.1), 0.95)
        schools.append(charts.SchoolRate(sum(lot.random() < share for _ in range(size)), size))
    return charts.FunnelOfSchools(charts.SchoolRate(granted, asked), tuple(schools))


def outcomes(*counts: tuple[int, int, int, int]) -> charts.WhatHappened:
    names = ("Others", "Colleges and providers")
    return charts.WhatHappened(
        tuple(charts.Outcomes(name, *these) for name, these in zip(names, counts, strict=True))
    )


def leaving_out() -> charts.LeaveOneOut:
    providers = (210, 840, 1200, 1500, 1650, 1900, 2050, 2200, 3100)
    half_terms = (96, 420, 700, 1300, 1750, 2100, 2900)
    return charts.LeaveOneOut(
        tuple(charts.LeftOut("Wexbourne College" if e == 210 else f"Provider {e}", e) for e in providers),
        tuple(
            charts.LeftOut("spring 2026, first half" if e == 96 else f"Half-term {e}", e) for e in half_terms
        ),
        2310,
    )


def concentration(taste: float) -> charts.WhoGetsTheVisits:
    schools = tuple(
        charts.SchoolVisits(500 + 40 * (n % 7), round(10 * (1 + taste) - taste * n * 0.5), n / 50)
        for n in range(1, 41)
    )
    return charts.WhoGetsTheVisits(schools, -0.16)


def hub() -> charts.HubSchools:
    full, part, near = (charts.HubDoor("lit", share) for share in (1, 0.4, 0.97))
    booked, find, none = (charts.HubDoor(state) for state in ("booked", "find", "na"))
    cohort, school = charts.HubCohort, charts.HubSchool
    return charts.HubSchools(
        (
            school(
                "Harbourne Lane School",
                "11 to 16, roll 720",
                (cohort(9, find, find), cohort(11, part, find)),
                "oldest: day 27",
                "late",
                "3 short",
                "#harbourne",
                is_late=True,
            ),
            school(
                "Ashwell Grove School",
                "11 to 16, roll 890",
                (cohort(9, full, near), cohort(11, full, booked)),
                "answers in 2 days",
                "book",
                "on course",
                "#ashwell",
            ),
            school(
                "Kestrel Road Academy",
                "11 to 18, roll 1,330",
                (cohort(9, full, full), cohort(11, full, full), cohort(13, full, full)),
                "answers in 1 day",
                "ok",
                "evidenced",
                "#kestrel",
            ),
            school(
                "Sutton Vale Middle School",
                "9 to 13, roll 410",
                (cohort(8, none, none),),
                "answers in 3 days",
                "na",
                "shared phase",
            ),
            school(
                "The Saint Orrin and Our Lady of Whinmoor Catholic High School and Sixth Form Centre",
                "11 to 18, roll 980",
                (cohort(9, full, booked), cohort(11, full, full), cohort(13, booked, find)),
                "no requests yet",
                "soon",
                "1 short",
                "#orrin",
            ),
        )
    )
