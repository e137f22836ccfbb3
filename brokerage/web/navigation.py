"""Where each role can go (ux.md 2.4): the service navigation and the phone's tab bar."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import NoReverseMatch, reverse

from brokerage.accounts.models import Membership, Role


@dataclass(frozen=True)
class Place:
    """A page of the navigation; `under` are the url names that keep it lit while one of them is open. `counted` says
    of what its number is one, where that isn't plain."""

    url_name: str
    label: str
    icon: str = "door"
    under: tuple[str, ...] = ()
    counted: str = ""


@dataclass(frozen=True)
class Item:
    href: str
    label: str
    icon: str
    is_current: bool = False
    count: int | None = None
    counted: str = ""
    count_id: str = ""
    """Of the element with the number: the page's own, whoever's menu it stands in."""


TODAY = Place("schools:today", "Today", "door")
NEEDS = Place(
    "schools:needs",
    "Needs",
    "list",
    tuple(
        f"schools:{page}"
        for page in ("needs_in", "post", "need", "edit", "preview", "withdraw", "decline", "cancel", "record")
    ),
)
POST = Place("schools:post", "Post", "post")
REQUESTS = Place(
    "schools:requests",
    "Requests",
    "inbox",
    tuple(
        f"schools:{page}"
        for page in (
            "requests_in",
            "request",
            "grant_request",
            "counter_offer",
            "postpone_request",
            "ask_back",
            "refuse_request",
            "mark_duplicate",
        )
    ),
)
CALENDAR = Place(
    "schools:calendar",
    "Calendar",
    "calendar",
    (
        "schools:add_closure",
        "schools:calendar_month",
        "schools:change_closure",
        "schools:bring_in",
        "schools:apply_file",
    ),
)
SCHOOL = Place(
    "schools:profile",
    "School details",
    "school",
    tuple(
        f"schools:{page}"
        for page in (
            "cohorts",
            "cohort",
            "cohort_counts",
            "register",
            "policy",
            "policy_part",
            "policy_preview",
            "policy_version",
        )
    ),
)
ACCESS = Place(
    "schools:provider_access",
    "Provider access",
    "doors",
    ("schools:provider_access_summary", "schools:close_gap", "schools:elsewhere"),
)
QUESTIONS = Place("schools:provider_access_summary", "Questions to ask", "list")
FIND = Place("find", "Find a visit", "search", ("need", "claim_need"))
VISITS = Place(
    "visits",
    "My visits",
    "calendar",
    (
        *("claim", "withdraw_claim", "name_attendee", "encounter"),
        *("externals", "external", "confirm_external", "dispute_external"),
    ),
)
ASK = Place("ask_school", "Ask a school", "school", ("ask",))
MY_REQUESTS = Place(
    "requests",
    "My requests",
    "inbox",
    (
        *("request", "follow_up", "accept_offer", "reject_offer", "answer_request", "settle_request"),
        *("withdraw_request", "report_request"),
    ),
    counted="late",
)
FARE = Place("how_we_fare", "How we fare", "list")
UPDATES = Place("updates", "Updates", "bell")
PEOPLE = Place("people", "People", "people")
PROFILE = Place("profile", "Profile", "person")
OVERVIEW = Place("overview", "Overview", "door", ("overview_need",))
SCHOOLS = Place("overview_schools", "Schools", "school", ("overview_school", "overview_need"))
UNFILLED = Place("unfilled", "Unfilled needs", "inbox")
AREA_ACCESS = Place("oversight_access:schools", "Provider access", "doors", ("oversight_access:school",))
WAITING = Place("oversight_access:waiting", "Waiting providers", "inbox")
APPROVALS = Place("approvals", "Approvals", "people")
ORGANISATIONS = Place("organisations", "Organisations", "school", ("organisation", "new_organisation"))
PARKED = Place("parked", "Parked deliveries", "inbox")
REGISTERS = Place("registers", "Registers", "list", ("register_import",))
FAIRNESS = Place(
    "fairness",
    "Fairness",
    "doors",
    ("fairness_requests", "fairness_reply", "fairness_contest", "fairness_context", "fairness_method"),
)
CASES = Place(
    "fairness_cases",
    "Fairness cases",
    "doors",
    ("fairness_case", "fairness_case_requests", "fairness_settle", "fairness_decide", "fairness_method"),
    counted="to decide",
)
EQUITY = Place("equity", "Equity", "list", ("national",))
SWITCH = Place("switch", "Switch organisation")
JOIN = Place("join", "Join another organisation")


def renamed(place: Place, label: str) -> Place:
    return replace(place, label=label)


ENCOUNTERS = renamed(VISITS, "Encounters")
_school = (
    (TODAY, NEEDS, REQUESTS, CALENDAR, ACCESS, SCHOOL),
    (TODAY, REQUESTS, POST, renamed(ACCESS, "Access")),
)
_leader = ((TODAY, NEEDS, REQUESTS, CALENDAR, ACCESS, FAIRNESS, SCHOOL), _school[1])
_governor = (
    (renamed(TODAY, "Summary"), NEEDS, REQUESTS, CALENDAR, ACCESS, FAIRNESS, QUESTIONS),
    (
        renamed(TODAY, "Summary"),
        renamed(ACCESS, "Access"),
        FAIRNESS,
        renamed(QUESTIONS, "Questions"),
    ),
)
_school_reader = (
    (renamed(TODAY, "Summary"), NEEDS, REQUESTS, CALENDAR, ACCESS, QUESTIONS),
    (renamed(TODAY, "Summary"), REQUESTS, renamed(ACCESS, "Access"), renamed(QUESTIONS, "Questions")),
)
_volunteer = ((FIND, VISITS, UPDATES), (renamed(FIND, "Find"), VISITS, UPDATES, PROFILE))
_coordinator = ((FIND, VISITS, UPDATES, PEOPLE), (renamed(FIND, "Find"), VISITS, UPDATES, PEOPLE))
_provider = (
    (renamed(FIND, "Find"), ASK, MY_REQUESTS, ENCOUNTERS, FARE),
    (
        renamed(FIND, "Find"),
        renamed(ASK, "Ask"),
        renamed(MY_REQUESTS, "Requests"),
        renamed(VISITS, "Visits"),
    ),
)
_trust = (
    (OVERVIEW, SCHOOLS, AREA_ACCESS, WAITING, UNFILLED, renamed(CASES, "Fairness"), UPDATES),
    (OVERVIEW, SCHOOLS, renamed(AREA_ACCESS, "Access"), renamed(CASES, "Fairness")),
)
_hub = (
    (OVERVIEW, SCHOOLS, AREA_ACCESS, WAITING, UNFILLED, CASES, EQUITY, ORGANISATIONS, UPDATES),
    (OVERVIEW, renamed(AREA_ACCESS, "Access"), renamed(UNFILLED, "Unfilled"), renamed(CASES, "Cases")),
)
STAFF = (
    (APPROVALS, ORGANISATIONS, CASES, PARKED, REGISTERS),
    (APPROVALS, ORGANISATIONS, renamed(PARKED, "Parked"), UPDATES),
)

PLACES: dict[str, tuple[tuple[Place, ...], tuple[Place, ...]]] = {
    Role.CAREERS_LEADER: _leader,
    Role.SENIOR_LEADER: _leader,
    Role.CAREERS_ADMINISTRATOR: _school,
    Role.LINK_GOVERNOR: _governor,
    Role.CAREERS_ADVISER: _school_reader,
    Role.COORDINATOR: _coordinator,
    Role.VOLUNTEER: _volunteer,
    Role.LIAISON_LEAD: _provider,
    Role.LIAISON_OFFICER: _provider,
    Role.HUB_LEAD: _hub,
    Role.TRUST_LEAD: _trust,
    Role.PLATFORM_STAFF: STAFF,
}
ACCOUNT = (SWITCH, JOIN, PEOPLE, PROFILE)
# Employers ask schools too, though most of them wait for a need.
EMPLOYERS_ACCOUNT = (ASK, MY_REQUESTS, *ACCOUNT)
PROVIDERS_ACCOUNT = (*ACCOUNT, UPDATES)


def account_of(membership: Membership | None) -> tuple[Place, ...]:
    """What is in the menu of one's own name, and under «More» on a phone."""
    match membership.role if membership else "":
        case Role.COORDINATOR | Role.VOLUNTEER:
            return EMPLOYERS_ACCOUNT
        case Role.LIAISON_LEAD | Role.LIAISON_OFFICER:
            return PROVIDERS_ACCOUNT
    return ACCOUNT


def places_for(
    membership: Membership | None, *, is_staff: bool
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    if membership is not None:
        return PLACES.get(membership.role, ((), ()))
    return STAFF if is_staff else ((), ())


def items(
    places: tuple[Place, ...], url_name: str, counts: Mapping[str, int] | None = None
) -> tuple[Item, ...]:
    """The places that exist here, the open one marked: itself if it is listed, else the one it is under. `counts`, by
    url name: what waits there, if anything is counted there at all."""
    is_listed = any(place.url_name == url_name for place in places)
    made = []
    for place in places:
        try:
            href = reverse(place.url_name)
        except NoReverseMatch:
            continue
        is_current = url_name == place.url_name or (not is_listed and url_name in place.under)
        count = (counts or {}).get(place.url_name)
        count_id = f"waits-{place.url_name.replace(':', '-')}"
        made.append(Item(href, place.label, place.icon, is_current, count, place.counted, count_id))
    return tuple(made)


def without_repeats(wanted: tuple[Item, ...], shown: tuple[Item, ...]) -> tuple[Item, ...]:
    hrefs = {item.href for item in shown}
    return tuple(item for item in wanted if item.href not in hrefs)
