"""python -m benchmarks.forecast --data DIR

How good the forecast of missing the next 28 February is (T15): fitted on the first season of each open scenario, held
against the second. Needs no server. Prints the Brier score at each day, beside that of the base rate, and the greatest
difference between what was forecast and what came true in five bins of equal size."""

import argparse
import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from schools.pal.forecast import Outlook, chance_of_missing, fit, remaining_share
from schools.pal.windows import OCCASIONS

DAYS: Final = (date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 15), date(2026, 2, 1))
FIRST, SECOND = 2024, 2025
TECHNICAL: Final = {"fe_college", "itp"}
KEY_STAGE_4: Final = (10, 11)
BINS: Final = 5


@dataclass
class Visit:
    """One request of a technical provider for Years 10 and 11, and what became of it."""

    school: str
    agreed: date | None = None
    scheduled: date | None = None
    cancelled: date | None = None
    held: date | None = None

    def is_past(self, today: date) -> bool:
        return (
            self.scheduled is not None and self.scheduled <= today and not (self.held and self.held > today)
        )

    def is_booked(self, today: date, until: date) -> bool:
        cancelled = self.cancelled is not None and self.cancelled <= today
        return self.scheduled is not None and today < self.scheduled <= until and not cancelled


def season(year: int) -> tuple[date, date]:
    return date(year, 9, 1), date(year + 1, 2, 28)


def visits(folder: Path, name: str) -> list[Visit]:
    found: dict[int, Visit] = {}
    with gzip.open(folder / f"{name}.events.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            on = date.fromisoformat(row["at"][:10])
            if row["type"] == "request":
                if row["ptype"] in TECHNICAL and row["year_group"] in KEY_STAGE_4:
                    found[row["id"]] = Visit(row["school"])
            elif (visit := found.get(row["id"])) is not None:
                match row["type"]:
                    case "granted":
                        visit.agreed, visit.scheduled = on, date.fromisoformat(row["scheduled"])
                    case "cancelled":
                        visit.cancelled = on
                    case "delivered":
                        visit.held = on
    return list(found.values())


def held_in(schools: Iterable[str], all_visits: list[Visit], year: int) -> dict[str, int]:
    first, last = season(year)
    counts = dict.fromkeys(schools, 0)
    for visit in all_visits:
        if visit.held and first <= visit.held <= last:
            counts[visit.school] += 1
    return counts


def forecasts(folder: Path, name: str) -> dict[date, list[tuple[float, bool]]]:
    """For each day: chance and whether it was missed, one for each school."""
    schools = [json.loads(line)["id"] for line in (folder / f"{name}.schools.jsonl").open()]
    all_visits = visits(folder, name)
    before, after = held_in(schools, all_visits, FIRST), held_in(schools, all_visits, SECOND)
    first, last = season(FIRST)
    planned = [visit for visit in all_visits if visit.scheduled and visit.scheduled <= last]
    months = [
        visit.agreed.month
        for visit in all_visits
        if visit.agreed and visit.held and first <= visit.held <= last
    ]
    given = fit(list(before.values()), months, len(planned), sum(visit.held is not None for visit in planned))
    begins, ends = season(SECOND)
    made: dict[date, list[tuple[float, bool]]] = {}
    for today in DAYS:
        remaining = remaining_share(today, ends, given)
        theirs: dict[str, list[Visit]] = defaultdict(list)
        for visit in all_visits:
            theirs[visit.school].append(visit)
        made[today] = []
        for school in schools:
            mine = theirs[school]
            known = [visit for visit in mine if visit.agreed and visit.agreed <= today]
            so_far = sum(visit.held is not None and begins <= visit.held <= today for visit in mine)
            booked = sum(visit.is_booked(today, ends) for visit in known)
            past = [visit for visit in known if visit.is_past(today)]
            outlook = Outlook(
                wanted=max(0, OCCASIONS - so_far),
                in_diary=booked,
                planned_before=len(past),
                held_before=sum(visit.held is not None for visit in past),
                last_season=before[school],
                this_season=so_far + booked,
            )
            made[today].append((chance_of_missing(outlook, remaining, given), after[school] < OCCASIONS))
    return made


def brier(pairs: list[tuple[float, bool]]) -> float:
    return sum((chance - missed) ** 2 for chance, missed in pairs) / len(pairs)


def worst_bin(pairs: list[tuple[float, bool]]) -> float:
    ordered = sorted(pairs)
    size = len(ordered) // BINS
    bins = [ordered[number * size : (number + 1) * size] for number in range(BINS)]
    return max(abs(sum(chance - missed for chance, missed in each) / len(each)) for each in bins)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("DOORWAY_FAIRNESS_DATA"), required=False)
    folder = parser.parse_args().data
    if folder is None or not Path(folder).is_dir():
        raise SystemExit("Name the folder of scenarios: --data DIR.")
    pooled: dict[date, list[tuple[float, bool]]] = defaultdict(list)
    for path in sorted(Path(folder).glob("*.events.jsonl.gz")):
        for today, pairs in forecasts(Path(folder), path.name.removesuffix(".events.jsonl.gz")).items():
            pooled[today] += pairs
    print("day         schools  missed  Brier  of the base rate  worst of five bins")
    for today, pairs in sorted(pooled.items()):
        share = sum(missed for _, missed in pairs) / len(pairs)
        base = share * (1 - share)
        print(
            f"{today}  {len(pairs):7,}  {share:6.3f}  {brier(pairs):.3f}  {base:16.3f}  {worst_bin(pairs):18.3f}"
        )


if __name__ == "__main__":
    main()
