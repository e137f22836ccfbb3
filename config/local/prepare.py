"""Before anything serves: migrate, and load the demo world into an empty database.

python -m config.local.prepare [--embedded]
"""

import os
import sys
from typing import Any

import django
import psycopg
import redis
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from config.local import VAR, SetupError

HALF_LOADED = VAR / "servers.demo-half-loaded"


def main(*, embedded: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    django.setup()
    must_answer()
    if embedded and HALF_LOADED.exists():
        start_afresh()
    call_command("migrate", interactive=False, verbosity=0)
    load_demo_world(embedded=embedded)


def must_answer() -> None:
    """Both servers, before a pool or a worker tries for a long time."""
    try:
        psycopg.connect(**_address(), dbname=connection.settings_dict["NAME"], connect_timeout=5).close()
    except psycopg.OperationalError as error:
        raise SetupError(f"PostgreSQL can't be reached: {_first_line(error)}.") from error
    try:
        redis.from_url(os.environ["REDIS_URL"], socket_connect_timeout=5, socket_timeout=5).ping()
    except redis.RedisError as error:
        raise SetupError(f"Valkey can't be reached: {_first_line(error)}.") from error


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
    name = sql.Identifier(connection.settings_dict["NAME"])
    with psycopg.connect(**_address(), dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _address() -> dict[str, Any]:
    return {
        key.lower(): connection.settings_dict[key] or None for key in ("HOST", "PORT", "USER", "PASSWORD")
    }


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")


if __name__ == "__main__":
    try:
        main(embedded="--embedded" in sys.argv)
    except SetupError as problem:
        sys.exit(str(problem))
