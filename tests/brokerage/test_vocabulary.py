import pytest

from brokerage import vocabulary


@pytest.mark.parametrize(
    ("year_groups", "words"),
    [
        ([], ""),
        ([10], "Year 10"),
        ([10, 9], "Years 9 and 10"),
        ([7, 8, 9], "Years 7 to 9"),
        ([7, 8, 9, 11], "Years 7, 8, 9 and 11"),
        ([9, 9], "Year 9"),
    ],
)
def test_year_groups_in_words(year_groups: list[int], words: str) -> None:
    assert vocabulary.years(year_groups) == words
