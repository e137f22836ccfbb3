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
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
