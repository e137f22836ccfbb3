"""The provider access policy statement: drafted part by part, published whole, versions kept."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from brokerage.accounts.models import Membership
from brokerage.domain.events import PolicyDiscarded, PolicyDrafted, PolicyPublished
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.eventlog.record import record
from brokerage.models import AccessTerms
from brokerage.rules import runs_school
from brokerage.vocabulary import RefusalGround
from schools.models import ProviderAccessPolicy, School
from schools.models.policy import WORDS_AT_MOST, times_of
from schools.policy.statement import MISSING, WEEKDAYS
from schools.policy.words import listed

FIELDS: Final = (
    "procedure", "granting", "refusing", "premises", "times", "times_note", "encounters", "contact", "contact_text",
    "safeguarding", "approved_on", "approved_by", "review_on",
)  # fmt: skip
WORDS: Final = ("procedure", "granting", "premises", "times_note", "encounters", "safeguarding")
TIMES_AT_MOST: Final = 10
SENTENCE_AT_MOST: Final = 300
LONGEST_REVIEW_YEARS: Final = 3


def may_write(by: Membership) -> bool:
    return runs_school(by)


@transaction.atomic(durable=True)
def save_draft(*, fields: Mapping[str, Any], by: Membership, at: datetime) -> ProviderAccessPolicy:
    """Change the draft; where there is none it starts from what is published. The published version stays as it is.
    Nothing changed: no event, and no draft made."""
    return _save(_locked(by), fields, by, at)


@transaction.atomic(durable=True)
def discard_draft(*, by: Membership, at: datetime) -> None:
    """Drop the changes; what is published stands. No draft is no event."""
    school = _locked(by)
    draft = _draft(school)
    if draft is None:
        return
    record(
        PolicyDiscarded(subject_id=draft.public_id, organisation_id=school.pk, version=draft.version),
        by=by,
        at=at,
    )
    draft.delete()


@transaction.atomic(durable=True)
def publish(*, fields: Mapping[str, Any] | None = None, by: Membership, at: datetime) -> ProviderAccessPolicy:
    """Make the draft what stands, with a public address given once for good, and tell the market its terms. With
    `fields` they are saved first, all or nothing; what is published already is then published already."""
    school = _locked(by)
    saved = _save(school, fields, by, at) if fields is not None else None
    draft = _draft(school)
    if draft is None and saved is not None and saved.published_at:
        return saved
    if draft is None:
        raise DomainError("nothing_to_publish", "There are no changes to publish.")
    if not by.organisation.is_verified:
        sentence = "We're still checking that this is your school. Your draft is kept; publish it once we've told you."
        raise DomainError("school_not_verified", sentence)
    if missing := draft.statement.missing:
        names = listed([MISSING[part] for part in missing])
        raise InvalidInput("policy_incomplete", f"Write these first: {names}.")
    school.policies.filter(published_at__isnull=False, superseded_at=None).update(superseded_at=at)
    draft.published_at, draft.published_by = at, by
    draft.save(update_fields=["published_at", "published_by"])
    _give_address(school)
    _tell_the_market(draft)
    record(
        PolicyPublished(
            subject_id=draft.public_id,
            organisation_id=school.pk,
            version=draft.version,
            grounds=_grounds(draft),
            review_on=str(draft.review_on),
        ),
        by=by,
        at=at,
    )
    return draft


def _locked(by: Membership) -> School:
    if not may_write(by):
        raise NotAllowed("not_allowed", "Only this school's careers leaders can change its policy statement.")
    School.objects.get_or_create(organisation=by.organisation, defaults={"high_age": 18})
    return (
        School.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(organisation=by.organisation)
    )


def _save(school: School, fields: Mapping[str, Any], by: Membership, at: datetime) -> ProviderAccessPolicy:
    """The draft as it is now; where nothing differs from what is published, that."""
    if unknown := set(fields) - set(FIELDS):
        raise InvalidInput("unknown_field", "Unknown field", fields=dict.fromkeys(unknown, "Unknown field"))
    policy = _draft(school) or _next(school, by, at)
    wanted = {name: _tidy(value) for name, value in fields.items()}
    changed = sorted(name for name, value in wanted.items() if getattr(policy, name) != value)
    if not changed and policy._state.adding and (last := _current(school)):
        return last
    for name in changed:
        setattr(policy, name, wanted[name])
    _refuse_unfit(policy, timezone.localtime(at).date())
    if changed:
        policy.drafted_by, policy.changed_at = by, at
        policy.save()
        fact = PolicyDrafted(
            subject_id=policy.public_id, organisation_id=school.pk, version=policy.version, changed=changed
        )
        record(fact, by=by, at=at)
    return policy


def _current(school: School) -> ProviderAccessPolicy | None:
    return school.policies.filter(published_at__isnull=False, superseded_at=None).first()


def _draft(school: School) -> ProviderAccessPolicy | None:
    return school.policies.filter(published_at=None).select_related("contact__user").first()


def _next(school: School, by: Membership, at: datetime) -> ProviderAccessPolicy:
    """A version more, saying what the last one says; not written yet."""
    last = school.policies.order_by("-version").first()
    said = {name: getattr(last, name) for name in FIELDS} if last else {}
    return ProviderAccessPolicy(
        school=school, version=last.version + 1 if last else 1, drafted_by=by, changed_at=at, **said
    )


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return {key: _tidy(each) for key, each in value.items()} if isinstance(value, dict) else value


def _grounds(policy: ProviderAccessPolicy) -> list[str]:
    return [str(ground) for ground in RefusalGround if ground in policy.refusing]


def _give_address(school: School) -> None:
    """Its URN, else its name; a later URN or name changes nothing."""
    if school.slug:
        return
    wanted = school.organisation.urn or slugify(school.organisation.name)[:70].strip("-") or "school"
    taken = set(School.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 2
    school.slug = wanted
    while school.slug in taken:
        school.slug, number = f"{wanted}-{number}", number + 1
    school.save(update_fields=["slug"])


def _tell_the_market(policy: ProviderAccessPolicy) -> None:
    AccessTerms.objects.update_or_create(
        school_id=policy.school_id,
        defaults={
            "grounds": _grounds(policy),
            "contact": policy.contact,
            "policy_published_at": policy.published_at,
            "policy_review_on": policy.review_on,
        },
    )


def _refuse_unfit(policy: ProviderAccessPolicy, today: date) -> None:
    fields: dict[str, str] = {}
    try:
        policy.clean_fields(exclude=["school", "drafted_by", "published_by", "contact", "refusing", "times"])
    except ValidationError as error:
        fields |= {name: messages[0] for name, messages in error.message_dict.items()}
    long = (name for name in WORDS if len(getattr(policy, name)) > WORDS_AT_MOST)
    fields |= dict.fromkeys(long, f"Use {WORDS_AT_MOST:,} characters or fewer")
    checks = {
        "refusing": _wrong_grounds(policy.refusing),
        "times": _wrong_times(policy.times),
        "contact": _wrong_contact(policy),
        "approved_on": _wrong_approval(policy, today),
        "review_on": _wrong_review(policy),
    }
    fields |= {name: sentence for name, sentence in checks.items() if sentence}
    if fields:
        raise InvalidInput("invalid", "Check what you entered.", fields=fields)


def _wrong_grounds(refusing: Any) -> str:
    if not isinstance(refusing, dict) or not all(isinstance(own, str) for own in refusing.values()):
        return "Give each ground with your own sentence, or an empty one"
    if set(refusing) - set(RefusalGround.values):
        return "Choose grounds from the list"
    if any(len(own) > SENTENCE_AT_MOST for own in refusing.values()):
        return f"Use {SENTENCE_AT_MOST} characters or fewer for each ground"
    if refusing.get(RefusalGround.OTHER) == "":
        return "Say what the other reason is"
    try:
        for own in refusing.values():
            for check in ProviderAccessPolicy._meta.get_field("procedure").validators:
                check(own)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _wrong_times(times: Any) -> str:
    if not isinstance(times, list) or len(times) > TIMES_AT_MOST:
        return f"List up to {TIMES_AT_MOST} times"
    for row in times:
        try:
            each = times_of(row)
            is_known = row == hours(list(each.weekdays), each.starts, each.ends)
        except (AssertionError, KeyError, TypeError, ValueError):
            is_known = False
        if not is_known:
            return "Give each time with its days, when it starts and when it ends"
        if not each.weekdays or not set(each.weekdays) <= set(WEEKDAYS):
            return "Choose at least one day for each time"
        if each.ends <= each.starts:
            return f"The end must be after {each.starts:%H:%M}"
    return ""


def _wrong_contact(policy: ProviderAccessPolicy) -> str:
    person = policy.contact
    if person is None:
        return ""
    return "" if person.organisation_id == policy.school_id else "Choose somebody of your school"


def _wrong_approval(policy: ProviderAccessPolicy, today: date) -> str:
    is_ahead = policy.approved_on is not None and policy.approved_on > today
    return "The day it was approved can't be ahead" if is_ahead else ""


def _wrong_review(policy: ProviderAccessPolicy) -> str:
    if policy.review_on is None or policy.approved_on is None:
        return ""
    if policy.review_on <= policy.approved_on:
        return "The review comes after the approval"
    if policy.review_on.year - policy.approved_on.year > LONGEST_REVIEW_YEARS:
        return "That's a long time. Guidance says a year"
    return ""


def hours(weekdays: list[int], starts: time, ends: time) -> dict[str, Any]:
    """One of `times` as it is kept."""
    return {"weekdays": sorted(set(weekdays)), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}
