"""C10, a hub's schools as small multiples, A to Z: never ranked. The card is text; its doors are a picture of it."""

from dataclasses import dataclass

from brokerage.web.charts import words
from brokerage.web.charts.figures import figure
from brokerage.web.charts.marks import Cell, Figure, Table


@dataclass(frozen=True)
class HubDoor:
    """`lit` to a share from 0 to 1, `booked`, `find` or `na`. `words` where the share isn't known of one encounter."""

    state: str
    share: float = 1
    words: str = ""

    @property
    def said(self) -> str:
        if self.words:
            return self.words
        if self.state == "lit":
            return "all reached" if self.share >= 1 else f"{words.percent(self.share)} reached"
        return {"booked": "booked", "find": "to find", "na": "not assessed"}[self.state]


@dataclass(frozen=True)
class HubCohort:
    """A year group due next, with its first and its second door."""

    year: int
    first: HubDoor
    second: HubDoor

    @property
    def said(self) -> str:
        return f"Year {self.year}: first {self.first.said}, second {self.second.said}"


@dataclass(frozen=True)
class HubSchool:
    """`about` is `11 to 18, roll 1,010`; `waiting` is `answers in 2 days` or `oldest: day 21`; `kind` and `state`
    are the status as the status tag takes it; `is_late` where the oldest is past its day."""

    name: str
    about: str
    cohorts: tuple[HubCohort, ...]
    waiting: str
    kind: str
    state: str
    href: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class HubSchools:
    schools: tuple[HubSchool, ...]

    @property
    def in_order(self) -> list[HubSchool]:
        return sorted(self.schools, key=lambda school: school.name.casefold())


@figure.register
def _(chart: HubSchools) -> Figure:
    if not chart.schools:
        return Figure("hub", "No schools to show.", None)
    rows = tuple(
        (
            Cell(school.name, school.href),
            Cell(school.about),
            Cell("; ".join(cohort.said for cohort in school.cohorts) or "no year group due"),
            Cell(school.waiting),
            Cell(school.state),
        )
        for school in chart.in_order
    )
    headings = ("School", "About", "Year groups due next", "Answers", "State")
    return Figure("hub", "", Table("Schools, A to Z", headings, rows))
