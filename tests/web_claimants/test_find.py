from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.models import Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db

HERE = {"easting": 400000, "northing": 300000, "outcode": "LS6", "town": "Leeds"}
FAR = {"easting": 400000, "northing": 325000}  # 15.5 miles north


def text_of_find(client) -> str:
    return client.get("/find/?within=any").content.decode()


def titles(response) -> list[str]:
    return [card.row.title for card in response.context["page"].cards]


@pytest.fixture
def volunteer():
    return factories.member(factories.employer(**HERE), Role.VOLUNTEER)


def test_find_shows_what_is_open_near_the_organisation_soonest_first(as_member, volunteer):
    factories.posted(title="Later", slots=[time_slot(days=30)])
    factories.posted(title="Sooner", slots=[time_slot(days=10)])
    factories.posted(factories.member(factories.school(**FAR)), title="Far", slots=[time_slot(days=5)])

    response = as_member(volunteer).get("/find/")

    assert titles(response) == ["Sooner", "Later"]
    assert "Leave it empty for LS6." in response.content.decode()
    assert "2 open within 10 miles of LS6" in " ".join(response.content.decode().split())


def test_a_choice_that_is_not_on_the_list_is_said_in_our_words_and_left_out(as_member, volunteer):
    factories.posted(title="Sooner", slots=[time_slot(days=10)])

    response = as_member(volunteer).get("/find/?type=alchemy&year=99&starts=soon")

    errors = response.context["form"].errors
    assert {name: list(found) for name, found in errors.items()} == {
        "type": ["Choose from the list"],
        "year": ["Choose from the list"],
        "starts": ["Enter a date like 21 January or 21/1/2027"],
    }
    assert titles(response) == ["Sooner"]


@pytest.mark.parametrize("near", ["zzzz", "Huddersfield"])
def test_a_place_we_do_not_know_is_said_alike_however_long_beside_the_field_and_at_the_top(
    as_member, volunteer, near
):
    page = as_member(volunteer).get("/find/", {"near": near}).content.decode()

    summary, form = page.split('id="filters"')
    sentence = "We don&#x27;t know that postcode. Enter one in England, or its first half, like LS6."
    assert f'<a href="#id_near">{sentence}</a>' in summary
    assert sentence in form
    assert near in form


def test_what_one_holds_already_is_not_offered_again(as_member, volunteer):
    need = factories.posted(slots=[time_slot(places=3)])
    coordinator = factories.member(volunteer.organisation)
    colleague = factories.member(volunteer.organisation, Role.VOLUNTEER)
    claim = factories.accepted_claim(volunteer, on=need)

    mine, theirs, others = (
        text_of_find(as_member(who))
        for who in (volunteer, coordinator, factories.member(factories.employer()))
    )

    assert "You’re booked" in mine
    assert "See your claim" in mine
    for page in (mine, theirs):
        assert f'href="/claims/{claim.public_id}/"' in page
        assert "Claim this place" not in page
    assert f"{volunteer.organisation} has a claim here" in theirs
    assert "See the claim" in theirs
    assert "Claim this place" in others
    assert "has a claim here" not in others
    need_page = as_member(coordinator).get(f"/needs/{need.public_id}/").content.decode()
    assert "Claim another place</summary>" in need_page
    assert "Claim this place" not in need_page
    assert "You’re free then" in as_member(colleague).get(f"/needs/{need.public_id}/").content.decode()


def test_to_before_from_is_said_and_left_out(as_member, volunteer):
    factories.posted(title="Sooner", slots=[time_slot(days=10)])
    today = timezone.localdate()

    response = as_member(volunteer).get(f"/find/?starts={today}&ends={today - timedelta(days=1)}")

    assert dict(response.context["form"].errors) == {"ends": ["“To” can’t be before “From”"]}
    assert titles(response) == ["Sooner"]


def test_find_further_away_and_nearest_first(as_member, volunteer):
    factories.posted(title="Near", slots=[time_slot(days=30)])
    factories.posted(factories.member(factories.school(**FAR)), title="Far", slots=[time_slot(days=5)])
    client = as_member(volunteer)

    assert titles(client.get("/find/?within=20")) == ["Far", "Near"]
    assert titles(client.get("/find/?within=20&order=nearest")) == ["Near", "Far"]
    assert titles(client.get("/find/?within=any")) == ["Far", "Near"]
    assert titles(client.get("/find/?within=any&order=nearest")) == ["Near", "Far"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("type=career_talk", ["Talk"]),
        ("year=12", ["Talk"]),
        ("sector=law", ["Mock interviews", "Talk"]),
        ("sector=health", ["Mock interviews"]),
        ("format=live_online", ["Talk"]),
        ("type=career_talk&year=7", []),
        ("type=nonsense", ["Mock interviews", "Talk"]),
        ("order=nonsense&within=nonsense&year=99", ["Mock interviews", "Talk"]),
        ("after=nonsense", ["Mock interviews", "Talk"]),
        ("starts=soon&ends=%00", ["Mock interviews", "Talk"]),
    ],
)
def test_find_filters_and_says_what_it_does_not_understand(as_member, volunteer, asked, found):
    factories.posted(slots=[time_slot(days=9)])  # any sector will do
    factories.posted(
        title="Talk",
        encounter_type="career_talk",
        year_groups=[12],
        sectors=["law"],
        delivery_mode="live_online",
        slots=[time_slot(days=10)],
    )

    response = as_member(volunteer).get(f"/find/?{asked}")

    assert (response.status_code, titles(response)) == (200, found)


def test_find_between_two_days_shows_the_time_that_fits(as_member, volunteer):
    factories.posted(slots=[time_slot(days=5), time_slot(days=20)])
    day = timezone.localdate() + timedelta(days=20)

    response = as_member(volunteer).get(f"/find/?starts={day:%d/%m/%Y}&ends={day:%d/%m/%Y}")

    (card,) = response.context["page"].cards
    assert timezone.localdate(card.slot.starts_at) == day
    assert f"?slot={card.slot.public_id}" in response.content.decode()


def test_find_near_a_typed_postcode(as_member):
    nowhere = factories.member(factories.employer(), Role.VOLUNTEER)
    leeds = factories.member(factories.school(easting=428000, northing=436000))
    factories.posted(leeds, title="In Leeds")
    factories.posted(title="Elsewhere")
    client = as_member(nowhere)

    assert titles(client.get("/find/?near=LS6+1AB")) == ["In Leeds"]
    unknown = client.get("/find/?near=ZZ99")
    assert unknown.status_code == 200
    assert unknown.content.decode().count("We don&#x27;t know that postcode") == 2


def test_empty_page_says_what_is_live_online(as_member, volunteer):
    far = factories.member(factories.school(**FAR))
    factories.posted(far, delivery_mode="live_online")

    page = as_member(volunteer).get("/find/").content.decode()

    assert "Nothing open within 10 miles" in page
    assert "1 can be done live online" in page
    assert "format=live_online" in page


def test_filled_need_leaves_the_list(as_member, volunteer):
    need = factories.posted()
    factories.accepted_claim(on=need)

    assert titles(as_member(volunteer).get("/find/")) == []


def test_next_twenty_follow_by_keyset_and_keep_the_filters(as_member, volunteer):
    leader = factories.member(factories.school())
    for number in range(21):
        factories.posted(leader, title=f"Need {number}", slots=[time_slot(days=10 + number)])
    client = as_member(volunteer)

    first = client.get("/find/?year=10")
    assert len(titles(first)) == 20
    assert "20 or more open" in first.content.decode()
    following = client.get("/find/", {"year": "10", "after": first.context["page"].found.next})
    assert titles(following) == ["Need 20"]


def test_the_live_list_alone_is_a_fragment(as_member, volunteer):
    need = factories.posted()

    response = as_member(volunteer).get("/find/?year=10", headers={"HX-Request": "true"})
    part = response.content.decode()

    assert "HX-Request" in response.headers["Vary"]  # or going back would show the fragment
    assert "<html" not in part
    assert f'data-id="{need.public_id}"' in part
    assert "data-live-count" in part


def test_find_needs_the_same_statements_for_one_and_for_three(
    as_member, volunteer, django_assert_max_num_queries
):
    client = as_member(volunteer)
    leader = factories.member(factories.school())

    def statements() -> int:
        with django_assert_max_num_queries(20) as counted:
            assert client.get("/find/").status_code == 200
        return len(counted)

    factories.posted(leader)
    client.get("/find/")
    one = statements()
    factories.posted(leader)
    factories.posted(leader)

    assert statements() == one


def test_unverified_organisation_offers_and_is_told_why(as_member):
    new = factories.member(factories.employer(verified_at=None, **HERE))
    factories.posted()

    page = as_member(new).get("/find/").content.decode()

    assert "Not yet verified: schools answer your offers until we’ve checked you." in page
    assert "Offer to help" in page
    assert "Claim this place" not in page


@pytest.mark.parametrize("kind", ["school", "hub", "trust"])
def test_find_is_not_there_for_the_schools_side(as_member, kind):
    member = factories.member(getattr(factories, kind)())

    assert as_member(member).get("/find/").status_code == 404


def test_strangers_sign_in_first(client):
    assert client.get("/find/?year=9").headers["Location"] == "/accounts/login/?next=/find/%3Fyear%3D9"


def test_a_place_that_went_while_the_list_was_read_makes_no_card(as_member, volunteer):
    need = factories.posted()
    Slot.objects.filter(need=need).update(open_until=timezone.now() - timedelta(seconds=1))

    assert titles(as_member(volunteer).get("/find/")) == []
