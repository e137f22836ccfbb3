"""A client's `Idempotency-Key`, written in the same transaction as what it made: never around it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from brokerage.errors import DomainError, Unprocessable

# By hand, and the lock with the row: through the ORM a key cost as much as half a claim (benchmarks, P1 keyed). What
# is read may be older than the lock by a hair; `remember` sees to that.
_LOCK_AND_READ = """
    SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0)), used.request_hash, used.made_id
    FROM (VALUES (1)) AS always LEFT JOIN brokerage_idempotencykey used ON used.user_id = %s AND used.key = %s
"""
_WRITE = """
    INSERT INTO brokerage_idempotencykey (user_id, key, request_hash, made_id, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (user_id, key) DO NOTHING
"""


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
            cursor.execute(_LOCK_AND_READ, [f"once:{self.user_id}:{self.key}", self.user_id, self.key])
            free, request_hash, made_id = cursor.fetchone()
        if not free:
            raise _in_use()
        if made_id is None:
            return None
        if request_hash != self.request_hash:
            raise Unprocessable(
                "idempotency_key_reused", "This Idempotency-Key was used for another request."
            )
        found: UUID = made_id
        return found

    def remember(self, made_id: UUID, *, at: datetime) -> None:
        """Raises `idempotency_key_in_use`, which undoes the verb, when another wrote the key after we had read."""
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [self.user_id, self.key, self.request_hash, made_id, at])
            if cursor.rowcount == 0:
                raise _in_use()


def _in_use() -> DomainError:
    return DomainError("idempotency_key_in_use", "The same request is still running. Try again in a moment.")
