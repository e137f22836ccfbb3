import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.domain import encounters, needs
from brokerage.models import Encounter
from tests import factories
from tests.factories.market import time_slot
from tests.notifications.telling import pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm():
    return factories.employer()


@pytest.fixture
def volunteer(firm):
    return factories.member(firm, Role.VOLUNTEER)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def marks(response) -> str:
    """Badges with their drawings taken off."""
    return response.content.decode().replace("</svg>", ">")


def booked(by, title, *, days=20, **fields):
    need = factories.posted(title=title, slots=[time_slot(days=days)])
    return factories.accepted_claim(by, on=need, **fields)


def recorded(claim, *, delivered=True, missed=False, days_ago=1) -> Encounter:
    factories.over(claim, days_ago=days_ago)
    leader = factories.member(claim.slot.need.school)
    return encounters.record(
        encounter=Encounter.objects.get(slot=claim.slot),
        delivered=delivered,
        minutes=55,
        attended={"10": 22},
        missed=[claim.public_id] if missed else [],
        by=leader,
        at=timezone.now(),
    )


def test_the_next_visit_stands_large_with_how_to_arrive(as_member, volunteer):
    booked(volunteer, "Later one", days=30)
    booked(volunteer, "Next one", days=10)

    response = as_member(volunteer).get("/visits/")

    page = response.context["page"]
    assert page.next_visit.claim.slot.need.title == "Next one"
    assert [row.claim.slot.need.title for row in page.later] == ["Later one"]
    assert "Report to reception on Sutton Road." in text(response)


def test_waiting_and_past_have_their_own_lists(as_member, volunteer):
    waiting = factories.submitted_claim(volunteer)
    done = booked(volunteer, "Done")
    recorded(done)
    client = as_member(volunteer)

    shown = {
        show: [row.claim.pk for row in client.get(f"/visits/?show={show}").context["page"].rows]
        for show in ("", "waiting", "past", "nonsense")
    }

    assert shown == {"": [], "waiting": [waiting.pk], "past": [done.pk], "nonsense": []}
    first = client.get("/visits/").context["page"]
    assert ([r.claim.pk for r in first.waiting], [r.claim.pk for r in first.to_confirm]) == (
        [waiting.pk],
        [done.pk],
    )


def test_volunteers_see_their_own_coordinators_everyones_or_only_theirs(as_member, firm, volunteer):
    coordinator = factories.member(firm)
    theirs = booked(volunteer, "Sam's")
    own = booked(coordinator, "Mine", days=21)

    def shown(member, query=""):
        page = as_member(member).get(f"/visits/{query}").context["page"]
        return [row.claim.pk for row in page.rows]

    assert shown(volunteer) == [theirs.pk]
    assert shown(volunteer, "?whose=mine") == [theirs.pk]
    assert shown(coordinator) == [theirs.pk, own.pk]
    assert shown(coordinator, "?whose=mine") == [own.pk]


def test_confirm_it_happened_from_the_list(as_member, volunteer):
    claim = booked(volunteer, "Done")
    encounter = recorded(claim)
    client = as_member(volunteer)

    assert "Confirm it happened" in text(client.get("/visits/"))
    client.post(f"/encounters/{encounter.public_id}/confirm/", {"back": "/visits/?show=past"})

    claim.refresh_from_db()
    assert claim.confirmation == "confirmed"
    assert "Confirm it happened" not in text(client.get("/visits/"))


def test_opening_the_confirm_link_confirms_nothing(as_member, volunteer):
    claim = booked(volunteer, "Done")
    encounter = recorded(claim)

    response = as_member(volunteer).get(f"/encounters/{encounter.public_id}/confirm/")

    claim.refresh_from_db()
    assert (response.status_code, claim.confirmation) == (200, "")
    assert "Confirm it happened" in text(response)


def test_it_was_different_with_a_note(as_member, volunteer):
    claim = booked(volunteer, "Done")
    encounter = recorded(claim)
    client = as_member(volunteer)

    done = client.post(
        f"/encounters/{encounter.public_id}/dispute/", {"note": "It lasted 15 minutes"}, follow=True
    )

    claim.refresh_from_db()
    assert (claim.confirmation, claim.confirmation_note) == ("disputed", "It lasted 15 minutes")
    assert "It lasted 15 minutes" in text(done)


@pytest.mark.parametrize(
    ("note", "says"),
    [
        ("", "Say what was different"),
        ("   ", "Say what was different"),
        ("Ask A123456789012", "This looks like a pupil"),
        ("x" * 501, "Use 500 characters or fewer"),
    ],
)
def test_a_bad_note_is_named(as_member, volunteer, note, says):
    claim = booked(volunteer, "Done")
    encounter = recorded(claim)

    response = as_member(volunteer).post(f"/encounters/{encounter.public_id}/dispute/", {"note": note})

    claim.refresh_from_db()
    assert (response.status_code, claim.confirmation) == (422, "")
    assert says in text(response)


def test_before_it_is_recorded_there_is_nothing_to_confirm(as_member, volunteer):
    claim = booked(volunteer, "Done")
    factories.over(claim)
    encounter = Encounter.objects.get(slot=claim.slot)
    client = as_member(volunteer)

    assert "There’s nothing to confirm yet." in text(client.get(f"/encounters/{encounter.public_id}/"))
    response = client.post(f"/encounters/{encounter.public_id}/dispute/", {"note": "Nobody was there"})
    assert response.status_code == 409
    assert "recorded what happened yet" in text(response)


def test_recorded_as_not_there_can_be_disputed(as_member, volunteer):
    claim = booked(volunteer, "Done")
    recorded(claim, missed=True)

    page = text(as_member(volunteer).get("/visits/?show=past"))

    assert "It was different" in page
    assert "Confirm it happened" not in page


def test_small_groups_and_the_schools_own_counts_stay_hidden(as_member, volunteer):
    claim = booked(volunteer, "Done")
    factories.over(claim)
    encounter = encounters.record(
        encounter=Encounter.objects.get(slot=claim.slot),
        delivered=True,
        minutes=55,
        attended={"10": 4},
        pupil_premium_attended=3,
        send_attended=2,
        by=factories.member(claim.slot.need.school),
        at=timezone.now(),
    )

    response = as_member(volunteer).get(f"/encounters/{encounter.public_id}/")

    assert response.context["page"].attended == [("Year 10", "fewer than 5")]
    assert "premium" not in text(response).lower()


def test_colleagues_read_but_cannot_say(as_member, firm, volunteer):
    claim = booked(volunteer, "Done")
    encounter = recorded(claim)
    client = as_member(factories.member(firm, Role.VOLUNTEER))

    assert "Only the person who came or your coordinator can say." in text(
        client.get(f"/encounters/{encounter.public_id}/")
    )
    assert client.post(f"/encounters/{encounter.public_id}/confirm/").status_code == 403
    assert client.post(f"/encounters/{encounter.public_id}/dispute/", {"note": "No"}).status_code == 403


def test_encounters_of_others_are_not_there(as_member, volunteer):
    encounter = recorded(booked(volunteer, "Done"))
    client = as_member(factories.member(factories.employer()))

    for path in ("", "confirm/", "dispute/"):
        assert client.get(f"/encounters/{encounter.public_id}/{path}").status_code == 404
        assert client.post(f"/encounters/{encounter.public_id}/{path}").status_code in (404, 405)
    leader = factories.member(encounter.school)
    assert as_member(leader).get(f"/encounters/{encounter.public_id}/").status_code == 404


def test_nothing_yet_points_to_what_is_open(as_member, volunteer):
    client = as_member(volunteer)

    assert "No visits yet" in text(client.get("/visits/"))
    assert "Nothing yet" in text(client.get("/visits/?show=past"))
    assert "Nothing is waiting" in text(client.get("/visits/?show=waiting"))


def test_next_twenty_by_keyset(as_member, volunteer):
    for number in range(22):
        booked(volunteer, f"Visit {number}", days=10 + number)
    client = as_member(volunteer)

    first = client.get("/visits/").context["page"]
    following = client.get("/visits/", {"after": first.page.next}).context["page"]

    assert len(first.rows) == 20
    assert [row.claim.slot.need.title for row in following.rows] == ["Visit 20", "Visit 21"]
    assert following.next_visit is None


@pytest.mark.parametrize("show", ["", "past"])
def test_visits_cost_the_same_statements_for_one_and_for_three(
    as_member, volunteer, django_assert_max_num_queries, show
):
    client = as_member(volunteer)

    def statements() -> int:
        with django_assert_max_num_queries(20) as counted:
            client.get(f"/visits/?show={show}")
        return len(counted)

    def add(number):
        booked(volunteer, "Coming", days=10 + number)
        recorded(booked(volunteer, "Done", days=40 + number), days_ago=number)

    add(1)
    client.get("/visits/")
    one = statements()
    add(2)
    add(3)

    assert statements() == one


@pytest.mark.parametrize("kind", ["school", "hub", "trust"])
def test_visits_are_for_those_who_come(as_member, kind):
    assert as_member(factories.member(getattr(factories, kind)())).get("/visits/").status_code == 404


@pytest.mark.parametrize("make", ["provider", "university"])
@pytest.mark.parametrize("role", [Role.LIAISON_LEAD, Role.LIAISON_OFFICER])
def test_providers_call_them_encounters(as_member, make, role):
    member = factories.member(getattr(factories, make)(), role)

    assert "<h1>Encounters</h1>" in text(as_member(member).get("/visits/"))


def test_strangers_sign_in_first(client):
    assert client.get("/visits/").status_code == 302


def test_a_changed_visit_is_marked_until_it_is_opened(as_member, volunteer):
    claim = booked(volunteer, "Coming")
    need = claim.slot.need
    leader = factories.member(need.school)
    pay()
    needs.amend(need=need, fields={"venue": "Drama studio"}, by=leader, at=timezone.now())
    pay()
    client = as_member(volunteer)

    assert ">Changed<" in marks(client.get("/visits/"))
    opened = text(client.get(f"/claims/{claim.public_id}/"))
    assert "where it is" in opened
    assert ">Changed<" not in marks(client.get("/visits/"))
    assert "where it is" not in text(client.get(f"/claims/{claim.public_id}/"))


def test_the_live_list_alone_is_a_fragment(as_member, volunteer):
    claim = booked(volunteer, "Coming")

    response = as_member(volunteer).get("/visits/", headers={"HX-Request": "true"})

    assert "HX-Request" in response.headers["Vary"]
    assert "<html" not in text(response)
    assert f"/claims/{claim.public_id}/" in text(response)
