"""What schools do when something happens elsewhere. Recomputed, never incremented."""

from brokerage.accounts.events import RegisterImportFinished
from brokerage.eventlog.models import Event
from brokerage.eventlog.subscriptions import subscribe
from schools import importing


@subscribe("take_types_and_ages_from_registers", RegisterImportFinished)
def take_types_and_ages_from_registers(event: Event) -> None:
    importing.take_register()
