"""The socket's published contract, and what keeps it cheap."""

import inspect

from channels.consumer import AsyncConsumer

from brokerage.notifications import address, contract
from brokerage.notifications.consumers import EventsConsumer


def test_every_close_code_is_explained():
    description = contract.asyncapi()["info"]["description"]
    assert set(contract.MEANINGS) == set(contract.Close)
    assert all(f"`{int(code)}`" in description for code in contract.Close)


def test_references_lead_somewhere():
    document = contract.asyncapi()

    def references(part):
        if isinstance(part, dict):
            for key, value in part.items():
                if key == "$ref":
                    yield value
                else:
                    yield from references(value)
        elif isinstance(part, list):
            for item in part:
                yield from references(item)

    found = list(references(document))
    assert found
    for reference in found:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_address_in_pages_is_the_one_that_is_served():
    assert address.PATH == contract.PATH


def test_a_message_costs_no_hop_to_a_thread():
    """Channels' own dispatch closes old database connections for every message, in a thread: a fan-out would take
    four times as long."""
    assert "aclose_old_connections" in inspect.getsource(AsyncConsumer.dispatch)
    assert EventsConsumer.dispatch is not AsyncConsumer.dispatch
    assert "aclose_old_connections" not in inspect.getsource(EventsConsumer.dispatch)
