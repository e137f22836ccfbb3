"""The header `Idempotency-Key`, read for the verb that writes it down in its own transaction."""

import hashlib
import json
import re
from typing import Final

from rest_framework.request import Request

from brokerage.accounts.models import Membership
from brokerage.domain.idempotency import Once
from brokerage.errors import InvalidInput

HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[!-~]{1,200}")


def of(request: Request, by: Membership) -> Once | None:
    """None without the header. What counts as the same request: method, address, organisation and JSON."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise InvalidInput.on(HEADER, "A key is 1 to 200 visible ASCII characters.")
    said = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    asked = "\n".join([str(request.method), request.path, str(by.organisation.public_id), said])
    return Once(by.user_id, key, hashlib.sha256(asked.encode()).hexdigest())
