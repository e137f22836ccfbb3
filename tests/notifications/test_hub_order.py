"""Two sockets of one person that stand at different places in the same feed."""

from typing import Any

from brokerage.notifications.hub import push_after
from brokerage.notifications.line import Line

READ = [(position, f"entry {position}") for position in (101, 102)]


def line_at(position: int) -> tuple[Line, list[str]]:
    told: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        told.append(message["text"])

    return Line(send, person="p", person_id=1, position=position), told


async def test_a_socket_that_stands_further_back_than_was_read_misses_nothing() -> None:
    """It came back, at 90, while entries after 100 were read for its neighbour."""
    line, told = line_at(90)
    push_after(line, READ, read_from=100)
    assert told == []
    assert line.position == 90


async def test_a_socket_gets_what_it_has_not_had() -> None:
    line, told = line_at(101)
    push_after(line, READ, read_from=100)
    assert told == ["entry 102"]
    assert line.position == 102
