"""How Celery speaks to Valkey, where ours must bear more: Valkey may go away at any moment."""

from typing import Any

import redis
from kombu.transport import redis as kombu


class Channel(kombu.Channel):
    def _connparams(self, asynchronous: bool = False) -> Any:
        """Whoever still asks a closed channel for Valkey (a task that outlived its connection and wants to say that
        it is done, the closing itself) is told that the connection is lost, which kombu and Celery know how to
        bear. Theirs ends in an AttributeError (kombu 5.7), of which the whole worker dies."""
        if self.connection is None or self.connection.client is None:
            raise redis.ConnectionError("This connection to Valkey is closed.")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


class Transport(kombu.Transport):
    Channel = Channel
