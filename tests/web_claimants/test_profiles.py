import pytest
from django.utils import timezone

from brokerage.accounts.models import Role
from brokerage.errors import NotAllowed
from brokerage.eventlog.models import Event
from employers import profiles as employer_profiles
from employers.models import Employer
from providers import profiles as provider_profiles
from providers.models import Provider
from tests import factories

pytestmark = pytest.mark.django_db

KINDS = ["employer", "provider", "university"]


def path(organisation, tail="") -> str:
    return f"/{organisation.kind}s/{organisation.public_id}/{tail}"


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_keeper_says_who_the_employer_is(as_member):
    firm = factories.employer()
    client = as_member(factories.member(firm))

    sent = {"size_band": "small", "sectors": ["engineering", "law"], "about": "We build bridges."}
    page = text(client.post(path(firm, "edit/"), sent, follow=True))

    employer = Employer.objects.get()
    assert {name: getattr(employer, name) for name in sent} == sent
    assert "We build bridges." in page
    assert "Engineering, Law" in page
    event = Event.objects.get(type="accounts.organisation.changed.v1")
    assert event.data["changed"] == ["about", "sectors", "size_band"]


def test_keeper_says_what_the_provider_offers(as_member):
    college = factories.provider()
    client = as_member(factories.member(college))

    sent = {"offers": ["T Levels", "Apprenticeships"], "sectors": [], "about": ""}
    page = text(client.post(path(college, "edit/"), sent, follow=True))

    assert Provider.objects.get().offers == ["T Levels", "Apprenticeships"]
    assert "Further education college" in page
    assert "T Levels" in page


def test_saving_the_same_again_is_no_event(as_member):
    firm = factories.employer()
    as_member(factories.member(firm)).post(path(firm, "edit/"), {})

    assert not Event.objects.filter(type="accounts.organisation.changed.v1").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"sectors": ["magic"]}, "Choose sectors from the list"),
        ({"about": "Ask A123456789012"}, "This looks like a pupil"),
        ({"about": "x" * 1001}, "Use 1000 characters or fewer"),
    ],
)
def test_bad_input_is_named_and_kept(as_member, kind, sent, says):
    organisation = getattr(factories, kind)()
    response = as_member(factories.member(organisation)).post(path(organisation, "edit/"), sent)

    assert response.status_code == 422
    assert says in text(response)
    assert sent.get("about", "") in text(response)


@pytest.mark.parametrize(
    ("kind", "sent"), [("employer", {"size_band": "huge"}), ("provider", {"offers": ["Wizardry"]})]
)
def test_closed_lists_stay_closed(as_member, kind, sent):
    organisation = getattr(factories, kind)()

    response = as_member(factories.member(organisation)).post(path(organisation, "edit/"), sent)

    assert response.status_code == 422


@pytest.mark.parametrize(("kind", "role"), [("employer", Role.VOLUNTEER), ("provider", Role.LIAISON_OFFICER)])
def test_others_of_the_organisation_read_and_change_nothing(as_member, kind, role):
    organisation = getattr(factories, kind)()
    client = as_member(factories.member(organisation, role))

    page = text(client.get(path(organisation)))
    assert organisation.name in page
    assert "Edit this page" not in page
    assert client.get(path(organisation, "edit/")).status_code == 403
    assert client.post(path(organisation, "edit/"), {"about": "Mine"}).status_code == 403


@pytest.mark.parametrize(
    ("verb", "kind", "role", "own"),
    [
        (employer_profiles.edit, "employer", Role.VOLUNTEER, {"size_band": ""}),
        (provider_profiles.edit, "provider", Role.LIAISON_OFFICER, {"offers": []}),
    ],
)
def test_the_verb_itself_refuses_them(verb, kind, role, own):
    organisation = getattr(factories, kind)()
    by = factories.member(organisation, role)

    with pytest.raises(NotAllowed):
        verb(organisation=organisation, sectors=[], about="Mine", by=by, at=timezone.now(), **own)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schools_side_reads_and_cannot_edit(as_member, kind):
    organisation = getattr(factories, kind)(verified_at=None)
    for reader in (factories.school(), factories.hub(), factories.trust()):
        client = as_member(factories.member(reader))
        assert "Not yet verified" in text(client.get(path(organisation)))
        assert client.get(path(organisation, "edit/")).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_other_claimants_do_not_read_each_other(as_member, kind):
    organisation = getattr(factories, kind)()
    for other in (factories.employer(), factories.provider()):
        client = as_member(factories.member(other))
        assert client.get(path(organisation)).status_code == 404
        assert client.post(path(organisation, "edit/"), {}).status_code == 404


def test_an_employer_is_no_provider_nor_a_school(as_member):
    member = factories.member(factories.school())
    client = as_member(member)

    assert client.get(f"/providers/{factories.employer().public_id}/").status_code == 404
    assert client.get(f"/employers/{member.organisation.public_id}/").status_code == 404


def test_one_founded_without_a_profile_has_an_empty_page(as_member):
    firm = factories.employer()
    Employer.objects.all().delete()
    client = as_member(factories.member(firm))

    assert client.get(path(firm)).status_code == 200
    client.post(path(firm, "edit/"), {"about": "New"})
    assert Employer.objects.get().about == "New"


def test_strangers_sign_in_first(client):
    assert client.get(path(factories.employer())).status_code == 302
