"""python -m benchmarks run [claim feed push resync] [--rounds 5] [--out FILE]"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import processes, report
from config.local import SetupError

NAMES = ("claim", "resync", "push", "feed")
Measure = Callable[[], dict[str, dict[str, float]]]


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    _allow_many_files()
    started = time.monotonic()
    try:
        with processes.prepare() as bench:
            os.environ.update(bench.environment)
            import django

            django.setup()
            rounds = _run(bench, asked.names or list(NAMES), asked.rounds)
            versions = processes.versions(bench.database_url, _valkey())
    except SetupError as problem:
        print(problem, file=sys.stderr)
        return 1
    report.save(rounds, versions, asked.out)
    print(report.write(rounds, versions, when=f"{datetime.now(UTC):%-d %B %Y}"))
    print(f"{time.monotonic() - started:.0f} seconds. Each sample is in {asked.out}.")
    return 0


def _run(bench: processes.Bench, names: list[str], count: int) -> list[dict[str, dict[str, float]]]:
    """Every scenario once in each round, so that what else the machine does meets them all alike."""
    scenarios = dict(_set_up(bench, names, count))
    rounds: list[dict[str, dict[str, float]]] = []
    for number in range(count):
        figures: dict[str, dict[str, float]] = {}
        for name, measure in scenarios.items():
            if name == "resync" and number:  # counted, not timed: once is enough
                continue
            _say(f"round {number + 1} of {count}: {name}")
            figures |= measure()
        rounds.append(figures)
    return rounds


def _set_up(bench: processes.Bench, names: list[str], rounds: int) -> Any:
    from benchmarks import seed
    from benchmarks.scenarios import claim, feed, push, resync

    people = seed.people(claim.PEOPLE)
    for name in NAMES:
        if name not in names:
            continue
        _say(f"preparing {name}")
        match name:
            case "claim":
                claims = claim.set_up(bench, people, rounds=rounds)
                yield name, partial(claim.measure, claims)
            case "feed":
                feeds = feed.set_up(bench, people)
                yield name, partial(feed.measure, feeds)
            case "push":
                pushes = push.set_up(bench, people)
                yield name, partial(push.measure, pushes)
            case "resync":
                yield name, partial(resync.measure, bench, people)


def _valkey() -> dict[str, object]:
    from brokerage.eventlog import hints

    info: Any = hints.broker().info("server")
    return dict(info)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("command", choices=["run"])
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="All of them unless named.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=processes.VAR / "bench/results.json")
    return parser.parse_args(arguments)


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))


def _say(words: str) -> None:
    print(f"{words}...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
