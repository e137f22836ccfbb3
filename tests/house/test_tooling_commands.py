"""What goes wrong before Doorway starts is one clear sentence and no traceback."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local import ROOT, SetupError
from config.local.run import Address

pytestmark = pytest.mark.processes


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that `make setup` and `make run` need before the application is looked at."""
    for name in ("Makefile", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def said(command: list[str], place: Path, **environment: str) -> tuple[int, list[str]]:
    """Exit status, and the lines printed, without make's own last word."""
    done = subprocess.run(
        command,
        cwd=place,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    lines = (done.stdout + done.stderr).splitlines()
    return done.returncode, [line for line in lines if not line.startswith("make")]


def test_a_missing_or_old_python_is_one_sentence(clone: Path) -> None:
    status, lines = said(["make", "setup", "PYTHON=false"], clone)
    assert status != 0
    assert lines == [
        "Doorway needs Python 3.11 or newer: install it, or name one with make PYTHON=/path/to/python3."
    ]


def test_a_failed_download_is_one_sentence_and_the_next_try_goes_on(clone: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, "config/local/bootstrap.py"]
    for first in (True, False):
        status, lines = said(command, clone, **nowhere, PIP_FIND_LINKS="", PIP_NO_CACHE_DIR="1")
        assert status == 1
        assert len(lines) == (3 if first else 2)
        assert lines[-1] == (
            "The packages in requirements/local.txt couldn't be downloaded: check the network connection and "
            "run this again (pip's own words are in var/log/setup.log)."
        )


@pytest.mark.parametrize("name", ["PORT", "SOCKET_PORT"])
def test_a_taken_port_is_one_sentence_before_anything_starts(clone: Path, taken: int, name: str) -> None:
    ports = {"PORT": str(free_port()), "SOCKET_PORT": str(free_port()), name: str(taken)}
    status, lines = said([sys.executable, "-m", "config.local.run"], clone, **ports)
    assert status == 1
    assert lines == [
        f"Port {taken} on 127.0.0.1 can't be used (address already in use): stop what uses it, or choose "
        f"another, as in `make run {name}={taken + 10}`."
    ]
    assert not (clone / "var/servers").exists()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "eight"}, "PORT is 'eight': give a number from 1 to 65535."),
        ({"SOCKET_PORT": "65536"}, "SOCKET_PORT is '65536': give a number from 1 to 65535."),
        ({"PORT": "9", "SOCKET_PORT": "9"}, "PORT and SOCKET_PORT are both 9: give them different numbers."),
    ],
)
def test_a_port_that_makes_no_sense_is_one_sentence(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(SetupError) as problem:
        Address.of(environment)
    assert str(problem.value) == sentence


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000/"),
        ({"PORT": "", "BIND": ""}, "http://127.0.0.1:8000/"),
        ({"PORT": "8010", "BIND": "0.0.0.0"}, "http://127.0.0.1:8010/"),
        ({"BIND": "::1"}, "http://[::1]:8000/"),
    ],
)
def test_the_address_printed_is_one_a_browser_here_can_open(
    environment: dict[str, str], address: str
) -> None:
    assert Address.of(environment).url() == address


def test_a_database_that_cannot_be_reached_is_one_sentence(clone: Path) -> None:
    shutil.copytree(ROOT / "brokerage", clone / "brokerage")
    for name in ("schools", "employers", "providers"):
        shutil.copytree(ROOT / name, clone / name)
    shutil.copy(ROOT / "manage.py", clone)
    status, lines = said(
        [sys.executable, "-m", "config.local.run"],
        clone,
        DATABASE_URL="postgresql://doorway:secret@127.0.0.1:9/doorway",
        REDIS_URL="redis://127.0.0.1:9/0",
        PORT=str(free_port()),
        SOCKET_PORT=str(free_port()),
    )
    assert status == 1
    assert not [line for line in lines if "Traceback" in line or "secret" in line]
    assert lines[-2].startswith("PostgreSQL can't be reached: connection failed: connection to server at")
    assert lines[-1] == "Doorway stops: the database couldn't be made ready."


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
