"""How the database is emptied after a test that commits.

As Django does it, but for two things: what the migrations wrote stays, so that no test depends on which came before
it (permissions and content types also take four times as long to make again as all the rest), and a connection that a
test left inside a transaction fails that test instead of holding up the run. TRUNCATE, not DELETE: later rows must lie
in the order in which they were written.
"""

from django.db import connection, transaction

KEPT = {"django_content_type", "auth_permission", "brokerage_outcode"}
PATIENCE = "30s"


def empty() -> None:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = ", ".join(connection.ops.quote_name(name) for name in names if name not in KEPT)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        cursor.execute(f"TRUNCATE {tables}")
