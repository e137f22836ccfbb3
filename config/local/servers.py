"""The embedded PostgreSQL and Valkey: started, found again and stopped.

    python -m config.local.servers start|stop      (prints the two addresses)

The passwords stay in files only their owner reads; the servers listen on 127.0.0.1 on ports of their own.
To take the servers from elsewhere, set DATABASE_URL and REDIS_URL: then nothing here is used.
"""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.local import VAR, SetupError, record
from config.local.custody import Custody, take
from config.local.processes import Process, arguments
from config.local.record import Record

MAIN = VAR / "servers"
# Commits stay synchronous: a vacuum straight after an asynchronous one marks no page all-visible, and plans change.
FAST_BUT_FORGETFUL = ("fsync=off", "full_page_writes=off")
_children: list[subprocess.Popen[bytes]] = []


def urls(place: Path = MAIN) -> tuple[str, str] | None:
    """DATABASE_URL and REDIS_URL of the running embedded servers; None when they don't run. Never raises."""
    known = record.read(place)
    return (known.database_url, known.redis_url) if known and known.is_complete_and_alive() else None


def start(place: Path = MAIN, *, durable: bool = True) -> tuple[str, str]:
    """Start both servers, or take over those a killed run left behind. `durable=False` is for tests only."""
    with _alone(place):
        if running := urls(place):
            return running
        _stop_recorded(place)
        custody = take(place)
        known = _secrets(custody)
        postgres, database_url = _start_postgres(custody, known, durable)
        record.write(place, Record(database_url, "", {"PostgreSQL": postgres}))
        valkey, redis_url = _start_valkey(custody, known)
        record.write(place, Record(database_url, redis_url, {"PostgreSQL": postgres, "Valkey": valkey}))
        return database_url, redis_url


def stop(place: Path = MAIN) -> None:
    """Stop both, whoever started them. Nothing happens when they don't run."""
    with _alone(place):
        _stop_recorded(place)


def running(place: Path = MAIN) -> dict[str, Process]:
    """The recorded processes by name, alive or not; for whoever watches over them."""
    known = record.read(place)
    return known.processes if known else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_postgres(custody: Custody, known: dict[str, str], durable: bool) -> tuple[Process, str]:
    data = custody.home / "postgres"
    if not (data / "PG_VERSION").exists():
        _make_cluster(custody, data, known["postgres"])
    _clear_the_way(data)
    for _ in range(3):
        port = free_port()
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            f"shared_buffers={_shared_buffers()}MB",
        ]
        settings += [] if durable else FAST_BUT_FORGETFUL
        options = [argument for setting in settings for argument in ("-c", setting)]
        command = [custody.postgres("postgres"), "-D", str(data), *options]
        process = _spawn(custody, command, "postgres.log")
        ready = [custody.postgres("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        if _answers(process, lambda ready=ready: subprocess.run(ready, cwd="/").returncode == 0):
            return process, f"postgresql://doorway:{known['postgres']}@127.0.0.1:{port}/doorway"
    raise SetupError(
        f"PostgreSQL didn't start; its own words are at the end of {custody.home / 'postgres.log'}."
    )


def _shared_buffers() -> int:
    """In MB: an eighth of the machine's memory, from PostgreSQL's own 128 to 1024. What isn't used isn't taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(128, min(1024, memory // 8 // 2**20))


def _make_cluster(custody: Custody, data: Path, password: str) -> None:
    """A new cluster with its database, put in place only when it is whole."""
    partial = data.with_name("postgres.partial")
    shutil.rmtree(partial, ignore_errors=True)
    password_file = custody.write("initial-password", password)
    command = [custody.postgres("initdb"), "-D", str(partial), "-U", "doorway", f"--pwfile={password_file}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8", "--no-sync"]
    single = [custody.postgres("postgres"), "--single", "-D", str(partial), "postgres"]
    try:
        _run(custody, command)
        _run(custody, single, "CREATE DATABASE doorway;\n")
    finally:
        password_file.unlink()
    partial.rename(data)


def _run(custody: Custody, command: list[str], words: str = "") -> None:
    log = custody.home / "postgres.log"
    done = subprocess.run(
        command, input=words, text=True, capture_output=True, env=_environment(), **custody.as_owner()
    )
    if done.returncode != 0:
        custody.write("postgres.log", done.stdout + done.stderr)
        raise SetupError(f"PostgreSQL's data folder couldn't be made; the reason is at the end of {log}.")


def _clear_the_way(data: Path) -> None:
    """Stop a server that still holds this data, and drop a lock file whose pid is somebody else's by now."""
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    holder = Process.named(pid)
    if holder is not None and str(data) in arguments(pid):
        holder.stop(first=signal.SIGINT, patience=30)
    else:
        lock.unlink(missing_ok=True)


def _start_valkey(custody: Custody, known: dict[str, str]) -> tuple[Process, str]:
    for _ in range(3):
        port = free_port()
        lines = [f"port {port}", "bind 127.0.0.1", f"requirepass {known['valkey']}", "databases 64"]
        lines += [f'dir "{custody.folder("valkey")}"', "appendonly yes", "save ''", "daemonize no"]
        settings = custody.write("valkey.conf", "\n".join(lines) + "\n")
        process = _spawn(custody, [custody.valkey(), str(settings)], "valkey.log")
        if _answers(process, lambda port=port: _pong(port, known["valkey"])):
            return process, f"redis://:{known['valkey']}@127.0.0.1:{port}/0"
    raise SetupError(f"Valkey didn't start; its own words are at the end of {custody.home / 'valkey.log'}.")


def _pong(port: int, password: str) -> bool:
    """Whether it has loaded its data and answers: a PING says LOADING until then."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            line.settimeout(1)
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := line.recv(200)):
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _spawn(custody: Custody, command: list[str], log_name: str) -> Process:
    """A server in a session of its own, so that Ctrl-C at the terminal doesn't reach it."""
    log = custody.home / log_name
    if log.exists() and log.stat().st_size > 5_000_000:
        log.replace(log.with_suffix(".log.old"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    with os.fdopen(os.open(log, flags, 0o600), "ab") as file:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env=_environment(),
            **custody.as_owner(),
        )
    _children.append(child)
    return Process.named(child.pid) or Process(child.pid, "gone at once")


def _answers(process: Process, asks: Any) -> bool:
    until = time.monotonic() + 60
    while process.is_alive() and time.monotonic() < until:
        if asks():
            return True
        time.sleep(0.05)
    process.stop(first=signal.SIGINT)
    return False


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _secrets(custody: Custody) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads((custody.home / "passwords.json").read_text())
    except FileNotFoundError:
        if (custody.home / "postgres").exists():
            raise SetupError(
                f"The passwords of the servers in {custody.home} are gone: remove that folder and its data."
            ) from None
        known = {"postgres": secrets.token_hex(24), "valkey": secrets.token_hex(24)}
        custody.write("passwords.json", json.dumps(known))
    return known


def _stop_recorded(place: Path) -> None:
    for name, process in reversed(running(place).items()):
        process.stop(first=signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM, patience=30)
    for child in _children:
        child.poll()
    record.file_of(place).unlink(missing_ok=True)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One at a time: two commands that start at the same moment must not both make a data folder."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f".{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    wish = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if wish == "start":
            database_url, redis_url = start()
            print(f"DATABASE_URL={database_url}\nREDIS_URL={redis_url}")
        elif wish == "stop":
            stop()
        else:
            sys.exit("Say `start` or `stop`.")
    except SetupError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
