"""The path of the page that answers each piece of news: the one place to change when an address changes."""

from uuid import UUID

UPDATES = "/updates/"
VISITS = "/visits/"
FIND = "/find/"
PEOPLE = "/people/"
APPROVALS = "/approvals/"
HOME = "/"
PROVIDER_ACCESS = "/school/provider-access/"
FAIRNESS = "/fairness/"


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


def request(public_id: UUID) -> str:
    """The asker's view of what they asked a school."""
    return f"/requests/{public_id}/"


def follow_up(public_id: UUID) -> str:
    """The same page with a polite follow-up filled in; sending it stays theirs to do."""
    return f"/requests/{public_id}/follow-up/"


def school_request(public_id: UUID) -> str:
    """The school's view of it, with what it can answer."""
    return f"/school/requests/{public_id}/"


def external(public_id: UUID) -> str:
    """The provider's view of an encounter that a school recorded without it."""
    return f"/encounters/elsewhere/{public_id}/"


def overview_school(public_id: UUID) -> str:
    return f"/overview/schools/{public_id}/"


def fairness_case(public_id: UUID) -> str:
    """The reviewer's view of a case."""
    return f"/fairness/cases/{public_id}/"


def invitation(token: str) -> str:
    return f"/invitations/{token}/"
