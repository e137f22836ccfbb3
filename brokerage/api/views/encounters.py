from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.api import answers, inputs, outputs
from brokerage.api.schema import describes
from brokerage.api.views.base import MemberView, body, page, query
from brokerage.domain import encounters
from brokerage.models import Encounter
from brokerage.queries import encounters as encounter_queries


class EncounterView(MemberView):
    def encounter(self, encounter_id: UUID) -> Encounter:
        try:
            return encounter_queries.one(encounter_id, by=self.by)
        except Encounter.DoesNotExist:
            raise Http404 from None

    def answer(self, encounter: Encounter) -> Response:
        return Response(answers.encounter(encounter, self.by))


class Encounters(EncounterView):
    @describes(
        "Planned and recorded encounters, newest first",
        query=inputs.EncounterQuery,
        answers={200: outputs.page_of(outputs.Encounter)},
        name="encounters_list",
    )
    def get(self, request: Request) -> Response:
        asked = query(inputs.EncounterQuery, request)
        found = encounter_queries.listed(
            by=self.by, state=asked.get("state", ""), cursor=asked.get("cursor"), size=asked["page_size"]
        )
        return page(request, [answers.encounter(each, self.by) for each in found.items], found.next)


class OneEncounter(EncounterView):
    @describes("An encounter", answers={200: outputs.Encounter}, name="encounters_read")
    def get(self, request: Request, encounter_id: UUID) -> Response:
        return self.answer(self.encounter(encounter_id))


class Record(EncounterView):
    @describes(
        "Record what happened",
        request=inputs.Record,
        answers={200: outputs.Encounter},
        conflicts="`encounter_not_over`, `encounter_closed`.",
        name="encounters_record",
    )
    def post(self, request: Request, encounter_id: UUID) -> Response:
        encounter = self.encounter(encounter_id)
        said = body(inputs.Record, request)
        encounters.record(encounter=encounter, **said, by=self.by, at=self.at)
        return self.answer(self.encounter(encounter_id))


class Confirm(EncounterView):
    @describes(
        "It happened as recorded",
        request=inputs.Nothing,
        answers={200: outputs.Encounter},
        conflicts="`not_recorded_yet`.",
        name="encounters_confirm",
    )
    def post(self, request: Request, encounter_id: UUID) -> Response:
        encounter = self.encounter(encounter_id)
        body(inputs.Nothing, request)
        encounters.confirm(encounter=encounter, by=self.by, at=self.at)
        return self.answer(self.encounter(encounter_id))


class Dispute(EncounterView):
    @describes(
        "It was otherwise",
        request=inputs.Disputing,
        answers={200: outputs.Encounter},
        conflicts="`not_recorded_yet`.",
        name="encounters_dispute",
    )
    def post(self, request: Request, encounter_id: UUID) -> Response:
        encounter = self.encounter(encounter_id)
        said = body(inputs.Disputing, request)
        encounters.dispute(encounter=encounter, **said, by=self.by, at=self.at)
        return self.answer(self.encounter(encounter_id))
