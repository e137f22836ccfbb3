import pytest

from brokerage.accounts import telephones


@pytest.mark.parametrize(
    ("typed", "kept", "link"),
    [
        ("01632960001", "01632 960001", "tel:+441632960001"),
        (" 01632  960 001 ", "01632 960001", "tel:+441632960001"),
        ("+44 (0)20 7946-0000", "020 7946 0000", "tel:+442079460000"),
        ("0044 20 7946 0000", "020 7946 0000", "tel:+442079460000"),
        ("(0113) 496.0000", "0113 496 0000", "tel:+441134960000"),
        ("0161 496 0000", "0161 496 0000", "tel:+441614960000"),
        ("07700 900123", "07700 900123", "tel:+447700900123"),
        ("0808 157 0192", "0808 157 0192", "tel:+448081570192"),
        ("016977 3555", "01697 73555", "tel:+44169773555"),
        ("", "", ""),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, kept: str, link: str) -> None:
    assert telephones.read(typed) == kept
    assert telephones.read(kept) == kept
    assert telephones.address_of(kept) == link


@pytest.mark.parametrize(
    "typed",
    ["999", "1632960001", "0632 960001", "01632 960001 ext 4", "01632 96000112", "ask at reception", "+1 212 555 0100",
     "٠١٦٣٢٩٦٠٠٠١", "0" * 11, "01632\0960001", "0 1632 960001;ext=1"],
)  # fmt: skip
def test_what_cannot_be_rung_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Enter a telephone number"):
        telephones.read(typed)


def test_registers_lose_the_first_nought() -> None:
    assert telephones.read_of_register("1632960001") == "01632 960001"
    assert telephones.read_of_register("020 7946 0000") == "020 7946 0000"
    assert telephones.read_of_register("n/a") == telephones.read_of_register("") == ""
