#!/usr/bin/env python
"""Django's command line for Doorway."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Doorway isn't set up yet. Run: make setup")
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) is not None:
            raise
        reason = str(error).strip().partition("\n")[0]
        sys.exit(
            f"The database can't be reached ({reason}): start Doorway with `make run`, or set DATABASE_URL."
        )


if __name__ == "__main__":
    main()
