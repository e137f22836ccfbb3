"""`make run`: servers, migrations, the demo world, then every process of Doorway, until Ctrl-C.

PORT=8000 SOCKET_PORT=8001 BIND=127.0.0.1 python -m config.local.run
"""

import fcntl
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from config.demo.sign_ins import PASSWORD, SIGN_INS
from config.local import ROOT, VAR, SetupError, servers
from config.local.processes import Process, end_group
from config.local.supervisor import ChildStoppedError, Interrupted, Supervisor, interrupt_on

RECORD = VAR / "run.json"


@dataclass(frozen=True)
class Address:
    bind: str
    port: int
    socket_port: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Address":
        port, socket_port = (_port(environment, *wish) for wish in (("PORT", 8000), ("SOCKET_PORT", 8001)))
        if port == socket_port:
            raise SetupError(f"PORT and SOCKET_PORT are both {port}: give them different numbers.")
        return cls(environment.get("BIND") or "127.0.0.1", port, socket_port)

    @property
    def asked_at(self) -> str:
        """Where this machine reaches it: a server bound to every address is reached at the loopback one."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)  # noqa: S104

    def url(self) -> str:
        host = f"[{self.asked_at}]" if ":" in self.asked_at else self.asked_at
        return f"http://{host}:{self.port}/"

    def must_be_free(self) -> None:
        for name, port in (("PORT", self.port), ("SOCKET_PORT", self.socket_port)):
            family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.bind, port))
                except OSError as error:
                    raise SetupError(
                        f"Port {port} on {self.bind} can't be used ({(error.strerror or 'taken').lower()}): "
                        f"stop what uses it, or choose another, as in `make run {name}={port + 10}`."
                    ) from error


def main() -> int:
    started = time.monotonic()
    interrupt_on((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        address = Address.of(os.environ)
        with only_run_here(address):
            end_leftovers()
            address.must_be_free()
            return serve(address, started)
    except Interrupted:
        print("Stopped.", flush=True)
        return 0
    except SetupError as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1


def serve(address: Address, started: float) -> int:
    embedded = not {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys()
    supervisor = None
    try:
        environment = with_servers(dict(os.environ), address)
        prepare(environment, embedded="DATABASE_URL" not in os.environ)
        supervisor = Supervisor(ROOT, environment, servers.running() if embedded else {})
        start_all(supervisor, address)
        announce(address, time.monotonic() - started)
        supervisor.watch()
        return 0
    except ChildStoppedError as problem:
        print(f"Doorway stops: {problem}", file=sys.stderr, flush=True)
        return 1
    except TimeoutError as problem:
        raise SetupError(f"Doorway stops: {problem}") from problem
    finally:
        if supervisor is not None:
            supervisor.stop()
            RECORD.unlink(missing_ok=True)
        if embedded:
            servers.stop()


def with_servers(environment: dict[str, str], address: Address) -> dict[str, str]:
    """The environment of every process: where the servers are, unless it was given, and who listens where."""
    if not {"DATABASE_URL", "REDIS_URL"} <= environment.keys():
        print("Starting PostgreSQL and Valkey...", flush=True)
        database_url, redis_url = servers.start()
        environment.setdefault("DATABASE_URL", database_url)
        environment.setdefault("REDIS_URL", redis_url)
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    environment |= {"BIND": address.bind, "PORT": str(address.port), "SOCKET_PORT": str(address.socket_port)}
    environment.setdefault("PUBLIC_URL", address.url().rstrip("/"))
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def prepare(environment: dict[str, str], *, embedded: bool) -> None:
    """Migrate and, before anything serves, fill an empty database; its own session so that we end it."""
    command = [sys.executable, "-m", "config.local.prepare", *(["--embedded"] if embedded else [])]
    child = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        code = child.wait()
    except Interrupted:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    if code != 0:
        raise SetupError("Doorway stops: the database couldn't be made ready.")


def commands(address: Address) -> dict[str, str]:
    """Modules and their arguments, in the order they start; none of the arguments holds a space."""
    workers = os.environ.get("WEB_WORKERS") or "2"
    return {
        # Deflate multiplies the memory of a socket; frames are a few hundred bytes, and clients send nothing.
        "sockets": f"uvicorn config.asgi:application --host {address.bind} --port {address.socket_port}"
        " --ws websockets-sansio --ws-per-message-deflate false --ws-max-size 4096"
        " --no-access-log --log-level warning",
        "worker": "celery --quiet -A config worker --concurrency 2 --loglevel WARNING --without-mingle",
        "beat": "celery --quiet -A config beat --loglevel WARNING --schedule var/beat-schedule --pidfile=",
        # A worker process told to stop while it starts never does: hence the time limit.
        "web": f"granian --interface wsgi config.wsgi:application --host {address.bind} --port {address.port}"
        f" --workers {workers} --blocking-threads 2 --respawn-failed-workers --workers-kill-timeout 3"
        " --log-level warning",
    }


def start_all(supervisor: Supervisor, address: Address) -> None:
    """Web is last: nobody sees a page before what it needs is there."""
    for name, command in commands(address).items():
        if name == "web":
            answers = partial(accepts, address.asked_at, address.socket_port)
            supervisor.wait_for(answers, what="The socket process")
        supervisor.start(name, *command.split())
        keep_record(supervisor)
    supervisor.wait_for(lambda: is_well(address), what="The web process")


def accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def is_well(address: Address) -> bool:
    connection = http.client.HTTPConnection(address.asked_at, address.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(address: Address, seconds: float) -> None:
    width = max(len(email) for email, _ in SIGN_INS)
    lines = ["", f"Doorway is at {address.url()} (ready in {seconds:.0f} seconds). Ctrl-C stops it.", ""]
    lines += [f"Sign in with the password {PASSWORD} as:"]
    lines += [f"  {email:<{width}}  {who}" for email, who in SIGN_INS]
    print("\n".join([*lines, ""]), flush=True)


@contextmanager
def only_run_here(address: Address) -> Iterator[None]:
    """One run in each folder: a second would share its data."""
    VAR.mkdir(exist_ok=True)
    with (VAR / ".run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise SetupError(
                f"Doorway already runs from this folder, at {lock.read().strip() or 'another port'}: "
                "stop it first, or clone the project elsewhere to run it twice."
            ) from error
        lock.truncate(0)
        lock.write(address.url())
        lock.flush()
        yield


def keep_record(supervisor: Supervisor) -> None:
    """What a killed run would leave behind, for the next one to find."""
    known = [{"pid": child.process.pid, "started": child.process.started} for child in supervisor.children]
    RECORD.write_text(json.dumps({"home": str(ROOT), "children": known}))


def end_leftovers(record: Path = RECORD, home: Path = ROOT) -> None:
    """End what a killed run left running, and nothing that isn't ours."""
    try:
        state = json.loads(record.read_text())
        children = [Process(int(known["pid"]), str(known["started"])) for known in state["children"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if state.get("home") == str(home):
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            end_group(child, home, patience=5)
    record.unlink(missing_ok=True)


def _port(environment: Mapping[str, str], name: str, usual: int) -> int:
    wish = environment.get(name) or str(usual)
    if not wish.isdigit() or not 0 < int(wish) < 65536:
        raise SetupError(f"{name} is {wish!r}: give a number from 1 to 65535.")
    return int(wish)


if __name__ == "__main__":
    sys.exit(main())
