from functools import cache
from typing import Any

from django.db.models import Choices
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Category
from brokerage.api import outputs
from brokerage.api.schema import describes
from brokerage.api.views.base import View
from brokerage.vocabulary import (
    DEFAULTS,
    YEAR_GROUPS,
    Allocation,
    Audience,
    Benchmark,
    ClaimantReason,
    DeclineReason,
    DeliveryMode,
    SchoolCancelReason,
    Sector,
    Subject,
    Supervision,
)


class Vocabulary(View):
    """The closed lists; nothing of anybody."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @describes(
        "The closed lists, with what each type of encounter fills in",
        answers={200: outputs.Vocabulary},
        name="vocabulary",
    )
    def get(self, request: Request) -> Response:
        return Response(_lists())


@cache
def _lists() -> dict[str, Any]:
    return {
        "encounter_types": [
            {
                "code": kind.value,
                "label": kind.label,
                "main_benchmark": int(usual.benchmark),
                "minutes": usual.minutes,
                "open_to": [str(category) for category in usual.open_to],
                "supervision": str(usual.supervision),
                "places": usual.places,
                "allocation": str(usual.allocation),
                "audience": str(usual.audience),
            }
            for kind, usual in DEFAULTS.items()
        ],
        "sectors": _terms(Sector),
        "subjects": _terms(Subject),
        "audiences": _terms(Audience),
        "delivery_modes": _terms(DeliveryMode),
        "supervision": _terms(Supervision),
        "allocation": _terms(Allocation),
        "open_to": _terms(Category),
        "benchmarks": _terms(Benchmark),
        "year_groups": list(YEAR_GROUPS),
        "decline_reasons": _terms(DeclineReason),
        "claimant_reasons": _terms(ClaimantReason),
        "cancel_reasons": _terms(SchoolCancelReason),
    }


def _terms(choices: type[Choices]) -> list[dict[str, Any]]:
    return [{"code": code, "label": label} for code, label in choices.choices]
