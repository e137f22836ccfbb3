"""Run the product's fairness engine over a stand-alone stream: no server, no database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from brokerage.fairness.engine import Engine
from brokerage.fairness.findings import Finding
from brokerage.fairness.scoring import score
from brokerage.fairness.stream import StreamError, StreamEvent, read_events, read_schools


class Command(BaseCommand):
    help = "Replay a stream of requests and answers and write each flag or notice as a line of JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events", type=Path, required=True, metavar="FILE.jsonl[.gz]")
        parser.add_argument("--schools", type=Path, required=True, metavar="FILE.jsonl")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
        parser.add_argument(
            "--score", type=Path, metavar="FILE.truth.json", help="Compare with a simulated truth."
        )

    def handle(
        self, *args: Any, events: Path, schools: Path, out: Path, score: Path | None, **options: Any
    ) -> None:
        truth = json.loads(score.read_text()) if score else None
        try:
            engine = Engine(read_schools(schools))
            until = truth["horizon_days"] - 1 if truth else None
            findings = []
            with out.open("w", encoding="utf-8") as file:
                for finding in engine.run(_watched(read_events(events)), until=until):
                    findings.append(finding)
                    file.write(json.dumps(_line(finding), ensure_ascii=False) + "\n")
        except (StreamError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        print(f"{len(findings)} lines written", file=sys.stderr)
        if truth:
            self._print_score(findings, truth)

    def _print_score(self, findings: list[Finding], truth: dict[str, Any]) -> None:
        result = score(findings, truth)
        self.stdout.write(
            f"flags {result.flags}, true {result.true}, false {result.false}, notices {result.notices}"
        )
        self.stdout.write(f"FDR {result.fdr:.3f}")
        self.stdout.write(
            f"recall of findable schools {result.recall:.3f} ({result.found} of {result.findable})"
        )
        self.stdout.write(f"false flags per 1,000 school-years {result.false_per_1000_school_years:.3f}")


def _watched(events: Iterator[StreamEvent]) -> Iterator[StreamEvent]:
    """Progress on stderr, a line each simulated quarter."""
    told = 0
    for event in events:
        if event.day >= told + 90:
            told = event.day
            print(f"day {told}", file=sys.stderr)
        yield event


def _line(finding: Finding) -> dict[str, Any]:
    values = asdict(finding)
    return {
        "school": values["school"],
        "tier": values["tier"],
        "day": values["day"],
        "on": finding.on.isoformat(),
        **{key: values[key] for key in ("e", "threshold", "technical", "other", "channels", "sentence")},
    }
