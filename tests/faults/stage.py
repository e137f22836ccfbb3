"""Doorway whole, on servers of its own that may be stopped and killed: PostgreSQL, Valkey, web, sockets, worker,
beat; clients that claim and listen as clients do; and the books to check afterwards."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from config.local import ROOT, VAR, custody, servers
from config.local.processes import Process, arguments
from tests.scenarios import processes
from tests.scenarios.processes import Running, until

PLACE = VAR / "test/faults"


class Stage:
    def __init__(self) -> None:
        # Durable: what was committed must survive a crash of the server.
        self.database_url, redis_url = servers.start(PLACE)
        self.kept = custody.take(PLACE)
        self.servers = servers.running(PLACE)
        # Valkey changes the command line that it shows.
        self.commands = {"Valkey": [self.kept.valkey(), str(self.kept.home / "valkey.conf")]}
        self.mail = VAR / "test/faults-mail"
        shutil.rmtree(self.mail, ignore_errors=True)
        self.environment = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": redis_url,
            "DJANGO_SETTINGS_MODULE": "config.settings.testing",
            "EMAIL_FILE_PATH": str(self.mail),
        }
        self.running: dict[str, Running] = {}
        self.listeners: list[Listener] = []

    def set_up(self) -> None:
        self._run("manage.py", "migrate", "--verbosity", "0")
        self.web_port, self.socket_port = servers.free_port(), servers.free_port()
        self.environment |= {"PORT": str(self.web_port), "SOCKET_PORT": str(self.socket_port)}
        self.running["sockets"] = processes.sockets(self.environment, self.socket_port, wait=False)
        self.running["web"] = processes.web(self.environment, self.web_port, wait=False)
        self.running["beat"] = processes.beat(self.environment)
        self.world: dict[str, Any] = json.loads(self._run("-m", "tests.faults.world"))
        for name in ("sockets", "web"):
            until(lambda name=name: processes.answers(self.running[name]), name, self.running[name])  # type: ignore[misc]

    def start_worker(self) -> None:
        self.running["worker"] = processes.worker(self.environment)

    def start_web(self, *, wait: bool = True) -> None:
        self.running["web"] = processes.web(self.environment, self.web_port, wait=wait)

    def start_sockets(self) -> None:
        self.running["sockets"] = processes.sockets(self.environment, self.socket_port)

    def tear_down(self) -> None:
        for listener in self.listeners:
            listener.stop()
        for running in reversed(self.running.values()):
            running.stop()
            running.log.unlink(missing_ok=True)
        for name, process in self.servers.items():
            process.stop(first=signal.SIGINT if name == "PostgreSQL" else signal.SIGTERM, patience=30)
        servers.stop(PLACE)
        shutil.rmtree(self.kept.home, ignore_errors=True)
        shutil.rmtree(self.mail, ignore_errors=True)

    def crash(self, name: str, number: int) -> None:
        """Stop PostgreSQL or Valkey by this signal."""
        process = self.servers[name]
        if name == "PostgreSQL":
            self.commands[name] = arguments(process.pid)
        process.stop(first=number, patience=30)

    def restart(self, name: str) -> None:
        """The same again, on the same port with the same data."""
        with (self.kept.home / f"{name}-again.log").open("ab") as log:
            child = subprocess.Popen(
                self.commands[name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                **self.kept.as_owner(),
            )
        threading.Thread(target=child.wait, daemon=True).start()
        self.servers[name] = Process.named(child.pid) or Process(child.pid, "gone at once")

    def listen(self, person: str, token: str) -> "Listener":
        listener = Listener(self.socket_port, person, token)
        self.listeners.append(listener)
        return listener

    def claim_all(self, story: str, *, pause: float = 0.0, at_once: int = 1) -> "Claims":
        return Claims(self.web_port, self.world["volunteers"], self.world["stories"][story], pause, at_once)

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()  # type: ignore[arg-type]

    def run_sql(self, sql: str) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[arg-type]

    def count(self, sql: str, *values: object) -> int:
        return int(self.ask(sql, *values)[0][0])

    def claimed(self, story: str) -> tuple[int, int]:
        """Claims and places taken, by two different tables."""
        slot = self.world["stories"][story]["slot"]
        ((claims, taken),) = self.ask(
            "SELECT (SELECT count(*) FROM brokerage_claim WHERE slot_id = slot.id), slot.taken"
            " FROM brokerage_slot slot WHERE public_id = %s",
            slot,
        )
        return claims, taken

    def standing_still(self, query: str) -> set[int]:
        """Those backends of PostgreSQL that wait for a lock in such a statement."""
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
        return {pid for (pid,) in self.ask(waiting, query)}

    def alive(self, backends: set[int]) -> int:
        return self.count("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (%s)", list(backends))

    def unpaid(self) -> int:
        return self.count("SELECT count(*) FROM eventlog_delivery WHERE paid_at IS NULL")

    def until_all_is_paid(self) -> None:
        until(lambda: self.unpaid() == 0, "every debt paid", self.running["worker"], 45)

    def positions(self, person: str) -> list[int]:
        rows = self.ask(
            "SELECT position FROM notifications_entry WHERE person_id = %s ORDER BY position", person
        )
        return [position for (position,) in rows]

    def message_ids(self) -> Counter[str]:
        """Of every copy that went out."""
        found: Counter[str] = Counter()
        for file in self.mail.glob("*.log"):
            lines = file.read_text(errors="replace").splitlines()
            found.update(line for line in lines if line.lower().startswith("message-id:"))
        return found

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@dataclass
class Claims(threading.Thread):
    """Every volunteer claims a place of one need, so many at once. What got no clear answer is sent again with the
    same Idempotency-Key, as a client should."""

    port: int
    tokens: dict[str, str]
    story: dict[str, str]
    pause: float
    at_once: int
    statuses: Counter[int | str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    telling: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.start()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        with ThreadPoolExecutor(self.at_once) as crowd:
            list(crowd.map(self._claim, self.tokens.values()))

    def _claim(self, token: str) -> None:
        key, give_up = str(uuid.uuid4()), time.monotonic() + 90
        self.keys[token] = key
        while time.monotonic() < give_up:
            started = time.monotonic()
            status, body = self._post(token, key)
            with self.telling:
                self.seconds.append(time.monotonic() - started)
                self.statuses[status] += 1
            if status in (200, 201):
                self.made.append(body["id"])
                break
            time.sleep(0.2)
        time.sleep(self.pause)

    def again(self, *, keyed: bool) -> list[str]:
        """Everybody's request once more, word for word, with its key or without: the claims it is answered with."""
        found = []
        for token, key in self.keys.items():
            status, body = self._post(token, key if keyed else None)
            assert status == 200, body
            found.append(body["id"])
        return found

    def _post(self, token: str, key: str | None) -> tuple[int | str, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        body = json.dumps({"slot": self.story["slot"], "places": 1})
        try:
            connection.request("POST", f"/api/v1/needs/{self.story['need']}/claims/", body, headers)
            answer = connection.getresponse()
            words = answer.read()
            return answer.status, json.loads(words) if answer.status < 500 else {}
        except (OSError, http.client.HTTPException) as problem:
            return type(problem).__name__, {}
        finally:
            connection.close()

    def finish(self) -> "Claims":
        self.join(120)
        assert not self.is_alive()
        return self


class Listener(threading.Thread):
    """A client that holds a socket and, whenever it loses it, connects again after the last id it has."""

    def __init__(self, port: int, person: str, token: str) -> None:
        super().__init__(daemon=True)
        self.port, self.person, self.token = port, person, token
        self.heard: list[int] = []
        self.connections = 0
        self._stopping = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError, WebSocketException, TimeoutError):
                self._hold()
            time.sleep(0.1)

    def _hold(self) -> None:
        last = self.heard[-1] if self.heard else 0
        url = f"ws://127.0.0.1:{self.port}/ws/events/?after={last}"
        with connect(url, additional_headers={"Authorization": f"Token {self.token}"}) as socket:
            self.connections += 1
            while not self._stopping.is_set():
                with suppress(TimeoutError):
                    frame = json.loads(socket.recv(timeout=0.2))
                    if "id" in frame:
                        self.heard.append(frame["id"])

    def stop(self) -> None:
        self._stopping.set()
        self.join(10)
