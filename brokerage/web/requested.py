"""What one has asked schools, as pages: rows with their clocks, and one request with everything said about it."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from django.utils import timezone

from brokerage import vocabulary
from brokerage.accounts.models import Membership
from brokerage.calendar.clock import ClockState
from brokerage.calendar.settings import CLOCK
from brokerage.models import Claim, CounterOffer
from brokerage.notifications import access_sentences
from brokerage.queries import access_requests as reads
from brokerage.queries import asking
from brokerage.queries.access_requests import Asked, HistoryStep
from brokerage.queries.cursors import SIZE, Page
from brokerage.rules import may
from brokerage.states import AccessState
from brokerage.vocabulary import Content, Qualification
from brokerage.web import clocks, dates, steps
from brokerage.web.charts import ClockKey, Day, ResponseClock
from brokerage.web.paging import from_the_top, page_of

TABS: Final = (("", "Open"), ("ended", "Answered"))
A_WEEK: Final = timedelta(days=7)
REPEATED: Final = {
    "open": "The school answers that one.",
    "answered": "The school has answered that one.",
    "ended": "That one has ended too.",
}
OUR_TURN: Final = "while you answer them"


class RequestRow:
    """A request with its clock, as the school sees it too."""

    def __init__(self, asked: Asked, by: Membership) -> None:
        self.asked, self.by = asked, by
        self.request = asked.request

    @property
    def badge(self) -> clocks.Badge:
        return clocks.badge(self.asked)

    @property
    def strip(self) -> ResponseClock:
        return clocks.drawn(self.asked.clock, compact=True)

    @property
    def about(self) -> str:
        """`Year 10, assembly, 40 minutes`."""
        kind = self.request.get_encounter_type_display()
        what = kind if kind[:2].isupper() else kind[0].lower() + kind[1:]
        return f"{vocabulary.years(self.request.year_groups)}, {what}, {self.request.minutes} minutes"

    @property
    def may_speak(self) -> bool:
        return may("brokerage.speak_for_asker", self.by, self.request)

    @property
    def awaits_us(self) -> bool:
        return self.request.state in asking.ASKERS_TURN

    @property
    def their_turn(self) -> str:
        """What a request that waits for us wants."""
        match self.request.state:
            case AccessState.COUNTERED:
                return "They offer other dates"
            case AccessState.QUESTIONED:
                return "They asked you a question"
            case AccessState.DUPLICATE_MARKED:
                return "They say you asked already"
        return ""

    @property
    def wrote_lately(self) -> bool:
        wrote = self.request.followed_up_at
        return wrote is not None and timezone.now() - wrote < A_WEEK

    @property
    def may_follow_up(self) -> bool:
        waits = self.request.state == AccessState.WAITING
        return self.asked.is_late and waits and self.may_speak and not self.wrote_lately


class RequestsPage:
    def __init__(self, by: Membership, *, show: str, after: str | None, at: datetime) -> None:
        self.by, self.after = by, after
        self.today = dates.local_day(at)
        self.show = show if show in dict(TABS) else ""

    @cached_property
    def _all_open(self) -> list[Asked]:
        return asking.open_requests(self.by, today=self.today)

    @cached_property
    def open(self) -> Page[RequestRow]:
        page = from_the_top(
            lambda last: asking.page_of_open(self._all_open, after=last, size=SIZE), self.after
        )
        return Page([RequestRow(asked, self.by) for asked in page.items], page.next, page.size)

    @property
    def ours(self) -> list[RequestRow]:
        return [row for row in self.open.items if row.awaits_us]

    @property
    def theirs(self) -> list[RequestRow]:
        return [row for row in self.open.items if not row.awaits_us]

    @property
    def late(self) -> int:
        return sum(asked.is_late for asked in self._all_open)

    @cached_property
    def ended(self) -> Page[RequestRow]:
        page = page_of(asking.ended_requests(self.by), "-changed_at", "-pk", after=self.after)
        timed = reads.timed(page.items, today=self.today)
        return Page([RequestRow(asked, self.by) for asked in timed], page.next, page.size)

    @property
    def key(self) -> ClockKey:
        return ClockKey()

    @property
    def in_time(self) -> int:
        return CLOCK.late_after


class RequestPage(RequestRow):
    """One request: where it stands, what to do, its clock with the working, everything that was said."""

    def __init__(self, asked: Asked, by: Membership, *, at: datetime) -> None:
        super().__init__(asked, by)
        self.at = at
        self.today = dates.local_day(at)

    @property
    def school(self) -> str:
        return self.request.school.name

    @property
    def chart(self) -> ResponseClock:
        """What the school sees, the pauses told from this side."""
        shown = clocks.drawn(self.asked.clock)
        days = (replace(day, why=OUR_TURN) if day.kind is Day.PAUSED else day for day in shown.days)
        return replace(shown, days=tuple(days))

    @property
    def clock_title(self) -> str:
        return self.asked.clock.working_for_asker[0].rstrip(".")

    @cached_property
    def history(self) -> list[HistoryStep]:
        return reads.history(self.request, reader=self.by)

    @cached_property
    def lines(self) -> list[steps.Line]:
        return steps.lines(self.history, self.request)

    @property
    def they_wrote(self) -> HistoryStep | None:
        """What the school wrote last, in its own words."""
        theirs = [step for step in self.history if step.by_school and step.words and step.words.text]
        return theirs[-1] if theirs else None

    @property
    def offer(self) -> CounterOffer | None:
        return self.asked.offer

    @property
    def offer_years(self) -> str:
        return vocabulary.years(self.offer.year_groups) if self.offer else ""

    @cached_property
    def claim(self) -> Claim | None:
        """The visit it became."""
        if self.request.need is None:
            return None
        return Claim.objects.filter(slot__need=self.request.need).select_related("slot").first()

    @property
    def repeats(self) -> str:
        """The request that this one is said to repeat: `Year 10, asked on Tuesday 3 November`."""
        other = self.request.duplicate_of
        if other is None:
            return ""
        asked_on = dates.in_sentence(dates.local_day(other.asked_at), self.today)
        return f"{vocabulary.years(other.year_groups)}, asked on {asked_on}"

    @property
    def original(self) -> str:
        """What has become of that request, which is what agreeing means for this one's answer."""
        other = self.request.duplicate_of
        if other is None or other.is_open:
            return "open"
        return "ended" if other.state in (AccessState.WITHDRAWN, AccessState.DUPLICATE) else "answered"

    @property
    def is_over(self) -> bool:
        return self.claim is not None and self.claim.slot.ends_at <= self.at

    @property
    def facts(self) -> list[tuple[str, str]]:
        request = self.request
        qualifications = ", ".join(str(Qualification(each).label) for each in request.qualifications)
        who = f"{vocabulary.years(request.year_groups)}, {request.get_audience_display().lower()}"
        rows = [
            ("What", request.get_encounter_type_display()),
            ("For", who),
            ("How", f"{request.get_delivery_mode_display()}, {request.minutes} minutes"),
            ("Dates", ", ".join(dates.in_list(day, self.today) for day in request.dates)),
            ("You offer", qualifications),
            ("Who comes", str(request.visitor.user) if request.visitor else "To be named"),
            ("Asked by", str(request.asked_by.user)),
        ]
        return [(term, value) for term, value in rows if value]

    @property
    def covers(self) -> list[tuple[str, bool]]:
        return [(str(element.label), element in self.request.content) for element in Content]

    @property
    def ready(self) -> str:
        """The polite follow-up, as it can be sent."""
        return access_sentences.follow_up(self.request, self.today)

    @property
    def may_withdraw(self) -> bool:
        return self.request.is_open and self.may_speak

    @property
    def may_report(self) -> bool:
        return self.is_over and self.may_speak

    @property
    def sentence(self) -> str:
        return sentence(self)


def sentence(page: RequestPage) -> str:
    """Where it stands, and what that means for the asker now."""
    request, school = page.request, page.school
    match request.state:
        case AccessState.GRANTED if page.claim is not None:
            slot = page.claim.slot
            return f"{school} said yes: {dates.in_sentence(slot.starts_at, page.today)}, {dates.clock(slot.starts_at)}."
        case AccessState.COUNTERED:
            return f"{school} can’t do your dates but offers others. Nobody is booked until you take one."
        case AccessState.QUESTIONED:
            return f"{school} asked you a question. {_meanwhile(page)}"
        case AccessState.DUPLICATE_MARKED:
            return f"{school} says you asked this already. {_meanwhile(page)}"
        case AccessState.POSTPONED if request.postponed_until:
            until = dates.in_sentence(request.postponed_until, page.today)
            return f"{school} asks you to wait. On {until} your request comes back to them by itself."
        case AccessState.REFUSED:
            return f"{access_sentences.refused(request, request.ground)}"
        case AccessState.REJECTED:
            return "You couldn’t take the dates they offered, so this request has ended."
        case AccessState.DUPLICATE:
            return f"It repeats another of your requests. {REPEATED[page.original]}"
        case AccessState.WITHDRAWN:
            return "You withdrew it. The school needn’t answer."
    if page.asked.is_late:
        return f"{school} hasn’t answered. That happens; a polite follow-up often helps."
    return f"{page.asked.clock.working_for_asker[0]} You hear here and by e-mail as soon as they do."


def _meanwhile(page: RequestPage) -> str:
    """So many questions pause a clock, and later ones don't."""
    if page.asked.clock.state is ClockState.PAUSED:
        return "Their clock waits for you."
    if not CLOCK.pauses_at_most:
        return "Their clock runs on: no question pauses it."
    return "Their clock runs on: it has been paused as often as it may be."
