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


def uln(nine: str) -> str:
    remainder = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return nine + str(10 - remainder)


@given(st.text(alphabet="123456789", min_size=9, max_size=9), st.text(alphabet="abc .", max_size=10))
def test_valid_uln_is_found_wherever_it_stands(nine, around):
    if sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11 == 0:
        return
    assert free_text.holds_pupil_identifier(f"{around} {uln(nine)} {around}")


@pytest.mark.parametrize("text", ["Ask for H801200001001.", "h801200001001", "A123456789012"])
def test_upn_is_found(text):
    assert free_text.holds_pupil_identifier(text)


@pytest.mark.parametrize(
    "text", ["Call 01234 567890", "07700900123", "+441234567890", "Room B12, 180 pupils, 09:10", "2026112409"]
)
def test_ordinary_text_is_left_alone(text):
    assert not free_text.holds_pupil_identifier(text)
