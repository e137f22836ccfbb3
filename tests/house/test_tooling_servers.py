"""The embedded servers: started, found again, killed, copied; as an ordinary user and as root."""

import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.local import ROOT, SetupError, custody, servers
from config.local.processes import Process

pytestmark = pytest.mark.processes
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def project() -> Iterator[Path]:
    """A folder anyone can walk to, as a clone in an open place is."""
    folder = Path(tempfile.mkdtemp(prefix="doorway-"))
    folder.chmod(0o755)
    yield folder
    servers.stop(folder / "var/servers")
    shutil.rmtree(folder)


@pytest.fixture
def place(project: Path) -> Path:
    return project / "var/servers"


def recorded(place: Path) -> list[Process]:
    return list(servers.running(place).values())


def test_both_start_answer_and_stop(place: Path) -> None:
    assert servers.urls(place) is None
    database_url, redis_url = servers.start(place)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select current_database(), current_setting('fsync')").fetchone() == (
            "doorway",
            "on",
        )
    assert redis.from_url(redis_url).ping()
    assert servers.urls(place) == (database_url, redis_url)
    processes = recorded(place)
    servers.stop(place)
    assert [process.is_alive() for process in processes] == [False, False]
    assert servers.urls(place) is None


def test_a_second_start_is_the_same_servers_and_a_restart_keeps_the_data(place: Path) -> None:
    database_url, redis_url = servers.start(place)
    with psycopg.connect(database_url) as connection:
        connection.execute("create table kept (n int)")
    redis.from_url(redis_url).set("kept", "1")
    assert servers.start(place) == (database_url, redis_url)
    servers.stop(place)
    database_url, redis_url = servers.start(place)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    assert redis.from_url(redis_url).get("kept") == b"1"


@pytest.mark.parametrize("victim", ["PostgreSQL", "Valkey"])
def test_a_killed_server_is_noticed_and_the_next_start_brings_both_back(place: Path, victim: str) -> None:
    database_url, redis_url = servers.start(place)
    with psycopg.connect(database_url) as connection:
        connection.execute("create table kept (n int)")
    redis.from_url(redis_url).set("kept", "1")
    # Valkey writes to disk once a second.
    subprocess.run(["sleep", "1.2"], check=True)
    servers.running(place)[victim].send(signal.SIGKILL)
    assert servers.running(place)[victim].has_gone_within(5)
    assert servers.urls(place) is None
    database_url, redis_url = servers.start(place)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    assert redis.from_url(redis_url).get("kept") == b"1"


def test_servers_of_a_killed_starter_are_found_by_the_next(place: Path) -> None:
    script = (
        f"from pathlib import Path; from config.local import servers; servers.start(Path({str(place)!r}))"
    )
    subprocess.run([sys.executable, "-c", f"{script}; import os; os.kill(os.getpid(), 9)"], cwd=ROOT)
    left_behind = recorded(place)
    assert [process.is_alive() for process in left_behind] == [True, True]
    servers.start(place)
    assert recorded(place) == left_behind


def test_a_server_nobody_recorded_is_stopped_before_its_data_is_opened_again(place: Path) -> None:
    servers.start(place)
    orphan = servers.running(place)["PostgreSQL"]
    servers.running(place)["Valkey"].stop()
    (place.parent / "servers.json").unlink()
    servers.start(place)
    assert not orphan.is_alive()


def test_a_lock_file_with_somebody_elses_pid_does_not_stop_a_start(place: Path) -> None:
    servers.start(place)
    servers.running(place)["PostgreSQL"].send(signal.SIGKILL)
    assert servers.running(place)["PostgreSQL"].has_gone_within(5)
    lock = place / "postgres/postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    database_url, _ = servers.start(place)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_copied_folder_does_not_use_the_originals_servers(project: Path, place: Path) -> None:
    servers.start(place)
    copy = project / "copy"
    copy.mkdir()
    shutil.copy(project / "var/servers.json", copy / "servers.json")
    assert servers.urls(copy / "servers") is None
    servers.stop(copy / "servers")
    assert servers.urls(place) is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"place": 1}', '{"processes": {"Valkey": {"pid": "x"}}}']
)
def test_a_damaged_record_means_not_running(project: Path, text: str) -> None:
    (project / "servers.json").write_text(text)
    assert servers.urls(project / "servers") is None
    assert servers.running(project / "servers") == {}


def test_a_pid_used_again_is_not_our_server(place: Path) -> None:
    servers.start(place)
    file = place.parent / "servers.json"
    state = json.loads(file.read_text())
    valkey = servers.running(place)["Valkey"]
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        state["processes"]["Valkey"]["pid"] = bystander.pid
        file.write_text(json.dumps(state))
        assert servers.urls(place) is None
        servers.stop(place)
        assert bystander.poll() is None
    finally:
        valkey.stop()
        bystander.kill()
        bystander.wait()


def test_passwords_and_addresses_are_the_owners_alone_and_not_on_a_command_line(place: Path) -> None:
    servers.start(place)
    passwords = json.loads((place / "passwords.json").read_text())
    for path in (place, place / "passwords.json", place / "valkey.conf", place.parent / "servers.json"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert [password for password in passwords.values() if password in lines] == []


def test_a_wrong_password_is_refused_by_both(place: Path) -> None:
    database_url, redis_url = servers.start(place)
    passwords = json.loads((place / "passwords.json").read_text())
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(database_url.replace(passwords["postgres"], "guess"))
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(redis_url.replace(passwords["valkey"], "guess")).ping()


def test_servers_for_tests_may_forget(place: Path) -> None:
    database_url, _ = servers.start(place, durable=False)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("show fsync").fetchone() == ("off",)


def modes(path: Path) -> dict[str, int]:
    return {str(parent): stat.S_IMODE(parent.stat().st_mode) for parent in path.resolve().parents}


def test_no_folder_above_the_project_changes_its_permissions(project: Path) -> None:
    before = modes(project), modes(Path(sys.prefix))
    servers.start(project / "var/servers")
    assert (modes(project), modes(Path(sys.prefix))) == before


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another account")
class TestAsRoot:
    def test_the_servers_run_as_an_account_that_is_not_root(self, place: Path) -> None:
        servers.start(place)
        owner = pwd.getpwnam(custody.ACCOUNT).pw_uid
        pids = [process.pid for process in recorded(place)]
        assert [Path(f"/proc/{pid}").stat().st_uid for pid in pids] == [owner, owner]

    def test_under_a_closed_parent_data_and_programs_go_to_a_state_directory(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        state = project / "state"
        state.mkdir(mode=0o755)
        monkeypatch.setattr(custody, "STATE_DIRECTORY", state)
        closed = project / "closed"
        (closed / "clone/var").mkdir(parents=True)
        closed.chmod(0o700)
        before = modes(closed / "clone/var")
        place = closed / "clone/var/servers"
        try:
            database_url, _ = servers.start(place)
            with psycopg.connect(database_url) as connection:
                found = connection.execute("show data_directory").fetchone()
            home = next(state.iterdir())
            assert found == (str(home / "postgres"),)
            assert stat.S_IMODE(home.stat().st_mode) == 0o700
            assert not place.exists()
            assert modes(closed / "clone/var") == before
        finally:
            servers.stop(place)

    def test_programs_are_copied_for_an_account_that_cannot_walk_to_them(self, project: Path) -> None:
        closed = project / "closed"
        source = custody.take(project / "var/servers").programs
        for name in custody.PROGRAMS:
            shutil.copytree(source / name, closed / name, symlinks=True)
        closed.chmod(0o700)
        owner = custody.account()
        assert not custody.reaches(owner, closed / custody.POSTGRES)
        home = custody.owned(project / "home", owner)
        copied = custody.copy_programs(closed, home)
        assert custody.reaches(owner, copied / custody.POSTGRES)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700

    def test_without_a_usable_state_directory_there_is_one_sentence(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(custody, "STATE_DIRECTORY", project / "none")
        project.chmod(0o700)
        with pytest.raises(SetupError, match=r"is closed to the account doorway-servers.*DATABASE_URL"):
            servers.start(project / "var/servers")

    def test_data_of_an_ordinary_user_stays_theirs(self, project: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        place = project / "var/servers"
        place.mkdir(parents=True, mode=0o700)
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        servers.start(place)
        assert {Path(f"/proc/{process.pid}").stat().st_uid for process in recorded(place)} == {nobody.pw_uid}
