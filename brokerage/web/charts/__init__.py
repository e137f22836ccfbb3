"""Charts as plain data in, marks out: `figure(chart)` lays out any of the dataclasses named here. Pure: no ORM, no
clock. Templates draw them with `{% load charts %}{% chart thing %}`."""

from brokerage.fairness.allocation import SchoolVisits
from brokerage.fairness.descriptive import Wait
from brokerage.web.charts.clock import ClockDay, ClockKey, Day, ResponseClock
from brokerage.web.charts.concentration import WhoGetsTheVisits
from brokerage.web.charts.coverage import Coverage, CoverageBounds
from brokerage.web.charts.evidence import EvidenceOverTime, EvidenceStep
from brokerage.web.charts.figures import figure
from brokerage.web.charts.funnel import FunnelOfSchools, SchoolRate
from brokerage.web.charts.hub import HubCohort, HubDoor, HubSchool, HubSchools
from brokerage.web.charts.leaving_out import LeaveOneOut, LeftOut
from brokerage.web.charts.outcomes import Outcomes, WhatHappened
from brokerage.web.charts.rates import GrantRates, GroupRate
from brokerage.web.charts.ten import DoorsInTen
from brokerage.web.charts.timeline import EvidenceTimeline, TimelineCohort, TimelineDoor
from brokerage.web.charts.waiting import Waiting, WaitingGroup

__all__ = [
    "ClockDay",
    "ClockKey",
    "Coverage",
    "CoverageBounds",
    "Day",
    "DoorsInTen",
    "EvidenceOverTime",
    "EvidenceStep",
    "EvidenceTimeline",
    "FunnelOfSchools",
    "GrantRates",
    "GroupRate",
    "HubCohort",
    "HubDoor",
    "HubSchool",
    "HubSchools",
    "LeaveOneOut",
    "LeftOut",
    "Outcomes",
    "ResponseClock",
    "SchoolRate",
    "SchoolVisits",
    "TimelineCohort",
    "TimelineDoor",
    "Wait",
    "Waiting",
    "WaitingGroup",
    "WhatHappened",
    "WhoGetsTheVisits",
    "figure",
    "template_of",
]

TEMPLATES: dict[type, str] = {
    ClockKey: "keys",
    EvidenceTimeline: "timeline",
    HubSchools: "hub",
    DoorsInTen: "ten",
}


def template_of(chart: object) -> str:
    """Which template draws it: a few aren't a pair of drawings alone."""
    if isinstance(chart, ResponseClock) and chart.compact:
        return "strip"
    return TEMPLATES.get(type(chart), "figure")
