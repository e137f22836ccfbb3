"""Whatever anybody types into any form, address or header, a page answers with a sentence: never with a 500.

There is something of every kind. Everybody opens every page with it and with rubbish in its query, and sends every
form they find there with rubbish in each of its fields, the others as the page had filled them in. The API's turn
is in tests/api/test_schemathesis.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client
from django.utils import timezone

from brokerage.accounts import invitations
from brokerage.accounts.models import Membership, MembershipState, Role, User
from brokerage.calendar import links
from brokerage.calendar.models import CalendarLink, Closure
from brokerage.eventlog.models import Delivery, Event
from brokerage.fairness import lifecycle, nightly
from brokerage.fairness.models import FairnessCase
from brokerage.fairness.states import CaseState
from brokerage.models import Claim
from brokerage.registers.models import Import
from config import wsgi
from tests.factories import access, market, people
from tests.house.test_every_route import ROUTES, Route
from tests.web import fairness_world

pytestmark = pytest.mark.django_db

RUBBISH = (
    "some\0thing",
    "9" * 40,
    "-1",
    "1e400",
    "2026-99-99T25:61",
    "<svg/onload=alert(1)>\"'`{{7*7}}{% now %}",
    "\u202e\ud7ff\uffff😀" * 20,
    "٣\u00b2½",
    "x" * 5000,
    "a\r\nBcc: everyone@example.test",
    "//evil.test/\\\t",
    "W10",
    "[null]",
    "00000000-0000-0000-0000-000000000000",
)
PARAMETERS = (
    "after", "after_request", "after_organisation", "met", "from", "slot", "organisation", "near", "within", "type",
    "year", "sector", "format", "starts", "ends", "order", "q", "kind", "next", "email", "copy", "tab", "need",
    "cursor", "page_size", "limit", "state", "within_km", "starts_after", "ordering", "unread", "another", "later",
    "seen", "elsewhere",
)  # fmt: skip
ROLES = (Role.CAREERS_LEADER, Role.COORDINATOR, Role.HUB_LEAD)
STAFF, NOBODY, STRANGER = "staff", "belongs nowhere", "stranger"
# What would end the walk: signed out, no longer a member, or nobody to be.
LEFT_OUT = {"account_logout", "leave", "close_account"}
BREAKS = 500


@dataclass
class Sent:
    """A form as a browser would send it untouched."""

    action: str = ""
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Sent] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Sent(told.get("action", ""), told.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "select":
            self._select = told.get("name", "")
            self.forms[-1].fields.setdefault(self._select, [])
        elif tag == "option" and "selected" in told:
            self._add(self._select, told.get("value", ""))
        elif tag in ("input", "textarea", "button") and told.get("name"):
            is_choice = told.get("type") in ("checkbox", "radio")
            self._add(told["name"], "" if is_choice and "checked" not in told else told.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        kept = self.forms[-1].fields.setdefault(name, [])
        if value:
            kept.append(value)


def someone(who: str) -> tuple[Client, dict[str, object]]:
    """Signed in, and what stands behind the words in the addresses: their own, as far as they have any."""
    client = Client(raise_request_exception=False)
    hub = people.hub()
    leader = people.member(people.school(hub=hub))
    claimant = people.member(people.employer())
    homes = {Role.CAREERS_LEADER: leader, Role.COORDINATOR: claimant}
    if who in (STAFF, NOBODY):
        client.force_login(User.objects.create_user(email="someone@doorway.test", is_staff=who == STAFF))
    elif who == Role.HUB_LEAD:
        client.force_login(people.member(hub).user)
    elif who != STRANGER:
        client.force_login(homes[Role(who)].user)
    return client, _things(leader, claimant)


def _things(leader: Membership, claimant: Membership) -> dict[str, object]:
    slots = [market.time_slot(days=days, places=3) for days in (20, 21)]
    claim = market.submitted_claim(
        claimant, on=market.posted(leader, slots=slots, allocation="school_chooses")
    )
    Claim.objects.filter(pk=claim.pk).update(slot_moved_at=timezone.now())
    done = market.over(market.accepted_claim(claimant, on=market.posted(leader)))
    invited = invitations.send(
        leader.organisation, email="x@y.example", role=Role.SENIOR_LEADER, by=leader, at=timezone.now()
    )
    today = timezone.localdate()
    closure = Closure.objects.create(
        school=leader.organisation, kind="inset", label="INSET", first_on=today, last_on=today
    )
    link = CalendarLink.objects.create(school=leader.organisation, made_by=leader, made_at=timezone.now())
    debt = Delivery.objects.create(
        event=Event.objects.earliest("id"), subscriber="nobody", parked_at=timezone.now()
    )
    access.asked(claimant, of=leader.organisation, year_groups=[9])
    asked = access.asked(claimant, of=leader.organisation)
    case = _a_case(leader)
    return {
        "cases": case.public_id,
        "contests": asked.public_id,
        "requests": asked.public_id,
        "duplicates": asked.public_id,
        "elsewhere": access.held_elsewhere(leader).public_id,
        "ask": leader.organisation.public_id,
        "needs": claim.slot.need.public_id,
        "claims": claim.public_id,
        "encounters": done.encounter.public_id,
        "closures": closure.public_id,
        "calendar": f"{links.token_of(link)}.ics",
        "people": people.member(leader.organisation, state=MembershipState.ASKED).public_id,
        "invitations": invited.token,
        "schools": leader.organisation.public_id,
        "switch": leader.public_id,
        "employers": claimant.organisation.public_id,
        "providers": people.provider().public_id,
        "organisations": claimant.organisation.public_id,
        "parked": debt.pk,
        "registers": Import.objects.create(kind="apar", file_name="apar.csv").public_id,
        "tokens": "abcdefgh",
        "join": "employer",
        "in": "open",
        "cohorts": 2024,
        "policy": "procedure",
        "versions": 1,
        "provider-access": 2024,
        "key": "1-x",
        "confirm-email": "x",
    }


def _a_case(leader: Membership) -> FairnessCase:
    """Raised by a night's replay, with its bundle, the school's reply open."""
    now, school = timezone.now(), leader.organisation
    fairness_world.history(
        school, fairness_world.Market(), technical="r" * 24, other="g" * 24, until=timezone.localdate()
    )
    case = lifecycle.flag(school=school, run=nightly.replay(on=timezone.localdate(), at=now), at=now)
    assert case is not None
    FairnessCase.objects.filter(pk=case.pk).update(
        state=CaseState.REPLY_OPEN, reply_from=timezone.localdate()
    )
    return case


def addresses(route: Route, things: dict[str, object]) -> Iterator[str]:
    """With what is there; then with rubbish where the address takes any word or number."""
    yield route.filled({"reset": "", **things})
    kinds = {"<str:": RUBBISH, "<slug:": RUBBISH[:1], "<int:": ("9" * 40,)}
    for kind, rubbish in kinds.items():
        if kind in route.path:
            for each in rubbish:
                yield "/" + re.sub(rf"{kind}\w+>", quote(each, safe=""), route.path)


def spoilt(form: Sent) -> Iterator[dict[str, list[str]]]:
    """Each field in turn with rubbish, the others as the page had them; then rubbish alone."""
    rubbish = cycle(RUBBISH)
    for name in form.fields:
        yield form.fields | {name: [next(rubbish)]}
    for each in RUBBISH[:3]:
        yield {name: [each] for name in form.fields}


def queries() -> Iterator[str]:
    """All of one kind, then each parameter another kind: what is refused first hides what comes after it."""
    yield urlencode(dict.fromkeys(PARAMETERS, RUBBISH[0]))
    for shift in (0, 5):
        yield urlencode({name: RUBBISH[(n + shift) % len(RUBBISH)] for n, name in enumerate(PARAMETERS)})


class Walk:
    """Asks, and keeps what broke."""

    def __init__(self, client: Client) -> None:
        self.client, self.broken = client, list[str]()
        self._sent: set[tuple[str, ...]] = set()

    def ask(self, path: str, data: dict[str, list[str]] | None = None) -> str:
        """The page, if it is one with forms to fill in."""
        answer = self.client.get(path) if data is None else self.client.post(path, data)
        if answer.status_code >= BREAKS:
            self.broken.append(f"{answer.status_code} {path[:200]} {str(data)[:300]}")
        has_forms = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        return answer.content.decode() if has_forms else ""

    def fill_in(self, page: str, path: str) -> None:
        for form in Forms(page).forms:
            where = form.action.split("?")[0] or path
            known = (re.sub(r"[0-9a-f-]{36}", "", where), *form.fields)
            if form.method == "post" and known not in self._sent and "logout" not in where:
                self._sent.add(known)
                for data in spoilt(form):
                    self.ask(where, data)


@pytest.mark.parametrize("who", [*(role.value for role in ROLES), STAFF, STRANGER])
def test_rubbish_never_breaks_a_page(who: str) -> None:
    client, things = someone(who)
    walk = Walk(client)
    pages = [route for route in ROUTES if route.name not in LEFT_OUT and not route.name.startswith("api:")]
    for route in pages:
        own, *strange = addresses(route, things)
        page = walk.ask(own)
        for path in strange:
            walk.ask(path)
        if page:
            for asked in queries():
                walk.ask(f"{own}?{asked}")
            walk.fill_in(page, own)

    assert walk.broken == []


@pytest.mark.parametrize("charset", ["hex", "utf-7", "idna", "utf-16", "no-such-thing", '"utf-7"'])
def test_everything_is_read_as_utf_8_whatever_is_claimed(charset: str) -> None:
    """Through the WSGI entry itself: the test client makes its requests behind it."""
    environ: dict[str, Any] = {
        "PATH_INFO": "/help/",
        "QUERY_STRING": "q=%2B2AA-%C3%A9",
        "SERVER_NAME": "localhost",
    }
    setup_testing_defaults(environ)
    environ["CONTENT_TYPE"] = f"application/x-www-form-urlencoded; Charset={charset}; boundary=x"
    answered: list[str] = []

    wsgi.application(environ, lambda status, headers: answered.append(status))

    assert answered == ["200 OK"]
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded; boundary=x"


def test_what_is_private_is_kept_by_nobody_in_between() -> None:
    client, _ = someone(Role.CAREERS_LEADER)

    said = {path: client.get(path)["Cache-Control"] for path in ("/school/", "/api/v1/me/", "/nothing/")}

    assert set(said.values()) == {"private, no-cache"}
    assert "no-store" in client.get("/profile/")["Cache-Control"]
