"""python -m benchmarks.fairness [--only PART ...] [--data DIR] [--worlds 2] [--clean 1000] [--keep FILE] [--write]

How right and how fast the fairness engine is. Needs no server and no database. Its parts, with the minutes of one
quiet core: `open` (1; needs `--data` or DOORWAY_FAIRNESS_DATA, a folder of scenarios NAME.events.jsonl.gz,
NAME.schools.jsonl, NAME.truth.json), `nations` (4 for two), `stress` (14 for each seed), `clean` (2), `speed` (3;
run it when nothing else does). `--keep` holds each nation's result, so that an interrupted run goes on where it was.
`--write` puts each part that ran into its section of docs/fairness-measured.md and leaves the others."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

# One core: what is measured is CPU time of one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import fairness_clean, fairness_oracle, fairness_tables
from benchmarks.fairness_runs import Played, kept, names, nation, scenario
from benchmarks.fairness_stress import BASE, SEED, STRESS
from benchmarks.fairness_worlds import World

PAGE: Final = Path(__file__).parents[1] / "docs/fairness-measured.md"
ABOUT: Final = (
    "# What the fairness engine was measured to do\n\n"
    "Written by `python -m benchmarks.fairness --data FOLDER --write`, each section when it says. Simulated worlds"
    " only. What each is: `benchmarks/fairness_worlds.py`, `benchmarks/fairness_stress.py`; the simpler rules:"
    " `benchmarks/fairness_rules.py`; the oracles: `benchmarks/fairness_oracle.py`. T1 to T14 are the method's"
    " targets; a verdict compares the measured value with what must be reached, and the interval beside it says how"
    " sure that is. A flag is false at a school that treats nobody differently, or doesn't yet; neither true nor"
    " false where a benign difference happens to be 2 : 1 or more. Seconds are one core's processor time; reading"
    " alone is a bare pass that parses the same file in the same run.\n"
)
TITLES: Final = (
    "Open scenarios",
    "Simulated nations",
    "A nation in which no school differs",
    "A quarter of it, with 90 % of employers' requests as first-come claims",
    "Stress worlds",
    "Clean streams",
    "Against oracles, on clean streams",
    "Speed",
)
Sections = Iterator[tuple[str, Iterable[str]]]


def open_scenarios(asked: argparse.Namespace) -> Sections:
    folder = _folder(asked)
    if folder is not None:
        yield TITLES[0], fairness_tables.scenario_lines([scenario(name, folder) for name in names(folder)])


def nations(asked: argparse.Namespace) -> Sections:
    worlds = _nations(asked, {f"seed {7100 + n}": replace(BASE, seed=7100 + n) for n in range(asked.worlds)})
    yield TITLES[1], fairness_tables.national_lines(worlds)
    null = _nations(asked, {"no school differs": replace(BASE, seed=7200, differing=0.0)})
    yield TITLES[2], fairness_tables.null_lines(null)
    instant = replace(BASE, seed=7300, schools=1000, differing=0.0, first_come=0.9)
    yield TITLES[3], fairness_tables.rule_lines(_nations(asked, {"first come": instant}))


def stress(asked: argparse.Namespace) -> Sections:
    seeds = range(SEED, SEED + asked.worlds)
    worlds = {f"{name}, seed {n}": replace(world, seed=n) for n in seeds for name, world in STRESS.items()}
    yield TITLES[4], fairness_tables.stress_lines(_nations(asked, worlds), tuple(STRESS))


def clean(asked: argparse.Namespace) -> Sections:
    print("clean streams...", file=sys.stderr, flush=True)
    yield TITLES[5], fairness_clean.lines(asked.clean)
    yield TITLES[6], fairness_oracle.lines(asked.clean)


def speed(asked: argparse.Namespace) -> Sections:
    """Always measured anew."""
    folder = _folder(asked)
    played = [scenario(name, folder) for name in names(folder)] if folder is not None else []
    played.append(nation("three national years", replace(BASE, seed=7100), through_file=True))
    yield TITLES[7], fairness_tables.speed_lines(played)


PARTS: Final[Mapping[str, Callable[[argparse.Namespace], Sections]]] = {
    "open": open_scenarios,
    "nations": nations,
    "stress": stress,
    "clean": clean,
    "speed": speed,
}


def _nations(asked: argparse.Namespace, worlds: Mapping[str, World]) -> list[Played]:
    jobs = {name: partial(nation, name, world, through_file=False) for name, world in worlds.items()}
    return list(kept(asked.keep, jobs))


def _folder(asked: argparse.Namespace) -> Path | None:
    folder = asked.data or os.environ.get("DOORWAY_FAIRNESS_DATA")
    if folder and Path(folder).is_dir():
        return Path(folder)
    print("Open scenarios skipped: no folder given by --data or DOORWAY_FAIRNESS_DATA.", file=sys.stderr)
    return None


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    for part in asked.only or PARTS:
        for title, lines in PARTS[part](asked):
            when = f"Measured on {datetime.now(UTC):%-d %B %Y}."
            section = "\n".join([when, "", *lines, ""])
            print(f"\n## {title}\n\n{section}", flush=True)
            if asked.write:
                PAGE.write_text(with_section(PAGE.read_text() if PAGE.exists() else "", title, section))
    return 0


def with_section(page: str, title: str, section: str) -> str:
    """The page with this section new and the others as they were, in their order."""
    parts = re.split(r"^## (.+)\n\n", page, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True)) | {title: section}
    return "\n".join(
        [ABOUT, *(f"## {name}\n\n{sections[name].strip()}\n" for name in TITLES if name in sections)]
    )


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness")
    parser.add_argument("--only", action="append", choices=PARTS, help="A part; may be given several times.")
    parser.add_argument("--data", type=Path, help="Folder of the scenarios; else DOORWAY_FAIRNESS_DATA.")
    parser.add_argument(
        "--worlds", type=int, default=2, help="How many simulated nations, of each stress world too."
    )
    parser.add_argument(
        "--clean", type=int, default=1000, help="Schools for each odds ratio of a clean stream."
    )
    parser.add_argument(
        "--keep", type=Path, help="File in which each nation's result is kept, and looked for."
    )
    parser.add_argument("--write", action="store_true", help=f"Write {PAGE.name}.")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
