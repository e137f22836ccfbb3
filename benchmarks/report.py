"""From samples to verdicts: a ratio for each round, the median of the ratios, and whether the goal was met."""

import json
import statistics
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
Round = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    id: str
    text: str
    of: str
    to: str = ""
    at_most: float | None = None
    at_least: float | None = None
    stretch: float | None = None
    gate: str = "report"

    def figures(self, rounds: Sequence[Round]) -> list[float]:
        """One for each round in which both sides were measured."""
        pairs = ((_pick(one, self.of), _pick(one, self.to) if self.to else 1.0) for one in rounds)
        return [of / to for of, to in pairs if of is not None and to]

    def verdict(self, figure: float) -> str:
        if self.at_most is None and self.at_least is None:
            return "reported"
        is_met = (self.at_most is None or figure <= self.at_most) and (
            self.at_least is None or figure >= self.at_least
        )
        if is_met and self.stretch is not None and figure <= self.stretch:
            return "met, stretch too"
        return "met" if is_met else "**missed**"

    @property
    def limit(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""


def goals() -> list[Goal]:
    return [Goal(**row) for row in tomllib.loads((HERE / "goals.toml").read_text())["goal"]]


def write(rounds: Sequence[Round], versions: Mapping[str, str], *, when: str) -> str:
    """The results as Markdown, put into README.md between its marks; returns them."""
    results = "\n".join(_lines(rounds, versions, when))
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{results}\n{END}{after}")
    return results


def save(rounds: Sequence[Round], versions: Mapping[str, str], file: Path) -> None:
    file.write_text(json.dumps({"versions": versions, "rounds": rounds}, indent=1) + "\n")


def _lines(rounds: Sequence[Round], versions: Mapping[str, str], when: str) -> Iterator[str]:
    yield ""
    yield (
        f"Measured on {when}, {len(rounds)} rounds. "
        + ", ".join(f"{k} {v}" for k, v in versions.items())
        + "."
    )
    yield ""
    yield "| Goal | What | Limit | Median | Range | Verdict |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for goal in goals():
        if figures := goal.figures(rounds):
            median = statistics.median(figures)
            span = f"{_number(min(figures))} to {_number(max(figures))}"
            yield f"| {goal.id} | {goal.text} | {goal.limit} | {_number(median)} | {span} | {goal.verdict(median)} |"
    yield ""
    yield "What lies beneath, medians (and ranges) over the rounds:"
    yield ""
    yield "| Sample | Figures |"
    yield "| --- | --- |"
    for sample in dict.fromkeys(name for one in rounds for name in one):
        yield f"| {sample} | {', '.join(_figures(rounds, sample))} |"
    yield ""


def _figures(rounds: Sequence[Round], sample: str) -> Iterator[str]:
    present = [one[sample] for one in rounds if sample in one]
    for metric in present[0]:
        values = [figures[metric] for figures in present if metric in figures]
        span = f" ({_number(min(values))} to {_number(max(values))})" if len(values) > 1 else ""
        yield f"{metric} {_number(statistics.median(values))}{span}"


def _number(value: float) -> str:
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _pick(one: Round, name: str) -> float | None:
    sample, _, metric = name.partition(".")
    return one.get(sample, {}).get(metric)
