"""`make lock`: write requirements/*.txt and package-lock.json again, naming hashes but no registry.

python -m config.local.lock [--upgrade]
"""

import os
import subprocess
import sys

from config.local import ROOT, SetupError, assets

OLDEST_PYTHON = "3.11"
# A file and what it must agree with.
FILES = {"base": None, "local": "base", "dev": "local", "node": None, "lock": None}
UV = ROOT / "var/tools/uv"


def main(wishes: list[str]) -> None:
    for name, agrees_with in FILES.items():
        command = [
            uv(),
            "pip",
            "compile",
            f"requirements/{name}.in",
            "--output-file",
            f"requirements/{name}.txt",
        ]
        command += [
            "--universal",
            "--python-version",
            OLDEST_PYTHON,
            "--generate-hashes",
            "--quiet",
            "--no-header",
        ]
        command += ["--no-emit-index-url", "--no-emit-find-links"]
        command += ["--constraints", f"requirements/{agrees_with}.txt"] if agrees_with else []
        _run([*command, *wishes], "The Python packages couldn't be locked")
    npm, path = assets.npm(sys.stderr.fileno())
    _run(
        [*npm, "install", "--package-lock-only", "--ignore-scripts"],
        "The front-end packages couldn't be locked",
        path,
    )
    print("Locked. Run `make setup` and `make test`, then commit the lock files.")


def uv() -> str:
    """uv itself, from its own lock file, outside the virtual environment."""
    program = UV / "bin/uv"
    if not program.exists():
        command = [sys.executable, "-m", "pip", "install", "--require-hashes", "--no-deps", "--quiet"]
        _run([*command, "--target", str(UV), "-r", "requirements/lock.txt"], "uv couldn't be downloaded")
    return str(program)


def _run(command: list[str], sorry: str, path: str | None = None) -> None:
    environment = {**os.environ, "PATH": path} if path else None
    if subprocess.run(command, cwd=ROOT, env=environment).returncode != 0:
        raise SetupError(f"{sorry}: its own words are above.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (SetupError, assets.SetupError) as problem:
        sys.exit(str(problem))
