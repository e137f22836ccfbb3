"""`provider_access_check`: stand-alone cases in, answers out, strictly and without a server."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[3]
CASE = {
    "id": "one",
    "today": "2026-02-27",
    "school": {
        "type_code": 34,
        "low_age": 11,
        "high_age": 16,
        "day": ["08:40", "15:15"],
        "closed": [["2026-02-16", "2026-02-20"]],
    },
    "cohort": {"y7_entry": 2023, "roll": 180, "groups": {"A": 90, "B": 90}},
    "sessions": [
        {
            "on": on,
            "start": "10:00",
            "end": "10:50",
            "group": None,
            "providers": [{"id": provider, "kind": "fe_college", "technical": True}],
            "offered": 180,
            "attended": attended,
            "mode": "in_person",
            "content": [True, True, True, True],
            "status": "delivered",
        }
        for on, provider, attended in (("2025-10-07", "10000001", 162), ("2026-02-27", "10000002", 153))
    ],
}


def check(folder, *lines):
    cases, out = folder / "cases.jsonl", folder / "out.jsonl"
    cases.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    call_command("provider_access_check", cases=str(cases), out=str(out))
    return [json.loads(line) for line in out.read_text().splitlines()]


def changed(path, value):
    """The case with one thing changed; `...` takes it away."""
    case = copy.deepcopy(CASE)
    *parents, last = path
    inside = case
    for key in parents:
        inside = inside[key]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return case


def test_a_case_is_answered_phase_by_phase(tmp_path):
    assert check(tmp_path, CASE) == [
        {
            "id": "one",
            "phases": {
                "1": {
                    "state": "coverage_unproven",
                    "occasions": 2,
                    "short_by": 0,
                    "lower": 0.75,
                    "upper": 0.85,
                    "window": ["2024-09-01", "2026-02-28"],
                    "why": [
                        "R12: Not yet evidenced for all on this platform. Between 75% and 85% of the least "
                        "served group have met two. Attendance was counted per session, so the exact share "
                        "isn't known."
                    ],
                },
                "2": {
                    "state": "not_open",
                    "occasions": 0,
                    "short_by": 2,
                    "lower": 0.0,
                    "upper": 0.0,
                    "window": ["2026-09-01", "2028-02-28"],
                    "why": ["R2: Opens on 1 September 2026."],
                },
                "3": {
                    "state": "not_assessed",
                    "occasions": 0,
                    "short_by": 0,
                    "lower": 0.0,
                    "upper": 0.0,
                    "window": ["2028-09-01", "2030-02-28"],
                    "why": ["R23: The school teaches neither Year 12 nor Year 13, so it has no third phase."],
                },
            },
        }
    ]


def test_cases_keep_their_order_and_empty_lines_are_passed_over(tmp_path):
    found = check(tmp_path, changed(["id"], "b"), "", changed(["id"], 7), changed(["cohort", "groups"], ...))

    assert [each["id"] for each in found] == ["b", 7, "one"]


def test_a_register_code_with_its_zero_is_the_same_code(tmp_path):
    [found] = check(tmp_path, changed(["school", "type_code"], "02"))

    assert found["phases"]["1"]["state"] == "coverage_unproven"


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (["id"], ..., "the case has no id"),
        (["id"], None, "id is null, not text"),
        (["note"], "x", 'the case has an unknown field, "note"'),
        (["today"], "2026-02-30", 'today is "2026-02-30", not a date such as 2026-02-27'),
        (["today"], "20260227", 'today is "20260227", not a date'),
        (["school", "type_code"], True, "school.type_code is true, not a whole number"),
        (["school", "type_code"], "x", 'school.type_code is "x"'),
        (["school", "high_age"], 10, "school.high_age is 10, below low_age 11"),
        (["school", "day"], ["08:40"], 'school.day is ["08:40"], not a list of 2'),
        (["school", "day"], ["15:15", "08:40"], "school.day: the day ends at 08:40, not after 15:15"),
        (["school", "day", 0], "8:40", 'school.day[0] is "8:40", not a time such as 08:40'),
        (["school", "day", 0], "24:00", 'school.day[0] is "24:00", not a time'),
        (
            ["school", "closed", 0],
            ["2026-02-20", "2026-02-16"],
            "school.closed[0]: a closure ends on 2026-02-16",
        ),
        (["school", "urn"], "1", 'school has an unknown field, "urn"'),
        (["cohort", "roll"], -1, "cohort.roll is -1, not a whole number from 0"),
        (["cohort", "roll"], 180.0, "cohort.roll is 180.0"),
        (["cohort", "groups", "A"], 80, "cohort: the groups hold 170 pupils together and the roll is 180"),
        (["cohort", "groups"], [90, 90], "cohort.groups is [90, 90], not an object"),
        (["cohort", "y7_entry"], 22, "cohort.y7_entry is 22"),
        (["sessions"], {}, "sessions is {}, not a list"),
        (["sessions", 1], 3, "sessions[1] is 3, not an object"),
        (["sessions", 1, "group"], "C", 'sessions[1].group is "C", not one of the cohort\'s groups'),
        (["sessions", 1, "group"], ..., "sessions[1] has no group"),
        (["sessions", 1, "end"], "10:00", "sessions[1]: a session ends at 10:00, not after 10:00"),
        (["sessions", 1, "attended"], None, "sessions[1].attended is null, not a whole number"),
        (["sessions", 1, "mode"], "video", 'sessions[1].mode is "video", not one of in_person, live_online'),
        (["sessions", 1, "status"], "done", 'sessions[1].status is "done", not one of planned, offered'),
        (
            ["sessions", 1, "content"],
            [True] * 3,
            "sessions[1].content is [true, true, true], not a list of 4",
        ),
        (["sessions", 1, "content", 0], 1, "sessions[1].content[0] is 1, not true or false"),
        (["sessions", 1, "providers", 0, "kind"], "college", 'sessions[1].providers[0].kind is "college"'),
        (["sessions", 1, "providers", 0, "id"], 10000001, "sessions[1].providers[0].id is 10000001"),
        (["sessions", 1, "providers", 0, "technical"], "yes", 'technical is "yes", not true or false'),
    ],
)
def test_a_malformed_case_stops_with_its_line_and_reason(tmp_path, path, value, reason):
    with pytest.raises(CommandError) as stopped:
        check(tmp_path, CASE, "", changed(path, value))

    assert str(stopped.value).startswith("cases.jsonl, line 3: ")
    assert reason in str(stopped.value)
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "the case is [], not an object"),
        ('{"id": "a", "id": "b"}', '"id" stands there twice'),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "integer"),
    ],
)
def test_a_line_that_is_no_case_stops_too(tmp_path, line, reason):
    with pytest.raises(CommandError, match=f"cases.jsonl, line 1: .*{reason.replace('[', chr(92) + '[')}"):
        check(tmp_path, line)


def test_a_file_that_is_missing_or_no_text_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere.jsonl: No such file or directory\."):
        call_command(
            "provider_access_check", cases=str(tmp_path / "nowhere.jsonl"), out=str(tmp_path / "out")
        )
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match=r"latin isn't text in UTF-8\."):
        call_command("provider_access_check", cases=str(tmp_path / "latin"), out=str(tmp_path / "out"))


def run(folder, *lines):
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, lines)))
    command = [sys.executable, "manage.py", "provider_access_check"]
    return subprocess.run(
        [*command, "--cases", folder / "cases.jsonl", "--out", folder / "out.jsonl"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_without_server_database_or_environment(tmp_path):
    finished = run(tmp_path, CASE)

    assert (finished.returncode, finished.stderr) == (0, "Cases checked: 1\n")
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1


def test_it_stops_with_one_sentence_and_no_traceback(tmp_path):
    finished = run(tmp_path, CASE, changed(["cohort", "roll"], "many"))

    assert finished.returncode == 1
    assert finished.stderr == (
        'CommandError: cases.jsonl, line 2: cohort.roll is "many", not a whole number from 0 to 100000.\n'
    )
