"""Every row of the table from the product's steps to the stream, and what the engine then makes of it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from brokerage.accounts.models import ProviderKind
from brokerage.fairness.engine import Engine
from brokerage.fairness.mapping import ASKERS, REASONS, ROWS, Asked, Hours, Kind, Slot, Step, Terms, events
from brokerage.fairness.mapping import slot_of_day as slot_of
from brokerage.fairness.parameters import ACCESS_ROW, CANCEL_ROW, MARGINAL_ROW, SPEED_7, SPEED_14
from brokerage.fairness.stream import date_of
from brokerage.vocabulary import DeclineReason, RefusalGround

HOURS = Hours(starts=time(8, 45), ends=time(15, 15), lunch=(time(12, 30), time(13, 20)))
TERMS = Terms(year_groups=(10,), whole_year=True, minutes=60, dates=(date_of(20),))
COLLEGE = Asked(school="S", asker="P", asker_kind="fe_college", terms=TERMS)
FIRST_COME = replace(COLLEGE, asker_kind="employer", first_come=True)


def step(kind: Kind, day: int, **more: object) -> Step:
    at = datetime(2024, 9, 1, 10, tzinfo=UTC) + timedelta(days=day)
    return Step(kind=kind, at=at, request_id="A", **more)  # type: ignore[arg-type]


def asked(**more: object) -> Step:
    return step(Kind.ASKED, 0, asked=replace(COLLEGE, **more))  # type: ignore[arg-type]


def slot(day: int, **more: object) -> Slot:
    given = {"starts": time(9, 0), "ends": time(10, 0), "whole_year": True, "pupils": 180, "cohort": 180}
    return Slot(on=date_of(day), hours=HOURS, **given | more)  # type: ignore[arg-type]


def told(*steps: Step) -> list[tuple[str, dict[str, object]]]:
    """What follows the request, without what every row has."""
    common = {"seq", "at", "type", "id"}
    return [
        (event.type, {key: value for key, value in event.data.items() if key not in common})
        for event in events(steps)
        if event.type != "request"
    ]


def scored(*steps: Step, until: int = 300) -> dict[int, bool]:
    engine = Engine(["S"])
    list(engine.run(events(steps), until=until))
    if not len(engine.trials):
        return {}
    trials = engine.trials.all()
    return {int(row): bool(bad) for row, bad in zip(trials.row, trials.bad, strict=True)}


def test_every_step_has_its_row() -> None:
    assert set(ROWS) == set(Kind)


def test_every_asker_and_reason_of_the_product_has_its_word() -> None:
    assert set(ASKERS) == {*ProviderKind.values, "employer"}
    assert set(REASONS) == {*RefusalGround.values, *DeclineReason.values}


def test_an_access_request_is_a_request() -> None:
    (event,) = events([asked(notice=10)])
    assert event.data == {
        "seq": 0, "at": "2024-09-01T11:00:00+01:00", "type": "request", "id": "A", "school": "S",
        "provider": "P", "ptype": "fe_college", "origin": "access_request", "year_group": 10, "minutes": 60,
        "whole_year": True,
    }  # fmt: skip


def test_a_claim_that_waits_is_a_request() -> None:
    (event,) = events([step(Kind.CLAIM_SUBMITTED, 0, asked=COLLEGE)])
    assert event.data["origin"] == "claim"
    assert "first_come" not in event.data


def test_a_first_come_acceptance_is_a_question_of_cancel_and_marginal_alone() -> None:
    life = [step(Kind.CLAIM_SUBMITTED, 0, asked=FIRST_COME), step(Kind.CLAIM_ACCEPTED, 0, slot=slot(40))]
    assert scored(*life, step(Kind.ENCOUNTER_DELIVERED, 40)) == {CANCEL_ROW: False, MARGINAL_ROW: False}
    assert scored(*life, step(Kind.CLAIM_CANCELLED_BY_SCHOOL, 30)) == {CANCEL_ROW: True}


def test_a_first_come_claim_opens_no_episode_that_swallows_a_request() -> None:
    claim = replace(step(Kind.CLAIM_SUBMITTED, 0, asked=replace(FIRST_COME, asker="P")), request_id="B")
    assert scored(claim, asked()) == {ACCESS_ROW: True}


def test_a_request_with_under_ten_school_days_of_notice_is_exempt() -> None:
    assert scored(asked(notice=9)) == {}
    assert scored(asked(notice=10)) == {ACCESS_ROW: True}


def test_granted() -> None:
    assert told(asked(), step(Kind.GRANTED, 3, slot=slot(30, starts=time(12, 30), ends=time(13, 0)))) == [
        (
            "granted",
            {
                "scheduled": "2024-10-01", "minutes": 30, "slot": "lunchtime", "audience_planned": 180,
                "audience_kind": "whole_year", "cohort": 180,
            },
        )
    ]  # fmt: skip


def test_a_counter_offer_accepted_is_a_grant_and_answered_when_it_was_made() -> None:
    offer = step(Kind.COUNTERED, 6, terms=TERMS)
    assert scored(asked(), offer, step(Kind.COUNTER_ACCEPTED, 20, slot=slot(60))) == {
        ACCESS_ROW: False,
        SPEED_7: False,
        CANCEL_ROW: False,
    }


@pytest.mark.parametrize(("days", "bad"), [(120, False), (121, True)])
def test_a_grant_without_a_date_within_120_days_lapses(days: int, bad: bool) -> None:
    within = slot(20 + days)  # from the first date asked for, day 20
    assert scored(asked(), step(Kind.GRANTED, 3, slot=within))[ACCESS_ROW] is bad


@pytest.mark.parametrize(
    ("later", "access"),
    [([], True), ([step(Kind.GRANTED, 28, slot=slot(90))], False), ([step(Kind.GRANTED, 29, slot=slot(90))], True)],
)  # fmt: skip
def test_postponed_is_an_answer_and_a_grant_only_with_a_date_by_day_28(
    later: list[Step], access: bool
) -> None:
    rows = scored(asked(), step(Kind.POSTPONED, 5), *later, until=60)
    assert rows == {ACCESS_ROW: access, SPEED_7: False}


def test_a_rejected_offer_of_all_that_was_asked_is_exempt_as_withdrawn() -> None:
    life = [asked(), step(Kind.COUNTERED, 10, terms=TERMS), step(Kind.COUNTER_REJECTED, 60)]
    assert told(*life) == [("answered", {"in_full": True}), ("withdrawn", {"by": "provider"})]
    assert scored(*life) == {}


def test_an_open_offer_of_all_that_was_asked_stops_the_clock() -> None:
    assert scored(asked(), step(Kind.COUNTERED, 10, terms=TERMS)) == {}


@pytest.mark.parametrize(
    "less",
    [{"year_groups": (8,)}, {"whole_year": False}, {"minutes": 59}, {"dates": (date_of(81),)}, {"dates": ()}],
)
def test_a_rejected_offer_of_less_is_a_refusal(less: dict[str, object]) -> None:
    offer = step(Kind.COUNTERED, 10, terms=replace(TERMS, **less))  # type: ignore[arg-type]
    life = [asked(), offer, step(Kind.COUNTER_REJECTED, 12)]
    assert told(*life) == [("answered", {"in_full": False}), ("refused", {"reason": "no_reason"})]
    assert scored(*life) == {ACCESS_ROW: True, SPEED_7: True, SPEED_14: False}


@pytest.mark.parametrize(
    "instead", [{"kind": Kind.COUNTERED, "terms": replace(TERMS, minutes=10)}, {"kind": Kind.POSTPONED}]
)
@pytest.mark.parametrize("after", [[], [step(Kind.WITHDRAWN, 14)]])
def test_an_offer_of_all_that_was_asked_taken_back_for_less_exempts_nothing(
    instead: dict[str, Any], after: list[Step]
) -> None:
    """What was offered on day 10 stopped the clock until the 13th, and no longer."""
    life = [asked(), step(Kind.COUNTERED, 10, terms=TERMS), step(day=13, **instead), *after]
    assert scored(*life, until=30) == {}
    assert scored(*life, until=31) == {ACCESS_ROW: True, SPEED_7: True, SPEED_14: False}


def test_an_offer_of_all_that_was_asked_after_one_of_less_stands() -> None:
    less = step(Kind.COUNTERED, 10, terms=replace(TERMS, minutes=10))
    life = [asked(), less, step(Kind.COUNTERED, 13, terms=TERMS)]
    assert scored(*life) == scored(*life, step(Kind.WITHDRAWN, 40)) == {}


def test_a_question_is_no_answer_and_the_days_the_asker_owes_do_not_count() -> None:
    life = [asked(), step(Kind.QUESTION_ASKED, 2), step(Kind.QUESTION_ANSWERED, 32)]
    assert scored(*life, until=57) == {}
    assert scored(*life, until=58) == {ACCESS_ROW: True}
    granted = step(Kind.GRANTED, 37, slot=slot(70))
    assert scored(*life, granted, until=69) == {ACCESS_ROW: False, SPEED_7: False}


def test_while_the_asker_owes_an_answer_nothing_is_scored() -> None:
    assert scored(asked(), step(Kind.QUESTION_ASKED, 2)) == {}


def test_an_answer_without_waiting_for_the_askers_ends_the_pause() -> None:
    life = [asked(), step(Kind.QUESTION_ASKED, 2), step(Kind.REFUSED, 20, reason="no_capacity")]
    assert scored(*life, until=45) == {}
    assert scored(*life, until=46) == {ACCESS_ROW: True, SPEED_7: False}


def test_a_mark_as_duplicate_counts_as_no_answer_until_the_asker_agrees() -> None:
    """A school's word alone takes nothing out; whenever the asker agrees, before day 28 or after, it is out."""
    marked = step(Kind.DUPLICATE_MARKED, 3)
    assert told(asked(), marked) == []
    assert scored(asked(), marked, until=27) == {}
    assert scored(asked(), marked) == {ACCESS_ROW: True}
    assert scored(asked(), marked, step(Kind.DUPLICATE_AGREED, 9)) == {}
    assert scored(asked(), marked, step(Kind.DUPLICATE_AGREED, 60)) == {}
    assert scored(asked(), step(Kind.DUPLICATE_MARKED, 35), step(Kind.DUPLICATE_AGREED, 60)) == {}


def test_the_days_until_the_asker_says_no_to_a_mark_are_not_the_schools() -> None:
    life = [asked(), step(Kind.DUPLICATE_MARKED, 3), step(Kind.DUPLICATE_DENIED, 9)]
    assert scored(*life, until=33) == {}
    assert scored(*life, until=34) == {ACCESS_ROW: True}
    again = step(Kind.DUPLICATE_MARKED, 12)
    assert scored(*life, again, until=34) == {ACCESS_ROW: True}


def offered_twice(*of_first: Step, years: tuple[int, ...] = (10,)) -> dict[str, object]:
    """What the second of two offers, declined on day 30 as the same twice, is told as."""
    other = replace(COLLEGE, terms=replace(TERMS, year_groups=years))
    first = [
        replace(each, request_id="B") for each in (step(Kind.CLAIM_SUBMITTED, 0, asked=other), *of_first)
    ]
    second = [step(Kind.CLAIM_SUBMITTED, 1, asked=COLLEGE), step(Kind.CLAIM_DECLINED, 30, reason="duplicate")]
    rows = [event for event in events([*first, *second]) if event.data["id"] == "A"]
    return {"reason": rows[1].data["reason"]}


@pytest.mark.parametrize(
    ("of_first", "reason"),
    [
        ([], "duplicate"),
        ([step(Kind.CLAIM_ACCEPTED, 3, slot=slot(40))], "duplicate"),
        ([step(Kind.CLAIM_ACCEPTED, 3, slot=slot(29))], "no_reason"),
        ([step(Kind.CLAIM_DECLINED, 3, reason="duplicate")], "no_reason"),
        ([step(Kind.CLAIM_WITHDRAWN, 3)], "no_reason"),
    ],
)
def test_the_same_offer_twice_is_exempt_while_the_other_one_stands(of_first: list[Step], reason: str) -> None:
    assert offered_twice(*of_first) == {"reason": reason}


def test_an_offer_for_another_key_stage_is_not_the_same_offer() -> None:
    assert offered_twice(years=(10, 12)) == {"reason": "duplicate"}
    assert offered_twice(years=(12,)) == {"reason": "no_reason"}


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        ("already_met", "already_covered"),
        ("no_capacity", "capacity"),
        ("date_clash", "capacity"),
        ("exam_period", "exam_period"),
        ("not_relevant", "not_relevant"),
        ("safeguarding_not_satisfied", "safeguarding_not_satisfied"),
        ("not_a_provider", "not_a_provider"),
        # Nothing to be the same as: see the same offer twice, above.
        ("duplicate", "no_reason"),
        ("other", "no_reason"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.CLAIM_DECLINED])
def test_the_reason_of_a_no(kind: Kind, ground: str, reason: str) -> None:
    assert told(asked(), step(kind, 3, reason=ground)) == [("refused", {"reason": reason})]


def test_a_safeguarding_refusal_is_exempt_once_a_reviewer_upholds_it() -> None:
    no = step(Kind.REFUSED, 3, reason="safeguarding_not_satisfied")
    assert scored(asked(), no)[ACCESS_ROW]
    assert scored(asked(), no, step(Kind.SAFEGUARDING_UPHELD, 80)) == {}


@pytest.mark.parametrize("kind", [Kind.WITHDRAWN, Kind.CLAIM_WITHDRAWN])
def test_withdrawn_before_an_answer_and_after_a_grant(kind: Kind) -> None:
    assert told(asked(), step(kind, 3)) == [("withdrawn", {"by": "provider"})]
    granted = step(Kind.GRANTED, 3, slot=slot(30))
    assert told(asked(), granted, step(kind, 9))[1] == ("cancelled", {"by": "provider"})


@pytest.mark.parametrize(("to", "cancel"), [(70, False), (71, True), (None, True)])
def test_cancelled_with_a_new_date_within_30_days_is_moved(to: int | None, cancel: bool) -> None:
    granted = step(Kind.CLAIM_ACCEPTED, 3, slot=slot(40))
    new = slot(to, starts=time(12, 30), ends=time(13, 20)) if to else None
    called_off = step(Kind.CLAIM_CANCELLED_BY_SCHOOL, 39, slot=new)
    rows = scored(asked(), granted, called_off, step(Kind.ENCOUNTER_DELIVERED, to or 40))
    assert rows[CANCEL_ROW] is cancel
    assert rows.get(MARGINAL_ROW) is (None if cancel else True)  # the new time is the one that counts


def test_delivered() -> None:
    granted = step(Kind.GRANTED, 3, slot=slot(30))
    over = step(Kind.ENCOUNTER_DELIVERED, 30, minutes=55, attended=170)
    assert told(asked(), granted, over)[1] == ("delivered", {"minutes": 55, "attendance": 170})


@pytest.mark.parametrize(("by", "cancel"), [("school", True), ("asker", None), ("", False)])
def test_not_delivered(by: str, cancel: bool | None) -> None:
    granted = step(Kind.GRANTED, 3, slot=slot(30))
    assert scored(asked(), granted, step(Kind.ENCOUNTER_NOT_DELIVERED, 30, by=by)).get(CANCEL_ROW) is cancel


def test_a_case_taken_out_is_not_scored_and_its_episode_stays() -> None:
    again = replace(step(Kind.ASKED, 20, asked=COLLEGE), request_id="B")
    assert scored(asked(), again, step(Kind.TAKEN_OUT, 90)) == {}


@pytest.mark.parametrize(
    ("starts", "ends", "place"),
    [
        (time(9, 0), time(10, 0), "lesson"),
        (time(12, 0), time(13, 0), "lesson"),
        (time(12, 10), time(13, 10), "lunchtime"),
        (time(12, 30), time(13, 20), "lunchtime"),
        (time(8, 0), time(9, 0), "before_school"),
        (time(8, 30), time(9, 0), "lesson"),
        (time(15, 0), time(16, 0), "after_school"),
    ],
)
def test_where_most_of_the_minutes_lie(starts: time, ends: time, place: str) -> None:
    assert slot_of(starts, ends, HOURS) == place


def test_without_a_known_lunch_nothing_is_at_lunchtime() -> None:
    assert slot_of(time(12, 30), time(13, 20), replace(HOURS, lunch=None)) == "lesson"


def test_a_slot_for_part_of_the_year_group() -> None:
    some = step(Kind.GRANTED, 3, slot=slot(30, whole_year=False, pupils=None, cohort=None))
    plan = told(asked(), some)[0][1]
    assert (plan["audience_kind"], plan["audience_planned"], plan["cohort"]) == ("selected", 0, 0)


def test_the_days_are_the_schools_own() -> None:
    """Half past midnight on 2 September in London is still 1 September in UTC."""
    late = replace(asked(), at=datetime(2024, 9, 1, 23, 30, tzinfo=UTC))
    assert events([late])[0].day == 1


def test_a_step_before_its_request_is_an_error() -> None:
    with pytest.raises(KeyError):
        events([step(Kind.GRANTED, 3, slot=slot(30))])
