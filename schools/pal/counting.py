"""Whether one session counts as an occasion for its cohort, and if not why (R3, R5, R8, R15 to R20)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from schools.pal.parameters import Parameters
from schools.pal.records import CONTENT, Cohort, Kind, Mode, Provider, School, Session, Status
from schools.pal.windows import KEY_PHASES, ORDINALS, Window
from schools.pal.words import day_and_time, day_of, joined

NOT_COUNTED: Final = "not_counted"
NOTE: Final = "note"
STANDING: Final = "standing"


@dataclass(frozen=True)
class Reason:
    """`kind`: why a session didn't count, something to know about one that did, or why the phase stands as it does."""

    rule: str
    text: str
    kind: str = STANDING
    session: Session | None = None

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(frozen=True)
class Setting:
    """What every session of one phase is held against."""

    school: School
    cohort: Cohort
    phase: int
    window: Window
    today: date
    parameters: Parameters


def provider_set(session: Session, parameters: Parameters) -> frozenset[str]:
    """The organisations that make it an occasion (R9, R10): others who came along don't tell two occasions apart."""
    return frozenset(each.id for each in session.providers if is_provider(each, parameters))


def is_provider(who: Provider, parameters: Parameters) -> bool:
    """R17. The school itself is on neither list."""
    return who.kind in parameters.providers or (
        who.technical and who.kind in parameters.providers_when_technical
    )


def why_not(session: Session, at: Setting) -> list[Reason]:
    """Every rule the session doesn't meet, in words; empty when it counts. Of a cancelled one nothing else is said."""
    return _told(_against(session, at), NOT_COUNTED, session, at)


def notes(session: Session, at: Setting) -> list[Reason]:
    """What to know about a session that counts."""
    return _told(_notes(session, at), NOTE, session, at)


def pupils(session: Session, cohort: Cohort) -> int:
    """How many the session was for: its group's pupils, or the roll."""
    return cohort.roll if session.group is None else cohort.groups[session.group]


def reached(session: Session, phase: int) -> int:
    """R11: the third phase counts pupils offered, the others those who met the provider."""
    return session.offered if phase == 3 else session.attended + session.caught_up


def _told(said: Iterable[tuple[str, str]], kind: str, session: Session, at: Setting) -> list[Reason]:
    return [
        Reason(rule, f"{day_and_time(session.on, session.starts, at.today)}: {text}", kind, session)
        for rule, text in said
    ]


def _against(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    if session.status is Status.CANCELLED:
        yield "R15", "cancelled."
        return
    yield from _window(session, at)
    yield from _status(session, at)
    yield from _school_day(session, at)
    yield from _providers(session, at)
    yield from _delivery(session)
    yield from _pupils(session, at)


def _window(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    on = session.on
    if on < at.window.opens:
        yield "R5", f"before Year {KEY_PHASES[at.phase][0]}: {_instead(session, at)}"
    elif on > at.window.closes:
        leap_day = (on.month, on.day) == (2, 29)
        yield "R3" if leap_day else "R5", f"after 28 February: {_instead(session, at)}"
    if on < at.parameters.duty_began:
        yield "R8", f"before the duty began on {day_of(at.parameters.duty_began, at.today)}."


def _instead(session: Session, at: Setting) -> str:
    """What it is good for all the same: benchmark 7 asks for live meetings with further or higher education."""
    meeting = session.status is Status.DELIVERED and session.mode is not Mode.RECORDED
    further = any(
        each.kind is Kind.UNIVERSITY or is_provider(each, at.parameters) for each in session.providers
    )
    phase = f"not for the {ORDINALS[at.phase]} phase."
    return f"counts for benchmark 7, {phase}" if meeting and further else phase


def _status(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    if session.status is Status.PLANNED:
        yield "R15", "planned. It counts once it has happened and been recorded."
    elif session.status is Status.OFFERED and at.phase != 3:
        yield "R15", "offered. It counts once it has happened and been recorded."
    elif session.on > at.today:
        yield "R15", "still to come. It counts from that day on."


def _school_day(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    if (closed := at.school.days.why_closed(session.on)) is not None:
        yield "R16", f"{closed}, not a school day."
    if not at.school.days.holds(session.starts, session.ends):
        yield "R16", "outside the school day."


def _providers(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    if provider_set(session, at.parameters):
        return
    kinds = {each.kind for each in session.providers}
    if kinds == {Kind.OWN_SCHOOL}:
        yield "R17", "the school itself isn't a provider to its own pupils."
    elif kinds == {Kind.EMPLOYER}:
        yield "R17", "an employer without a provider: counts for benchmark 5."
    elif kinds == {Kind.UNIVERSITY}:
        yield (
            "R17",
            "a university, without technical qualifications or apprenticeships: counts for benchmark 7.",
        )
    else:
        yield "R17", "no provider of technical qualifications or apprenticeships took part."


def _delivery(session: Session) -> Iterator[tuple[str, str]]:
    if missing := [name for name, covered in zip(CONTENT, session.content, strict=True) if not covered]:
        yield "R18", f"not covered: {joined(missing)}."
    if session.mode is Mode.RECORDED:
        yield "R20", "a recording: pupils couldn't ask questions."


def _pupils(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    """An occasion on which nobody was met, or which nobody was offered, is none."""
    if pupils(session, at.cohort) == 0:
        yield "R14", f"group {session.group} has no pupils."
    elif at.phase == 3 and session.status in (Status.OFFERED, Status.DELIVERED) and session.offered == 0:
        yield "R11", "offered to nobody."
    elif at.phase != 3 and session.status is Status.DELIVERED and reached(session, at.phase) == 0:
        yield "R12", "nobody was there."


def _notes(session: Session, at: Setting) -> Iterator[tuple[str, str]]:
    if (told := reached(session, at.phase)) > (of := pupils(session, at.cohort)):
        yield "R12", f"{told} pupils recorded, {of} on roll: taken as all {of}."
    if any(each.in_review and is_provider(each, at.parameters) for each in session.providers):
        yield (
            "R17",
            "with a supporting provider of the apprenticeship register. It counts; check that it presented "
            "apprenticeships or technical qualifications.",
        )
    if session.minutes < at.parameters.short_minutes:
        least = at.parameters.short_minutes
        yield "R19", f"{session.minutes} minutes, under {least}. It counts; is that a reasonable time?"
