from brokerage.models.claim import Claim
from brokerage.models.encounter import Encounter
from brokerage.models.hosting import Hosting
from brokerage.models.idempotency import IdempotencyKey
from brokerage.models.listing import Listing
from brokerage.models.need import EncounterNeed
from brokerage.models.place import Outcode
from brokerage.models.slot import Slot

__all__ = ["Claim", "Encounter", "EncounterNeed", "Hosting", "IdempotencyKey", "Listing", "Outcode", "Slot"]
