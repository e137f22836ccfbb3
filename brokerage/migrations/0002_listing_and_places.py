import csv
from pathlib import Path

from django.db import migrations

LIST_SLOT = """
CREATE FUNCTION brokerage_list_slot(wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM brokerage_listing WHERE slot_id = wanted;
    INSERT INTO brokerage_listing (
        slot_id, need_id, year_group, sector, starts_at, open_until, easting, northing,
        encounter_type, delivery_mode, open_to, is_first
    )
    SELECT
        slot.id, need.id, year_group, sector, slot.starts_at, slot.open_until, school.easting, school.northing,
        need.encounter_type, need.delivery_mode,
        ('employer' = ANY (need.open_to))::int
            + 2 * ('technical_provider' = ANY (need.open_to))::int
            + 4 * ('university' = ANY (need.open_to))::int,
        row_number() OVER (ORDER BY year_group, sector) = 1
    FROM brokerage_slot slot
    JOIN brokerage_encounterneed need ON need.id = slot.need_id
    JOIN accounts_organisation school ON school.id = need.school_id
    CROSS JOIN unnest(need.year_groups) AS year_group
    CROSS JOIN unnest(
        CASE WHEN cardinality(need.sectors) = 0 THEN ARRAY['']::varchar[] ELSE need.sectors END
    ) AS sector
    WHERE slot.id = wanted AND need.state = 'open' AND slot.open_until IS NOT NULL AND slot.taken < slot.places;
END $$;

CREATE FUNCTION brokerage_list_school() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM brokerage_list_slot(slot.id)
    FROM brokerage_slot slot JOIN brokerage_encounterneed need ON need.id = slot.need_id
    WHERE need.school_id = NEW.id AND slot.open_until > now();
    RETURN NULL;
END $$;

CREATE TRIGGER list_moved_school AFTER UPDATE OF easting, northing ON accounts_organisation
FOR EACH ROW WHEN (NEW.kind = 'school' AND (OLD.easting, OLD.northing) IS DISTINCT FROM (NEW.easting, NEW.northing))
EXECUTE FUNCTION brokerage_list_school();
"""

UNLIST = """
DROP TRIGGER list_moved_school ON accounts_organisation;
DROP FUNCTION brokerage_list_school();
DROP FUNCTION brokerage_list_slot(bigint);
"""


def load_outcodes(apps, schema_editor):
    path = Path(__file__).resolve().parents[1] / "data/outcode_centroids_england.csv"
    outcode = apps.get_model("brokerage", "Outcode")
    with path.open(newline="") as file:
        outcode.objects.bulk_create(
            [
                outcode(outcode=row["outcode"], easting=int(row["easting"]), northing=int(row["northing"]))
                for row in csv.DictReader(file)
            ]
        )


class Migration(migrations.Migration):
    dependencies = [("brokerage", "0001_initial")]

    operations = [
        migrations.RunSQL(LIST_SLOT, UNLIST),
        migrations.RunPython(load_outcodes, migrations.RunPython.noop),
    ]
