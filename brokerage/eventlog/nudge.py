"""Wake the deliverer soon after a commit: at most one nudge per 50 ms and process, however many claims.

The first commit after a quiet spell nudges at once; those that follow within the interval share one trailing
nudge. A thread of its own does the publishing, so that a broker which is slow or gone never holds up a
response. A nudge may be lost (a dead broker, a killed process): the sweep pays what it missed.
"""

from brokerage.eventlog.coalesced import Coalesced


def _deliver() -> None:
    from brokerage.eventlog.tasks import deliver

    deliver.apply_async(expires=30, retry=False)


soon = Coalesced(_deliver)
