"""A number that isn't the register's own is one that the school gave: it stays. One that a school took out can't be
told from one it never had."""

from django.db import migrations

MARK = """
UPDATE accounts_organisation AS school SET telephone_is_own = true
WHERE school.kind = 'school' AND school.telephone <> '' AND NOT EXISTS (
    SELECT FROM registers_establishment AS row WHERE row.urn = school.urn AND row.telephone = school.telephone
)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_own_telephone"),
        ("registers", "0003_telephone"),
    ]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
