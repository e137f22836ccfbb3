"""`make setup`: a virtual environment with the locked packages, and the front-end files.

    python3 config/local/bootstrap.py [--dev] [--browser]

Runs on a bare Python 3.11, so it imports nothing of ours. Does nothing when nothing changed.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
LOG = ROOT / "var/log/setup.log"
NETWORK = "check the network connection and run this again (pip's own words are in var/log/setup.log)."


class SetupError(Exception):
    """One sentence for the person at the keyboard."""


def main(wishes: list[str]) -> None:
    # Static files are looked for in var/static, which only an image fills.
    for folder in (LOG.parent, ROOT / "var/static"):
        folder.mkdir(parents=True, exist_ok=True)
    with (ROOT / "var/.setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_environment()
        install("dev" if "--dev" in wishes else "local")
        run_ours("config/local/assets.py")
        if "--browser" in wishes:
            run_ours("config/local/chromium.py")


def make_environment() -> None:
    """A virtual environment whose Python works and that was made at this very place."""
    if _works():
        return
    print(f"Making a virtual environment with Python {platform.python_version()}...", flush=True)
    if VENV.is_symlink() or VENV.is_file():
        raise SetupError(f"{VENV} isn't a folder of ours: remove it and run this again.")
    shutil.rmtree(VENV, ignore_errors=True)
    made = _logged([sys.executable, "-m", "venv", str(VENV)])
    if not made or not _works():
        raise SetupError(
            "Python couldn't make a virtual environment: on Debian and Ubuntu, run "
            "`apt-get install python3-venv` first (its own words are in var/log/setup.log)."
        )


def _works() -> bool:
    """A folder that was moved, or whose Python was upgraded away, doesn't."""
    script = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.argv[1] != sys.prefix)"
    try:
        asked = subprocess.run([PYTHON, "-c", script, str(VENV)], capture_output=True)
    except OSError:
        return False
    pip = VENV / "bin/pip"
    return asked.returncode == 0 and (not pip.exists() or str(VENV) in pip.read_text(errors="replace"))


def install(name: str) -> None:
    """The locked packages, each against its hash. Whoever has the larger set has the smaller one."""
    wanted = {larger: _mark(larger) for larger in (("dev",) if name == "dev" else ("local", "dev"))}
    if any(_stamp(larger).exists() and _stamp(larger).read_text() == wanted[larger] for larger in wanted):
        return
    what = "the packages for tests and checks" if name == "dev" else "Doorway's packages"
    print(f"Installing {what} (a minute or two the first time)...", flush=True)
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--retries", "2", "--no-deps", "--require-hashes", "-r", f"requirements/{name}.txt"]
    if not _logged(command):
        raise SetupError(_why_not(name))
    _stamp(name).write_text(_mark(name))


def _why_not(name: str) -> str:
    said = LOG.read_text(errors="replace")
    if "DO NOT MATCH THE HASHES" in said:
        return "A downloaded package isn't the one that was checked, so nothing was installed: " + NETWORK
    if "No space left" in said:
        return "The disk is full: make room and run this again."
    if "error: subprocess-exited-with-error" in said:
        return (
            f"A package has no ready-made build for Python {platform.python_version()} here and couldn't be "
            "built: try another Python, such as make PYTHON=python3.11 (details are in var/log/setup.log)."
        )
    return f"The packages in requirements/{name}.txt couldn't be downloaded: " + NETWORK


def _mark(name: str) -> str:
    return hashlib.sha256((ROOT / f"requirements/{name}.txt").read_bytes()).hexdigest()


def _stamp(name: str) -> Path:
    return VENV / f".doorway-{name}"


def _logged(command: list[str]) -> bool:
    with LOG.open("w") as log:
        return subprocess.run(command, cwd=ROOT, stdout=log, stderr=log).returncode == 0


def run_ours(script: str) -> None:
    """With the new Python; it has said its sentence itself when it fails."""
    done = subprocess.run([PYTHON, script], cwd=ROOT, env=os.environ)
    if done.returncode != 0:
        sys.exit(done.returncode)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SetupError as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Stopped before the set-up was finished; run it again to go on.")
