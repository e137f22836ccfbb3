"""What the API answers, for its schema. The answers themselves are built by `answers`, without these."""

from rest_framework import serializers

from brokerage.accounts.models import Category, Kind, Role
from brokerage.api.fields import Moment
from brokerage.states import ClaimState, Confirmation, EncounterState, Shown
from brokerage.vocabulary import (
    Allocation,
    Audience,
    DeliveryMode,
    Sector,
    Subject,
    Supervision,
)

S = serializers.Serializer
Char, Uuid, Int, Bool, Chosen = (
    serializers.CharField,
    serializers.UUIDField,
    serializers.IntegerField,
    serializers.BooleanField,
    serializers.ChoiceField,
)


class FieldProblem(S):  # type: ignore[type-arg]
    code = Char()
    detail = Char()


class Problem(S):  # type: ignore[type-arg]
    """RFC 9457 with a stable `code`. `errors` maps a field's path, like `slots.0.ends_at`, to what is wrong."""

    type = Char()
    title = Char()
    status = Int()
    detail = Char(help_text="A sentence for the person.")
    code = Char(help_text="For the program: stable.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of that name
        child=FieldProblem(many=True), required=False
    )


class Token(S):  # type: ignore[type-arg]
    token = Char()
    expiry = Moment(allow_null=True)


class Person(S):  # type: ignore[type-arg]
    id = Uuid()
    name = Char(allow_blank=True)
    email = serializers.EmailField()


class Organisation(S):  # type: ignore[type-arg]
    id = Uuid()
    kind = Chosen(choices=Kind.choices)
    name = Char()


class Member(S):  # type: ignore[type-arg]
    id = Uuid()
    role = Chosen(choices=Role.choices)
    organisation = Organisation()


class Me(S):  # type: ignore[type-arg]
    user = Person()
    membership = Member(allow_null=True, help_text="The acting one; null without any.")
    memberships = Member(many=True)
    socket_url = Char()


class SchoolOf(S):  # type: ignore[type-arg]
    id = Uuid()
    name = Char()
    town = Char(allow_blank=True)


class SlotOut(S):  # type: ignore[type-arg]
    id = Uuid()
    starts_at = Moment()
    ends_at = Moment()
    places = Int()
    places_left = Int()


class Contact(S):  # type: ignore[type-arg]
    id = Uuid()
    name = Char(allow_blank=True)
    email = serializers.EmailField()


class Need(S):  # type: ignore[type-arg]
    id = Uuid()
    state = Chosen(choices=Shown.choices)
    title = Char(allow_blank=True)
    encounter_type = Char(
        allow_blank=True, help_text="As in vocabulary/; empty on a draft that doesn't say yet."
    )
    year_groups = serializers.ListField(child=Int())
    audience = Chosen(choices=Audience.choices)
    expected_pupils = serializers.DictField(child=Int())
    subjects = serializers.ListField(child=Chosen(choices=Subject.choices))
    sectors = serializers.ListField(child=Chosen(choices=Sector.choices))
    open_to = serializers.ListField(child=Chosen(choices=Category.choices))
    delivery_mode = Chosen(choices=DeliveryMode.choices)
    main_benchmark = Int(allow_null=True)
    description = Char(allow_blank=True)
    supervision = Chosen(choices=Supervision.choices)
    closes_at = Moment(allow_null=True)
    allocation = Chosen(choices=Allocation.choices)
    venue = Char(allow_blank=True)
    school = SchoolOf()
    slots = SlotOut(many=True)
    distance_km = serializers.FloatField(allow_null=True)
    published_at = Moment(allow_null=True)
    withdraw_reason = Char(allow_blank=True)
    withdraw_note = Char(allow_blank=True)
    claimed = Bool(help_text="Your organisation has a live claim on it.")
    entrance = Char(allow_blank=True, required=False, help_text="The school's own view only.")
    visitor_notes = Char(allow_blank=True, required=False, help_text="The school's own view only.")
    contact = Contact(allow_null=True, required=False, help_text="The school's own view only.")


class Attendee(S):  # type: ignore[type-arg]
    id = Uuid(help_text="Their membership.")
    name = Char(allow_blank=True)
    email = serializers.EmailField(
        required=False, help_text="For the school, from acceptance until 14 days after the slot."
    )


class Claimant(S):  # type: ignore[type-arg]
    id = Uuid()
    name = Char()
    kind = Chosen(choices=Kind.choices)
    is_verified = Bool()


class ArrivalContact(S):  # type: ignore[type-arg]
    name = Char(allow_blank=True)
    email = Char(allow_blank=True)


class Arrival(S):  # type: ignore[type-arg]
    venue = Char(allow_blank=True)
    entrance = Char(allow_blank=True)
    visitor_notes = Char(allow_blank=True)
    contact = ArrivalContact()
    telephone = Char(allow_blank=True, help_text="The school's, like 01632 960001.")


class Claim(S):  # type: ignore[type-arg]
    id = Uuid()
    state = Chosen(choices=ClaimState.choices)
    need = Uuid()
    slot = Uuid()
    places = Int()
    attendee = Attendee(allow_null=True, help_text="Null: to be named.")
    claimant = Claimant()
    reason = Char(allow_blank=True, help_text="Why it was declined, withdrawn or cancelled.")
    note = Char(allow_blank=True, help_text="What the claimant wrote.")
    answer_note = Char(allow_blank=True, help_text="What came with the reason.")
    title = Char(help_text="The need's.")
    school = SchoolOf()
    starts_at = Moment()
    ends_at = Moment()
    submitted_at = Moment()
    answered_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)
    arrival = Arrival(
        required=False, help_text="For the claimant, from acceptance until 14 days after the slot."
    )


class EncounterClaim(S):  # type: ignore[type-arg]
    id = Uuid()
    state = Chosen(choices=ClaimState.choices)
    places = Int()
    claimant = Claimant()
    confirmation = Chosen(choices=["none", *filter(None, Confirmation.values)])
    confirmation_note = Char(allow_blank=True)


class Encounter(S):  # type: ignore[type-arg]
    id = Uuid()
    state = Chosen(choices=EncounterState.choices)
    need = Uuid()
    slot = Uuid()
    title = Char()
    school = SchoolOf()
    starts_at = Moment()
    ends_at = Moment()
    minutes = Int(allow_null=True)
    attended = serializers.DictField(
        child=Int(),
        help_text="Pupils per year group. Groups under 5 are left out for everyone but the school.",
    )
    note = Char(allow_blank=True)
    recorded_at = Moment(allow_null=True)
    claims = EncounterClaim(many=True, help_text="For a claimant: its own.")
    pupil_premium_attended = Int(allow_null=True, required=False, help_text="The school's own view only.")
    send_attended = Int(allow_null=True, required=False, help_text="The school's own view only.")


class Entry(S):  # type: ignore[type-arg]
    id = Int(help_text="Its position in your feed.")
    type = Char()
    at = Moment()
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name
    text = Char()


class Notification(Entry):
    link = Char(allow_blank=True, help_text="Path of the page that answers it.")
    read_at = Moment(allow_null=True)


class Events(S):  # type: ignore[type-arg]
    results = Entry(many=True)


class Term(S):  # type: ignore[type-arg]
    code = Char()
    label = Char()  # type: ignore[assignment]  # a field of that name


class EncounterTypeTerm(Term):
    main_benchmark = Int()
    minutes = Int()
    open_to = serializers.ListField(child=Char())
    supervision = Char()
    places = Int()
    allocation = Char()
    audience = Char()


class Vocabulary(S):  # type: ignore[type-arg]
    encounter_types = EncounterTypeTerm(many=True)
    sectors = Term(many=True)
    subjects = Term(many=True)
    audiences = Term(many=True)
    delivery_modes = Term(many=True)
    supervision = Term(many=True)
    allocation = Term(many=True)
    open_to = Term(many=True)
    benchmarks = serializers.ListField(child=serializers.DictField())
    year_groups = serializers.ListField(child=Int())
    decline_reasons = Term(many=True)
    claimant_reasons = Term(many=True)
    cancel_reasons = Term(many=True)


def page_of(item: type[S]) -> S:  # type: ignore[type-arg]
    """A page of a list, named after what it lists."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="Address of the page that follows."),
        "results": item(many=True),
    }
    page: S = type(f"{item.__name__}Page", (S,), fields)()  # type: ignore[type-arg]
    return page
