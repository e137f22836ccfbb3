"""After a test that commits, nothing of it is left; the permissions are, and so are the triggers."""

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, OperationalError, connection

from tests import emptying, factories

pytestmark = pytest.mark.django_db(transaction=True)


def filled() -> set[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        )
        return {name for (name,) in cursor.fetchall()}


def test_nothing_is_left_but_what_the_migrations_wrote() -> None:
    permissions = Permission.objects.count()
    factories.accepted_claim()
    assert {"eventlog_event", "brokerage_claim", "accounts_organisation"} <= filled()

    emptying.empty()

    assert filled() == emptying.KEPT
    assert Permission.objects.count() == permissions > 0
    factories.posted()
    with pytest.raises(DatabaseError, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM eventlog_event")


def test_a_connection_left_inside_a_transaction_fails_its_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emptying, "PATIENCE", "50ms")
    left = connection.copy()
    try:
        left.set_autocommit(False)
        left.cursor().execute("SELECT FROM brokerage_claim")
        with pytest.raises(OperationalError, match="lock timeout"):
            emptying.empty()
    finally:
        left.close()
