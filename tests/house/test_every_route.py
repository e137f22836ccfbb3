"""Every route, walked as every role, as staff, as somebody who belongs nowhere, and as a stranger.

The routes come from the resolver, so a new one is walked from its first day. A route with an argument is given
somebody else's object: 404 for everyone but a stranger, who signs in first. What is open to all, or meant for
one role, stands in the tables below; a new kind of object needs one line in `theirs`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from knox.models import AuthToken

from brokerage.accounts import invitations
from brokerage.accounts.models import Kind, Membership, MembershipState, Organisation, Role, User
from brokerage.accounts.models.membership import ROLES_OF
from brokerage.calendar.models import Closure
from brokerage.eventlog.models import Delivery, Event
from brokerage.fairness.models import FairnessCase
from brokerage.registers.models import Import
from tests.factories import access, market, people

pytestmark = pytest.mark.django_db

# Pages anyone may read, and the ways in. `invitation` is opened by whoever holds its secret link.
OPEN_TO_ALL = {
    "home", "landing_strip", "help", "accessibility", "privacy", "invitation", "policy_statement",
    "fairness_method",
    "api:schema", "api:docs", "api:login", "api:vocabulary",
    "healthz", "readyz", "metrics",
    "calendar_feed",  # opened by whoever holds its secret link
    "local_mail", "local_letter",  # absent in production
}  # fmt: skip
OPEN_PREFIXES = ("account_",)
SKIPPED_PREFIXES = ("admin:",)  # Django's own; staff only, and tested by Django

STAFF = "staff without a membership"
NOBODY = "belongs nowhere"
ROLES = [role.value for roles in ROLES_OF.values() for role in roles]
EVERYONE = {*ROLES, STAFF, NOBODY}
EVERY_STAFF = {STAFF, Role.PLATFORM_STAFF.value}
OTHERS = [role for role in ROLES if role not in EVERY_STAFF]
OF_SCHOOLS = {role.value for role in ROLES_OF[Kind.SCHOOL]}
CLAIMANTS = {role.value for kind in (Kind.EMPLOYER, Kind.PROVIDER) for role in ROLES_OF[kind]}
WRITERS = {Role.CAREERS_LEADER.value, Role.CAREERS_ADMINISTRATOR.value, Role.SENIOR_LEADER.value}

# Who gets the page itself (200); everyone else is sent elsewhere or told no, and never sees it.
SEEN_BY: dict[str, set[str]] = {
    "join": EVERYONE,
    "join_as": EVERYONE,
    "join_search": EVERYONE,
    "switch": EVERYONE,
    "waiting": set(),
    "people": set(ROLES),
    "profile": EVERYONE,
    "approvals": EVERY_STAFF,
    "organisations": {*EVERY_STAFF, Role.HUB_LEAD.value},
    "new_organisation": EVERY_STAFF,
    "parked": EVERY_STAFF,
    "registers": EVERY_STAFF,
    "find": CLAIMANTS,
    "visits": CLAIMANTS,
    "requests": CLAIMANTS,
    "ask_school": CLAIMANTS,
    "how_we_fare": CLAIMANTS,
    "externals": CLAIMANTS,
    "fairness": {Role.CAREERS_LEADER.value, Role.SENIOR_LEADER.value, Role.LINK_GOVERNOR.value},
    "fairness_requests": {Role.CAREERS_LEADER.value},
    "fairness_cases": {*EVERY_STAFF, Role.HUB_LEAD.value, Role.TRUST_LEAD.value},
    "schools:today": OF_SCHOOLS,
    "schools:needs": OF_SCHOOLS,
    "schools:post": WRITERS,
    "schools:requests": OF_SCHOOLS,
    "schools:provider_access": OF_SCHOOLS,
    "schools:provider_access_summary": OF_SCHOOLS,
    "schools:elsewhere": WRITERS,
    "schools:calendar": OF_SCHOOLS,
    "schools:calendar_month": OF_SCHOOLS,
    "schools:bring_in": {Role.CAREERS_LEADER.value, Role.SENIOR_LEADER.value},
    "schools:cohorts": OF_SCHOOLS,
    "schools:policy": OF_SCHOOLS,
    "schools:register": {Role.CAREERS_LEADER.value, Role.SENIOR_LEADER.value},
    "api:me": EVERYONE,
    "api:needs": set(ROLES),
    "api:claims": set(ROLES),
    "api:encounters": set(ROLES),
    "equity": {Role.HUB_LEAD.value},
    "equity_csv": {Role.HUB_LEAD.value},
    "national": set(ROLES),
    "national_csv": set(ROLES),
    "overview": {Role.HUB_LEAD.value, Role.TRUST_LEAD.value},
    "oversight_access:schools": {Role.HUB_LEAD.value, Role.TRUST_LEAD.value},
    "oversight_access:waiting": {Role.HUB_LEAD.value, Role.TRUST_LEAD.value},
}
# Somebody else's object that staff may open all the same.
STAFF_OPENS = {
    "organisation", "verify_organisation", "set_email_domain", "approve_member", "decline_member", "change_role",
    "remove_member", "revoke_invitation", "retry_delivery", "register_import",
    "confirm_duplicate",
}  # fmt: skip
# Somebody else's, but no secret: these roles read it (200), are told that it isn't theirs to change (403) or what is
# missing in an empty form (422).
RECEIVERS = OF_SCHOOLS | {Role.HUB_LEAD.value, Role.TRUST_LEAD.value}
KNOWN_TO: dict[str, set[str]] = {
    "ask": CLAIMANTS,
    "employers:profile": RECEIVERS,
    "employers:edit": RECEIVERS,
    "providers:profile": RECEIVERS,
    "providers:edit": RECEIVERS,
}
# Their argument is a word, not an object.
CHOICES = {
    "schools:requests_in", "schools:close_gap",
    "join_as", "join_search", "schools:needs_in", "schools:cohort", "schools:cohort_counts", "schools:policy_part",
    "schools:policy_version",
}  # fmt: skip
REFUSED = {302, 303, 400, 401, 403, 404, 405, 409, 415, 422}


@dataclass(frozen=True)
class Route:
    name: str
    path: str
    takes: bool

    @property
    def is_open(self) -> bool:
        return self.name in OPEN_TO_ALL or self.name.startswith(OPEN_PREFIXES)

    def filled(self, theirs: dict[str, object]) -> str:
        """The address of somebody else's object: each argument is what the word before it names."""
        parts: list[str] = []
        for part in self.path.split("/"):
            if part.startswith("<"):
                word = parts[-1]
                assert word in theirs, f"say in `theirs` what stands after {word}/ in {self.path}"
                part = str(theirs[word])
            parts.append(part)
        return "/" + "/".join(parts)


def routes(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    for each in (resolver or get_resolver()).url_patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, path, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern) and each.name:
            yield Route(f"{space}{each.name}", path, bool(each.pattern.converters))


ROUTES = [
    route
    for route in routes()
    if not route.name.startswith(SKIPPED_PREFIXES) and not route.path.startswith(("^", "static"))
]
OPEN = [route for route in ROUTES if route.is_open]
PLAIN = [route for route in ROUTES if not route.is_open and not route.takes]
WORDS = [route for route in ROUTES if not route.is_open and route.name in CHOICES]
OBJECTS = [route for route in ROUTES if not route.is_open and route.takes and route.name not in CHOICES]


@pytest.fixture
def theirs() -> dict[str, object]:
    """Objects of organisations that none of the people below has anything to do with."""
    leader = people.member(people.school())
    firm = people.member(people.employer(verified_at=None))
    asked = people.member(leader.organisation, state=MembershipState.ASKED)
    need = market.need(leader)
    claim = market.submitted_claim(
        people.member(people.employer()), on=market.posted(leader, allocation="school_chooses")
    )
    done = market.over(market.accepted_claim(people.member(people.employer()), on=market.posted(leader)))
    invited = invitations.send(
        leader.organisation, email="x@y.example", role=Role.SENIOR_LEADER, by=leader, at=timezone.now()
    )
    asked_of, elsewhere = access.asked(of=leader.organisation), access.held_elsewhere(leader)
    today = timezone.localdate()
    closure = Closure.objects.create(
        school=leader.organisation, kind="inset", label="INSET", first_on=today, last_on=today
    )
    debt = Delivery.objects.create(
        event=Event.objects.earliest("id"), subscriber="nobody", parked_at=timezone.now()
    )
    token, _ = AuthToken.objects.create(user=leader.user)
    case = FairnessCase.objects.create(
        school=leader.organisation, flagged_at=timezone.now(), flagged_on=today, e_now=900, threshold=640
    )
    return {
        "needs": need.public_id,
        "slots": market.slot_of(need).public_id,
        "claims": claim.public_id,
        "encounters": done.encounter.public_id,
        "closures": closure.public_id,
        "people": asked.public_id,
        "invitations": invited.public_id,
        "schools": leader.organisation.public_id,
        "switch": leader.public_id,
        "employers": firm.organisation.public_id,
        "providers": people.provider().public_id,
        "organisations": firm.organisation.public_id,
        "parked": debt.pk,
        "requests": asked_of.public_id,
        "access-requests": asked_of.public_id,
        "duplicates": asked_of.public_id,
        "ask": leader.organisation.public_id,
        "elsewhere": elsewhere.public_id,
        "external-encounters": elsewhere.public_id,
        "provider-access": 2023,
        "cases": case.public_id,
        "contests": asked_of.public_id,
        "registers": Import.objects.create(kind="apar", file_name="apar.csv").public_id,
        "tokens": token.token_key,
        "notifications": 1,
        "join": "school",
        "in": "open",
        "cohorts": 2024,
        "policy": "procedure",
        "versions": 1,
    }


MAKERS: dict[Kind, Callable[..., Organisation]] = {
    Kind.SCHOOL: people.school,
    Kind.EMPLOYER: people.employer,
    Kind.PROVIDER: people.provider,
    Kind.HUB: people.hub,
    Kind.TRUST: people.trust,
    Kind.PLATFORM: people.platform,
}


def signed_in(who: str) -> Client:
    """In an organisation of their own, which has nothing to do with `theirs`."""
    if who in (STAFF, NOBODY):
        user = User.objects.create_user(email="someone@doorway.test", is_staff=who == STAFF)
    else:
        kind = next(kind for kind, roles in ROLES_OF.items() if who in roles)
        user = people.member(MAKERS[kind](), who).user
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, path: str) -> int:
    return client.get(path).status_code


def send(client: Client, path: str, **body: object) -> int:
    """An empty form; to the API an object, as little as it takes."""
    if path.startswith("/api/"):
        return client.post(path, body, content_type="application/json").status_code
    return client.post(path, {}).status_code


def test_the_walk_knows_the_routes() -> None:
    names = {route.name for route in ROUTES}

    assert {"home", "people", "approve_member", "find", "schools:today", "api:claims"} <= names
    assert len(OBJECTS) >= 30


def test_strangers_sign_in_first(theirs: dict[str, object]) -> None:
    """Pages send them to sign in, the API tells them to; 405 says only that the method is wrong."""
    stranger = Client()
    let_in = {}
    for route in (*PLAIN, *OBJECTS, *WORDS):
        path = route.filled(theirs)
        codes = {read(stranger, path), send(stranger, path)}
        if not codes <= {302, 401, 405} or codes == {405}:
            let_in[route.name] = codes
    assert let_in == {}


def test_strangers_are_sent_to_sign_in_and_back(theirs: dict[str, object]) -> None:
    pages = [route.filled(theirs) for route in (*PLAIN, *OBJECTS) if not route.path.startswith("api/")]
    answers = {path: Client().get(path) for path in pages}
    sent = {path: answer["Location"] for path, answer in answers.items() if answer.status_code == 302}

    assert len(sent) >= 20
    assert {path: there for path, there in sent.items() if there != f"/accounts/login/?next={path}"} == {}


def _body(route: Route, theirs: dict[str, object]) -> dict[str, object]:
    """What must be right before the API looks for the object at all."""
    return {"slot": str(theirs["slots"])} if route.name == "api:submit-claim" else {}


@pytest.mark.parametrize("role", OTHERS)
def test_somebody_elses_object_is_not_there(role: str, theirs: dict[str, object]) -> None:
    client = signed_in(role)
    there = {}
    for route in OBJECTS:
        path = route.filled(theirs)
        codes = {read(client, path), send(client, path, **_body(route, theirs))}
        if role in KNOWN_TO.get(route.name, ()):
            assert codes <= {200, 403, 405, 422}, route.name
        elif not codes <= {404, 405} or codes == {405}:
            there[route.name] = codes
    assert there == {}


@pytest.mark.parametrize("who", [*sorted(EVERY_STAFF), NOBODY])
def test_outsiders_find_somebody_elses_object_shut(who: str, theirs: dict[str, object]) -> None:
    client = signed_in(who)
    opened = {}
    for route in OBJECTS:
        if who in EVERY_STAFF and route.name in STAFF_OPENS:
            continue
        path = route.filled(theirs)
        codes = {read(client, path), send(client, path)}
        if not codes <= {302, 403, 404, 405}:
            opened[route.name] = codes
    assert opened == {}


@pytest.mark.parametrize("who", sorted(EVERY_STAFF))
def test_staff_open_what_staff_must(who: str, theirs: dict[str, object]) -> None:
    client = signed_in(who)
    shut = {}
    for route in OBJECTS:
        if route.name in STAFF_OPENS:
            codes = {read(client, route.filled(theirs)), send(client, route.filled(theirs))}
            if not codes & {200, 302, 400}:
                shut[route.name] = codes
    assert shut == {}


@pytest.mark.parametrize("who", sorted(EVERYONE))
def test_each_sees_their_own_pages_and_no_others(who: str) -> None:
    client = signed_in(who)

    codes = {route.name: read(client, f"/{route.path}") for route in PLAIN}

    expected = {name for name, seen_by in SEEN_BY.items() if who in seen_by and name in codes}
    assert {name for name, code in codes.items() if code == 200 and name in SEEN_BY} == expected
    assert {name: code for name, code in codes.items() if code not in REFUSED | {200, 204}} == {}


@pytest.mark.parametrize("who", sorted(EVERYONE))
def test_empty_forms_never_fail(who: str) -> None:
    client = signed_in(who)

    codes = {route.name: send(client, f"/{route.path}") for route in PLAIN}

    assert {name: code for name, code in codes.items() if code >= 500} == {}


@pytest.mark.parametrize("who", ["stranger", NOBODY, Role.VOLUNTEER.value])
def test_open_pages_never_fail(who: str) -> None:
    client = Client() if who == "stranger" else signed_in(who)

    codes = {route.name: read(client, f"/{route.path}") for route in OPEN if "<" not in route.path}

    assert {name: code for name, code in codes.items() if code not in {200, 302, 403, 405, 503}} == {}


def test_ended_membership_opens_nothing() -> None:
    member = people.member(people.school())
    client = Client()
    client.force_login(member.user)
    assert read(client, "/people/") == 200

    Membership.objects.filter(pk=member.pk).update(state=MembershipState.ENDED)

    assert client.get("/people/")["Location"] == "/join/"
