import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage import free_text
from brokerage.states import MACHINES


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_is_in_the_table_and_reachable(machine):
    states, moves = MACHINES[machine]
    assert set(moves) == set(states)

    first = next(iter(states))
    reached, todo = {first}, [first]
    while todo:
        for state in moves[todo.pop()] - reached:
            reached.add(state)
            todo.append(state)

    assert reached == set(states)


@given(st.from_regex(r"[1-9][0-9]{9}", fullmatch=True), st.text(alphabet="abc .", max_size=10))
def test_uln_is_found_wherever_it_stands(uln, around):
    assert free_text.holds_pupil_identifier(f"{around} {uln} {around}")


@pytest.mark.parametrize("text", ["Ask for H801200001001.", "h801200001001", "A123456789012"])
def test_upn_is_found(text):
    assert free_text.holds_pupil_identifier(text)


@pytest.mark.parametrize(
    "text",
    [
        "Call 01234 567890",
        "07700900123",
        "+441234567890",
        "+44 1234567890",
        "+44 (0)1234567890",
        "Room B12, 180 pupils, 09:10",
        "20261124091000",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert not free_text.holds_pupil_identifier(text)
