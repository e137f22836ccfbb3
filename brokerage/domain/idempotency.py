"""A client's `Idempotency-Key`, written in the same transaction as what it made: never around it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from brokerage.errors import DomainError, Unprocessable
from brokerage.models import IdempotencyKey


@dataclass(frozen=True)
class Once:
    """This user's key and a hash of what they asked with it."""

    user_id: int
    key: str
    request_hash: str

    def made(self) -> UUID | None:
        """What the key made before, if anything. Call first inside the verb's transaction.

        Raises `idempotency_key_in_use` (409) while another request holds the key, `idempotency_key_reused`
        (422) when it came with another body."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"once:{self.user_id}:{self.key}"],
            )
            (free,) = cursor.fetchone()
        if not free:
            raise DomainError(
                "idempotency_key_in_use", "The same request is still running. Try again in a moment."
            )
        used = IdempotencyKey.objects.filter(user_id=self.user_id, key=self.key).first()
        if used is None:
            return None
        if used.request_hash != self.request_hash:
            raise Unprocessable(
                "idempotency_key_reused", "This Idempotency-Key was used for another request."
            )
        return used.made_id

    def remember(self, made_id: UUID, *, at: datetime) -> None:
        IdempotencyKey.objects.create(
            user_id=self.user_id, key=self.key, request_hash=self.request_hash, made_id=made_id, at=at
        )
