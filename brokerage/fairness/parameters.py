"""Every number of the method, with why it is what it is. Frozen, and kept with each frozen bundle of evidence."""

from dataclasses import dataclass, field
from typing import Final

ACCESS, SPEED, CANCEL, MARGINAL = range(4)
CHANNELS: Final = ("access", "speed", "cancel", "marginal")
# An offset row per binary question. SPEED asks twice: later than 7 days; then, if so, later than 14.
ACCESS_ROW, SPEED_7, SPEED_14, CANCEL_ROW, MARGINAL_ROW = range(5)
CHANNEL_OF_ROW: Final = (ACCESS, SPEED, SPEED, CANCEL, MARGINAL)


@dataclass(frozen=True)
class Parameters:
    """Days, odds and shares. Changing one changes every school's evidence: measure before and after."""

    # What is one question and when it is scored: pending requests are censored, so fast answers can't bias.
    episode_days: int = 42
    maturity_days: int = 28
    slow_days: tuple[int, int] = (7, 14)
    # A token slot: shorter than 25 minutes or than 60 % of what was asked, or for under half of the cohort.
    marginal_minutes: float = 25.0
    marginal_share_of_minutes: float = 0.6
    marginal_share_of_cohort: float = 0.5

    # Seasonal offsets from comparators alone, so that no sector-wide difference is explained away.
    guesses: tuple[float, ...] = (0.30, 0.45, 0.45, 0.06, 0.25)
    offset_weight: float = 50.0
    offset_days: int = 7
    population_to_school: float = 0.346

    # How popular a provider is at other schools; shrunk hard, never more than one logit.
    popularity_weight: float = 6.25
    popularity_limit: float = 1.0

    # How strict a school is with everybody: heavy-tailed prior on a grid, drifting each half-term.
    capacity_points: int = 21
    capacity_limit: float = 4.0
    capacity_sd: tuple[float, ...] = (0.9, 0.9, 0.7, 0.8)
    capacity_heavy_share: float = 0.1
    capacity_sd_choices: tuple[float, ...] = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75)
    capacity_memory: float = 0.93
    schools_to_learn: int = 20
    half_terms: tuple[int, ...] = (0, 56, 122, 170, 222, 270)

    # Differences up to 1.65 : 1 are benign (H0); these odds ratios and weights are not (H1).
    benign_limit: float = 0.5
    benign_points: int = 9
    # Where the monthly estimate of the spread starts and is pulled to: docs/adr/0010 has the measurements.
    benign_sd: float = 0.20
    benign_sd_choices: tuple[float, ...] = (0.12, 0.16, 0.20, 0.25, 0.30, 0.40, 0.50)
    benign_days: int = 30
    odds_ratios: tuple[float, ...] = (2.0, 3.0, 5.0, 10.0, 25.0)
    odds_ratio_weights: tuple[float, ...] = (0.20, 0.30, 0.30, 0.15, 0.05)

    # One bad channel, or any set of them; since joining, or since the second or third year began.
    channel_weights: tuple[float, ...] = (0.50, 0.11, 0.11, 0.11)
    several_weight: float = 0.17
    # How many real differences' worth these five weights are, when a nation's own are learned each month.
    weights_worth: float = 25.0
    start_years: tuple[int, ...] = (0, 1, 2)
    start_weights: tuple[float, ...] = (0.60, 0.25, 0.15)

    # Odds of 19 : 1 with half the estimated prevalence: a safety factor in the schools' favour.
    prevalence_guess: float = 0.03
    prevalence_guess_schools: float = 200.0
    prevalence_days: int = 30
    prevalence_safety: float = 0.5
    prevalence_limits: tuple[float, float] = (0.01, 0.04)
    odds: float = 19.0
    notice: float = 20.0
    technical_at_least: int = 5
    other_at_least: int = 5
    providers_at_least: int = 3
    left_out_at_least: float = 8.0
    retry_days: int = 7

    technical_kinds: frozenset[str] = field(default_factory=lambda: frozenset({"fe_college", "itp"}))

    def share(self, prevalence: float) -> float:
        """The share of real differences that is reckoned with: half the estimate, within limits. The flag decides
        with it and the sentence quotes it, so that "19 to 1" means one thing."""
        least, most = self.prevalence_limits
        return min(max(self.prevalence_safety * prevalence, least), most)

    def threshold(self, prevalence: float) -> float:
        """A: the e-value at which the odds of a real difference reach `odds` to one."""
        share = self.share(prevalence)
        return self.odds * (1 - share) / share


DEFAULT: Final = Parameters()
