"""A process, named so that a pid used again by somebody else's program is not mistaken for it."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    pid: int
    started: str
    """When the kernel says it started, in a form that is only good for comparing."""

    @classmethod
    def named(cls, pid: int) -> "Process | None":
        """The live process that has this pid now; a zombie is not alive."""
        started = _started(pid)
        return cls(pid, started) if started else None

    def is_alive(self) -> bool:
        return _started(self.pid) == self.started

    def send(self, number: int) -> None:
        """Signal it, unless it has gone and its pid is another's."""
        if self.is_alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def has_gone_within(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.is_alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def stop(self, *, first: int = signal.SIGTERM, patience: float = 15.0) -> None:
        """Ask, wait, then insist."""
        self.send(first)
        if not self.has_gone_within(patience):
            self.send(signal.SIGKILL)
            self.has_gone_within(5)


def arguments(pid: int) -> list[str]:
    """The command line of a live process, or an empty list."""
    try:
        return (PROC / str(pid) / "cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return _ps(pid, "args").split()


def lives_on(leader: Process, home: Path) -> bool:
    """Whether the leader, or any process of its group that runs from this folder, is still there."""
    if leader.is_alive():
        return True
    if not (PROC / "self").exists():
        return False
    return any(_in_group(entry, leader.pid, home) for entry in PROC.iterdir() if entry.name.isdigit())


def end_group(leader: Process, home: Path, *, patience: float) -> None:
    """Wait for a leader that was asked to stop, then kill whatever is left of its group."""
    if not leader.has_gone_within(patience):
        leader.send(signal.SIGKILL)
    until = time.monotonic() + 2
    while lives_on(leader, home) and time.monotonic() < until:
        try:
            os.killpg(leader.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.05)


def _in_group(entry: Path, group: int, home: Path) -> bool:
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
        return fields[0] != "Z" and int(fields[2]) == group and (entry / "cwd").readlink() == home
    except (OSError, ValueError, IndexError):
        return False


def _started(pid: int) -> str:
    if not (PROC / "self").exists():
        return "" if _ps(pid, "stat").startswith("Z") else _ps(pid, "lstart")
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _ps(pid: int, column: str) -> str:
    found = subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True)
    return found.stdout.strip()
