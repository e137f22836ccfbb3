"""python -m benchmarks.fairness [--data DIR] [--worlds 2] [--clean 1000] [--write]

How right and how fast the fairness engine is. Needs no server and no database. `--data` (or DOORWAY_FAIRNESS_DATA)
names a folder of scenarios NAME.events.jsonl.gz, NAME.schools.jsonl, NAME.truth.json; without one they are skipped.
`--write` puts the results into docs/fairness-measured.md."""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

# One core: what is measured is CPU time of one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import fairness_clean
from benchmarks.fairness_clean import interval, verdict
from benchmarks.fairness_rules import CUSUM, RULES, named
from benchmarks.fairness_worlds import World, rows, truth
from brokerage.fairness.engine import Engine
from brokerage.fairness.findings import Finding
from brokerage.fairness.scoring import Score, score
from brokerage.fairness.stream import read_events, read_schools

PAGE: Final = Path(__file__).parents[1] / "docs/fairness-measured.md"
ENGINE: Final = "the engine"
NOTICE: Final = "the engine's early notice"


@dataclass(frozen=True)
class Played:
    """One world: how each rule did, and what it cost. Seconds are of processor time."""

    name: str
    schools: int
    requests: int
    trials: int
    scores: dict[str, Score]
    busy: tuple[int, int]
    """Honest but busy schools flagged, of how many."""
    reading: float
    total: float

    @property
    def deciding(self) -> float:
        return self.total - self.reading


def play(name: str, events: Path, schools: Path, told: dict[str, Any]) -> Played:
    """The floor first: the same file, read and parsed, nothing done with it."""
    began = time.process_time()
    requests = sum(event.type == "request" for event in read_events(events))
    reading = time.process_time() - began
    began = time.process_time()
    engine = Engine(read_schools(schools))
    findings = list(engine.run(read_events(events), until=told["horizon_days"] - 1))
    total = time.process_time() - began
    flags = [finding for finding in findings if finding.tier == "flag"]
    notices = {finding.school: finding.day for finding in findings if finding.tier == "notice"}
    scores = {ENGINE: score(findings, told), NOTICE: score(_as_flags(notices), told)}
    scores |= {rule: score(_as_flags(days), told) for rule, days in named(engine).items()}
    honest = {id_ for id_, one in told["schools"].items() if one["busy"] and not one["planted"]}
    busy = len(honest & {finding.school for finding in flags}), len(honest)
    trials = len(engine.trials)
    return Played(name, len(engine.schools), requests, trials, scores, busy, reading, total)


def _as_flags(days: dict[str, int]) -> list[Finding]:
    return [Finding(school, "flag", day, math.nan, math.nan, 10, 10, {}, "") for school, day in days.items()]


def scenarios(folder: Path) -> Iterator[Played]:
    for path in sorted(folder.glob("*.events.jsonl.gz")):
        name = path.name.removesuffix(".events.jsonl.gz")
        told = json.loads((folder / f"{name}.truth.json").read_text())
        _say(f"scenario {name}")
        yield play(name, path, folder / f"{name}.schools.jsonl", told)


def national(world: World) -> Played:
    """Three years of 4,000 schools, through a file as any stream."""
    with tempfile.TemporaryDirectory() as folder:
        _say(f"national world {world.seed}")
        schools, events = rows(world)
        told = truth(world, schools)
        stream, names = Path(folder) / "n.events.jsonl", Path(folder) / "n.schools.jsonl"
        with stream.open("w") as file:
            file.writelines(json.dumps(row) + "\n" for row in events)
        names.write_text("".join(json.dumps({"id": school.id}) + "\n" for school in schools))
        del events, schools
        return play(f"seed {world.seed}", stream, names, told)


def scenario_lines(played: list[Played]) -> Iterator[str]:
    yield from _head(
        "scenario", "schools", "requests", "flags", "true", "false", "FDR", "recall of findable", "notices",
        "spam victims flagged", "flagged under 10 technical",
    )  # fmt: skip
    for one in played:
        own = one.scores[ENGINE]
        yield _row(
            one.name, f"{one.schools:,}", f"{one.requests:,}", own.flags, own.true, own.false, f"{own.fdr:.3f}",
            f"{own.found}/{own.findable} = {own.recall:.3f}" if own.findable else "none findable",
            own.notices, own.spam_victims_flagged, own.under_ten_flagged,
        )  # fmt: skip
    yield ""
    yield from rule_lines(played)


def rule_lines(played: list[Played]) -> Iterator[str]:
    """All worlds of a kind together."""
    yield from _head(
        "rule, looked at daily",
        "named",
        "false",
        "FDR",
        "95 %",
        "found of findable",
        "false per 1,000 school-years",
    )
    for rule in (ENGINE, NOTICE, *RULES, CUSUM):
        scores = [one.scores[rule] for one in played]
        flags, false = sum(one.flags for one in scores), sum(one.false for one in scores)
        found, findable = sum(one.found for one in scores), sum(one.findable for one in scores)
        years = sum(one.school_years for one in scores)
        yield _row(
            rule, flags, false, f"{false / flags:.3f}" if flags else "none named", interval(false, flags),
            f"{found}/{findable} = {found / findable:.3f}" if findable else "none findable",
            f"{1000 * false / years:.2f}",
        )  # fmt: skip


def speed_lines(played: list[Played]) -> Iterator[str]:
    yield from _head(
        "stream", "requests", "questions scored", "reading alone, s", "whole replay, s", "replay / reading",
        "questions a second, reading excluded", "questions a second, reading included",
    )  # fmt: skip
    for one in played:
        yield _row(
            one.name, f"{one.requests:,}", f"{one.trials:,}", f"{one.reading:.1f}", f"{one.total:.1f}",
            f"{one.total / one.reading:.2f}", f"{one.trials / one.deciding:,.0f}", f"{one.trials / one.total:,.0f}",
        )  # fmt: skip
    rates = sorted(one.trials / one.deciding for one in played)
    middle = rates[len(rates) // 2] if rates else 0.0
    yield ""
    yield f"- T14: median {middle:,.0f} questions a second and core (must: 50,000): {verdict(middle >= 50_000)}."
    for one in (one for one in played if one.name.startswith("seed")):
        yield f"- T14: three national years in {one.total:.0f} s (must: 60): {verdict(one.total < 60)}."


def national_lines(played: list[Played]) -> Iterator[str]:
    yield from rule_lines(played)
    scores = [one.scores[ENGINE] for one in played]
    years, false = sum(one.school_years for one in scores), sum(one.false for one in scores)
    hit, busy = (sum(one.busy[n] for one in played) for n in (0, 1))
    few = sum(one.under_ten_flagged for one in scores)
    rate = 1000 * false / years
    yield ""
    yield f"- T3: {rate:.3f} false flags per 1,000 school-years (must: .25 at most): {verdict(rate <= 0.25)}."
    yield (
        f"- T4: {hit} of {busy:,} honest but busy schools flagged in three years (must: .3 % at most):"
        f" {verdict(hit <= 0.003 * busy)}."
    )
    yield f"- T5: {few} schools flagged with under 10 technical episodes (must: 0): {verdict(few == 0)}."


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row(*["---"] * len(names))


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    sections: list[tuple[str, Iterable[str]]] = []
    speed: list[Played] = []
    folder = asked.data or os.environ.get("DOORWAY_FAIRNESS_DATA")
    if folder and Path(folder).is_dir():
        played = list(scenarios(Path(folder)))
        speed += played
        sections.append(("Open scenarios", scenario_lines(played)))
    else:
        print("Open scenarios skipped: no folder given by --data or DOORWAY_FAIRNESS_DATA.", file=sys.stderr)
    base = World(volume=25.0)
    nations = [national(replace(base, seed=7100 + n)) for n in range(asked.worlds)]
    if nations:
        sections.append(("Simulated nations", national_lines(nations)))
        null = national(replace(base, seed=7200, differing=0.0))
        sections.append(("A nation in which no school differs", rule_lines([null])))
        instant = national(replace(base, seed=7300, schools=1000, differing=0.0, first_come=0.9))
        sections.append(
            ("A quarter of it, with 90 % of employers' requests as first-come claims", rule_lines([instant]))
        )
        speed += nations
    _say("clean streams")
    sections.append(("Clean streams", fairness_clean.lines(asked.clean)))
    sections.append(("Speed", speed_lines(speed)))
    text = "\n".join(_page(sections))
    print(text)
    if asked.write:
        PAGE.write_text(text)
    return 0


def _page(sections: list[tuple[str, Iterable[str]]]) -> Iterator[str]:
    yield "# What the fairness engine was measured to do"
    yield ""
    yield (
        f"Written by `python -m benchmarks.fairness --data FOLDER --write` on {datetime.now(UTC):%-d %B %Y}."
        " Simulated worlds only. What each is: `benchmarks/fairness_worlds.py`; the simpler rules:"
        " `benchmarks/fairness_rules.py`. Seconds are one core's processor time; reading alone is a bare pass that"
        " parses the same file in the same run. In the simulated nations every school that differs counts as"
        " findable, most of which nobody could find."
    )
    for title, lines in sections:
        yield f"\n## {title}\n"
        yield from lines
    yield ""


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness")
    parser.add_argument("--data", type=Path, help="Folder of the scenarios; else DOORWAY_FAIRNESS_DATA.")
    parser.add_argument("--worlds", type=int, default=2, help="How many simulated nations; 0 for none.")
    parser.add_argument(
        "--clean", type=int, default=1000, help="Schools for each odds ratio of a clean stream."
    )
    parser.add_argument("--write", action="store_true", help=f"Write {PAGE.name}.")
    return parser.parse_args(arguments)


def _say(words: str) -> None:
    print(f"{words}...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
