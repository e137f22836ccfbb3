"""Pages as a person of a school asks for them."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from brokerage.accounts.models import Membership


def as_(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def school_day(ahead: int = 20) -> date:
    """A weekday so many days ahead, or the Monday after."""
    day = timezone.localdate() + timedelta(days=ahead)
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


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
