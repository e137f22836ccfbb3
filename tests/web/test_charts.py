"""Charts: where marks fall (one place worked out by hand for each), what is said, what the table holds, and what
the drawn page must never contain."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.template import Context, Template

from brokerage.web import charts
from brokerage.web.charts import Day, words
from brokerage.web.charts.clock import briefly, span
from brokerage.web.charts.marks import (
    NARROW,
    Arch,
    Box,
    Drawing,
    Figure,
    Line,
    Spot,
    Table,
    Words,
    text_width,
)
from brokerage.web.charts.timeline import initials, spread
from brokerage.web.views import styleguide_charts as examples

TODAY = date(2026, 11, 24)
ALL = [example for kind in ("strips", "full", "half", "hubs") for example in examples.examples()[kind]]


def rendered(thing: object) -> str:
    return Template("{% load charts %}{% chart thing %}").render(Context({"thing": thing}))


def wide(thing: object) -> Drawing:
    drawn = charts.figure(thing).wide
    assert drawn is not None
    return drawn


def only(drawing: Drawing, kind: str) -> Any:
    (mark,) = drawing.of(kind)
    return mark


def said(drawing: Drawing) -> list[str]:
    return [mark.text for mark in drawing.marks if isinstance(mark, Words)]


def rows(thing: object) -> list[list[str]]:
    table = charts.figure(thing).table
    assert isinstance(table, Table)
    return [[cell.text for cell in row] for row in table.rows]


def clock(*days: charts.ClockDay, **more: Any) -> charts.ResponseClock:
    return charts.ResponseClock(date(2026, 11, 11), TODAY, days, **more)


def counted(day: int, number: int) -> charts.ClockDay:
    return charts.ClockDay(date(2026, 11, day), Day.COUNTED, number)


@pytest.mark.parametrize(("title", "thing"), ALL, ids=[title for title, _ in ALL])
def test_every_drawing_can_stand_on_a_page(title: str, thing: object) -> None:
    figure, html = charts.figure(thing), rendered(thing)
    ids = re.findall(r'\bid="([^"]+)"', html)

    assert "style=" not in html
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)
    for drawing in (figure.wide, figure.narrow):
        if drawing is not None:
            assert '<svg class="dw-chart__drawing"' in html
            assert f'role="img" aria-label="{figure.label[:12]}' in html.replace("&amp;", "&")
            assert [mark for mark in drawing.marks if not inside(drawing, mark)] == []


def inside(drawing: Drawing, mark: object) -> bool:
    """A little room for a stroke's width; words by their starting point."""
    match mark:
        case Box(x=x, y=y, width=width, height=height):
            return x >= -1 and x + width <= drawing.width + 1 and y >= -1 and y + height <= drawing.height + 1
        case Spot(x=x, y=y, radius=radius):
            return radius <= x + 1 and x + radius <= drawing.width + 1 and y + radius <= drawing.height
        case Arch(x=x, width=width):
            return x >= -1 and x + width <= drawing.width + 1
        case Words(x=x, y=y):
            return -1 <= x <= drawing.width + 1 and 0 <= y <= drawing.height
        case _:
            return True


def test_two_drawings_of_the_same_chart_share_no_id() -> None:
    thing = examples.rates(58, 94, 12, 61)
    ids = re.findall(r'\bid="([^"]+)"', rendered(thing) + rendered(thing))

    assert len(ids) == 4
    assert len(set(ids)) == 4


def test_what_people_wrote_is_escaped() -> None:
    thing = charts.LeaveOneOut((charts.LeftOut("<b>College</b>", 12),), (), 44)

    assert "<b>" not in rendered(thing)
    assert "&lt;b&gt;College" in rendered(thing)


def test_anything_else_is_no_chart() -> None:
    with pytest.raises(TypeError, match="str is not a chart"):
        charts.figure("words")


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.004, "under 1%"), (0.62, "62%"), (0.996, "over 99%"), (1, "100%")]
)
def test_percentages_never_round_to_all_or_none(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_counts_of_a_few_pupils_are_not_told(count: int, text: str) -> None:
    assert words.pupils(count) == text


@pytest.mark.parametrize(
    ("lower", "upper", "safe"),
    [
        (0.75, 0.85, (0.75, 0.85)),
        (142 / 153, 142 / 153, (142 / 153, 142 / 153)),
        (150 / 153, 150 / 153, (0.96, 1)),
        (3 / 153, 3 / 153, (0, 0.04)),
        (3 / 153, 150 / 153, (0, 1)),
        (0, 1, (0, 1)),
    ],
)
def test_bounds_give_way_before_they_give_a_few_pupils_away(
    lower: float, upper: float, safe: tuple[float, float]
) -> None:
    assert words.safe_bounds(lower, upper, 153) == pytest.approx(safe)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.04, "under 0.1"),
        (0.4, "0.4"),
        (8, "8"),
        (96.2, "96"),
        (2310, "2,310"),
        (12_000, "more than 10,000"),
    ],
)
def test_evidence_is_said_as_far_as_the_scale_goes(value: float, text: str) -> None:
    assert words.evidence(value) == text


def test_clock_leaves_a_gap_for_the_weekend() -> None:
    drawn = wide(clock(counted(12, 1), counted(13, 2), counted(16, 3)))

    assert [mark.x for mark in drawn.of("clock-counted")] == [1, 40, 88]  # type: ignore[union-attr]


def test_clock_says_what_counted_and_why_not() -> None:
    thing = clock(
        counted(17, 1), charts.ClockDay(date(2026, 11, 18), Day.CLOSED, None, "INSET day"), counted(19, 2)
    )

    assert charts.figure(thing).label == (
        "Day 2 of 10. 2 counted since 11 November; 18 November not counted, INSET day."
    )
    assert rows(thing)[1] == ["Wed 18 November", "not counted, INSET day", ""]


@pytest.mark.parametrize(
    ("number", "kind", "label"),
    [
        (10, "counted", "Day 10 of 10."),
        (11, "late", "Late: day 11."),
        (20, "late", "Late: day 20."),
        (21, "very-late", "Very late: day 21."),
    ],
)
def test_clock_turns_late_and_very_late(number: int, kind: str, label: str) -> None:
    thing = clock(counted(24, number))

    assert only(wide(thing), f"clock-{kind}").width == 34
    assert charts.figure(thing).label.startswith(label)


def test_clock_puts_its_post_after_the_tenth_day() -> None:
    drawn = wide(clock(counted(24, 10)))
    (post,) = (mark for mark in drawn.of("post-late") if isinstance(mark, Line))

    assert post.path == "M37.5 0V42"
    assert "late" in said(drawn)


def test_clock_that_was_answered_the_same_day_counts_nothing() -> None:
    thing = clock(charts.ClockDay(date(2026, 11, 12), Day.TO_COME, 1), answered_on=date(2026, 11, 11))

    assert charts.figure(thing).label == "Answered the same day."


def test_clock_that_was_answered_says_so() -> None:
    assert charts.figure(clock(counted(12, 1), answered_on=date(2026, 11, 12))).label.startswith(
        "Answered on day 1."
    )


def test_clock_never_leaves_a_day_alone_at_the_end_of_a_row() -> None:
    eight = [counted(day, number) for number, day in enumerate((12, 13, 16, 17, 18, 19, 20, 23, 24), start=1)]
    narrow = charts.figure(clock(*eight)).narrow

    assert narrow is not None
    assert [mark.x for mark in narrow.of("clock-counted")[-2:]] == [1, 40]  # type: ignore[union-attr]


def test_page_may_say_the_working_in_its_own_words() -> None:
    assert charts.figure(clock(counted(12, 1), said="One day so far.")).note == "One day so far."
    assert charts.figure(clock(counted(12, 1))).note == "1 counted since 11 November."


def test_spans_name_the_month_once() -> None:
    assert span(date(2026, 10, 26), date(2026, 10, 30), TODAY) == "26 to 30 October"
    assert span(date(2026, 10, 30), date(2026, 11, 2), TODAY) == "30 October to 2 November"


def cohort(*doors: charts.TimelineDoor, **more: Any) -> charts.TimelineCohort:
    opens, closes = date(2025, 9, 1), date(2027, 2, 28)
    return charts.TimelineCohort("Year 9", "First phase", opens, closes, doors, "soon", "Short by 1", **more)


def test_timeline_runs_from_september_to_15_march() -> None:
    """560 days on 668 units: the window of 545 days ends at 132 + 668 × 545 / 560."""
    window = only(wide(charts.EvidenceTimeline(TODAY, (cohort(),))), "window")

    assert window.x == 132
    assert window.width == pytest.approx(668 * 545 / 560)


def test_timeline_says_count_state_and_deadline() -> None:
    lit = charts.TimelineDoor(date(2026, 3, 12), "Wexbourne College", share=0.94)
    booked = charts.TimelineDoor(date(2027, 1, 19), "Forge & Field", "booked")
    thing = charts.EvidenceTimeline(TODAY, (cohort(lit, booked, share=0.94),))

    assert charts.figure(thing).label == (
        "Year 9: 1 of 2 held, 94% reached, 1 booked, short by 1, due 28 February 2027."
    )
    assert rows(thing) == [
        [
            "Year 9",
            "First phase",
            "28 February 2027",
            "1 of 2 held, 94% reached, 1 booked",
            "Wexbourne College, 12 March 2026, 94%; Forge & Field, 19 January 2027, booked",
            "Short by 1",
        ]
    ]


def test_timeline_clips_no_count() -> None:
    lit = charts.TimelineDoor(date(2026, 3, 12), "Wexbourne College", share=0.94)
    booked = charts.TimelineDoor(date(2027, 1, 19), "Forge & Field", "booked")
    drawn = wide(charts.EvidenceTimeline(TODAY, (cohort(lit, lit, booked, share=0.94),)))

    lines = [mark for mark in drawn.of("count-line") if isinstance(mark, Words)]
    assert [line.text for line in lines] == ["2 of 2 held, 94% reached,", "1 booked"]
    assert all(text_width(line.text, 15) <= drawn.width - line.x for line in lines)


def test_doors_stand_side_by_side_within_their_window() -> None:
    assert spread([200, 201, 230], 132, 800) == [200, 228, 256]
    assert spread([790, 799], 132, 800) == [757, 785]


def test_providers_with_one_initial_are_told_apart() -> None:
    assert initials(["Wexbourne", "Westfield", "Saltmere", "Wexbourne"]) == {
        "Wexbourne": "W",
        "Westfield": "W2",
        "Saltmere": "S",
    }


def test_phone_lists_what_is_still_to_find() -> None:
    lit = charts.TimelineDoor(date(2026, 10, 14), "Wexbourne College")

    assert cohort(lit, verb="offered", to_find="Any provider").phone_doors == [
        ("lit", 1, "Offered", "Wexbourne College", "14 Oct"),
        ("find", 0.0, "To find", "Any provider", ""),
    ]


def test_coverage_is_solid_to_the_lower_bound_and_hatched_to_the_upper() -> None:
    """0 to 1 lies on 1 to 508."""
    thing = charts.CoverageBounds((charts.Coverage("Year 10", 158, 0.75, 0.85),))
    drawn = wide(thing)

    assert only(drawn, "technical").width == pytest.approx(507 * 0.75)
    assert only(drawn, "maybe").x == pytest.approx(1 + 507 * 0.75)
    assert only(drawn, "maybe").pattern == "maybe"
    assert charts.figure(thing).label == "Year 10: at least 75%, at most 85%."
    assert rows(thing) == [["Year 10", "158", "75%", "85%", "24 to 40"]]


def test_coverage_never_gives_a_few_pupils_away() -> None:
    thing = charts.CoverageBounds((charts.Coverage("Year 9", 153, 150 / 153, 150 / 153),))

    assert charts.figure(thing).label == "Year 9: over 96%."
    assert rows(thing) == [["Year 9", "153", "96%", "100%", "fewer than 5"]]


@pytest.mark.parametrize(
    ("lower", "upper", "words_"),
    [
        (100, 100, "53"),
        (150, 150, "fewer than 5"),
        (150, 153, "fewer than 5"),
        (153, 153, "0"),
        (100, 151, "up to 53"),
        (3, 100, "53 to 153"),
        (3, 3, "up to 153"),
        (0, 4, "up to 153"),
    ],
)
def test_pupils_still_to_reach_hide_the_few_who_were(lower: int, upper: int, words_: str) -> None:
    assert charts.Coverage("Year 9", 153, lower / 153, upper / 153).still_to_reach == words_


def test_hub_is_in_order_of_the_alphabet_and_says_each_door() -> None:
    thing = examples.hub()
    html = rendered(thing)

    assert [school.name[:3] for school in thing.in_order] == ["Ash", "Har", "Kes", "Sut", "The"]
    assert "Year 9: first all reached, second 97% reached" in html
    assert rows(thing)[0] == [
        "Ashwell Grove School",
        "11 to 16, roll 890",
        "Year 9: first all reached, second 97% reached; Year 11: first all reached, second booked",
        "answers in 2 days",
        "on course",
    ]


def test_rates_are_bars_with_counts_and_ranges() -> None:
    thing = examples.rates(58, 94, 12, 61)
    figure = charts.figure(thing)

    assert only(wide(thing), "technical").width == pytest.approx(460 * 12 / 61)
    assert only(wide(thing), "others").pattern == "others"
    assert figure.label == (
        "Universities, employers, others 58 of 94, 62% (52 to 71). "
        "Colleges, apprenticeship providers 12 of 61, 20% (12 to 31)."
    )
    assert figure.note == "95% ranges: 52% to 71% and 12% to 31%."
    assert rows(thing)[1] == ["Colleges, apprenticeship providers", "12", "61", "20%", "12% to 31%"]


@pytest.mark.parametrize(("asked", "whiskers"), [(9, 1), (10, 2)])
def test_under_ten_requests_there_is_no_rate(asked: int, whiskers: int) -> None:
    thing = examples.rates(31, 33, 3, asked)

    assert len(wide(thing).of("whisker")) == whiskers
    assert ("%" in rendered(thing).split(f"3 of {asked}")[1][:60]) is (whiskers == 2)


def evidence(*values: float) -> charts.EvidenceOverTime:
    steps = [
        charts.EvidenceStep(date(2026, month, 1), e, "Ask", "#ask") for month, e in enumerate(values, start=3)
    ]
    return charts.EvidenceOverTime(tuple(steps), review_at=640)


@pytest.mark.parametrize(
    ("granted", "asked", "doors", "said"),
    [
        (58, 94, 6, "58 of 94, about 6 in 10"),
        (30, 60, 5, "30 of 60, 5 in 10"),
        (1, 100, 1, "1 of 100, about 1 in 10"),
        (99, 100, 9, "99 of 100, about 9 in 10"),
        (0, 12, 0, "0 of 12, 0 in 10"),
        (12, 12, 10, "12 of 12, 10 in 10"),
    ],
)
def test_doors_in_ten_are_never_all_or_none_by_rounding(
    granted: int, asked: int, doors: int, said: str
) -> None:
    thing = charts.DoorsInTen((charts.GroupRate("Others", granted, asked, False),))

    assert thing.rows == [("Others", ["lit"] * doors + ["find"] * (10 - doors), said)]


def test_under_ten_requests_there_are_no_doors() -> None:
    thing = charts.DoorsInTen((charts.GroupRate("Others", 3, 9, False),))

    assert thing.rows == [("Others", [], "3 of 9")]
    assert "<svg" not in rendered(thing)


def test_evidence_rises_by_one_fifth_of_the_scale_for_each_ten() -> None:
    """0.1 to 10,000 lie on 216 to 28: 37.6 for each step of ten."""
    drawn = wide(evidence(1, 100))
    last = only(drawn, "last")

    assert (last.x, last.y) == (506, pytest.approx(216 - 3 * 37.6))
    assert only(drawn, "evidence").path == "M54 178.4H54V178.4H506V103.2"
    assert len(charts.figure(evidence(1, 100)).narrow.links) == 2  # type: ignore[union-attr]


def test_evidence_says_when_it_passed_its_lines() -> None:
    assert charts.figure(evidence(25, 18, 700, 2310)).label == "Passed 20 in March, 640 in May, now 2,310."
    assert charts.figure(evidence(2, 3)).label == "Never passed 20, now 3."
    assert charts.figure(evidence(20_000)).label.endswith("now more than 10,000.")


def test_evidence_lists_every_link_again_in_its_table() -> None:
    table = charts.figure(evidence(25, 18)).table

    assert table is not None
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["1 March 2026", "Ask", "25"],
        ["1 April 2026", "Ask", "18"],
    ]
    assert [row[1].href for row in table.rows] == ["#ask", "#ask"]


def group(name: str, answered: int, still_open: int) -> charts.WaitingGroup:
    waits = [charts.Wait(7, True)] * answered + [charts.Wait(20, False)] * still_open
    return charts.WaitingGroup(name, tuple(waits))


def test_curves_step_down_where_answers_came() -> None:
    """28 days lie on 46 to 408, all to none on 14 to 200: 80% answered on day 7 leaves 162.8."""
    thing = charts.Waiting(group("colleges", 8, 2), group("others", 4, 16))
    drawn = wide(thing)

    assert only(drawn, "curve-technical").path == "M46 14H136.5V162.8H408V162.8"
    assert len(drawn.of("open-others")) == 1
    assert charts.figure(thing).label == "After 14 days 20% and 80% had no answer."
    assert ["after 7 days", "20%", "80%"] in rows(thing)
    assert rows(thing)[-1] == ["log-rank z (describes, decides nothing)", "3.1", ""]


def test_group_with_few_requests_has_no_curve() -> None:
    thing = charts.Waiting(group("colleges", 9, 0), group("others", 4, 16))

    assert wide(thing).of("curve-technical") == []
    assert len(wide(thing).of("curve-others")) == 1
    assert charts.figure(thing).label == "After 14 days 80% of requests from others had no answer."
    assert ["after 7 days", "too few", "80%"] in rows(thing)


def test_few_requests_are_counted_and_not_drawn() -> None:
    thing = charts.Waiting(group("colleges", 3, 0), group("others", 9, 0))

    assert charts.figure(thing).wide is None
    assert "3 requests from colleges and 9 requests from others: too few" in rendered(thing)


def test_outcomes_share_out_the_bar() -> None:
    """100 requests lie on 196 to 1,058."""
    thing = charts.WhatHappened((charts.Outcomes("Others", 50, 10, 15, 25),))
    drawn = wide(thing)

    assert only(drawn, "outcome-later").x == pytest.approx(196 + 431)
    assert only(drawn, "outcome-silent").pattern == "silent"
    assert charts.figure(thing).label == (
        "What happened to requests. Others: 50 granted, 10 granted later than four weeks, "
        "15 refused with a reason, 25 no answer."
    )
    assert rows(thing) == [["Others", "50", "10", "15", "25", "100"]]


def test_lowest_is_filled_and_named() -> None:
    thing = examples.leaving_out()
    drawn = wide(thing)

    assert [round(mark.x) for mark in drawn.of("lowest")] == [686, 614]  # type: ignore[union-attr]
    assert "210 without Wexbourne College" in said(drawn)
    assert charts.figure(thing).label == (
        "Lowest 210 without Wexbourne College, 96 without spring 2026, first half; both above 8."
    )
    assert rows(thing)[-1] == ["With everything", "", "2,310"]
    assert len(rows(thing)) == 9 + 7 + 1


def test_what_does_not_hold_is_said() -> None:
    thing = charts.LeaveOneOut((charts.LeftOut("Northgale", 8),), (charts.LeftOut("autumn", 9),), 44)

    assert charts.figure(thing).label.endswith("the first not above 8.")


def test_funnel_places_schools_and_says_where_the_own_one_lies() -> None:
    """No overdispersion among equals: at 100 requests 3 sigma are 15 points either side of half."""
    equals = tuple(charts.SchoolRate(50, 100) for _ in range(6))
    thing = charts.FunnelOfSchools(charts.SchoolRate(34, 100), equals)

    first = wide(thing).of("school")[0]

    assert isinstance(first, Spot)
    assert (first.x, first.y) == (pytest.approx(46 + 458 / 1.05), 107)
    assert charts.figure(thing).label == "100 requests, 34%: below the outer band of 6 comparable schools."
    assert rows(thing)[0] == ["your school", "100", "34%", "40% to 60%", "35% to 65%"]
    assert len(rows(thing)) == 7


def test_own_school_with_few_requests_has_no_place_in_the_funnel() -> None:
    thing = examples.funnel(2, 7)

    assert [mark for mark in wide(thing).marks if isinstance(mark, Arch)] == []
    assert "your school" not in [row[0] for row in rows(thing)]


def test_concentration_curve_runs_under_the_diagonal() -> None:
    """Half the pupils, a quarter of 40 visits: the first fifth had a tenth."""
    thing = charts.WhoGetsTheVisits(
        (charts.SchoolVisits(100, 30, 0.1), charts.SchoolVisits(100, 10, 0.6)), previous_index=-0.16
    )
    figure, drawn = charts.figure(thing), wide(thing)
    first = drawn.of("fifth")[0]

    assert isinstance(first, Spot)
    assert (first.x, first.y) == (pytest.approx(44 + 420 * 0.2), pytest.approx(10 + 231 * 0.9))
    assert figure.label == "The most disadvantaged fifth had 10% of visits."
    assert figure.note == "40 visits. Index −0.25, was −0.16 last term."
    assert [row[1] for row in rows(thing)] == ["10%", "10%", "20%", "30%", "30%"]


def test_concentration_is_shown_from_twenty_visits() -> None:
    few = charts.WhoGetsTheVisits((charts.SchoolVisits(100, 19, 0.1), charts.SchoolVisits(100, 0, 0.6)))

    assert charts.figure(few) == Figure("concentration", "Shown from 20 visits a term.", None)


def test_narrow_drawings_are_narrow() -> None:
    drawings = [charts.figure(thing).narrow for title, thing in ALL if not title.startswith("C1 ")]

    assert {drawing.width for drawing in drawings if drawing is not None} == {NARROW}


def test_a_row_draws_no_endless_clock() -> None:
    start = date(2026, 7, 20)
    closed = [charts.ClockDay(start + timedelta(days=n), Day.CLOSED) for n in range(25)]
    waited = [charts.ClockDay(start + timedelta(days=30 + n), Day.COUNTED, number=n + 1) for n in range(114)]
    endless = clock(*closed, *waited, compact=True)
    assert len(briefly(endless)) == 5 + 23
    assert endless.number == 114
