"""Pages and API. HTTP runs under WSGI: docs/adr/0002."""

import gc
import os
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
django = get_wsgi_application()
# What was imported stays for good: looking through it for what may go stopped every request for some 50 ms.
gc.freeze()
_CHARSET: Final = re.compile(r""";\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Everything is read as UTF-8, whatever charset is claimed: Django would read even the address in it, fails on
    some before any middleware runs, and gets half characters from others, which PostgreSQL doesn't take."""
    kind = environ.get("CONTENT_TYPE", "")
    if ";" in kind:
        environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)
    return django(environ, start_response)
