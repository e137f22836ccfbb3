"""How many school days make an answer due and late here: settings.RESPONSE_CLOCK."""

from typing import Final

from django.conf import settings

from brokerage.calendar.clock import Parameters

CLOCK: Final = Parameters(**settings.RESPONSE_CLOCK)
