from brokerage.models.access_request import (
    AccessRequest,
    CounterOffer,
    CounterOutcome,
    Question,
    Step,
    TermAnswer,
    Words,
    term_of,
)
from brokerage.models.access_terms import AccessTerms
from brokerage.models.claim import Claim
from brokerage.models.encounter import Encounter
from brokerage.models.external_encounter import ExternalEncounter
from brokerage.models.hosting import Hosting
from brokerage.models.idempotency import IdempotencyKey
from brokerage.models.listing import Listing
from brokerage.models.need import EncounterNeed
from brokerage.models.phase_standing import PhaseStanding
from brokerage.models.place import Outcode
from brokerage.models.slot import Slot

__all__ = [
    "AccessRequest",
    "AccessTerms",
    "Claim",
    "CounterOffer",
    "CounterOutcome",
    "Encounter",
    "EncounterNeed",
    "ExternalEncounter",
    "Hosting",
    "IdempotencyKey",
    "Listing",
    "Outcode",
    "PhaseStanding",
    "Question",
    "Slot",
    "Step",
    "TermAnswer",
    "Words",
    "term_of",
]
