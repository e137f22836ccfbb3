"""Take over one register file: read, set aside what can't be taken, compare, write, report. All or nothing.

A dry run does exactly the same and undoes it, so that its report is the truth. The same file again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from brokerage.accounts.events import RegisterImportFinished
from brokerage.calendar.dates import in_full
from brokerage.eventlog.record import PLATFORM, record
from brokerage.registers import membership, organisations, reading
from brokerage.registers.files import REGISTERS
from brokerage.registers.membership import Disagreement
from brokerage.registers.models import ApprenticeshipProvider, Import, Kind, SetAside
from brokerage.registers.reading import Bad, FileError, Good, LeftOut, Scan
from brokerage.registers.staging import Difference, Stage
from brokerage.registers.succession import carry_over

Progress = Callable[[int, int], None]
EVERY: Final = 500
# One import at a time: the number is ours alone.
LOCK: Final = 7_326_481
# A list of providers that suddenly holds fewer than half of them is more likely cut short than true.
FEWEST_LEFT: Final = 0.5


@dataclass(kw_only=True)
class Options:
    """`file_date` where the file's name doesn't tell; `create` brings in providers that nobody has asked for."""

    dry_run: bool = False
    create: bool = False
    even_if_older: bool = False
    file_date: date | None = None
    progress: Progress = lambda done, of: None


@dataclass
class Report:
    """What a file held and what became of it. `organisations` counts what people will notice; `trusts_differ` are
    schools of whose trust two files say different things."""

    kind: Kind
    file: str
    file_date: date | None
    is_dry_run: bool
    rows: int = 0
    difference: Difference = field(default_factory=Difference)
    set_aside: list[Bad] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    organisations: Counter[str] = field(default_factory=Counter)
    urns: list[tuple[str, str]] = field(default_factory=list)
    trusts_differ: list[Disagreement] = field(default_factory=list)
    is_repeat: bool = False

    @property
    def counts(self) -> dict[str, int]:
        noticed = {name: count for name, count in self.organisations.items() if count}
        return (
            {"rows": self.rows}
            | self.difference.counts
            | {
                "set_aside": len(self.set_aside),
                "left_out": sum(self.left_out.values()),
            }
            | noticed
            | ({"trusts_differ": len(self.trusts_differ)} if self.trusts_differ else {})
        )

    def as_json(self) -> dict[str, Any]:
        found = self.difference
        return {
            "register": self.kind.value,
            "file": self.file,
            "file_date": self.file_date,
            "dry_run": self.is_dry_run,
            "repeats_the_last_file": self.is_repeat,
            "counts": self.counts,
            "left_out": self.left_out,
            "new": found.new,
            "changed": [{"key": key, "fields": fields} for key, fields in found.changed],
            "closed": found.closed,
            "absent": found.absent,
            "urns_changed": self.urns,
            "trusts_differ": [asdict(each) for each in self.trusts_differ],
            "set_aside": [
                {"row": bad.row, "key": bad.key, "reasons": bad.reasons, "given": bad.given}
                for bad in self.set_aside
            ],
        }


def take(kind: Kind, file: Path, options: Options, *, at: datetime) -> Report:
    """Raises FileError when the file as a whole can't be taken; then nothing has changed."""
    scanned = reading.scan(file)
    report = Report(kind, file.name, options.file_date or reading.date_of(file), options.dry_run)
    with transaction.atomic(durable=True):
        _refuse_a_second_import()
        last = Import.objects.filter(kind=kind).order_by("-pk").first()
        if not options.even_if_older:
            _refuse_an_older_file(report, last)
        stage = _staged(report, file, scanned, options.progress)
        report.difference = stage.difference()
        if kind == Kind.APAR:
            _refuse_a_short_list(report)
        elif kind == Kind.GROUP_LINKS:
            membership.refuse_a_short_list(stage, _day(report, at))
        stage.take_over(report.file_date)
        if kind == Kind.GROUP_LINKS:
            report.organisations["members_left"] = membership.end(stage, _day(report, at))
        _follow(report, at=at, create=options.create)
        report.is_repeat = bool(last and last.sha256 == scanned.sha256 and not _changes(report))
        if options.dry_run:
            transaction.set_rollback(True)
        elif not report.is_repeat:
            _keep(report, scanned, at)
    return report


def _refuse_a_second_import() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise FileError("Another import is running. Try again when it has finished.")


def _refuse_an_older_file(report: Report, last: Import | None) -> None:
    newest = last.file_date if last else None
    if newest and report.file_date and report.file_date < newest:
        raise FileError(
            f"This file is of {in_full(report.file_date)}; one of {in_full(newest)} has been imported. "
            "With --even-if-older it is taken all the same."
        )


def _staged(report: Report, file: Path, scanned: Scan, progress: Progress) -> Stage:
    register = REGISTERS[report.kind]
    stage = Stage(register)
    rows = reading.rows(file, register, encoding=scanned.encoding)
    report.set_aside, report.left_out = stage.fill(_counted(rows, report, scanned.lines, progress))
    report.set_aside.sort(key=lambda bad: bad.row)
    if not report.rows:
        raise FileError("The file holds no rows.")
    if len(report.set_aside) == report.rows:
        worst = report.set_aside[0]
        raise FileError(f"Not one row can be taken. Row {worst.row}: {'; '.join(worst.reasons)}.")
    return stage


def _counted(
    rows: Iterable[Good | Bad | LeftOut], report: Report, lines: int, progress: Progress
) -> Iterator[Good | Bad | LeftOut]:
    for row in rows:
        report.rows += 1
        if report.rows % EVERY == 0:
            progress(report.rows, lines)
        yield row
    progress(report.rows, report.rows)


def _day(report: Report, at: datetime) -> date:
    """What the file speaks of: its own day, else today."""
    return report.file_date or timezone.localdate(at)


def _refuse_a_short_list(report: Report) -> None:
    listed = ApprenticeshipProvider.objects.filter(is_listed=True)
    gone = listed.filter(pk__in=report.difference.absent).count()
    if gone > FEWEST_LEFT * listed.count():
        raise FileError(
            f"The file lacks {gone:,} of the {listed.count():,} providers listed so far: is it whole? "
            "Nothing was imported."
        )
    report.organisations["providers_no_longer_listed"] = gone


def _follow(report: Report, *, at: datetime, create: bool) -> None:
    """What the rows mean for organisations and places."""
    done = report.organisations
    match report.kind:
        case Kind.POSTCODES:
            done["outcodes_added"] = organisations.outcodes()
        case Kind.APAR:
            gone = ApprenticeshipProvider.objects.filter(is_listed=True, pk__in=report.difference.absent)
            gone.update(is_listed=False)
            done.update(organisations.providers(at=at, create=create))
        case _:
            carried = carry_over(at=at)
            report.urns = carried.done
            report.set_aside += [_both_used(*pair) for pair in carried.refused]
            done["urns_changed"] = len(carried.done)
            done.update(organisations.trusts(at=at))
            done.update(organisations.schools(at=at))
            report.trusts_differ = membership.disagreements(timezone.localdate(at))


def _both_used(old: str, new: str) -> Bad:
    reason = f"{old} became {new}, but people use both here: join the two by hand"
    return Bad(0, f"{old} {new}", [reason])


def _changes(report: Report) -> bool:
    counts = report.difference.counts
    return bool(counts["new"] or counts["changed"] or any(report.organisations.values()))


def _keep(report: Report, scanned: Scan, at: datetime) -> None:
    kept = Import.objects.create(
        kind=report.kind,
        file_name=report.file[:200],
        file_date=report.file_date,
        sha256=scanned.sha256,
        at=at,
        counts=report.counts,
    )
    SetAside.objects.bulk_create(
        [
            SetAside(source=kept, row=bad.row, key=bad.key, reasons=bad.reasons, given=bad.given)
            for bad in report.set_aside
        ],
        batch_size=1000,
    )
    fact = RegisterImportFinished(subject_id=kept.public_id, kind=report.kind.value, counts=report.counts)
    record(fact, by=PLATFORM, at=at)
