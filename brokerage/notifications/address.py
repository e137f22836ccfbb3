"""Where the socket is, as seen by whoever made this request."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

PATH = "/ws/events/"


def socket_url(request: HttpRequest) -> str:
    """Full address on the request's own host: its port behind the proxy, else the socket process's."""
    scheme = "wss" if request.is_secure() else "ws"
    host = request.get_host()
    if settings.SOCKET_PORT is not None:
        name = urlsplit(f"//{host}").hostname or ""
        host = f"[{name}]:{settings.SOCKET_PORT}" if ":" in name else f"{name}:{settings.SOCKET_PORT}"
    return f"{scheme}://{host}{PATH}"
