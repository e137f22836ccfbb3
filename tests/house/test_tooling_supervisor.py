"""One supervisor: who died is named, everything it started is ended, and nothing else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.local import run
from config.local.processes import Process, end_group
from config.local.supervisor import ChildStoppedError, Supervisor

pytestmark = pytest.mark.processes

PATIENT = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('ready', 'w'); " + PATIENT
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-m', 'patient']);"
    " open('grandchild', 'w').write(str(child.pid)); time.sleep(60)"
)
FAILING = "import sys; sys.exit(3)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for name, text in {
        "patient": PATIENT,
        "stubborn": STUBBORN,
        "parent": PARENT,
        "failing": FAILING,
    }.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


@pytest.fixture
def supervisor(home: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(home, dict(os.environ), {})
    yield supervisor
    supervisor.stop()


def eventually(happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not happens():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_child_that_ends_is_named_with_how_it_ended(supervisor: Supervisor) -> None:
    supervisor.start("web", "patient")
    supervisor.start("worker", "failing")
    with pytest.raises(ChildStoppedError, match=r"worker stopped by itself \(exit code 3\)"):
        supervisor.watch()


def test_a_killed_child_is_named_with_the_signal(supervisor: Supervisor) -> None:
    supervisor.start("beat", "patient")
    supervisor.children[0].process.send(signal.SIGKILL)
    with pytest.raises(ChildStoppedError, match=r"beat stopped by itself \(killed by SIGKILL\)"):
        supervisor.watch()


def test_a_watched_server_that_ends_is_named(home: Path) -> None:
    server = subprocess.Popen(["sleep", "60"])
    process = Process.named(server.pid)
    assert process is not None
    supervisor = Supervisor(home, {}, {"PostgreSQL": process})
    supervisor.look()
    server.kill()
    server.wait()
    with pytest.raises(ChildStoppedError, match="PostgreSQL stopped by itself"):
        supervisor.look()


def test_stopping_ends_grandchildren_whose_parent_was_killed(home: Path, supervisor: Supervisor) -> None:
    supervisor.start("web", "parent")
    assert eventually(lambda: (home / "grandchild").exists() and (home / "grandchild").read_text() != "")
    grandchild = Process.named(int((home / "grandchild").read_text()))
    assert grandchild is not None
    supervisor.children[0].process.send(signal.SIGKILL)
    assert supervisor.children[0].process.has_gone_within(5)
    supervisor.stop()
    assert grandchild.has_gone_within(2)


def test_one_that_will_not_stop_is_killed(home: Path) -> None:
    child = subprocess.Popen([sys.executable, "-m", "stubborn"], cwd=home, start_new_session=True)
    process = Process.named(child.pid)
    assert process is not None
    assert eventually((home / "ready").exists)
    end_group(process, home, patience=0.3)
    assert child.wait(timeout=5) == -signal.SIGKILL


def test_waiting_ends_when_a_child_does(supervisor: Supervisor) -> None:
    supervisor.start("sockets", "failing")
    with pytest.raises(ChildStoppedError, match="sockets stopped"):
        supervisor.wait_for(lambda: False, what="The socket process")


def test_waiting_has_an_end(supervisor: Supervisor) -> None:
    with pytest.raises(TimeoutError, match=r"The web process didn't answer within 0 seconds\."):
        supervisor.wait_for(lambda: False, what="The web process", seconds=0)


def test_what_children_say_is_printed_with_their_name(
    supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start("web", "patient")
    said = ""

    def heard() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return said == "web     | here\n"

    assert eventually(heard)


def test_the_next_run_ends_what_a_killed_one_left_and_nobody_else(home: Path) -> None:
    left = subprocess.Popen([sys.executable, "-m", "patient"], cwd=home, start_new_session=True)
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    ours = Process.named(left.pid)
    assert ours is not None
    record = home / "run.json"
    children = [{"pid": ours.pid, "started": ours.started}, {"pid": bystander.pid, "started": "another time"}]
    record.write_text(json.dumps({"home": str(home), "children": children}))
    run.end_leftovers(record, home)
    assert left.wait(timeout=5) == -signal.SIGTERM
    assert bystander.poll() is None
    assert not record.exists()
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("text", ["", "[]", '{"children": 1}', '{"home": "elsewhere", "children": []}'])
def test_a_damaged_record_ends_nothing(home: Path, text: str) -> None:
    (home / "run.json").write_text(text)
    run.end_leftovers(home / "run.json", home)
