"""The verb of debts that stuck: somebody on the staff has mended the cause and wants them tried again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from brokerage.eventlog import deliver
from brokerage.eventlog.facts import Fact, fact
from brokerage.eventlog.models import Delivery
from brokerage.eventlog.record import Actor, record


@fact("eventlog.delivery.retried")
@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(Fact):
    """`subject_id` is what the event was about; `debt` the delivery's number."""

    debt: int
    subscriber: str


def retry(debt: Delivery, *, by: Actor, at: datetime) -> bool:
    """Eight more attempts, from now on. False when somebody was quicker."""
    with transaction.atomic(durable=True):
        if not deliver.take_up_again(debt.pk):
            return False
        record(
            DeliveryRetried(
                subject_id=debt.event.subject_id or UUID(int=0),
                organisation_id=debt.event.organisation_id,
                debt=debt.pk,
                subscriber=debt.subscriber,
            ),
            by=by,
            at=at,
        )
    return True
