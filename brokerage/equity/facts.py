"""Rolls, pupil-premium shares and where schools lie, kept beside the counts they are measured against."""

from collections.abc import Mapping

from brokerage.accounts.models import Organisation
from brokerage.equity.models import SchoolFacts
from brokerage.models import Hosting


def keep(pupil_premium: Mapping[int, float | None]) -> int:
    """School's key → its pupil-premium share, or None where it isn't known; rolls and place are read here. Twice is
    once. Returns how many schools' facts changed."""
    rolls = dict(Hosting.objects.filter(school__in=pupil_premium).values_list("school_id", "rolls"))
    rural = dict(Organisation.objects.filter(pk__in=pupil_premium).values_list("pk", "is_rural"))
    here = {
        each.pk: (each.pupils, each.pupil_premium_share, each.is_rural)
        for each in SchoolFacts.objects.filter(pk__in=pupil_premium)
    }
    wanted = {
        school: (_pupils(rolls.get(school)), share, rural[school])
        for school, share in pupil_premium.items()
        if school in rural
    }
    changed = [
        SchoolFacts(school_id=school, pupils=pupils, pupil_premium_share=share, is_rural=is_rural)
        for school, (pupils, share, is_rural) in wanted.items()
        if here.get(school) != (pupils, share, is_rural)
    ]
    SchoolFacts.objects.bulk_create(
        sorted(changed, key=lambda each: each.school_id),
        update_conflicts=True,
        unique_fields=["school"],
        update_fields=["pupils", "pupil_premium_share", "is_rural"],
        batch_size=1000,
    )
    return len(changed)


def _pupils(rolls: Mapping[str, int] | None) -> int | None:
    """None while no year group's roll is known: a school without pupils and one that hasn't said differ."""
    return sum(int(roll) for roll in rolls.values()) or None if rolls else None
