"""The forecast of the next 28 February, from what this platform has seen of the last."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from brokerage.accounts.models import Membership, Role
from brokerage.domain import access_requests, encounters
from brokerage.models import Encounter
from schools import standing_words
from schools.domain import cohorts, forecasting
from schools.models import Season
from schools.queries import provider_access
from tests import factories
from tests.factories import access

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 18, 12, tzinfo=LONDON)


def visit(leader: Membership, on: date, *, year: int = 10, is_held: bool = True) -> None:
    asked = datetime.combine(on, time(9), LONDON) - timedelta(days=40)
    request = access.asked(of=leader.organisation, at=asked, dates=[on], year_groups=[year])
    request = access_requests.grant(request=request, on=on, starts=time(10), by=leader, at=asked)
    if on < NOW.date():
        encounters.record(
            encounter=Encounter.objects.get(slot__need=request.need),
            delivered=is_held,
            attended={str(year): 180} if is_held else None,
            by=leader,
            at=NOW,
        )


@pytest.fixture
def leaders() -> list[Membership]:
    """Twenty schools with three phases each; the last season, the first five had many visits, others one or none."""
    found = []
    for number in range(20):
        leader = factories.member(factories.school(), Role.CAREERS_LEADER)
        for entry in (2020, 2022, 2024) if number in (0, 6) else ():
            cohorts.set_roll(y7_entry=entry, roll=180, on=date(2026, 9, 1), by=leader, at=NOW)
        for each in range(6 if number < 5 else number % 2):
            visit(leader, date(2025, 11, 4) + timedelta(days=7 * each), is_held=each != 5)
        found.append(leader)
    return found


def test_nothing_is_forecast_from_a_season_with_too_little_in_it(
    leaders: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Season.objects.count() == 0
    monkeypatch.setattr(forecasting, "SESSIONS_AT_LEAST", 1000)
    assert forecasting.fit_last_season(today=NOW.date(), at=NOW) is None
    found = provider_access.of(leaders[0].organisation, today=NOW.date())
    assert found is not None
    assert forecasting.chances(leaders[0].organisation_id, found.open, today=NOW.date()) == {}


def test_those_who_had_visits_and_have_them_booked_are_likelier_to_make_it(leaders: list[Membership]) -> None:
    season = forecasting.fit_last_season(today=NOW.date(), at=NOW)
    assert season is not None
    assert (season.year, season.cohorts, season.survival) == (2025, 60, 33 / 38)
    assert forecasting.fit_last_season(today=NOW.date(), at=NOW) == season
    busy, quiet = leaders[0], leaders[6]
    visit(busy, date(2026, 12, 8), year=11)
    visit(busy, date(2027, 1, 19), year=11)
    chance = {}
    for leader in (busy, quiet):
        found = provider_access.of(leader.organisation, today=NOW.date())
        assert found is not None
        chances = forecasting.chances(leader.organisation_id, found.open, today=NOW.date())
        assert set(chances) == {2024, 2022, 2020}, "those that close next: Years 9, 11 and 13"
        chance[leader] = chances[2022]
    assert chance[busy] < 0.35 < 0.8 < chance[quiet]


def test_a_chance_is_never_said_to_be_certain() -> None:
    assert [standing_words.in_a_hundred(chance) for chance in (None, 0.0, 0.184, 1.0)] == [
        "",
        "1 in 100",
        "18 in 100",
        "99 in 100",
    ]
