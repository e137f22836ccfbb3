"""Before anything serves: migrate, and load the demo world into an empty database.

python -m config.local.prepare [--embedded]
"""

import os
import sys

import django
import psycopg
from django.core.management import call_command
from django.db import OperationalError, connection
from psycopg import sql

from config.local import VAR, SetupError

HALF_LOADED = VAR / "servers.demo-half-loaded"


def main(*, embedded: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    try:
        if embedded and HALF_LOADED.exists():
            start_afresh()
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise SetupError(f"The database can't be reached ({_first_line(error)}).") from error
    load_demo_world(embedded=embedded)


def load_demo_world(*, embedded: bool) -> None:
    """Once, and whole: in our own database, a load that was interrupted starts again from nothing."""
    from brokerage.accounts.models import Organisation

    if Organisation.objects.exists():
        return
    print("Loading the demo world (under a minute, only this once)...", flush=True)
    if embedded:
        HALF_LOADED.touch()
    call_command("load_demo")
    HALF_LOADED.unlink(missing_ok=True)


def start_afresh() -> None:
    """Throw away the embedded database. Only ever one that holds half a demo world."""
    settings = connection.get_connection_params()
    name = sql.Identifier(settings["dbname"])
    address = {key: settings[key] for key in ("host", "port", "user", "password")}
    with psycopg.connect(**address, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


if __name__ == "__main__":
    try:
        main(embedded="--embedded" in sys.argv)
    except SetupError as problem:
        sys.exit(str(problem))
