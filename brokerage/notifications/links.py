"""The path of the page that answers each piece of news: the one place to change when an address changes."""

from uuid import UUID

UPDATES = "/updates/"
VISITS = "/visits/"
FIND = "/find/"
PEOPLE = "/people/"
APPROVALS = "/approvals/"
HOME = "/"


def need(public_id: UUID) -> str:
    """The claimant's view of a need."""
    return f"/needs/{public_id}/"


def school_need(public_id: UUID) -> str:
    """The school's own view, with the offers on it."""
    return f"/school/needs/{public_id}/"


def claim(public_id: UUID) -> str:
    return f"/claims/{public_id}/"


def record(encounter: UUID) -> str:
    return f"/school/encounters/{encounter}/record/"


def invitation(token: str) -> str:
    return f"/invitations/{token}/"
