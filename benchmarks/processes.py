"""The servers under measurement: real processes on free ports of the loopback interface, and what they cost."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.local import ROOT, VAR, servers
from config.local.run import accepts

DATABASE = "doorway_bench"
PLACE = VAR / "bench/servers"
VALKEY_NUMBER = 12
"""Of the server's databases: this one and the next two are ours."""
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass
class Running:
    """A server of ours. CPU is that of its whole process group."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def cpu_ms(self) -> float:
        return sum(_cpu_ms(pid) for pid in group(self.process.pid))

    def pss_kib(self) -> int:
        return sum(_pss_kib(pid) for pid in group(self.process.pid))

    def kill(self) -> None:
        _signal(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        _signal(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Bench:
    """Where everything is, and whatever was started; `with` ends it all."""

    environment: dict[str, str]
    embedded: bool
    running: list[Running] = field(default_factory=list)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        for server in reversed(self.running):
            server.stop()
        if self.embedded:
            servers.stop(PLACE)

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    def web(self, *, database_url: str | None = None, name: str = "web") -> Running:
        """As in production: granian, WSGI, two threads; one worker, so that a floor shares its process."""
        port = servers.free_port()
        command = ["-m", "granian", "--interface", "wsgi", "config.wsgi:application", "--host", "127.0.0.1"]
        command += [
            "--port",
            str(port),
            "--workers",
            "1",
            "--blocking-threads",
            "2",
            "--log-level",
            "warning",
        ]
        return self.start(name, command, port, database_url=database_url)

    def sockets(self, *, port: int | None = None) -> Running:
        port = port or servers.free_port()
        command = ["-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--no-access-log", "--log-level", "warning", "--ws", "websockets-sansio"]
        return self.start("sockets", [*command, "--ws-per-message-deflate", "false"], port)

    def broadcast(self) -> Running:
        port = servers.free_port()
        return self.start(
            "broadcast", ["-m", "benchmarks.floors.broadcast", str(port)], port, takes_orders=True
        )

    def start(
        self,
        name: str,
        command: list[str],
        port: int,
        *,
        database_url: str | None = None,
        takes_orders: bool = False,
    ) -> Running:
        environment = {**self.environment, **({"DATABASE_URL": database_url} if database_url else {})}
        log = VAR / f"bench/{name}.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE if takes_orders else subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        server = Running(name, process, port, log)
        self.running.append(server)
        wait_for(lambda: accepts("127.0.0.1", port), f"{name} to listen (see {log})", process=process)
        return server

    def end(self, server: Running) -> None:
        server.stop()
        self.running.remove(server)


def prepare() -> Bench:
    """Servers, and in them an empty migrated database and Valkey databases of our own."""
    (VAR / "bench").mkdir(parents=True, exist_ok=True)
    given = {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys()
    if given:
        database_url, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    else:
        database_url, redis_url = servers.start(PLACE)
    _refuse_far_away(database_url, redis_url)
    fresh_database(database_url)
    own = database_url.rpartition("/")[0] + f"/{DATABASE}"
    environment = {
        **os.environ,
        "DATABASE_URL": own,
        "REDIS_URL": f"{redis_url.rpartition('/')[0]}/{VALKEY_NUMBER}",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "PYTHONUNBUFFERED": "1",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    return Bench(environment, embedded=not given)


def fresh_database(server_url: str) -> None:
    name = sql.Identifier(DATABASE)
    with psycopg.connect(server_url.rpartition("/")[0] + "/postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))


def database_cpu_ms() -> float:
    """Of every PostgreSQL backend that serves the bench's database."""
    return sum(_cpu_ms(pid) for pid in _processes() if DATABASE in _command(pid))


def group(leader: int) -> list[int]:
    return [pid for pid in _processes() if _stat(pid, 2) == str(leader)]


def wait_for(
    is_so: Callable[[], bool],
    what: str,
    *,
    seconds: float = 40,
    process: "subprocess.Popen[bytes] | None" = None,
) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"it stopped while we waited for {what}")
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def order(server: Running, words: str) -> None:
    pipe: IO[bytes] | None = server.process.stdin
    if pipe is None:
        raise RuntimeError(f"{server.name} takes no orders")
    pipe.write(words.encode() + b"\n")
    pipe.flush()


def versions(database_url: str, redis_info: Mapping[str, object]) -> dict[str, str]:
    """What was measured with."""
    from importlib.metadata import version

    with psycopg.connect(database_url) as connection:
        postgres = str(connection.info.parameter_status("server_version"))
        (buffers,) = connection.execute("SHOW shared_buffers").fetchone() or ("",)
    packages = (
        "django",
        "djangorestframework",
        "channels",
        "granian",
        "uvicorn",
        "websockets",
        "psycopg",
        "celery",
    )
    return {
        "Python": sys.version.split()[0],
        **{name: version(name) for name in packages},
        "PostgreSQL": f"{postgres} ({buffers} of shared buffers)",
        "Valkey": str(redis_info.get("valkey_version") or redis_info.get("redis_version")),
        "cores": str(len(os.sched_getaffinity(0))),
    }


def idle_share(seconds: float = 0.3) -> float:
    """How much of the machine nobody uses just now, 0 to 1."""
    before = _jiffies()
    time.sleep(seconds)
    idle, total = (after - then for after, then in zip(_jiffies(), before, strict=True))
    return idle / total if total else 0.0


def _jiffies() -> tuple[int, int]:
    numbers = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return numbers[3] + numbers[4], sum(numbers)


def _refuse_far_away(*urls: str) -> None:
    for url in urls:
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1", None):
            raise SystemExit("The benchmarks load the servers hard: they run on this machine's own alone.")


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _processes() -> Iterable[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int, field_number: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[field_number]
    except OSError:
        return "0"


def _cpu_ms(pid: int) -> float:
    return (int(_stat(pid, 11)) + int(_stat(pid, 12))) * TICK_MS


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _pss_kib(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", words, re.MULTILINE)
    return int(found[1]) if found else 0
