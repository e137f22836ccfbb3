"""What is said of a school: a flag for review or an early notice, with the counts behind it."""

from dataclasses import dataclass, field
from datetime import date

from brokerage.fairness.stream import DAY_0, date_of


@dataclass(frozen=True)
class Finding:
    """A flag for review, or the early notice that only the school's careers leader sees."""

    school: str
    tier: str
    day: int
    e: float
    threshold: float
    technical: int
    other: int
    channels: dict[str, float]
    sentence: str
    day_0: date = DAY_0

    @property
    def on(self) -> date:
        return date_of(self.day, self.day_0)


@dataclass
class Tally:
    """A school's mature episodes, for the floors and the sentence."""

    asked: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    granted: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    technical_providers: set[int] = field(default_factory=set)

    def add(self, *, technical: bool, bad: bool, provider: int) -> None:
        self.asked[technical] += 1
        self.granted[technical] += not bad
        if technical:
            self.technical_providers.add(provider)


def odds(to_one: float) -> str:
    """In words; past the end of the scale no more is said."""
    if to_one >= 10_000:
        return "more than 10,000 to 1"
    return f"about {to_one:,.0f} to 1" if to_one >= 2 else "about even"


def sentence(school: str, tally: Tally, e: float, share: float) -> str:
    """What the figures say, with their counts. They can show a difference; they can't say why. `share` is
    `Parameters.share`: a school at the threshold reads 19 to 1."""
    says = odds(e * share / (1 - share))
    parts = [
        f"{tally.granted[technical]} of {tally.asked[technical]}"
        + (
            f" ({tally.granted[technical] / tally.asked[technical]:.0%})"
            if tally.asked[technical] >= 10
            else ""
        )
        for technical in (False, True)
    ]
    return (
        f"{school} granted {parts[0]} requests from universities, employers and others within four weeks, and"
        f" {parts[1]} from colleges and apprenticeship providers; after allowing for the time of year, how busy the"
        f" school is and how popular each provider is elsewhere, the odds that this is a real difference rather than"
        f" chance are {says}. Figures can show a difference. They can't say why."
    )
