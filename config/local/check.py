"""`make check`: everything that can be judged without running the product, each named as it passes or fails.

python -m config.local.check
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from config.local import ROOT

# `check --deploy` looks at production's settings, whose secrets come from the environment.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "".join(chr(33 + (number * 37) % 90) for number in range(80)),
    "ALLOWED_HOSTS": "doorway.example",
    "PUBLIC_URL": "https://doorway.example",
    "DATABASE_URL": "postgresql://doorway@127.0.0.1:1/doorway",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}
PYTHON = sys.executable
# Two at a time, so the longest comes first.
CHECKS: dict[str, tuple[list[str], dict[str, str]]] = {
    "types": ([PYTHON, "-m", "mypy"], {}),
    "style": ([PYTHON, "-m", "ruff", "check", "."], {}),
    "format": ([PYTHON, "-m", "ruff", "format", "--check", "."], {}),
    "import order": ([PYTHON, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"], {}),
    "migrations": ([PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
    "generated docs": ([PYTHON, "manage.py", "generate_docs", "--check"], {}),
    "deployment": ([PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
}


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        passed = pool.map(lambda name: passes(name, *CHECKS[name]), CHECKS)
    failed = [name for name, has_passed in zip(CHECKS, passed, strict=True) if not has_passed]
    if failed:
        print(f"make check: failed: {', '.join(failed)}.", flush=True)
        return 1
    print("make check: all is well.", flush=True)
    return 0


def passes(name: str, command: list[str], extra: dict[str, str]) -> bool:
    """Runs one check; its words are shown only when it fails."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passed = done.returncode == 0
    # In one piece: the other's line mustn't come between.
    said = f"{'ok    ' if passed else 'FAILED'} {name} ({time.monotonic() - started:.0f} s)\n"
    sys.stdout.write(said if passed else f"{said}{done.stdout}\n")
    sys.stdout.flush()
    return passed


if __name__ == "__main__":
    sys.exit(main())
