"""How well findings match a simulated world's truth: for development and benchmarks, never for real schools."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from brokerage.fairness.findings import Finding


@dataclass(frozen=True)
class Score:
    flags: int
    true: int
    false: int
    findable: int
    found: int
    school_years: float
    notices: int
    spam_victims_flagged: int
    under_ten_flagged: int

    @property
    def fdr(self) -> float:
        """Share of flags that are false."""
        return self.false / max(self.flags, 1)

    @property
    def recall(self) -> float:
        """Share of the schools that a semi-oracle could find."""
        return self.found / self.findable if self.findable else 0.0

    @property
    def false_per_1000_school_years(self) -> float:
        return 1000 * self.false / self.school_years


def score(findings: Iterable[Finding], truth: Mapping[str, Any]) -> Score:
    """A flag is true at a planted school, neither at a grey one, false elsewhere."""
    schools: Mapping[str, Mapping[str, Any]] = truth["schools"]
    flags = {finding.school: finding for finding in findings if finding.tier == "flag"}
    notices = sum(finding.tier == "notice" for finding in findings)
    findable = {id_ for id_, school in schools.items() if (school["semi_oracle_day"] or -1) >= 0}
    true = {id_ for id_ in flags if schools.get(id_, {}).get("planted")}
    grey = {id_ for id_ in flags if schools.get(id_, {}).get("grey") and id_ not in true}
    return Score(
        flags=len(flags),
        true=len(true),
        false=len(flags) - len(true) - len(grey),
        findable=len(findable),
        found=len(findable & set(flags)),
        school_years=truth["world"]["n"] * truth["horizon_days"] / 365,
        notices=notices,
        spam_victims_flagged=sum(bool(schools.get(id_, {}).get("spam_victim")) for id_ in flags),
        under_ten_flagged=sum(finding.technical < 10 for finding in flags.values()),
    )
