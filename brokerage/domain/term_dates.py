"""Term dates of local authorities, which hold for their schools that list no holidays of their own."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from brokerage.calendar.dates import academic_year
from brokerage.calendar.importing import Row
from brokerage.calendar.models import DefaultClosure, TermDates
from brokerage.domain.events import TermDatesBroughtIn
from brokerage.eventlog.record import PLATFORM, record

ENGLAND: Final = "england"


@transaction.atomic(durable=True)
def bring_in(*, rows: Sequence[Row], at: datetime) -> dict[str, int]:
    """For each authority named, replace its dates of every academic year that the rows speak of. «England» is for all
    schools whose authority has none. How many closures each now has from these rows."""
    by_authority: dict[str, list[Row]] = defaultdict(list)
    names: dict[str, str] = {}
    for row in rows:
        key = "" if row.authority.lower() == ENGLAND else row.authority.upper()
        names.setdefault(key, row.authority if key else "")
        by_authority[key].append(row)
    return {
        str(names[key] or "England"): _replace(names[key], of_one, at) for key, of_one in by_authority.items()
    }


def _replace(authority: str, rows: list[Row], at: datetime) -> int:
    dates = (
        TermDates.objects.select_for_update(of=("self",)).filter(local_authority__iexact=authority).first()
    )
    if dates is None:
        dates = TermDates.objects.create(local_authority=authority, brought_in_at=at)
    years = {academic_year(row.first_on) for row in rows}
    standing = DefaultClosure.objects.filter(term_dates=dates)
    old = [each for each in standing if academic_year(each.first_on) in years]
    new = {
        (row.kind, row.first_on, row.last_on): DefaultClosure(
            term_dates=dates, kind=row.kind, label=row.label, first_on=row.first_on, last_on=row.last_on
        )
        for row in rows
    }
    if {(*key, each.label) for key, each in new.items()} != {
        (each.kind, each.first_on, each.last_on, each.label) for each in old
    }:
        standing.filter(pk__in=[each.pk for each in old]).delete()
        DefaultClosure.objects.bulk_create(new.values())
        TermDates.objects.filter(pk=dates.pk).update(brought_in_at=at)
        fact = TermDatesBroughtIn(
            subject_id=dates.public_id, organisation_id=None, years=sorted(years), closures=len(new)
        )
        record(fact, by=PLATFORM, at=at)
    return len(new)
