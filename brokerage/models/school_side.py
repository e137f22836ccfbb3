from django.db.models import Q

from brokerage.accounts.models import Kind, Organisation

_PATHS = {Kind.SCHOOL: "school", Kind.HUB: "school__hub", Kind.TRUST: "school__trust"}


def school_side(organisation: Organisation) -> Q | None:
    """Rows with a `school` that are a school's own, or its hub's or trust's to oversee; None for everybody else."""
    path = _PATHS.get(Kind(organisation.kind))
    return Q(**{path: organisation}) if path else None
