"""What schools said of their first days of term moves into their calendars, which alone tell it from now on (R7): the
summer holiday ends the day before. Where a school listed no holiday of its own that year, it takes over the term dates
that held for it, so that none of them is lost."""

from datetime import date, timedelta

from django.db import migrations

HOLIDAY = "holiday"


def move(apps, schema_editor):
    for school in apps.get_model("schools", "School").objects.exclude(first_days={}).select_related("organisation"):
        for day in sorted(map(date.fromisoformat, school.first_days.values())):
            # Before mid-August no term begins: a calendar doesn't know it either.
            if date(day.year, 8, 16) <= day < date(day.year, 9, 1):
                _end_summer_before(day, school.organisation, apps)


def _end_summer_before(day, organisation, apps):
    Closure = apps.get_model("calendar", "Closure")
    year = date(day.year - 1, 9, 1), date(day.year, 8, 31)
    own = Closure.objects.filter(school=organisation, kind=HOLIDAY, first_on__range=year)
    if not own.exists():
        Closure.objects.bulk_create(
            Closure(
                school=organisation,
                kind=each.kind,
                label=each.label,
                first_on=each.first_on,
                last_on=each.last_on,
            )
            for each in _in_force(organisation, year, apps)
        )
    mid_august, last_on = date(day.year, 8, 15), day - timedelta(days=1)
    if not own.filter(first_on__lte=mid_august, last_on__gte=mid_august).update(last_on=last_on):
        first_on = date(day.year, 8, 1)
        Closure.objects.create(
            school=organisation, kind=HOLIDAY, label="Summer holiday", first_on=first_on, last_on=last_on
        )


def _in_force(organisation, year, apps):
    """Its authority's term dates of that academic year, else England's."""
    default = apps.get_model("calendar", "DefaultClosure").objects.filter(first_on__range=year)
    authority = organisation.local_authority
    theirs = list(default.filter(term_dates__local_authority__iexact=authority)) if authority else []
    return theirs or list(default.filter(term_dates__local_authority=""))


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0006_seasons"),
        ("calendar", "0002_term_dates_and_links"),
    ]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
