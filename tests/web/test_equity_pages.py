"""Who gets the visits: what a hub reads of its schools, and every member of the country, with no school in it."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation
from brokerage.equity.models import ProviderTerm, SchoolTerm
from brokerage.equity.terms import Term, back_from, term_on
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> Membership:
    return factories.member(factories.hub())


def as_(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user, backend="brokerage.accounts.backends.PasswordBackend")
    return client


def this_term() -> Term:
    return term_on(timezone.localdate())


def last_term() -> Term:
    return list(back_from(timezone.localdate()))[1]


def in_term(hub: Organisation | None = None, term: Term | None = None, **fields) -> SchoolTerm:
    """A school of 1,000 pupils, a fifth of them with pupil premium, in town, with ten visits."""
    given = {
        "term": (term or this_term()).name,
        "school": fields.pop("school", None) or factories.school(hub=hub),
        "pupils": 1000,
        "pupil_premium_share": 0.2,
        "is_rural": False,
        "visits": 10,
        "delivered": 5,
        "impressions": 20,
        "exposure": 8.0,
        "counted_at": timezone.now(),
    }
    return SchoolTerm.objects.create(**given | fields)


def five_fifths(hub: Organisation | None, each: int = 3) -> None:
    """As many schools a fifth, the more disadvantaged with fewer visits: 2, 4, 6, 8, 10 each."""
    for fifth in range(5):
        for _ in range(each):
            in_term(hub, pupil_premium_share=0.5 - fifth / 10, visits=2 + 2 * fifth, delivered=1)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def cells(response) -> dict[tuple[str, str, str], str]:
    rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    return {(part, group, figure): value for part, group, figure, value in rows}


def test_a_hub_reads_its_own_schools_and_nobody_elses(lead: Membership) -> None:
    five_fifths(lead.organisation)
    in_term(None, visits=500)

    page = as_(lead).get("/overview/equity/")

    equity = page.context["equity"]
    assert (equity.schools, equity.visits) == (15, 90)
    assert [(group.schools, group.visits, group.per_100) for group in equity.fifths] == [
        (3, 6, 0.2),
        (3, 12, 0.4),
        (3, 18, 0.6),
        (3, 24, 0.8),
        (3, 30, 1.0),
    ]
    assert "The most disadvantaged fifth of pupils had 7% of visits." in text_of(page)
    said = {measure.name: measure.said for measure in equity.measures}
    # Gini of 2, 4, 6, 8, 10, each thrice: 2·(2+8+18+32+50)/(5·30) - 6/5. Jain: 30²/(5·220).
    # Index: 2·(.9·2 + .7·4 + .5·6 + .3·8 + .1·10)/30 - 1, its rank from the other end: 1 - that.
    assert said == {
        "Most to least disadvantaged fifth": "0.20",
        "Seen in lists, the same fifths": "1.00",
        "Rural to urban": "Nothing to compare",
        "Schools with none": "0 of 15",
        "Gini": "0.27",
        "Jain": "0.82",
        "Concentration index": "−0.27",
    }


def test_last_terms_index_stands_beside_this_ones(lead: Membership) -> None:
    five_fifths(lead.organisation)
    for share in (0.1, 0.2, 0.3):
        in_term(lead.organisation, last_term(), pupil_premium_share=share)

    assert "was 0.00 last term" in text_of(as_(lead).get("/overview/equity/"))
    earlier = as_(lead).get(f"/overview/equity/?term={last_term().slug}").context["equity"]
    assert (earlier.schools, earlier.visits) == (3, 30)


def test_under_twenty_visits_nothing_is_said(lead: Membership) -> None:
    for _ in range(3):
        in_term(lead.organisation, visits=6)
    client = as_(lead)

    page = text_of(client.get("/overview/equity/"))

    assert "Shown from 20 visits a term." in page
    assert "Gini" not in page.split("How these are counted")[0]
    assert (
        cells(client.get("/overview/equity/figures.csv"))["All", "", "Note"] == "Shown from 20 visits a term."
    )


def test_small_groups_and_what_would_reveal_them_are_hidden_on_the_page_and_in_the_file(
    lead: Membership,
) -> None:
    five_fifths(lead.organisation)
    SchoolTerm.objects.filter(pk__in=list(SchoolTerm.objects.values_list("pk", flat=True)[:2])).update(
        is_rural=True
    )
    client = as_(lead)

    page, file = client.get("/overview/equity/"), cells(client.get("/overview/equity/figures.csv"))

    assert [group.is_hidden for group in page.context["equity"].places] == [True, True]
    assert "Too few to show" in text_of(page)
    assert file["Rural and urban", "Rural", "All figures"] == "Too few to show"
    assert file["Rural and urban", "Urban", "All figures"] == "Too few to show"
    assert file["Measures", "", "Rural to urban"] == "Too few to show"
    assert file["Pupil premium", "Second fifth", "Visits"] == "12"


def test_providers_by_size_and_no_share_under_ten_asks(lead: Membership) -> None:
    five_fifths(lead.organisation)
    for size, asked, granted, placed in (("small", 2, 0, 0), ("small", 1, 1, 0), ("small", 3, 1, 1)):
        _asks(lead.organisation, size, asked, granted, placed)
    for _ in range(3):
        _asks(lead.organisation, "medium", 8, 2, 1)
    _asks(None, "medium", 100, 0, 0)

    fills = as_(lead).get("/overview/equity/").context["equity"].fills

    assert [(fill.providers, fill.asked, fill.served, fill.never, fill.rate) for fill in fills] == [
        (3, 9, 3, 1, ""),
        (3, 27, 9, 0, "33%"),
    ]


def _asks(hub: Organisation | None, size: str, asked: int, granted: int, placed: int) -> None:
    ProviderTerm.objects.create(
        term=this_term().name,
        provider=factories.provider(),
        hub=hub,
        size=size,
        asked=asked,
        granted=granted,
        offered=1,
        placed=placed,
    )


def test_every_member_reads_the_country_and_no_group_of_fewer_than_ten_schools() -> None:
    five_fifths(None, each=5)
    for name in ("Left out for its roll", "Left out for its share"):
        unknown = {"pupils": None} if "roll" in name else {"pupil_premium_share": None}
        in_term(school=factories.school(name=name), visits=7, **unknown)
    SchoolTerm.objects.filter(visits=10).update(is_rural=True)
    client = as_(factories.member(factories.employer()))

    page = client.get("/national/")

    equity = page.context["equity"]
    # 25 schools make two groups: the ten most disadvantaged, and the others.
    assert [(group.schools, group.visits) for group in equity.fifths if group.schools] == [
        (10, 30),
        (15, 120),
    ]
    assert {chart.pupils for chart in equity.chart.schools} == {10_000, 15_000}
    assert [group.is_hidden for group in equity.places] == [True, True]
    assert (equity.visits, equity.left_out) == (150, 2)
    assert "Left out for its" not in text_of(page)


def test_a_country_of_nine_schools_is_not_shown() -> None:
    for _ in range(9):
        in_term()

    assert "Shown from 10 schools." in text_of(as_(factories.member(factories.school())).get("/national/"))


@pytest.mark.parametrize("none", [1, 9, 25, 30])
def test_how_many_had_none_is_hidden_where_either_side_is_small(none: int) -> None:
    for number in range(30):
        in_term(visits=0 if number < none else 4, delivered=0)
    in_term(visits=20) if none == 30 else None

    said = as_(factories.member(factories.school())).get("/national/").context["equity"].without

    assert said == "Too few to show"


@pytest.mark.parametrize("path", ["/overview/equity/", "/national/"])
def test_a_term_that_is_not_kept_is_not_there(lead: Membership, path: str) -> None:
    for term in ("1999-00-autumn", "rubbish", "2026-27-autumn' or 1"):
        assert as_(lead).get(path, {"term": term}).status_code == 404


def test_pages_cost_the_same_for_three_schools_and_for_thirty(lead: Membership) -> None:
    client = as_(lead)

    def statements(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    five_fifths(lead.organisation, each=1)
    client.get("/national/")
    few = [statements(path) for path in ("/overview/equity/", "/national/")]
    five_fifths(lead.organisation, each=5)

    assert [statements(path) for path in ("/overview/equity/", "/national/")] == few
    assert few == [7, 7]
