from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schools import importing


class Command(BaseCommand):
    help = (
        "Add or bring up to date the schools of a CSV file, by URN. Columns: "
        + ", ".join(importing.REQUIRED)
        + "; optional: "
        + ", ".join(importing.OPTIONAL)
        + "."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--skip-bad-rows", action="store_true", help="Import the others all the same.")

    def handle(self, *args: Any, file: Path, skip_bad_rows: bool, **options: Any) -> None:
        try:
            report = importing.read(importing.decode(file.read_bytes()))
        except OSError as error:
            raise CommandError(f"Can't read {file}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file} is neither UTF-8 nor Windows text.") from None
        except importing.FileError as refusal:
            raise CommandError(str(refusal)) from None
        if skip_bad_rows or not report.refused:
            importing.write(report, at=timezone.now(), skip_refused=skip_bad_rows)
        for line, reason in sorted(report.refused):
            self.stderr.write(f"Row {line}: {reason}")
        if report.refused and not skip_bad_rows:
            raise CommandError(
                "Nothing was imported. Mend these rows, or leave them out with --skip-bad-rows."
            )
        done = report.done
        told = f"{done['added']} added, {done['changed']} changed, {done['same']} the same"
        self.stdout.write(f"{told}, {len(report.refused)} left out.")
