"""manage.py fairness_replay: runs with nothing but the files, and says what is wrong with them."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from brokerage.fairness.stream import StreamError, StreamEvent, read_events
from tests.fairness.streams import world

ROOT = Path(__file__).parents[2]


def write(folder: Path, stream: list[StreamEvent], schools: int = 12) -> tuple[Path, Path]:
    events, names = folder / "world.events.jsonl.gz", folder / "world.schools.jsonl"
    with gzip.open(events, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(event.data) + "\n" for event in stream)
    names.write_text("".join(json.dumps({"id": f"S{n:03}"}) + "\n" for n in range(schools)))
    return events, names


def run(events: Path, schools: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """With an empty environment, but for the path that finds the interpreter's own libraries."""
    return subprocess.run(
        [
            sys.executable,
            "manage.py",
            "fairness_replay",
            f"--events={events}",
            f"--schools={schools}",
            f"--out={events.parent / 'out.jsonl'}",
            *more,
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_line_for_each_finding_and_a_score(tmp_path: Path) -> None:
    events, schools = write(tmp_path, world(seed=11, odds={"S005": 12.0}, schools=12, days=200, requests=110))
    truth = tmp_path / "world.truth.json"
    planted = {"planted": True, "grey": False, "spam_victim": False, "semi_oracle_day": 90}
    truth.write_text(json.dumps({"horizon_days": 240, "world": {"n": 12}, "schools": {"S005": planted}}))
    done = run(events, schools, f"--score={truth}")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    flag = next(line for line in lines if line["tier"] == "flag")
    assert set(flag) == {
        "school", "tier", "day", "on", "e", "threshold", "technical", "other", "channels", "sentence"
    }  # fmt: skip
    assert flag["school"] == "S005"
    assert set(flag["channels"]) == {"access", "speed", "cancel", "marginal"}
    assert {line["tier"] for line in lines} == {"flag", "notice"}
    assert "FDR 0.000" in done.stdout
    assert "recall of findable schools 1.000 (1 of 1)" in done.stdout
    assert "false flags per 1,000 school-years 0.000" in done.stdout
    assert "day 90" in done.stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: "),
        ("[]", "line 2: not a JSON object"),
        ('{"type": "refused", "at": "2024-09-02T09:00:00Z", "id": "A"}', "line 2: 'reason' is missing"),
        ('{"type": "vanished", "at": "2024-09-02T09:00:00Z", "id": "A"}', "line 2: unknown type 'vanished'"),
        ('{"type": "withdrawn", "at": "yesterday", "id": "A"}', "line 2: Invalid isoformat string"),
        ('{"type": "withdrawn", "at": "2024-09-02T09:00:00", "id": "A"}', "line 2: at has no time zone"),
        ('{"type": "withdrawn", "at": "2024-09-02T09:00:00Z", "id": "\udcff"}', "line 2: "),
    ],
)
def test_a_malformed_line_stops_with_its_number_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    events, schools = tmp_path / "e.jsonl", tmp_path / "s.jsonl"
    schools.write_text('{"id": "S"}\n')
    events.write_text(
        '{"type": "withdrawn", "at": "2024-09-01T09:00:00Z", "id": "A"}\n' + line + "\n",
        errors="surrogateescape",
    )
    with pytest.raises(StreamError, match=reason.replace("[", r"\[")):
        list(read_events(events))


def test_the_command_says_so_without_a_traceback(tmp_path: Path) -> None:
    events, schools = tmp_path / "e.jsonl", tmp_path / "s.jsonl"
    schools.write_text('{"id": "S"}\n')
    events.write_text("{\n")
    done = run(events, schools)
    assert done.returncode == 1
    assert "e.jsonl, line 1: " in done.stderr
    assert "Traceback" not in done.stderr
