import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("brokerage", "0006_listing_without_spare_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="counteroffer",
            name="public_id",
            # PostgreSQL's own default gives each row that stands already an id of its own.
            field=models.UUIDField(
                db_default=RandomUUID(),
                default=uuid.uuid4,
                editable=False,
                help_text="What is accepted.",
                unique=True,
            ),
        ),
    ]
