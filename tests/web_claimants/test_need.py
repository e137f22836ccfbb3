from datetime import timedelta

import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.domain import claims, needs
from brokerage.models import Claim, Slot
from tests import factories
from tests.factories.market import time_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def volunteer():
    return factories.member(factories.employer(), Role.VOLUNTEER)


def page_of(need, slot=None) -> str:
    return f"/needs/{need.public_id}/" + (f"?slot={slot.public_id}" if slot else "")


def sent_to(need) -> str:
    return f"/needs/{need.public_id}/claim/"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_volunteer_confirms_and_is_booked_in_their_own_name(as_member, volunteer):
    need = factories.posted()
    slot = factories.slot_of(need)
    client = as_member(volunteer)

    asked = text(client.get(page_of(need, slot)))
    assert "You’re free then" in asked
    assert ">Confirm</button>" in asked
    done = client.post(sent_to(need), {"slot": slot.public_id, "note": "I bring two robots"})

    claim = Claim.objects.get()
    assert done.headers["Location"] == f"/claims/{claim.public_id}/"
    assert (claim.attendee, claim.places, claim.state, claim.note) == (
        volunteer,
        1,
        "accepted",
        "I bring two robots",
    )


def test_the_same_claim_again_is_the_same_claim(as_member, volunteer):
    need = factories.posted(slots=[time_slot(places=3)])
    client = as_member(volunteer)
    answers = [client.post(sent_to(need), {"slot": factories.slot_of(need).public_id}) for _ in range(2)]

    assert {answer.headers["Location"] for answer in answers} == {f"/claims/{Claim.objects.get().public_id}/"}


def test_coordinator_names_anyone_of_theirs_and_how_many_places(as_member):
    firm = factories.employer()
    coordinator, sam = factories.member(firm), factories.member(firm, Role.VOLUNTEER)
    need = factories.posted(slots=[time_slot(places=5)])
    client = as_member(coordinator)
    slot = factories.slot_of(need).public_id

    client.post(sent_to(need), {"slot": slot, "attendee": sam.public_id, "places": "1"})
    client.post(sent_to(need), {"slot": slot, "attendee": "later", "places": "3"})

    assert list(Claim.objects.order_by("id").values_list("attendee", "places")) == [(sam.pk, 1), (None, 3)]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"attendee": "", "places": "1"}, "Choose who comes"),
        ({"attendee": "nobody", "places": "1"}, "Choose someone of your organisation"),
        ({"attendee": "later", "places": ""}, "Enter how many places"),
        ({"attendee": "later", "places": "0"}, "Enter how many places, from 1 to 1,000"),
        ({"attendee": "later", "places": "1001"}, "Enter how many places, from 1 to 1,000"),
        ({"attendee": "later", "places": "some"}, "Enter a whole number, like 30"),
        ({"attendee": "later", "places": "1", "slot": "x"}, "Choose a time from the list"),
        ({"attendee": "later", "places": "1", "slot": ""}, "Choose a time"),
        ({"attendee": "later", "places": "1", "note": "Ask A123456789012"}, "This looks like a pupil"),
        ({"attendee": "later", "places": "1", "note": "x" * 501}, "Use 500 characters or fewer"),
    ],
)
def test_bad_input_is_named_and_what_was_typed_stays(as_member, sent, says):
    need = factories.posted(slots=[time_slot(), time_slot(days=22)])
    client = as_member(factories.member(factories.employer()))
    given = {"slot": factories.slot_of(need).public_id, "note": "Keep me"} | sent

    response = client.post(sent_to(need), given)

    assert response.status_code == 422
    assert says in text(response)
    assert given["note"] in response.content.decode()
    assert not Claim.objects.exists()


def test_someone_of_another_firm_cannot_be_named(as_member):
    other = factories.member(factories.employer())
    need = factories.posted()
    client = as_member(factories.member(factories.employer()))

    response = client.post(
        sent_to(need),
        {"slot": factories.slot_of(need).public_id, "attendee": other.public_id, "places": "1"},
    )

    assert response.status_code == 422


def test_a_place_that_went_a_moment_ago_says_what_is_still_free_and_keeps_the_note(as_member, volunteer):
    need = factories.posted(slots=[time_slot(), time_slot(days=22), time_slot(days=23)])
    gone = factories.slot_of(need)
    factories.accepted_claim(on=need)

    response = as_member(volunteer).post(sent_to(need), {"slot": gone.public_id, "note": "Keep me"})

    assert response.status_code == 409
    assert "That place went a moment ago. 2 other times are free." in text(response)
    assert "Keep me" in text(response)
    assert str(gone.public_id) not in response.content.decode()


def test_the_last_place_gone_offers_two_like_it(as_member, volunteer):
    leader = factories.member(factories.school())
    need = factories.posted(leader)
    slot = factories.slot_of(need)
    others = [
        factories.posted(leader, title=f"Like it {n}", slots=[time_slot(days=30 + n)]) for n in range(3)
    ]
    factories.posted(leader, title="A talk", encounter_type="career_talk")
    factories.accepted_claim(on=need)

    response = as_member(volunteer).post(sent_to(need), {"slot": slot.public_id})

    assert response.status_code == 409
    said = text(response)
    assert "That place went a moment ago. Here are 2 like it." in said
    assert all(page_of(other) in said for other in others[:2])
    assert "A talk" not in said


def test_closed_while_reading_is_409(as_member, volunteer):
    need = factories.posted()
    slot = factories.slot_of(need)
    Slot.objects.filter(pk=slot.pk).update(open_until=timezone.now() - timedelta(minutes=1))

    response = as_member(volunteer).post(sent_to(need), {"slot": slot.public_id})

    assert response.status_code == 409
    assert "This need is closed: it takes no more claims." in text(response)


def test_other_number_of_places_on_the_same_claim_is_409(as_member):
    coordinator = factories.member(factories.employer())
    need = factories.posted(slots=[time_slot(places=9)])
    client = as_member(coordinator)
    sent = {"slot": factories.slot_of(need).public_id, "attendee": "later", "places": "2"}
    client.post(sent_to(need), sent)

    response = client.post(sent_to(need), sent | {"places": "3"})

    assert response.status_code == 409
    assert "You already have a claim on this time, for 2 places." in text(response)


def test_a_clash_is_found_before_confirm_is_offered(as_member, volunteer):
    here = factories.school(name="Fernlow")
    booked = factories.posted(factories.member(here), slots=[time_slot(hour=10)])
    factories.accepted_claim(volunteer, on=booked)
    need = factories.posted(slots=[time_slot(hour=10, minutes=30)])
    slot = factories.slot_of(need)
    client = as_member(volunteer)

    asked = text(client.get(page_of(need, slot)))
    assert "You’re already booked at <b>Fernlow</b> then" in asked
    assert asked.count("already booked") == 1
    assert "Confirm" not in asked
    forced = client.post(sent_to(need), {"slot": slot.public_id})
    assert forced.status_code == 409
    assert "already booked at Fernlow then." in text(forced)


def test_among_several_times_the_one_that_clashes_cannot_be_picked(as_member, volunteer):
    factories.accepted_claim(volunteer, on=factories.posted(slots=[time_slot(hour=10)]))
    need = factories.posted(slots=[time_slot(hour=10), time_slot(hour=14)])

    form = as_member(volunteer).get(page_of(need)).context["form"]

    assert [(o.data["attrs"].get("disabled"), bool(o.data["hint"])) for o in form["slot"].subwidgets] == [
        (True, True),
        (None, True),
    ]


def test_coordinator_sees_who_is_booked_elsewhere_then(as_member):
    firm = factories.employer()
    coordinator, sam = factories.member(firm), factories.member(firm, Role.VOLUNTEER)
    factories.accepted_claim(sam, on=factories.posted(factories.member(factories.school(name="Fernlow"))))
    need = factories.posted()

    page = text(as_member(coordinator).get(page_of(need, factories.slot_of(need))))

    assert f"{sam.user} (booked at Fernlow then)</option>" in page


def test_a_claim_already_made_is_linked_instead_of_offered_again(as_member, volunteer):
    need = factories.posted(slots=[time_slot(places=4)])
    claim = factories.accepted_claim(volunteer, on=need)

    page = text(as_member(volunteer).get(page_of(need)))

    assert f"/claims/{claim.public_id}/" in page
    assert "Confirm" not in page


@pytest.mark.parametrize(
    ("end", "says"),
    [
        ("filled", "All places are taken."),
        ("closed", "It takes no more claims."),
        ("withdrawn", "The school withdrew this"),
    ],
)
def test_a_need_stays_readable_when_it_takes_no_more(as_member, volunteer, end, says):
    leader = factories.member(factories.school())
    need = factories.posted(leader)
    if end == "filled":
        factories.accepted_claim(on=need)
    elif end == "closed":
        Slot.objects.filter(need=need).update(open_until=timezone.now() - timedelta(minutes=1))
    else:
        needs.withdraw(need=need, reason="exam_period", by=leader, at=timezone.now())

    response = as_member(volunteer).get(page_of(need))

    assert response.status_code == 200
    assert says in text(response)
    assert "Confirm" not in text(response)


def test_unverified_firm_sends_an_offer_that_waits(as_member):
    new = factories.member(factories.employer(verified_at=None), Role.VOLUNTEER)
    need = factories.posted()
    client = as_member(new)

    page = text(client.get(page_of(need)))
    assert "Not yet verified: schools answer your offers" in page
    assert "Send my offer" in page
    client.post(sent_to(need), {"slot": factories.slot_of(need).public_id})

    assert Claim.objects.get().state == "submitted"


@pytest.mark.parametrize(
    ("make", "role"),
    [
        ("provider", Role.LIAISON_LEAD),
        ("provider", Role.LIAISON_OFFICER),
        ("university", Role.LIAISON_LEAD),
        ("employer", Role.COORDINATOR),
        ("employer", Role.VOLUNTEER),
    ],
)
def test_each_claimant_role_can_claim(as_member, make, role):
    member = factories.member(getattr(factories, make)(), role)
    need = factories.posted()
    sent = {"slot": factories.slot_of(need).public_id, "attendee": member.public_id, "places": "1"}

    assert as_member(member).post(sent_to(need), sent).status_code == 302
    assert Claim.objects.get().attendee == member


def test_a_need_for_others_is_not_there(as_member, volunteer):
    need = factories.posted(open_to=["university"])
    client = as_member(volunteer)

    assert client.get(page_of(need)).status_code == 404
    assert client.get(page_of(need) + "places/").status_code == 404
    assert client.post(sent_to(need), {"slot": factories.slot_of(need).public_id}).status_code == 404


def test_a_draft_is_nobodys_to_read_here(as_member, volunteer):
    leader = factories.member(factories.school())
    draft = factories.need(leader)

    assert as_member(volunteer).get(page_of(draft)).status_code == 404
    assert as_member(leader).get(page_of(draft)).status_code == 404


def test_school_hub_and_trust_read_it_without_a_claim(as_member):
    hub, trust = factories.hub(), factories.trust()
    school = factories.school(hub=hub, trust=trust)
    leader = factories.member(school)
    need = factories.posted(leader)

    for member in (leader, factories.member(hub), factories.member(trust)):
        response = as_member(member).get(page_of(need))
        assert response.status_code == 200
        assert "Confirm" not in text(response)
        sent = {"slot": factories.slot_of(need).public_id}
        assert as_member(member).post(sent_to(need), sent).status_code == 404
    elsewhere = factories.member(factories.school())
    assert as_member(elsewhere).get(page_of(need)).status_code == 404


def test_strangers_sign_in_first(client):
    need = factories.posted()
    assert client.get(page_of(need)).status_code == 302
    assert client.post(sent_to(need)).status_code == 302


def test_arrival_information_is_not_on_the_need(as_member, volunteer):
    need = factories.posted(entrance="By the blue gate", visitor_notes="Code 4711")

    page = text(as_member(volunteer).get(page_of(need)))

    assert "blue gate" not in page
    assert "4711" not in page
    assert need.contact.user.email not in page


def test_places_left_alone(as_member, volunteer):
    need = factories.posted(slots=[time_slot(places=3)])
    client = as_member(volunteer)

    part = client.get(f"/needs/{need.public_id}/places/").content.decode()
    assert "3 places left" in part
    assert "<html" not in part
    claims.submit(
        slot=factories.slot_of(need), attendee=None, places=3, at=timezone.now(),
        by=factories.member(factories.employer()),
    )  # fmt: skip
    assert "Full" in client.get(f"/needs/{need.public_id}/places/").content.decode()


def test_need_page_costs_the_same_statements_for_one_and_for_three_times(
    as_member, django_assert_max_num_queries
):
    firm = factories.employer()
    client = as_member(factories.member(firm))

    def statements(need) -> int:
        with django_assert_max_num_queries(20) as counted:
            client.get(page_of(need, factories.slot_of(need)))
        return len(counted)

    one = factories.posted()
    factories.member(firm, Role.VOLUNTEER)
    client.get(page_of(one))
    with_one = statements(one)
    three = factories.posted(slots=[time_slot(days=days) for days in (9, 10, 11)])
    for _ in range(3):
        factories.member(firm, Role.VOLUNTEER)

    assert statements(three) == with_one


def test_who_works_alone_is_not_asked_who_comes(as_member):
    alone = factories.member(factories.employer(is_sole_trader=True), Role.COORDINATOR)
    need = factories.posted()
    client = as_member(alone)

    page = client.get(page_of(need))
    client.post(sent_to(need), {"slot": str(need.slots.get().public_id), "note": ""})
    claim = Claim.objects.get()
    asked = client.get(f"/requests/ask/{need.school.public_id}/")
    pages = [page, client.get(f"/claims/{claim.public_id}/"), asked]

    assert claim.attendee == alone
    assert [each.status_code for each in pages] == [200] * 3
    assert ["Who comes?" in each.content.decode() for each in pages] == [False] * 3
    factories.member(alone.organisation)
    assert "Who comes?" in client.get(f"/claims/{claim.public_id}/").content.decode()
