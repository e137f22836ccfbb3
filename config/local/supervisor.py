"""Several processes as one: started in order, their words printed with a name, stopped together.

When one of them ends, the rest are stopped too, and we say which it was.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.local.processes import Process, end_group

COLOURS = {"web": 36, "sockets": 35, "worker": 33, "beat": 34}
PATIENCE = 10.0
"""Seconds a process has to finish what it is doing once asked to stop."""


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: not an error, so that no handler for errors swallows it."""


class ChildStoppedError(Exception):
    """One of them ended by itself."""


@dataclass(frozen=True)
class Child:
    name: str
    process: Process
    handle: "subprocess.Popen[str]"


class Supervisor:
    def __init__(self, home: Path, environment: dict[str, str], watched: dict[str, Process]) -> None:
        self.home = home
        self.environment = environment
        self.watched = watched
        """Processes we don't start ourselves but can't do without, by name."""
        self.children: list[Child] = []

    def start(self, name: str, *command: str) -> None:
        """In a group of its own: Ctrl-C reaches us alone, and we end the whole group."""
        handle = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        process = Process.named(handle.pid) or Process(handle.pid, "gone at once")
        self.children.append(Child(name, process, handle))
        threading.Thread(target=self._repeat, args=(name, handle), daemon=True).start()

    def wait_for(self, answers: Callable[[], bool], *, what: str, seconds: float = 90) -> None:
        """Until it answers. ChildStoppedError when a process ends first, TimeoutError when time is up."""
        until = time.monotonic() + seconds
        while not answers():
            self.look()
            if time.monotonic() > until:
                raise TimeoutError(f"{what} didn't answer within {seconds:.0f} seconds.")
            time.sleep(0.25)

    def watch(self) -> None:
        """Until something ends. Leave it with Interrupted or ChildStoppedError."""
        while True:
            self.look()
            time.sleep(0.5)

    def look(self) -> None:
        for child in self.children:
            if (code := child.handle.poll()) is not None:
                raise ChildStoppedError(f"{child.name} stopped by itself ({_how(code)}).")
        for name, process in self.watched.items():
            if not process.is_alive():
                raise ChildStoppedError(f"{name} stopped by itself.")

    def stop(self) -> None:
        """The last started first, web before what it talks to. A second Ctrl-C changes nothing."""
        for child in reversed(self.children):
            child.process.send(signal.SIGTERM)
        for child in reversed(self.children):
            end_group(child.process, self.home, patience=PATIENCE)
            child.handle.wait()

    def _repeat(self, name: str, handle: "subprocess.Popen[str]") -> None:
        colour = COLOURS.get(name, 37) if sys.stdout.isatty() and "NO_COLOR" not in os.environ else None
        label = f"\033[{colour}m{name:<8}\033[0m" if colour else f"{name:<8}"
        for line in handle.stdout or ():
            # Go on reading when nobody listens to us any more, or the child would block.
            with suppress(OSError):
                print(f"{label}| {line.rstrip()}", flush=True)


def interrupt_on(numbers: Iterable[signal.Signals]) -> None:
    """Turn the first of these signals into Interrupted, and ignore them from then on."""

    def interrupt(number: int, frame: object) -> None:
        for every in numbers:
            signal.signal(every, signal.SIG_IGN)
        raise Interrupted

    for number in numbers:
        signal.signal(number, interrupt)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
