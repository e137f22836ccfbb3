"""Pages as a person of a school asks for them."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from brokerage.accounts.models import Membership
from brokerage.calendar import calendars


def as_(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def school_day(ahead: int = 20) -> date:
    """A weekday so many days ahead, or the Monday after."""
    day = timezone.localdate() + timedelta(days=ahead)
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def open_days(leader: Membership, count: int, after: int = 21) -> list[date]:
    """School days of their school, a week or more apart, that no bank holiday closes."""
    days = calendars.days_of(leader.organisation_id)
    found: list[date] = []
    day = timezone.localdate() + timedelta(days=after)
    while len(found) < count:
        if days.is_school_day(day) and (not found or day - found[-1] >= timedelta(days=7)):
            found.append(day)
        day += timedelta(days=1)
    return found


def typed(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def a_need(*rows: dict[str, str], **fields: Any) -> dict[str, Any]:
    """What the page sends for a career talk for Year 9, with one time unless others are named."""
    times = rows or ({"day": typed(school_day()), "starts": "0910"},)
    sent: dict[str, Any] = {
        "encounter_type": "career_talk",
        "year_groups": ["9"],
        "slot-TOTAL_FORMS": str(len(times)),
        "slot-INITIAL_FORMS": "0",
        "publish": "1",
    }
    for number, row in enumerate(times):
        sent |= {f"slot-{number}-{name}": value for name, value in row.items()}
    return {name: value for name, value in (sent | fields).items() if value is not None}
