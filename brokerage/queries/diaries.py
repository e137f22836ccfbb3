"""What people's diaries already hold, asked before anybody is offered a button that would be refused."""

from collections.abc import Collection, Iterable

from psycopg.types.range import TimestamptzRange

from brokerage.models import Claim, Slot
from brokerage.states import ClaimState

Diary = dict[tuple[int, int], Claim]


def booked(people: Collection[int], slots: Iterable[Slot]) -> Diary:
    """(user id, slot id) → the booking that this person already has at that time. One query at most."""
    slots = list(slots)
    if not people or not slots:
        return {}
    window = TimestamptzRange(min(s.starts_at for s in slots), max(s.ends_at for s in slots))
    bookings = Claim.objects.filter(
        person_id__in=people, state=ClaimState.ACCEPTED, during__overlap=window
    ).select_related("slot__need__school")
    return {
        (booking.person_id, slot.pk): booking
        for booking in bookings
        for slot in slots
        if booking.person_id
        and booking.slot.starts_at < slot.ends_at
        and slot.starts_at < booking.slot.ends_at
    }
