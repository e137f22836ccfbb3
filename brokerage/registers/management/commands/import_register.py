"""Take over a file of an official register."""

import json
import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from brokerage.registers import importing
from brokerage.registers.importing import Options, Report
from brokerage.registers.models import Kind
from brokerage.registers.reading import FileError

WIDTH = 30
SHOWN = 10


class Bar:
    """On a terminal one line that fills; elsewhere (a log) a line for each quarter."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.is_terminal, self.told = out, out.isatty(), -1

    def __call__(self, done: int, of: int) -> None:
        share = min(done / of, 1) if of else 1
        step = int(share * (100 if self.is_terminal else 4))
        if step == self.told:
            return
        self.told = step
        bar = ("█" * int(share * WIDTH)).ljust(WIDTH, "░")
        start, end = ("\r", "" if share < 1 else "\n") if self.is_terminal else ("", "\n")
        self.out.write(f"{start}{bar} {share:4.0%} {done:,} rows read{end}")
        self.out.flush()


class Command(BaseCommand):
    help = "Take over a file of an official register: all of it or, when it can't be read, nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("register", choices=Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Say what would change; change nothing.")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="Write every difference there.")
        parser.add_argument(
            "--dated", type=date.fromisoformat, metavar="YYYY-MM-DD", help="The file's own date."
        )
        parser.add_argument(
            "--even-if-older", action="store_true", help="Take a file older than the last one."
        )
        parser.add_argument(
            "--create", action="store_true", help="apar: bring in, verified, providers nobody has asked for."
        )

    def handle(self, *args: Any, register: str, file: Path, **options: Any) -> None:
        chosen = Options(
            dry_run=options["dry_run"],
            create=options["create"],
            even_if_older=options["even_if_older"],
            file_date=options["dated"],
            progress=Bar(getattr(self.stderr, "_out", sys.stderr)),
        )
        try:
            if options["report"]:
                options["report"].touch()
            report = importing.take(Kind(register), file, chosen, at=timezone.now())
            if options["report"]:
                text = json.dumps(report.as_json(), indent=1, default=str, ensure_ascii=False)
                options["report"].write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}.") from None
        except FileError as refusal:
            raise CommandError(f"{file.name}: {refusal}") from None
        self._tell(report)

    def _tell(self, report: Report) -> None:
        for bad in report.set_aside[:SHOWN]:
            self.stderr.write(
                f"Row {bad.row}: {'; '.join(bad.reasons)}" if bad.row else "; ".join(bad.reasons)
            )
        if len(report.set_aside) > SHOWN:
            self.stderr.write(
                f"and {len(report.set_aside) - SHOWN:,} more rows set aside: see Registers or --report."
            )
        for differing in report.trusts_differ[:SHOWN]:
            self.stderr.write(str(differing))
        if len(report.trusts_differ) > SHOWN:
            self.stderr.write(
                f"and {len(report.trusts_differ) - SHOWN:,} more whose trust differs: see --report."
            )
        told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in report.counts.items())
        self.stdout.write(f"{told}.")
        if report.is_dry_run:
            self.stdout.write("A dry run: nothing was changed.")
        elif report.is_repeat:
            self.stdout.write("The same file as last time: nothing changed.")
