"""Who can't review a case: nobody decides on their own school, its trust, or a provider whose requests are in it."""

import json

from django.db.models import Q

from brokerage.accounts.models import Organisation, User
from brokerage.fairness.models import FairnessCase


def of(user: User, case: FairnessCase) -> list[Organisation]:
    """The parties that this person is a member of, in any role; none: they may review."""
    stream = json.loads(case.bundle.content)["stream"]
    askers = {row["provider"] for row in stream if row["type"] == "request"}
    parties = Q(pk=case.school_id) | Q(public_id__in=askers)
    if case.school.trust_id is not None:
        parties |= Q(pk=case.school.trust_id)
    mine = user.memberships.active().values("organisation")
    return list(Organisation.objects.filter(parties, pk__in=mine).order_by("name"))
