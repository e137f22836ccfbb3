"""Who wants to hear of what. A handler's stored name is chosen, never a module path."""

from collections.abc import Callable
from dataclasses import dataclass

from brokerage.eventlog.facts import Fact
from brokerage.eventlog.models import Event

Handler = Callable[[Event], None]


@dataclass(frozen=True)
class Subscription:
    name: str
    types: frozenset[str]
    handle: Handler


SUBSCRIPTIONS: dict[str, Subscription] = {}


def subscribe(name: str, *facts: type[Fact]) -> Callable[[Handler], Handler]:
    """The handler owes its work to each of these facts: at least once, in no promised order."""

    def register(handle: Handler) -> Handler:
        if name in SUBSCRIPTIONS:
            raise ValueError(f"{name} is taken")
        SUBSCRIPTIONS[name] = Subscription(name, frozenset(fact.type for fact in facts), handle)
        return handle

    return register


def subscribers(type_: str) -> list[str]:
    return [name for name, subscription in SUBSCRIPTIONS.items() if type_ in subscription.types]
