"""Helpers of these tests: pay what is owed, and read what a person was told."""

from brokerage.accounts.models import Membership
from brokerage.eventlog import deliver
from brokerage.eventlog.models import Delivery
from brokerage.notifications.models import Entry, Letter


def pay() -> None:
    """Every debt, and nothing may fail on the way."""
    deliver.pay_due(seconds=60)
    assert list(Delivery.objects.filter(paid_at=None).values_list("subscriber", "last_error")) == []


def told(member: Membership) -> list[tuple[str, str]]:
    entries = Entry.objects.filter(person=member.user).order_by("position")
    return [(entry.type, entry.text) for entry in entries]


def types(member: Membership) -> list[str]:
    return [type_ for type_, _ in told(member)]


def letters(member: Membership) -> list[Letter]:
    return list(Letter.objects.filter(person=member.user).order_by("id"))


def last_letter(member: Membership) -> Letter:
    return letters(member)[-1]
