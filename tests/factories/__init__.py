"""Builders of a small true world: each makes what it names and all that must stand behind it."""

from tests.factories.market import accepted_claim, need, over, posted, slot_of, submitted_claim
from tests.factories.people import employer, hub, member, provider, school, trust, university
from tests.factories.schooling import cohort, published_policy

__all__ = [
    "accepted_claim",
    "cohort",
    "employer",
    "hub",
    "member",
    "need",
    "over",
    "posted",
    "provider",
    "published_policy",
    "school",
    "slot_of",
    "submitted_claim",
    "trust",
    "university",
]
