"""Who gets the visits, in words and figures: what one page and its file say, with nothing on either that could be
traced to a school or provider in too small a group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from brokerage.equity import queries
from brokerage.equity.models import Size
from brokerage.equity.queries import Counted, Provider, School
from brokerage.equity.terms import Term
from brokerage.fairness import allocation
from brokerage.fairness.allocation import FIFTHS, Concentration, SchoolVisits
from brokerage.web.charts import words
from brokerage.web.charts.concentration import FEWEST_VISITS, WhoGetsTheVisits, signed

HUB_FEWEST: Final = 3
"""A hub reads each of its schools anyway (rule R35): a group of one or two would be a school in all but name."""
NATIONAL_FEWEST: Final = 10
HIDDEN: Final = "Too few to show"
UNKNOWN: Final = "Not known"
ENOUGH_ASKS: Final = 10
FIFTH_NAMES: Final = (
    "Most disadvantaged fifth",
    "Second fifth",
    "Third fifth",
    "Fourth fifth",
    "Least disadvantaged fifth",
)
BAR: Final = 120


@dataclass(frozen=True)
class Group:
    """Schools alike in one thing, as one. `is_hidden`: nothing of it is said."""

    name: str
    schools: int
    pupils: int
    visits: int
    delivered: int
    exposure: float
    is_hidden: bool = False
    most: float = 0
    """Per 100 pupils, in the group beside it that has most."""

    @property
    def per_100(self) -> float | None:
        return None if self.is_hidden or not self.pupils else 100 * self.visits / self.pupils

    @property
    def bar(self) -> float:
        return round(BAR * (self.per_100 or 0) / self.most, 1) if self.most else 0


@dataclass(frozen=True)
class Fill:
    """How often providers of one size were given what they asked for."""

    name: str
    providers: int
    asked: int
    served: int
    never: int
    is_hidden: bool = False

    @property
    def rate(self) -> str:
        """Under ten asks no share is said."""
        return words.percent(self.served / self.asked) if self.asked >= ENOUGH_ASKS else ""


@dataclass(frozen=True)
class Measure:
    name: str
    said: str
    means: str


class Equity:
    """One term's figures. Groups of fewer than `fewest` are left out, and another with a group left out alone."""

    def __init__(
        self,
        term: Term,
        counted: Counted,
        providers: Sequence[Provider],
        *,
        fewest: int,
        is_pooled: bool = False,
    ) -> None:
        self.term, self.fewest, self.counted_at = term, fewest, counted.at
        self.is_pooled = is_pooled
        self._schools, self._before = self._shown(counted.schools), self._shown(counted.before)
        self._providers = providers
        self.left_out = len(counted.schools) - len(self._schools)
        self.schools = len(self._schools)
        self.visits = sum(each.visits for each in self._schools)
        self.pupils = sum(each.pupils or 0 for each in self._schools)

    @property
    def is_enough(self) -> bool:
        return self.visits >= FEWEST_VISITS and self.schools >= self.fewest

    @property
    def too_little(self) -> str:
        if self.schools < self.fewest:
            return f"Shown from {self.fewest} schools."
        return f"Shown from {FEWEST_VISITS} visits a term."

    @cached_property
    def chart(self) -> WhoGetsTheVisits:
        before = allocation.concentration(self._ranked(self._before))
        index = before.index if before and before.visits >= FEWEST_VISITS else None
        return WhoGetsTheVisits(tuple(self._ranked(self._schools)), index)

    @cached_property
    def concentration(self) -> Concentration | None:
        """None where the shares of too few are known."""
        can_draw = len(_placed(self._schools)) >= self.fewest
        return allocation.concentration(self.chart.schools) if can_draw else None

    @property
    def sentence(self) -> str:
        if self.concentration is None:
            return ""
        share = words.percent(self.concentration.visits_of(0.2))
        return f"The most disadvantaged fifth of pupils had {share} of visits."

    @property
    def whole(self) -> str:
        rate = f", {100 * self.visits / self.pupils:.1f} for each 100 pupils" if self.pupils else ""
        schools = words.counted(self.schools, "school")
        return f"{words.counted(self.visits, 'visit')} at {schools} in {self.term.label}{rate}."

    @cached_property
    def fifths(self) -> list[Group]:
        """Of pupils. Where they are drawn in pools, a fifth is made of whole ones: between a fifth and a pool that
        ended elsewhere, single schools could be had."""
        placed = _placed(self._schools)
        pools = self._pools(placed)
        fifths = allocation.fifths(_pooled(placed, pools))
        by_fifth = {
            id(placed[place]): fifth for pool, fifth in zip(pools, fifths, strict=True) for place in pool
        }
        return self._groups(FIFTH_NAMES, lambda school: by_fifth.get(id(school)))

    @cached_property
    def places(self) -> list[Group]:
        return self._groups(("Rural", "Urban"), lambda school: {True: 0, False: 1}.get(school.is_rural))  # type: ignore[arg-type]

    @cached_property
    def fills(self) -> list[Fill]:
        found = [_fill(size, [each for each in self._providers if each.size == size]) for size in Size]
        left_out = allocation.hidden([each.providers for each in found], self.fewest)
        return [
            Fill(each.name, 0, 0, 0, 0, is_hidden=True) if place in left_out else each
            for place, each in enumerate(found)
            if each.providers
        ]

    @property
    def measures(self) -> list[Measure]:
        most, least = self.fifths[0], self.fifths[FIFTHS - 1]
        rural, urban = self.places[0], self.places[1]
        return [
            Measure(
                "Most to least disadvantaged fifth",
                _ratio(most, least, lambda group: group.visits),
                "Visits for each pupil; 1 is the same.",
            ),
            Measure(
                "Seen in lists, the same fifths",
                _ratio(most, least, lambda group: group.exposure),
                "Weighted by place in the list, for each pupil; 1 is the same.",
            ),
            Measure(
                "Rural to urban", _ratio(rural, urban, lambda group: group.visits), "Visits for each pupil."
            ),
            Measure("Schools with none", self.without, "No visit booked or held in the term."),
            Measure(
                "Gini",
                self._of_rates(allocation.gini),
                "0: the same for each pupil everywhere. 1: all at one school.",
            ),
            Measure(
                "Jain",
                self._of_rates(allocation.jain),
                "1: the same for each pupil everywhere. 0: all at one school.",
            ),
            Measure("Concentration index", *self._index()),
        ]

    @property
    def without(self) -> str:
        none = sum(not each.visits for each in self._schools)
        # Nobody, or everybody, is said of no one in particular only where the rest is no small group either.
        if allocation.hidden([none, self.schools - none], self.fewest):
            return HIDDEN
        return f"{none:,} of {self.schools:,}"

    def _shown(self, schools: Sequence[School]) -> list[School]:
        """Those that have a part in the figures: whose roll is known, and whose share, unless so many lack it that they
        are a group of their own. Counted in the whole alone, the few could be had from it."""
        known = [each for each in schools if each.pupils]
        placed = _placed(known)
        return known if len(known) - len(placed) >= self.fewest else placed

    def _ranked(self, schools: Sequence[School]) -> list[SchoolVisits]:
        placed = _placed(schools)
        return _pooled(placed, self._pools(placed))

    def _pools(self, placed: Sequence[School]) -> list[list[int]]:
        return allocation.pools([_visits(each) for each in placed], self.fewest if self.is_pooled else 1)

    def _groups(self, names: Sequence[str], of: Callable[[School], int | None]) -> list[Group]:
        """One for each name, and what belongs to none of them where there is any."""
        members: list[list[School]] = [[] for _ in (*names, UNKNOWN)]
        for school in self._schools:
            place = of(school)
            members[len(names) if place is None else place].append(school)
        left_out = allocation.hidden([len(each) for each in members], self.fewest)
        made = [
            _group(name, each, place in left_out)
            for place, (name, each) in enumerate(zip((*names, UNKNOWN), members, strict=True))
            if each or place < len(names)
        ]
        most = max((group.per_100 or 0 for group in made), default=0)
        return [Group(**{**vars(group), "most": most}) for group in made]

    def _of_rates(self, measure: Callable[[Sequence[float]], float | None]) -> str:
        rates = [each.visits / each.pupils for each in self._schools if each.pupils]
        found = measure(rates) if len(rates) >= self.fewest else None
        return HIDDEN if found is None else f"{found:.2f}"

    def _index(self) -> tuple[str, str]:
        means, before = "Below 0: the more disadvantaged get fewer.", self.chart.previous_index
        if self.concentration is None:
            return HIDDEN, means
        said = signed(self.concentration.index)
        return said, means if before is None else f"{means} Last term {signed(before)}."


def of_term(term: Term, before: Term, *, hub: object = None) -> Equity:
    """An area's figures, or the country's. Two statements."""
    counted = queries.schools(term, before, hub=hub)  # type: ignore[arg-type]
    providers = queries.providers(term, hub=hub)  # type: ignore[arg-type]
    if hub is None:
        return Equity(term, counted, providers, fewest=NATIONAL_FEWEST, is_pooled=True)
    return Equity(term, counted, providers, fewest=HUB_FEWEST)


def _placed(schools: Sequence[School]) -> list[School]:
    """Those whose pupils and pupil-premium share are known."""
    return [each for each in schools if each.pupils and each.pupil_premium_share is not None]


def _visits(school: School) -> SchoolVisits:
    return SchoolVisits(school.pupils or 0, school.visits, school.pupil_premium_share or 0.0)


def _pooled(placed: Sequence[School], pools: Sequence[Sequence[int]]) -> list[SchoolVisits]:
    return [allocation.together([_visits(placed[place]) for place in pool]) for pool in pools]


def _group(name: str, schools: Sequence[School], is_hidden: bool) -> Group:
    if is_hidden:
        return Group(name, 0, 0, 0, 0, 0.0, is_hidden=True)
    return Group(
        name,
        len(schools),
        sum(each.pupils or 0 for each in schools),
        sum(each.visits for each in schools),
        sum(each.delivered for each in schools),
        sum(each.exposure for each in schools),
    )


def _ratio(group: Group, other: Group, count: Callable[[Group], float]) -> str:
    if group.is_hidden or other.is_hidden:
        return HIDDEN
    found = allocation.ratio(count(group), group.pupils, count(other), other.pupils)
    return "Nothing to compare" if found is None else f"{found:.2f}"


def _fill(size: Size, providers: Sequence[Provider]) -> Fill:
    return Fill(
        str(size.label),
        len(providers),
        sum(each.asked for each in providers),
        sum(each.served for each in providers),
        sum(not each.served for each in providers),
    )
