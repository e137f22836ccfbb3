"""The secret of a private calendar address: signed from the link's id, so that it can be shown again and is kept
nowhere."""

from uuid import UUID

from django.core.signing import BadSignature, Signer

from brokerage.calendar.models import CalendarLink

_SALT, _SEPARATOR = "brokerage.calendar.link", "~"


def token_of(link: CalendarLink) -> str:
    return _signer().sign(link.public_id.hex)


def find(token: str) -> CalendarLink | None:
    """The link that still works, or None for one that is revoked or was never made."""
    try:
        public_id = UUID(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None
    return (
        CalendarLink.objects.select_related("school")
        .filter(public_id=public_id, revoked_at__isnull=True)
        .first()
    )


def _signer() -> Signer:
    return Signer(salt=_SALT, sep=_SEPARATOR)
