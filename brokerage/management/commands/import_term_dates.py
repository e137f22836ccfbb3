from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from brokerage.calendar import importing
from brokerage.domain import horizon, term_dates
from brokerage.errors import InvalidInput


class Command(BaseCommand):
    help = (
        "Bring in local authorities' term dates from a CSV file. Columns: local authority, name, first day, last day"
        " (empty: one day), kind (holiday, inset, exams, other; empty: told by the name). «England» is for every school"
        " whose authority has none. An authority's dates are replaced for each academic year that the file speaks of."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--skip-bad-rows", action="store_true", help="Bring in the others all the same.")

    def handle(self, *args: Any, file: Path, skip_bad_rows: bool, **options: Any) -> None:
        try:
            reading = importing.read(file.read_bytes(), at_most=None, days=horizon.days(timezone.now()))
        except OSError as error:
            raise CommandError(f"Can't read {file}: {error.strerror}.") from None
        except InvalidInput as refusal:
            raise CommandError(f"{refusal.fields['file']}.") from None
        refused = [(each.number, each.why) for each in reading.refused]
        refused += [(row.number, "names no local authority") for row in reading.rows if not row.authority]
        for number, why in sorted(refused):
            self.stderr.write(f"Row {number} {why}.")
        if refused and not skip_bad_rows:
            raise CommandError(
                "Nothing was imported. Mend these rows, or leave them out with --skip-bad-rows."
            )
        rows = [row for row in reading.rows if row.authority]
        for authority, count in term_dates.bring_in(rows=rows, at=timezone.now()).items():
            self.stdout.write(f"{authority}: {count} closures.")
        self.stdout.write(f"{len(rows)} rows brought in, {len(refused)} left out.")
