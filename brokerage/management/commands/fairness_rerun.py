"""Run a school's frozen bundle again: no server, no database. The same figures come out, or it says which don't."""

import dataclasses
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from brokerage.fairness import bundles
from brokerage.fairness.bundles import BundleError


class Command(BaseCommand):
    help = "Run a downloaded evidence bundle again and print its figures."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, metavar="BUNDLE.json")
        parser.add_argument(
            "--without",
            action="append",
            default=[],
            metavar="REQUEST",
            help="Take this request out; may be repeated.",
        )

    def handle(self, *args: Any, bundle: Path, without: list[str], **options: Any) -> None:
        try:
            text = bundle.read_bytes().decode()
            run = bundles.rerun(text)
        except (BundleError, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        found, frozen = dataclasses.asdict(run.figures), json.loads(text)["figures"]
        self.stdout.write(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True))
        self.stdout.write(f"SHA-256 {bundles.digest(text)}")
        if without:
            self.stdout.write(f"E without {len(without)} requests: {run.without(without)!r}")
        if differing := sorted(name for name in frozen if not _is_same(found[name], frozen[name])):
            raise CommandError(f"Not as frozen: {', '.join(differing)}")
        self.stdout.write("The same figures as frozen.")


def _is_same(found: Any, frozen: Any) -> bool:
    """To nine figures: another machine may add in another order."""
    if isinstance(found, dict):
        return found.keys() == frozen.keys() and all(_is_same(found[key], frozen[key]) for key in found)
    if isinstance(found, float):
        return bool(abs(found - frozen) <= 1e-9 * max(1.0, abs(frozen)))
    return bool(found == frozen)
