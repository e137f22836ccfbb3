"""A school's policy statement, as the API takes and answers it."""

from datetime import time
from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from brokerage.accounts.models import Membership, Organisation
from brokerage.api.answers import moment
from brokerage.api.fields import Choice, Day, Flag, Id, Integer, Moment, Strict, Text
from brokerage.api.outputs import Char, Chosen, Int, S, SchoolOf
from brokerage.errors import InvalidInput
from brokerage.free_text import FREE
from brokerage.vocabulary import RefusalGround
from schools.domain.policies import SENTENCE_AT_MOST, TIMES_AT_MOST, hours
from schools.models import ProviderAccessPolicy
from schools.models.policy import WORDS_AT_MOST
from schools.policy.statement import Part, Status
from schools.queries.policies import Policies

Json = dict[str, Any]
CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _words(**fields: Any) -> Text:
    return Text(max_length=WORDS_AT_MOST, validators=FREE, allow_blank=True, default="", **fields)


def _clock() -> serializers.RegexField:
    return serializers.RegexField(
        CLOCK, help_text="Like 08:45.", error_messages={"invalid": "Write it like 08:45."}
    )


class GroundIn(Strict):
    ground = Choice(choices=RefusalGround.choices)
    sentence = Text(max_length=SENTENCE_AT_MOST, validators=FREE, allow_blank=True, default="")


class TimesIn(Strict):
    weekdays = serializers.ListField(
        child=Integer(min_value=1, max_value=5), min_length=1, max_length=5, help_text="1 is Monday."
    )
    starts = _clock()
    ends = _clock()


class PolicyIn(Strict):
    """The whole statement: what is left out is empty."""

    procedure = _words(help_text="How a provider asks.")
    granting = _words(help_text="Grounds for granting.")
    refusing = serializers.ListField(
        child=GroundIn(),
        max_length=len(RefusalGround),
        default=list,
        help_text="Grounds for refusing, from the closed list, each with your own sentence or an empty one.",
    )
    premises = _words()
    times = serializers.ListField(child=TimesIn(), max_length=TIMES_AT_MOST, default=list)
    times_note = _words()
    encounters = _words(help_text="How every pupil gets their encounters.")
    contact = Id(
        allow_null=True, default=None, help_text="A membership of the school; name and role are published."
    )
    contact_text = Text(max_length=300, validators=FREE, allow_blank=True, default="")
    safeguarding = _words()
    approved_on = Day(allow_null=True, default=None)
    approved_by = Text(max_length=120, validators=FREE, allow_blank=True, default="")
    review_on = Day(allow_null=True, default=None)
    publish = Flag(default=False, help_text="False, or left out: a draft, which may be unfinished.")


class GroundOut(S):  # type: ignore[type-arg]
    ground = Chosen(choices=RefusalGround.choices)
    sentence = Char(allow_blank=True)


class TimesOut(S):  # type: ignore[type-arg]
    weekdays = serializers.ListField(child=Int())
    starts = Char()
    ends = Char()


class VersionOut(S):  # type: ignore[type-arg]
    version = Int()
    procedure = Char(allow_blank=True)
    granting = Char(allow_blank=True)
    refusing = GroundOut(many=True)
    premises = Char(allow_blank=True)
    times = TimesOut(many=True)
    times_note = Char(allow_blank=True)
    encounters = Char(allow_blank=True)
    contact = Char(allow_blank=True, help_text="Whom to write to, in words.")
    safeguarding = Char(allow_blank=True)
    approved_on = serializers.DateField(allow_null=True)
    approved_by = Char(allow_blank=True)
    review_on = serializers.DateField(allow_null=True)
    published_at = Moment(allow_null=True)


class PolicyOut(S):  # type: ignore[type-arg]
    school = SchoolOf()
    status = Chosen(choices=list(Status))
    missing = serializers.ListField(child=Chosen(choices=list(Part)))
    address = Char(allow_blank=True, help_text="Where anyone can read it.")
    published = VersionOut(allow_null=True)
    draft = VersionOut(allow_null=True, help_text="Your own school's alone.")


def fields(said: Json, by: Membership) -> Json:
    """In the verb's words."""
    given = {name: value for name, value in said.items() if name != "publish"}
    codes = [each["ground"] for each in given["refusing"]]
    if len(codes) != len(set(codes)):
        raise InvalidInput.on("refusing", "Give each ground once")
    given["refusing"] = {each["ground"]: each["sentence"] for each in given["refusing"]}
    given["times"] = [
        hours(each["weekdays"], time.fromisoformat(each["starts"]), time.fromisoformat(each["ends"]))
        for each in given["times"]
    ]
    given["contact"] = _contact(given["contact"], by)
    return given


def answer(
    policies: Policies, school: Organisation, slug: str | None, request: Request, *, is_own: bool
) -> Json:
    address = reverse("policy_statement", args=[slug]) if slug and policies.published else ""
    return {
        "school": {"id": str(school.public_id), "name": school.name, "town": school.town},
        "status": policies.standing.status.value,
        "missing": [part.value for part in policies.standing.missing],
        "address": request.build_absolute_uri(address) if address else "",
        "published": _version(policies.published),
        "draft": _version(policies.draft) if is_own else None,
    }


def _version(policy: ProviderAccessPolicy | None) -> Json | None:
    if policy is None:
        return None
    statement = policy.statement
    return {
        "version": policy.version,
        **{name: getattr(statement, name) for name in ("procedure", "granting", "premises", "times_note")},
        "refusing": [{"ground": code, "sentence": own} for code, own in policy.refusing.items()],
        "times": policy.times,
        **{
            name: getattr(statement, name)
            for name in ("encounters", "contact", "safeguarding", "approved_by")
        },
        "approved_on": policy.approved_on,
        "review_on": policy.review_on,
        "published_at": moment(policy.published_at),
    }


def _contact(public_id: UUID | None, by: Membership) -> Membership | None:
    if public_id is None:
        return None
    members = Membership.objects.filter(organisation=by.organisation, public_id=public_id)
    found = members.select_related("user").first()
    if found is None or not found.is_active:
        raise InvalidInput.on("contact", "Choose somebody of your school")
    return found
