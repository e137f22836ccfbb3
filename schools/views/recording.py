"""Record what happened: a card for each time of a need that is over."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from brokerage.accounts.acting import MemberRequest
from brokerage.accounts.models import Kind
from brokerage.domain import encounters
from brokerage.errors import DomainError, InvalidInput, NotAllowed
from brokerage.models import Claim, Encounter, EncounterNeed
from brokerage.rules import authorise, may
from brokerage.web import access
from schools import words
from schools.forms.record import RecordForm, word_of

SAY_SOMETHING = "Choose yes or no for at least one"
NOTHING_CHANGED = "Change something first, or leave this page"


@dataclass(frozen=True)
class Card:
    encounter: Encounter
    form: RecordForm

    @property
    def came(self) -> list[Claim]:
        return self.form.came

    @property
    def names(self) -> str:
        return words.joined(dict.fromkeys(claim.claimant.name for claim in self.came))

    @property
    def said(self) -> list[tuple[tuple[str, str], str]]:
        """Each claimant's word and what they wrote."""
        spoken = ((word_of(claim), claim.confirmation_note) for claim in self.came)
        return [(word, note) for word, note in spoken if word]


@access.member_of(Kind.SCHOOL)
def record(request: MemberRequest, public_id: UUID) -> HttpResponse:
    by = request.membership
    need = get_object_or_404(EncounterNeed.objects.visible_to(by), public_id=public_id)
    if request.method == "POST":
        authorise("brokerage.change_need", by, need)
    cards = _cards(request, need)
    open_cards = [card for card in cards if may("brokerage.record_encounter", by, card.encounter)]
    problem: str | DomainError | None = None
    if request.method == "POST":
        answered = [card for card in open_cards if card.form.is_answered]
        if not answered:
            problem = _ask_for_one(open_cards)
        elif all(card.form.is_valid() for card in answered):
            problem = _save(request, answered)
        if problem is None and answered and not any(card.form.errors for card in answered):
            count = len(answered)
            messages.success(
                request, "Recorded. They're asked to confirm." if count == 1 else f"Recorded {count} times."
            )
            return redirect("schools:need", public_id=need.public_id)
    context = {
        "need": need,
        "name": words.name(need),
        "cards": [card for card in cards if not card.form.is_recorded],
        "recorded": [card for card in cards if card.form.is_recorded],
        "forms": [
            card.form for card in cards if card.form.is_bound and (card.form.is_answered or card.form.errors)
        ],
        "problem": problem,
        "may_record": may("brokerage.change_need", by, need),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "schools/record.html", context, status=status)


def _ask_for_one(cards: list[Card]) -> str:
    """Beside the first time that is still to be recorded; for the top of the page where none is."""
    first = next((card.form for card in cards if not card.form.is_recorded), None)
    if first is None:
        return NOTHING_CHANGED
    first.add_error("happened", SAY_SOMETHING)
    return ""


def _cards(request: MemberRequest, need: EncounterNeed) -> list[Card]:
    """Those over, the earliest first; what has been recorded stays to be read and corrected."""
    came = Claim.objects.booked_on_the_day().select_related("claimant", "attendee__user")
    over = (
        Encounter.objects.visible_to(request.membership)
        .filter(slot__need=need, slot__ends_at__lte=timezone.now())
        .select_related("slot__need")
        .prefetch_related(Prefetch("slot__claims", came.order_by("pk")))
        .order_by("slot__starts_at", "pk")
    )
    data = request.POST if request.method == "POST" else None
    return [
        Card(encounter, RecordForm(data, encounter=encounter, came=list(encounter.slot.claims.all())))
        for encounter in over
    ]


def _save(request: MemberRequest, cards: list[Card]) -> DomainError | None:
    for card in cards:
        try:
            recorded = encounters.record(
                encounter=card.encounter, by=request.membership, at=timezone.now(), **card.form.answer()
            )
        except NotAllowed:
            raise
        except InvalidInput as error:
            card.form.refused(error)
        except DomainError as error:
            return error
        else:
            card.encounter.state = recorded.state
    return None
