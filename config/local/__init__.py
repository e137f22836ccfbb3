"""What stands behind `make setup`, `make run` and `make test`: one machine, no system packages.

Nothing here is used in production, and nothing here but `run` and `prepare` needs Django.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"


class SetupError(Exception):
    """One sentence for the person at the keyboard; whoever catches it prints it and stops."""
