"""Run the product's provider-access rules over stand-alone cases: no server, no database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from schools.pal.cases import CaseError, answer, read


class Command(BaseCommand):
    help = "Say how each case stands in the three key phases, and why, as a line of JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", required=True, metavar="FILE.jsonl")
        parser.add_argument("--out", required=True, metavar="FILE.jsonl")

    def handle(self, *args: Any, cases: str, out: str, **options: Any) -> None:
        """Nothing is written unless every case could be read."""
        try:
            with Path(cases).open(encoding="utf-8-sig") as file:
                answers = [json.dumps(answer(case)) for case in read(file, Path(cases).name)]
            Path(out).write_text("".join(f"{line}\n" for line in answers), encoding="utf-8")
        except UnicodeDecodeError as error:
            raise CommandError(f"{Path(cases).name} isn't text in UTF-8.") from error
        except OSError as error:
            raise CommandError(f"{error.filename or cases}: {error.strerror}.") from error
        except CaseError as error:
            raise CommandError(str(error)) from error
        print(f"Cases checked: {len(answers)}", file=sys.stderr)
