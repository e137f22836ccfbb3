"""What needs the school today, most urgent first, and what stands beside it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from typing import Final

from django.db.models import Prefetch
from django.urls import reverse

from brokerage import vocabulary
from brokerage.accounts.models import Membership
from brokerage.calendar import calendars
from brokerage.calendar.school_days import inside, is_season
from brokerage.domain.slots import LONDON
from brokerage.models import Claim, Encounter, EncounterNeed, Hosting, Slot
from brokerage.notifications.models import Entry
from brokerage.queries import access_requests
from brokerage.states import PLACE_HOLDERS, ClaimState, EncounterState, NeedState
from brokerage.web import clocks
from brokerage.web.dates import clock, in_list, in_sentence, local_day
from schools import words
from schools.queries import needs, policies, requests
from schools.queries.needs import NeedRow
from schools.queries.policies import Policies

SHOWN: Final = 6
COMING: Final = 4
LOOKED_AT: Final = 60
WEEKS_BACK: Final = timedelta(weeks=12)


@dataclass(frozen=True)
class ToDo:
    """`due` decides the order alone; `minutes` is what it usually takes."""

    title: str
    detail: str
    status: tuple[str, str]
    href: str
    action: str
    icon: str
    due: datetime
    minutes: float
    is_primary: bool = False


@dataclass(frozen=True)
class Today:
    to_do: list[ToDo]
    more: int
    minutes: int
    open_needs: list[NeedRow]
    coming: list[Slot]
    news: list[Entry]
    next_words: str
    is_new: bool
    policy: Policies | None


def of(by: Membership, *, at: datetime) -> Today:
    open_needs = needs.with_slots(needs.in_tab(by, "open", at=at), at=at).order_by("-pk")[:LOOKED_AT]
    rows = needs.rows(open_needs, school_id=by.organisation_id, at=at)
    rows.sort(key=lambda row: row.next.starts_at if row.next else at)
    to_do = sorted(
        [
            *_to_answer(by, at),
            *_to_choose(by, at),
            *_to_record(by, at),
            *_unnamed(by, at),
            *_unfilled(rows, at),
            *_drafts(by),
        ],
        key=lambda item: item.due,
    )
    coming = _coming(by, at)
    return Today(
        to_do=to_do[:SHOWN],
        more=max(0, len(to_do) - SHOWN),
        minutes=ceil(sum(item.minutes for item in to_do)),
        open_needs=rows[:SHOWN],
        coming=coming,
        news=list(
            Entry.objects.filter(person=by.user, organisation_id=by.organisation_id).order_by("-position")[:5]
        ),
        next_words=_next(coming),
        is_new=not rows and not to_do and not EncounterNeed.objects.visible_to(by).exists(),
        policy=policies.flagged(by.organisation_id, local_day(at)),
    )


def _to_answer(by: Membership, at: datetime) -> Iterable[ToDo]:
    """Requests for access; those already late are due since they turned so."""
    for place, asked in enumerate(access_requests.inbox(by.organisation, today=local_day(at))):
        request, timer = asked.request, asked.clock
        kind, said = clocks.running(timer)
        by_when = (
            f", answer by {in_list(timer.answer_by)}" if timer.answer_by and kind in ("day", "soon") else ""
        )
        number = len(request.dates)
        yield ToDo(
            title=f"{request.asker.name} ask to meet {vocabulary.years(request.year_groups)}",
            detail=f"{requests.wanted(request)}. {_count(number, 'date')} offered.",
            status=(kind, f"{said}{by_when}"),
            href=reverse("schools:request", args=[request.public_id]),
            action="Answer",
            icon="inbox",
            due=datetime.combine(timer.answer_by or timer.asked_on, time.min, LONDON),
            minutes=0.25,
            is_primary=not place,
        )


def _to_choose(by: Membership, at: datetime) -> Iterable[ToDo]:
    waiting = (
        Claim.objects.visible_to(by)
        .filter(state=ClaimState.SUBMITTED, slot__starts_at__gt=at)
        .select_related("slot__need", "claimant", "attendee__user")
        .order_by("slot__starts_at", "pk")[:200]
    )
    for need, claims in _by_need(waiting):
        first = claims[0].slot
        count = len(claims)
        who = words.who(claims[0]) if count == 1 else f"{count} people"
        since = min(claim.submitted_at for claim in claims)
        is_near = first.starts_at - at < timedelta(days=7)
        yield ToDo(
            title=f"{who} offered for {_named(need)}",
            detail=f"{_when(first)}. {_count(first.places_left, 'place')} still free.",
            status=("soon", f"Starts {in_list(first.starts_at)}")
            if is_near
            else ("live", f"Waiting since {in_list(since)}"),
            href=reverse("schools:need", args=[need.public_id]),
            action="Choose",
            icon="speech",
            due=min(first.starts_at - timedelta(days=3), since + timedelta(days=5)),
            minutes=0.5 * count,
            is_primary=True,
        )


def _to_record(by: Membership, at: datetime) -> Iterable[ToDo]:
    came = Claim.objects.filter(state__in=PLACE_HOLDERS).select_related("claimant").order_by("pk")
    over = (
        Encounter.objects.visible_to(by)
        .filter(state=EncounterState.PLANNED, slot__ends_at__range=(at - WEEKS_BACK, at))
        .select_related("slot__need")
        .prefetch_related(Prefetch("slot__claims", came))
        .order_by("slot__ends_at")[:200]
    )
    grouped: dict[EncounterNeed, list[Encounter]] = defaultdict(list)
    for encounter in over:
        grouped[encounter.slot.need].append(encounter)
    for need, encounters in grouped.items():
        last = encounters[-1].slot
        names = dict.fromkeys(
            claim.claimant.name for encounter in encounters for claim in encounter.slot.claims.all()
        )
        listed = words.joined(list(names)[:2]) + (" and others" if len(names) > 2 else "")
        recent = at - last.ends_at < timedelta(days=6)
        day = f"{local_day(last.starts_at):%A}" if recent else in_sentence(last.starts_at)
        yield ToDo(
            title=f"What happened on {day}?",
            detail=f"{listed}, {_named(need)}, {in_sentence(last.starts_at)}.",
            status=("live", "Takes 30 seconds"),
            href=reverse("schools:record", args=[need.public_id]),
            action="Record",
            icon="calendar",
            due=last.ends_at + timedelta(days=7),
            minutes=0.5 * len(encounters),
        )


def _unnamed(by: Membership, at: datetime) -> Iterable[ToDo]:
    """Booked, but whoever was to come is booked elsewhere then or has left: they must name another."""
    clashed = (
        Claim.objects.visible_to(by)
        .filter(
            state=ClaimState.ACCEPTED,
            attendee_clashed=True,
            attendee__isnull=True,
            slot__starts_at__gt=at,
        )
        .select_related("slot__need", "claimant")
        .order_by("slot__starts_at", "pk")[:20]
    )
    for claim in clashed:
        yield ToDo(
            title=f"{claim.claimant.name} must name someone else",
            detail=f"For {_named(claim.slot.need)}, {_when(claim.slot)}. Whoever was to come no longer can.",
            status=("wait", "Waiting for them"),
            href=reverse("schools:need", args=[claim.slot.need.public_id]),
            action="Look",
            icon="person",
            due=claim.slot.starts_at - timedelta(days=2),
            minutes=0.5,
        )


def _unfilled(rows: list[NeedRow], at: datetime) -> Iterable[ToDo]:
    for row in rows:
        kind, said = row.state
        if kind in ("soon", "late") and row.next:
            yield ToDo(
                title=f"Nobody yet for {_named(row.need)}",
                detail=f"{_when(row.next)}. Another date or more kinds of visitor may help.",
                status=(kind, said.removeprefix("Nobody yet, ").capitalize()),
                href=reverse("schools:edit", args=[row.need.public_id]),
                action="Widen it",
                icon="search",
                due=row.next.starts_at - timedelta(days=5),
                minutes=1,
            )


def _drafts(by: Membership) -> Iterable[ToDo]:
    drafts = EncounterNeed.objects.visible_to(by).filter(state=NeedState.DRAFT).order_by("-changed_at")[:3]
    for draft in drafts:
        yield ToDo(
            title=f"Finish your draft: {words.name(draft)}",
            detail="Nobody outside your school sees it yet.",
            status=("na", f"Draft since {in_list(draft.changed_at)}"),
            href=reverse("schools:edit", args=[draft.public_id]),
            action="Finish",
            icon="list",
            due=draft.changed_at + timedelta(days=14),
            minutes=1,
        )


def _coming(by: Membership, at: datetime) -> list[Slot]:
    came = Claim.objects.filter(state__in=PLACE_HOLDERS).select_related("claimant").order_by("pk")
    return list(
        Slot.objects.standing()
        .filter(need__in=EncounterNeed.objects.visible_to(by), taken__gt=0, ends_at__gt=at)
        .select_related("need")
        .prefetch_related(Prefetch("claims", came, to_attr="coming"))
        .order_by("starts_at", "pk")[:COMING]
    )


def _next(coming: list[Slot]) -> str:
    if not coming:
        return ""
    need = coming[0].need
    return f"Next: {_named(need)}, {in_sentence(coming[0].starts_at)}."


def steps_done(by: Membership) -> dict[str, bool]:
    """The three steps of a new school."""
    hosting = Hosting.objects.filter(school_id=by.organisation_id).first()
    return {"day": bool(hosting and hosting.entrance), "roll": bool(hosting and hosting.rolls)}


def until_the_holiday(by: Membership, at: datetime) -> tuple[int, str]:
    """School days left, today with it, and the holiday they lead to; (0, "") when none is listed or it is now."""
    today = local_day(at)
    days = calendars.days_of(by.organisation_id)
    ahead = days.next_holiday(today)
    if ahead is None or ahead.first_on > today + timedelta(weeks=16):
        return 0, ""
    if ahead.label and not is_season(ahead.label):
        return days.count(today, ahead.first_on - timedelta(days=1)), f"you close ({ahead.label})"
    holiday = inside(ahead.label)
    if holiday.endswith(("holiday", "holidays", "break")) and not holiday.lower().startswith("the "):
        holiday = f"the {holiday}"
    return days.count(today, ahead.first_on - timedelta(days=1)), holiday


def _by_need(claims: Iterable[Claim]) -> Iterable[tuple[EncounterNeed, list[Claim]]]:
    grouped: dict[EncounterNeed, list[Claim]] = defaultdict(list)
    for claim in claims:
        grouped[claim.slot.need].append(claim)
    return grouped.items()


def _named(need: EncounterNeed) -> str:
    """A need's name inside a sentence: «mock interviews, Year 11», but «CV workshop»."""
    name = words.name(need)
    keeps_capital = name[1:2].isupper() or name.startswith(("Year ", "Years "))
    return name if keeps_capital else name[:1].lower() + name[1:]


def _when(slot: Slot) -> str:
    return f"{in_list(slot.starts_at)}, {clock(slot.starts_at)} to {clock(slot.ends_at)}"


def _count(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{number} {word}s"
