"""A school among a hub's or trust's: its card, in words and doors."""

from datetime import date

from django.urls import reverse

from brokerage.models import PhaseStanding
from brokerage.queries.access_requests import Asked
from brokerage.web import charts
from brokerage.web.charts import words as charted
from schools.pal.standing import State
from schools.queries.oversight_access import SchoolAccess, year_of


def card(each: SchoolAccess, today: date) -> charts.HubSchool:
    oldest = each.oldest
    kind, words = state_of(each)
    return charts.HubSchool(
        name=each.school.name,
        about=_about(each),
        cohorts=tuple(_cohort(row, today) for row in each.due if not charted.is_few(row.roll or 0)),
        waiting=_waiting(oldest),
        kind=kind,
        state=words,
        href=reverse("oversight_access:school", args=[each.school.public_id]),
        is_late=oldest is not None and oldest.is_late,
    )


def _waiting(oldest: Asked | None) -> str:
    if oldest is None:
        return "nobody waiting"
    return f"oldest: day {oldest.clock.day}" if oldest.clock.day else "oldest: before day 1"


def state_of(each: SchoolAccess) -> tuple[str, str]:
    """Kind and words for the status tag, of the year groups due next."""
    states = {row.state for row in each.due}
    assessed = states - {State.NOT_ASSESSED}
    if not assessed:
        return "na", "not assessed" if states else "none due"
    if each.wanted:
        return ("late" if each.is_pressing else "soon"), f"{each.wanted} short"
    if State.COVERAGE_UNPROVEN in assessed:
        return "soon", "coverage not yet proven"
    return ("ok", "evidenced") if assessed == {State.MET} else ("book", "on course")


def _about(each: SchoolAccess) -> str:
    ages = f"{each.ages[0]} to {each.ages[1]}" if each.ages else ""
    roll = f"roll {each.roll:,}" if each.roll >= charted.FEWEST_PUPILS else ""
    return ", ".join(part for part in (ages, roll) if part)


def _cohort(row: PhaseStanding, today: date) -> charts.HubCohort:
    year = year_of(row.y7_entry, today)
    if row.state == State.NOT_ASSESSED:
        return charts.HubCohort(year, charts.HubDoor("na"), charts.HubDoor("na"))
    held = "offered" if row.phase == 3 else "held"
    doors = [charts.HubDoor("lit", words=held)] * min(2, row.occasions)
    if row.state == State.COVERAGE_UNPROVEN:
        share, _ = charted.safe_bounds(row.lower, row.upper, row.roll or 0)
        doors = [doors[0], charts.HubDoor("lit", share, f"held, {charted.percent(share)} surely had both")]
    doors += [charts.HubDoor("booked")] * min(row.planned, 2 - len(doors))
    doors += [charts.HubDoor("find")] * (2 - len(doors))
    return charts.HubCohort(year, doors[0], doors[1])
