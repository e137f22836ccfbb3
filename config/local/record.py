"""What is written down about running servers, so that any process finds them: one owner-only file.

Beside a folder such as var/servers lies var/servers.json with both addresses and who runs.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from config.local.processes import Process


@dataclass(frozen=True)
class Record:
    database_url: str
    redis_url: str
    """Empty while the servers are being started."""
    processes: dict[str, Process]

    def is_complete_and_alive(self) -> bool:
        return bool(self.redis_url) and all(process.is_alive() for process in self.processes.values())


def read(place: Path) -> Record | None:
    """None when there is none, when it is damaged, or when it came here with a copy of the folder."""
    try:
        state = json.loads(file_of(place).read_text())
        processes = {
            str(name): Process(int(known["pid"]), str(known["started"]))
            for name, known in state["processes"].items()
        }
        record = Record(str(state["database_url"]), str(state["redis_url"]), processes)
        return record if state["place"] == str(place) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write(place: Path, record: Record) -> None:
    partial = place.with_name(f".{place.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"place": str(place), **asdict(record)}, file)
    partial.replace(file_of(place))


def file_of(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")
