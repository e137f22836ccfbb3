from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Organisation
from brokerage.api import external_encounters as shapes
from brokerage.api import inputs, once, outputs
from brokerage.api.schema import IDEMPOTENCY_KEY, describes
from brokerage.api.views.base import MemberView, body, page, query
from brokerage.domain import external_encounters
from brokerage.domain.external_encounters import Happened
from brokerage.errors import InvalidInput
from brokerage.models import ExternalEncounter
from brokerage.queries import cursors


class ExternalView(MemberView):
    def seen(self) -> Any:
        return ExternalEncounter.objects.visible_to(self.by).select_related("school", "provider")

    def one(self, encounter_id: UUID) -> ExternalEncounter:
        found: ExternalEncounter = get_object_or_404(self.seen(), public_id=encounter_id)
        return found

    def named(self, encounter_id: UUID) -> ExternalEncounter:
        """Also one that was taken out since, for those it names."""
        ours = ExternalEncounter.objects.naming(self.by).select_related("school", "provider")
        return ours.filter(public_id=encounter_id).first() or self.one(encounter_id)

    def answer(self, encounter: ExternalEncounter, *, status: int = 200) -> Response:
        return Response(shapes.answer(encounter, self.by), status=status)


class ExternalEncounters(ExternalView):
    @describes(
        "Encounters held without Doorway: your school's, or those that name your organisation, newest first",
        query=shapes.ExternalQuery,
        answers={200: outputs.page_of(shapes.ExternalOut)},
        name="external_encounters_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(shapes.ExternalQuery, request)
        listed, size = self.seen(), asked["page_size"]
        if "cursor" in asked:
            (last,) = cursors.read(asked["cursor"], cursors.key)
            listed = listed.filter(id__lt=last)
        rows = list(listed.order_by("-id")[: size + 1])
        following = cursors.write([rows[size - 1].pk]) if len(rows) > size else None
        return page(request, [shapes.answer(each, self.by) for each in rows[:size]], following)

    @describes(
        "Record an encounter that was held without Doorway",
        request=shapes.ExternalIn,
        parameters=(IDEMPOTENCY_KEY,),
        answers={201: shapes.ExternalOut, 200: shapes.ExternalOut},
        conflicts="`idempotency_key_in_use`.",
        refuses={422: "`idempotency_key_reused`."},
        name="external_encounters_record",
    )
    def post(self, request: Request) -> Response:
        """The school's word, shown apart; the provider it names may confirm or dispute it."""
        said = body(shapes.ExternalIn, request)
        provider = None
        if (named := said.pop("provider", None)) is not None:
            provider = Organisation.objects.filter(public_id=named).first()
            if provider is None:
                raise InvalidInput.on("provider", "There is no such organisation")
        said.setdefault(
            "is_technical", external_encounters.is_technical(provider, said.get("provider_kind", ""))
        )
        made = external_encounters.record(
            what=Happened(provider=provider, **said), by=self.by, at=self.at, once=once.of(request, self.by)
        )
        return self.answer(made, status=201 if made.recorded_at == self.at else 200)


class OneExternal(ExternalView):
    @describes(
        "An encounter held without Doorway",
        answers={200: shapes.ExternalOut},
        name="external_encounters_read",
    )
    def get(self, request: Request, encounter_id: UUID) -> Response:
        return self.answer(self.one(encounter_id))


class Confirm(ExternalView):
    @describes(
        "The provider it names agrees",
        request=inputs.Nothing,
        answers={200: shapes.ExternalOut},
        conflicts="`encounter_removed`.",
        name="external_encounters_confirm",
    )
    def post(self, request: Request, encounter_id: UUID) -> Response:
        encounter = self.named(encounter_id)
        body(inputs.Nothing, request)
        return self.answer(external_encounters.confirm(encounter=encounter, by=self.by, at=self.at))


class Dispute(ExternalView):
    @describes(
        "The provider it names saw it otherwise",
        request=inputs.Disputing,
        answers={200: shapes.ExternalOut},
        conflicts="`encounter_removed`.",
        name="external_encounters_dispute",
    )
    def post(self, request: Request, encounter_id: UUID) -> Response:
        encounter = self.named(encounter_id)
        said = body(inputs.Disputing, request)
        return self.answer(external_encounters.dispute(encounter=encounter, **said, by=self.by, at=self.at))
