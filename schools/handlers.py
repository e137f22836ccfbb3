"""What schools do when something happens elsewhere. Recomputed, never incremented."""

from django.utils import timezone

from brokerage.accounts.events import RegisterImportFinished
from brokerage.domain import events as market
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import subscribe
from schools import equity, importing
from schools.domain import comparison, standings


@subscribe("take_types_and_ages_from_registers", RegisterImportFinished)
def take_types_and_ages_from_registers(event: Event) -> None:
    importing.take_register()


@subscribe(
    "bring_standings_up_to_date",
    market.EncounterRecorded,
    market.AccessGranted,
    market.ExternalRecorded,
    market.ExternalConfirmed,
    market.ExternalDisputed,
    market.ExternalRemoved,
    market.HostingChanged,
    market.CohortRollSet,
    market.CohortGroupsSet,
    market.SchoolCorrected,
    market.ClosureAdded,
    market.ClosureChanged,
    market.ClosureRemoved,
    market.CalendarReplaced,
    market.TermDatesTakenOver,
)
def bring_standings_up_to_date(event: Event) -> None:
    """What depends on a claim or on the day alone waits for the night; a page that shows it reads for itself."""
    if event.organisation_id is not None:
        now = timezone.now()
        standings.recompute([event.organisation_id], today=timezone.localdate(now), at=now)


@subscribe("say_with_whom_it_compares", market.HostingChanged, market.CohortRollSet, market.SchoolCorrected)
def say_with_whom_it_compares(event: Event) -> None:
    """Its roll or its years may have changed; registers' changes wait for the next turn of `roll_over`."""
    if event.organisation_id is not None:
        comparison.tell([event.organisation_id])


@subscribe(
    "keep_facts_for_equity",
    RegisterImportFinished,
    market.SchoolCorrected,
    market.HostingChanged,
    market.CohortRollSet,
)
def keep_facts_for_equity(event: Event) -> None:
    """A register's file is about every school. What changes without an event (a share in a file) waits for the task."""
    equity.keep_facts(None if event.organisation_id is None else [event.organisation_id])
