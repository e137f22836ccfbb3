"""The Chromium that drives the browser tests: found, or installed where that is one command.

python config/local/chromium.py      (makes sure there is one; says so in one line when there can't be)
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
OTHER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/snap/bin/chromium",
)
NONE_FOUND = "No Chromium here, so the browser tests are skipped: install one, or name it in CHROMIUM."


def find() -> str | None:
    """A path to a Chromium or a near relation; CHROMIUM in the environment comes first."""
    if wish := os.environ.get("CHROMIUM"):
        return shutil.which(wish)
    found = (shutil.which(name) for name in (*NAMES, *OTHER_PLACES))
    return next((path for path in found if path), None)


def install() -> bool:
    """Only where it needs nobody's consent: as root, with Debian's packages."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("Installing Chromium for the browser tests...", flush=True)
    log = Path(__file__).resolve().parents[2] / "var/log/chromium.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("w") as file:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            done = subprocess.run(
                ["apt-get", "-qq", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
    return done.returncode == 0


if __name__ == "__main__" and not find() and not (install() and find()):
    if os.environ.get("CI") == "true":
        sys.exit(
            "No Chromium could be found or installed, and under CI=true the browser tests can't be skipped."
        )
    print(NONE_FOUND)
