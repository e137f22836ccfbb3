from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from brokerage.accounts.models import Membership, Organisation, ProviderKind, Role, User
from brokerage.calendar.school_days import SATURDAY, bank_holidays
from brokerage.domain import access_requests, external_encounters
from brokerage.domain.access_requests import Ask
from brokerage.domain.external_encounters import Happened
from brokerage.models import AccessRequest, ExternalEncounter
from brokerage.vocabulary import Content, EncounterType
from tests.factories.market import LONDON
from tests.factories.people import member, provider, school


def weekday(*, days: int = 20, since: datetime | None = None) -> date:
    """A Monday to Friday at least so many days ahead, and no bank holiday."""
    day = (since or timezone.now()).astimezone(LONDON).date() + timedelta(days=days)
    while day.weekday() >= SATURDAY or day in bank_holidays():
        day += timedelta(days=1)
    return day


def college(**fields: Any) -> Membership:
    """A college's liaison officer."""
    return member(provider(provider_kind=ProviderKind.FE_COLLEGE, **fields), Role.LIAISON_OFFICER)


def staff() -> User:
    """One of the platform's own."""
    return User.objects.get_or_create(email="staff@doorway.test", defaults={"is_staff": True})[0]


def what(**fields: Any) -> Ask:
    """Year 10, the whole year, 50 minutes, all four elements, two dates."""
    return Ask(
        **{
            "encounter_type": EncounterType.PROVIDER_ENCOUNTER,
            "year_groups": [10],
            "minutes": 50,
            "dates": [weekday(), weekday(days=27)],
            "content": list(Content),
            "qualifications": ["t_level", "apprenticeship"],
            "message": "We'd love to meet your Year 10.",
        }
        | fields
    )


def asked(
    by: Membership | None = None,
    *,
    of: Organisation | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> AccessRequest:
    """A college's request to a school with a careers leader. `at` in the past makes its clock run from then."""
    at = at or timezone.now()
    by = by or college()
    if of is None:
        of = school()
        member(of, Role.CAREERS_LEADER)
    fields.setdefault("dates", [weekday(days=days, since=at) for days in (20, 27)])
    return access_requests.ask(school=of, what=what(visitor=by, **fields), by=by, at=at)


def answerer(request: AccessRequest) -> Membership:
    """A careers leader of its school."""
    return Membership.objects.active().filter(organisation=request.school, role=Role.CAREERS_LEADER)[0]


def granted(request: AccessRequest | None = None, **fields: Any) -> AccessRequest:
    request = request or asked()
    return access_requests.grant(
        request=request,
        **{"on": request.dates[0], "starts": time(10), "by": answerer(request), "at": timezone.now()}
        | fields,
    )


def held_elsewhere(by: Membership, provider: Organisation | None = None, **fields: Any) -> ExternalEncounter:
    """What a school's careers leader records of a college that came last month, without Doorway."""
    happened = {
        "provider": provider or college().organisation,
        "y7_entry": 2023,
        "on": timezone.localdate() - timedelta(days=30),
        "starts": time(10),
        "ends": time(10, 50),
        "offered": 150,
        "attended": 140,
        "content": list(Content),
        "evidence": "A register.",
    }
    return external_encounters.record(what=Happened(**happened | fields), by=by, at=timezone.now())
