from datetime import date

from django.db import migrations


def begin_cohorts(apps, schema_editor):
    """Rolls by year group, as they stood, become rolls of this academic year's cohorts."""
    School, Cohort, CohortRoll, Hosting = (
        apps.get_model(*name)
        for name in (("schools", "School"), ("schools", "Cohort"), ("schools", "CohortRoll"), ("brokerage", "Hosting"))
    )
    today = date.today()
    began = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    for hosting in Hosting.objects.exclude(rolls={}).iterator():
        school, _ = School.objects.get_or_create(organisation_id=hosting.school_id, defaults={"high_age": 18})
        for year, roll in hosting.rolls.items():
            cohort, _ = Cohort.objects.get_or_create(school=school, y7_entry=began.year + 7 - int(year))
            CohortRoll.objects.get_or_create(cohort=cohort, on=began, defaults={"roll": roll})


class Migration(migrations.Migration):

    dependencies = [
        ("schools", "0003_cohorts"),
        ("brokerage", "0003_hosting"),
    ]

    operations = [migrations.RunPython(begin_cohorts, migrations.RunPython.noop)]
