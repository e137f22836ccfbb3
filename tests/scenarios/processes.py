"""Doorway's own processes, started as `make run` starts them, on free ports."""

import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.local import ROOT
from config.local.servers import free_port

PATIENCE = 60.0


@dataclass
class Running:
    name: str
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def kill(self) -> None:
        """As a power cut would: nothing gets to finish. The whole group, for a server that forks."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def words(self) -> str:
        return self.log.read_text(errors="replace")


def start(name: str, *command: str, environment: dict[str, str], port: int = 0) -> Running:
    log = Path(tempfile.mkstemp(prefix=f"doorway-{name}-", suffix=".log")[1])
    with log.open("wb") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(name, process, port, log)


def sockets(environment: dict[str, str], port: int | None = None, *, wait: bool = True) -> Running:
    port = port or free_port()
    listening = ("--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--log-level", "warning")
    frames = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--ws-max-size", "4096")
    running = start(
        "sockets",
        "uvicorn",
        "config.asgi:application",
        *listening,
        *frames,
        environment=environment,
        port=port,
    )
    if wait:
        until(lambda: answers(running), "the socket process", running)
    return running


def worker(environment: dict[str, str]) -> Running:
    command = (
        "celery",
        "-A",
        "config",
        "worker",
        "--concurrency",
        "2",
        "--loglevel",
        "WARNING",
        "--without-mingle",
    )
    return start("worker", *command, environment=environment)


def beat(environment: dict[str, str]) -> Running:
    schedule = tempfile.mkdtemp(prefix="doorway-beat-")
    command = ("celery", "-A", "config", "beat", "--loglevel", "WARNING", "--pidfile", "")
    return start("beat", *command, "--schedule", f"{schedule}/schedule", environment=environment)


def web(environment: dict[str, str], port: int | None = None, *, wait: bool = True) -> Running:
    port = port or free_port()
    command = (
        "granian",
        "--interface",
        "wsgi",
        "config.wsgi:application",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    )
    options = ("--workers", "1", "--blocking-threads", "2", "--log-level", "warning")
    running = start("web", *command, *options, environment=environment, port=port)
    if wait:
        until(lambda: answers(running), "the web process", running)
    return running


def answers(running: Running) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def until(
    is_so: Callable[[], object], what: str, running: Running | None = None, seconds: float = PATIENCE
) -> None:
    """Wait for it; never sleep and hope."""
    end = time.monotonic() + seconds
    while not is_so():
        if running is not None and running.process.poll() is not None:
            raise AssertionError(f"{what} ended: {running.words()[-2000:]}")
        if time.monotonic() > end:
            raise AssertionError(
                f"{what}: not within {seconds:.0f} s. {running.words()[-2000:] if running else ''}"
            )
        time.sleep(0.05)


@contextmanager
def all_stopped() -> Iterator[list[Running]]:
    """Put into the list what was started; it is stopped at the end, and its log removed when all went well."""
    started: list[Running] = []
    try:
        yield started
    finally:
        for running in reversed(started):
            running.stop()
            running.log.unlink(missing_ok=True)
