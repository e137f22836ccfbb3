"""News of memberships and organisations."""

import pytest
from django.utils import timezone

from brokerage.accounts import memberships, organisations
from brokerage.accounts.models import Kind, Role, User
from brokerage.notifications.models import Entry
from tests import factories
from tests.notifications.telling import last_letter, letters, pay, told, types

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    return factories.member(factories.school(name="Fernlow Academy"))


@pytest.fixture
def dana():
    return User.objects.create_user(email="dana@example.test", name="Dana Whitmore")


def ask(keeper, dana):
    asked = memberships.ask(keeper.organisation, role=Role.CAREERS_ADMINISTRATOR, by=dana, at=timezone.now())
    pay()
    return asked


def test_who_may_approve_hears_who_asks(keeper, dana):
    administrator = factories.member(keeper.organisation, Role.CAREERS_ADMINISTRATOR)

    ask(keeper, dana)

    assert told(keeper) == [
        ("membership.asked", "Dana Whitmore asks to join Fernlow Academy as careers administrator.")
    ]
    assert last_letter(keeper).subject == "Someone asks to join Fernlow Academy as careers administrator"
    assert told(administrator) == []


def test_the_person_hears_the_answer(keeper, dana):
    asked = ask(keeper, dana)
    memberships.approve(asked, by=keeper, at=timezone.now())
    pay()

    assert told(asked) == [("membership.began", "You're in: Fernlow Academy, careers administrator.")]
    assert len(letters(asked)) == 1
    assert types(keeper) == ["membership.asked"]


def test_a_decline_is_told_to_the_person_though_it_is_no_organisations_news(keeper, dana):
    asked = ask(keeper, dana)
    memberships.decline(asked, by=keeper, at=timezone.now())
    pay()

    assert told(asked) == [("membership.declined", "Fernlow Academy didn't approve your request to join.")]
    assert Entry.objects.get(person=dana).organisation_id is None


def test_who_is_removed_hears_it_and_who_leaves_knows(keeper):
    removed, leaving = (factories.member(keeper.organisation, Role.LINK_GOVERNOR) for _ in range(2))
    memberships.remove(removed, by=keeper, at=timezone.now())
    memberships.leave(leaving, by=leaving.user, at=timezone.now())
    pay()

    assert told(removed) == [("membership.ended", "You're no longer a member of Fernlow Academy.")]
    assert told(leaving) == []


def test_without_somebody_who_was_booked_the_firm_names_another_and_they_neednt_go():
    firm = factories.employer(name="Brightholm")
    coordinator, volunteer = factories.member(firm), factories.member(firm, Role.VOLUNTEER)
    claim = factories.accepted_claim(volunteer, on=factories.posted())
    pay()

    memberships.remove(volunteer, by=coordinator, at=timezone.now())
    pay()

    asked = Entry.objects.get(person=coordinator.user, type="claim.attendee_named")
    assert asked.text.endswith(", is no longer a member. Name who will come.")
    assert asked.link == f"/claims/{claim.public_id}/"
    sentence = "You're no longer a member of Brightholm. You needn't go to any visit they named you for."
    assert ("membership.ended", sentence) in told(volunteer)
    assert any(sentence in letter.text for letter in letters(volunteer))


def test_a_new_firm_is_news_to_staff_and_the_hub_and_its_verification_to_the_firm(dana):
    staff = User.objects.create_user(email="staff@example.test", is_staff=True)
    hub = factories.hub()
    lead = factories.member(hub)
    factories.school(hub=hub, easting=400000, northing=300000)
    founder = organisations.found(
        kind=Kind.EMPLOYER,
        name="Brightholm",
        by=dana,
        at=timezone.now(),
        place=organisations.Place(easting=400500, northing=300500),
    )
    pay()

    sentence = "Brightholm is new here and waits to be verified."
    assert told(lead) == [("organisation.created", sentence)]
    assert list(Entry.objects.filter(person=staff).values_list("text", flat=True)) == [sentence]
    assert told(founder) == []

    organisations.verify(founder.organisation, by=lead, at=timezone.now())
    pay()
    assert types(founder) == ["organisation.verified"]
    assert types(lead) == ["organisation.created"]
