"""Closures from CSV and ICS: every row is read or named, and a file that can't be read says so."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.calendar import importing
from brokerage.errors import InvalidInput

HEADER = "Name,First day,Last day,Kind\n"


def csv_of(*lines: str, header: str = HEADER) -> bytes:
    return (header + "\n".join(lines)).encode()


def ics_of(*events: str) -> bytes:
    made = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A school//EN\r\n{made}END:VCALENDAR\r\n".encode()


def told(reading: importing.Reading) -> list[tuple[str, str, str, str]]:
    return [(row.label, row.kind, row.first_on.isoformat(), row.last_on.isoformat()) for row in reading.rows]


def test_12_of_14_rows_are_read_and_the_others_are_named():
    good = [f"INSET day {day},{day}/11/2026,," for day in range(1, 13)]
    reading = importing.read(csv_of(*good[:5], "INSET day,,,", *good[5:], "Easter,29/3/2027,26/3/2027,"))

    assert reading.sentence == "12 of 14 rows read. Row 7 has no date. Row 15 ends before it starts."
    assert reading.refused[0].cells == ("INSET day", "", "", "")


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("October half-term,26/10/2026,30 Oct 2026,", ("holiday", "2026-10-26", "2026-10-30")),
        ("INSET day,2026-11-02,,", ("inset", "2026-11-02", "2026-11-02")),
        ("Staff training,Mon 2 November 2026,,", ("inset", "2026-11-02", "2026-11-02")),
        ("Year 11 mocks,30/11/26,2026-12-11 00:00:00,", ("exams", "2026-11-30", "2026-12-11")),
        ("Open evening,1/10/2026,,other", ("other", "2026-10-01", "2026-10-01")),
        ("Occasional day,1/10/2026,,School holiday or half-term", ("holiday", "2026-10-01", "2026-10-01")),
    ],
)
def test_days_and_kinds_are_read_as_people_write_them(line, read):
    assert [row[1:] for row in told(importing.read(csv_of(line)))] == [read]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",26/10/2026,,", "has no name"),
        ("Half-term,26 October,,", "has no year in «26 October»"),
        ("Half-term,soon,,", "has a date we can't read: «soon»"),
        ("Half-term,10/26/2026,,", "has a date we can't read: «10/26/2026»"),
        ("Half-term,26/10/2026,then,", "has a last day we can't read: «then»"),
        ("Half-term,26/10/2026,26/10/2027,", "is longer than a summer holiday"),
        ("Half-term,26/10/1926,,", "isn't from 1 January 2000 to 31 December 2100"),
        ("Half-term,26/10/2026,,magic", "has a kind we don't know: «magic» (known: holiday, inset, exams, other)"),
        (f"{'x' * 81},26/10/2026,,", "has a name of more than 80 characters"),
        ("A123456789012,26/10/2026,,", "has a name that can't stay: This looks like a pupil's number. Take it out: "
         "Doorway holds counts of pupils, never who they are"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_said(line, why):
    reading = importing.read(csv_of(line))

    assert (reading.rows, [each.why for each in reading.refused]) == ((), [why])


@pytest.mark.parametrize(
    "content",
    [
        csv_of("Half-term;26/10/2026;30/10/2026", header="Title;Start date;End date\n"),
        csv_of("Half-term\t26/10/2026\t30/10/2026", header="\n\nEVENT\tfrom\tto\n"),
        b"\xef\xbb\xbf" + csv_of("Half-term,26/10/2026,30/10/2026"),
        csv_of("Half-term,26/10/2026,30/10/2026").decode().encode("utf-16"),
        ics_of("SUMMARY:Half-term\r\nDTSTART;VALUE=DATE:20261026\r\nDTEND;VALUE=DATE:20261031"),
        ics_of("SUMMARY:Half-term\r\nDTSTART:20261026T080000\r\nDTEND:20261031T000000"),
    ],
)
def test_spreadsheets_and_calendars_say_the_same(content):
    assert told(importing.read(content)) == [("Half-term", "holiday", "2026-10-26", "2026-10-30")]


def test_windows_text_keeps_its_accents():
    assert (
        importing.read(csv_of("Café day,2/11/2026,,other").decode().encode("cp1252")).rows[0].label
        == "Café day"
    )


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("SUMMARY:INSET", "has no date"),
        ("SUMMARY:INSET\r\nDTSTART:soon", "has a date we can't read"),
        ("SUMMARY:INSET\r\nDTSTART;VALUE=DATE:20261102\r\nDTEND:soon", "has a last day we can't read"),
        ("SUMMARY:INSET\r\nDTSTART;VALUE=DATE:20261102\r\nDURATION:P2D",
         "has a length instead of a last day: write its last day"),
        ("SUMMARY:INSET\r\nDTSTART;VALUE=DATE:20261102\r\nRRULE:FREQ=WEEKLY", "repeats: list each of its days"),
        ("SUMMARY:INSET\r\nDTSTART;VALUE=DATE:20261102\r\nSTATUS:CANCELLED", "is cancelled"),
        ("DTSTART;VALUE=DATE:20261102", "has no name"),
    ],
)  # fmt: skip
def test_events_that_cannot_be_read_are_named_by_their_place(event, why):
    good = "SUMMARY:INSET day\r\nDTSTART;VALUE=DATE:20261101"

    assert importing.read(ics_of(good, event)).sentence == f"1 of 2 rows read. Row 2 {why}."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" \n", "file_empty"),
        (HEADER.encode(), "file_empty"),
        (ics_of(), "file_empty"),
        (b"x" * (importing.SIZE_AT_MOST + 1), "file_too_large"),
        (csv_of(*["INSET,2/11/2026,,"] * 501), "too_many_rows"),
        (b"PK\x03\x04 a workbook", "file_not_read"),
        (b"\xff\xfe\x00", "file_not_read"),
        (csv_of('"never closed'), "file_not_read"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "file_not_read"),
        (b"BEGIN:VCALENDAR\nnonsense", "file_not_read"),
        (csv_of("1,2", header="a,b\n"), "columns_missing"),
    ],
)
def test_a_file_that_cannot_be_read_says_so_with_a_code(content, code):
    with pytest.raises(InvalidInput) as refused:
        importing.read(content)

    assert refused.value.code == code
    assert refused.value.fields["file"][0].isupper()


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"%PDF-1.7\n%x\n1 0 obj\x05", b"BEGIN:VCALENDAR\r\n\x00\x01"],
)
def test_a_file_of_another_sort_is_said_to_be_none_of_ours(content):
    with pytest.raises(InvalidInput) as refused:
        importing.read(content)

    assert refused.value.fields == {"file": "That isn't a calendar file. Choose one saved as CSV or ICS"}


def test_what_was_read_can_be_written_and_read_again():
    first = importing.read(csv_of('"Half-term, autumn",26/10/2026,30/10/2026,', "Nothing,,,"))
    cells = [(row.label, row.first_on.isoformat(), row.last_on.isoformat(), row.kind) for row in first.rows]

    again = importing.read_text(importing.as_csv([*cells, first.refused[0].cells]))

    assert told(again) == told(first) == [("Half-term, autumn", "holiday", "2026-10-26", "2026-10-30")]
    assert [each.why for each in again.refused] == ["has no date"]
    assert again.rows[0].first_on == date(2026, 10, 26)


PIECES = st.sampled_from(
    [b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"END:VCALENDAR\r\n", b"SUMMARY:INSET\r\n",
     b"DTSTART;VALUE=DATE:20261102\r\n", b"DTSTART:",
     b"RRULE:FREQ=DAILY\r\n", b"DTEND;TZID=Nowhere:20261102T100000\r\n",
     b"CATEGORIES:inset\r\n", b"name,date\n", b"INSET,2/11/2026\n", b'"', b",", b";", b"\x00", b"\xff", b"\r"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=12).map(b"".join)))
def test_no_file_whatever_is_in_it_fails_otherwise_than_in_words(content):
    with suppress(InvalidInput):
        assert importing.read(content).total > 0
