"""Figures that describe and decide nothing: intervals, waiting curves and funnel limits beside the evidence.

Pure. No flag is raised from any of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964
WINSORISED = 0.1


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The score interval for a share: (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n).

    Source: Wilson, Probable inference, the law of succession, and statistical inference, JASA 1927;22:209. Nothing
    asked tells nothing: the whole of 0 to 1.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    if trials == 0:
        return 0.0, 1.0
    share, extra = successes / trials, z * z / trials
    middle = share + extra / 2
    half = z * sqrt(share * (1 - share) / trials + extra / (4 * trials))
    low, high = (middle - half) / (1 + extra), (middle + half) / (1 + extra)
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


@dataclass(frozen=True)
class Wait:
    """Days from a request until its answer, or, while it is still open, until now."""

    days: int
    answered: bool


@dataclass(frozen=True)
class StillWaiting:
    """`steps` are (day, share with no answer after it), beginning at (0, 1); `open_on` the days, once each, at which
    requests were last seen unanswered."""

    steps: tuple[tuple[int, float], ...]
    open_on: tuple[int, ...]
    requests: int

    def after(self, days: int) -> float:
        """The share with no answer by the end of that day."""
        return [share for day, share in self.steps if day <= days][-1]


def kaplan_meier(waits: Iterable[Wait]) -> StillWaiting:
    """The product-limit estimate: at each day t with answers, S becomes S·(1 - answered/at risk).

    An open request is at risk until its last day, that day included, and then leaves without an answer. Source:
    Kaplan & Meier, Nonparametric estimation from incomplete observations, JASA 1958;53:457.
    """
    waits = list(waits)
    steps, share = [(0, 1.0)], 1.0
    for day in sorted({wait.days for wait in waits if wait.answered}):
        share *= 1 - _answered(waits, day) / _at_risk(waits, day)
        if day == 0:
            steps = [(0, share)]
        else:
            steps.append((day, share))
    open_on = tuple(sorted({wait.days for wait in waits if not wait.answered}))
    return StillWaiting(tuple(steps), open_on, len(waits))


def log_rank(first: Sequence[Wait], second: Sequence[Wait]) -> float | None:
    """z of the log-rank test: (observed - expected answers of the first group) / √variance.

    Below 0 the first group waits longer. Expected and hypergeometric variance at each day with answers, as in
    Mantel, Cancer Chemotherapy Reports 1966;50:163. None where nothing can be compared.
    """
    difference = variance = 0.0
    for day in sorted({wait.days for wait in (*first, *second) if wait.answered}):
        at_risk_1, at_risk = _at_risk(first, day), _at_risk((*first, *second), day)
        answered = _answered((*first, *second), day)
        difference += _answered(first, day) - answered * at_risk_1 / at_risk
        if at_risk > 1:
            part = at_risk_1 / at_risk
            variance += answered * part * (1 - part) * (at_risk - answered) / (at_risk - 1)
    return difference / sqrt(variance) if variance > 0 else None


def _at_risk(waits: Iterable[Wait], day: int) -> int:
    return sum(wait.days >= day for wait in waits)


def _answered(waits: Iterable[Wait], day: int) -> int:
    return sum(wait.answered and wait.days == day for wait in waits)


@dataclass(frozen=True)
class Funnel:
    """The common share and how much schools differ beyond chance (`tau_squared`, a variance of shares)."""

    centre: float
    tau_squared: float

    def limits(self, trials: int, sigmas: float) -> tuple[float, float]:
        """Where the share of a school with so many requests lies, but for few: within 0 and 1."""
        half = sigmas * sqrt(self.centre * (1 - self.centre) / trials + self.tau_squared)
        return max(self.centre - half, 0.0), min(self.centre + half, 1.0)


def funnel(counts: Iterable[tuple[int, int]]) -> Funnel | None:
    """Funnel limits that allow for overdispersion, from (granted, asked) of each school.

    The additive random-effects model of Spiegelhalter, Handling over-dispersion of performance indicators, Qual Saf
    Health Care 2005;14:347: with s_i² = p(1-p)/n_i and z_i = (p_i - p)/s_i, the z winsorised at 10% on each side,
    φ = Σz²/I and w_i = 1/s_i²: τ² = (Iφ - (I-1)) / (Σw - Σw²/Σw), never below 0. None without two schools, or
    where all or none was granted.
    """
    counts = [(granted, asked) for granted, asked in counts if asked > 0]
    asked_in_all = sum(asked for _, asked in counts)
    centre = sum(granted for granted, _ in counts) / asked_in_all if counts else 0.0
    if len(counts) < 2 or not 0 < centre < 1:
        return None
    weights = [asked / (centre * (1 - centre)) for _, asked in counts]
    z = [
        (granted / asked - centre) * sqrt(weight)
        for (granted, asked), weight in zip(counts, weights, strict=True)
    ]
    squares = sum(value * value for value in winsorised(z))
    total = sum(weights)
    spare = total - sum(weight * weight for weight in weights) / total
    return Funnel(centre, max(0.0, (squares - (len(counts) - 1)) / spare))


def winsorised(values: Sequence[float], share: float = WINSORISED) -> list[float]:
    """The values with the lowest and highest `share` of them moved in to the nearest value that is kept."""
    in_order = sorted(values)
    cut = int(share * len(in_order))
    low, high = in_order[cut], in_order[-1 - cut]
    return [min(max(value, low), high) for value in values]
