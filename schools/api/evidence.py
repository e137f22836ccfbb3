"""Statutory evidence as the API answers it: counts of pupils, and never fewer than five of them to others."""

from typing import Any

from rest_framework import serializers

from brokerage.api.outputs import Bool, Char, Chosen, Int, S, SchoolOf
from schools.pal.standing import State
from schools.queries.provider_access import Access, CohortAccess, Held

Json = dict[str, Any]


class HeldOut(S):  # type: ignore[type-arg]
    on = serializers.DateField()
    starts = Char()
    providers = serializers.ListField(child=Char())
    elsewhere = Bool(help_text="Held without Doorway: the school's own word.")


class UncountedOut(HeldOut):
    rule = Char(help_text="Of the domain's numbered rules.")
    why = Char()


class CohortOut(S):  # type: ignore[type-arg]
    y7_entry = Int()
    year_group = Int()
    roll = Int(allow_null=True)
    phase = Int()
    state = Chosen(choices=[state.value for state in State])
    occasions = Int()
    short_by = Int()
    booked = HeldOut(many=True)
    counted = HeldOut(many=True)
    did_not_count = UncountedOut(many=True)
    lower = serializers.FloatField(help_text="Least share of the cohort with two, 0 to 1.")
    upper = serializers.FloatField()
    window = serializers.ListField(child=serializers.DateField(), min_length=2, max_length=2)
    last_school_day = serializers.DateField(allow_null=True, help_text="The working deadline.")
    why = serializers.ListField(child=Char())


class ProviderAccessOut(S):  # type: ignore[type-arg]
    school = SchoolOf()
    on = serializers.DateField()
    sentence = Char()
    outside = Char(allow_null=True, help_text="Why the duty doesn't reach this school, where it doesn't.")
    cohorts = CohortOut(many=True)


def answer(access: Access) -> Json:
    school = access.school
    return {
        "school": {"id": str(school.public_id), "name": school.name, "town": school.town},
        "on": access.today.isoformat(),
        "sentence": access.sentence,
        "outside": access.outside,
        "cohorts": [_cohort(each) for each in access.cohorts],
    }


def _cohort(each: CohortAccess) -> Json:
    standing = each.standing
    return {
        "y7_entry": each.cohort.y7_entry,
        "year_group": each.cohort.year,
        "roll": each.cohort.roll,
        "phase": each.phase,
        "state": each.state.value,
        "occasions": standing.occasions,
        "short_by": standing.short_by,
        "booked": [_held(held) for held in each.booked],
        "counted": [_held(held) for held in each.counted],
        "did_not_count": [_held(one.held) | {"rule": one.rule, "why": one.why} for one in each.uncounted],
        "lower": float(standing.bounds.lower),
        "upper": float(standing.bounds.upper),
        "window": [standing.window.opens.isoformat(), standing.window.closes.isoformat()],
        "last_school_day": each.last_school_day.isoformat() if each.last_school_day else None,
        "why": list(standing.why),
    }


def _held(held: Held) -> Json:
    return {
        "on": held.session.on.isoformat(),
        "starts": held.session.starts.isoformat("minutes"),
        "providers": list(held.source.providers),
        "elsewhere": held.is_elsewhere,
    }
