"""The OpenAPI description: every answer an operation can give, refusals included."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny

from brokerage.accounts.acting import HEADER
from brokerage.api import outputs
from brokerage.api.fields import Strict
from brokerage.api.problems import MEDIA_TYPE

V = TypeVar("V", bound=Callable[..., Any])

ORGANISATION = OpenApiParameter(
    HEADER,
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description="For a member of several organisations: the one to act for.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="The same key with the same body makes nothing new: it answers 200 with what was made. "
    "With another body: 422 `idempotency_key_reused`. While the first still runs: 409 `idempotency_key_in_use`.",
)
_WHY: Final = {
    400: "A value can't be right; `errors` names the fields.",
    401: "Not signed in, or the token isn't valid.",
    403: "You may see it, but not do this.",
    404: "It isn't there, or isn't yours to see.",
    406: "Doorway answers in JSON.",
    409: "The world isn't as the request supposes.",
    413: "Too large a body.",
    415: "Not JSON.",
    422: "The key came before with another body.",
    429: "Too many tries.",
    503: "The database is out of reach for a moment.",
}


def describes(
    summary: str,
    *,
    request: Any = None,
    answers: Mapping[int, Any],
    query: Any = None,
    parameters: tuple[OpenApiParameter, ...] = (),
    conflicts: str = "",
    refuses: Mapping[int, str] | None = None,
    name: str,
) -> Callable[[V], V]:
    """`conflicts` lists the codes of its 409s; `refuses` what else it may answer beside the usual refusals."""
    refused = {409: conflicts} if conflicts else {}
    refused |= refuses or {}
    responses: dict[Any, Any] = {
        status: OpenApiResponse(answer, description=_DONE[status]) for status, answer in answers.items()
    }
    responses |= {
        (status, MEDIA_TYPE): OpenApiResponse(outputs.Problem, description=f"{_WHY[status]} {codes}".strip())
        for status, codes in refused.items()
    }
    return extend_schema(
        operation_id=name,
        summary=summary,
        request=request,
        parameters=[*([query] if query else []), *parameters],
        responses=responses,
    )


_DONE: Final = {200: "As it is now.", 201: "Made.", 204: "Done."}


class AutoSchema(openapi.AutoSchema):
    """Adds the refusals that every operation of its kind shares."""

    def get_override_parameters(self) -> list[Any]:
        return [ORGANISATION] if getattr(self.view, "acts", False) else []

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        shape: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return {**shape, "additionalProperties": False} if isinstance(serializer, Strict) else shape

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._usual_refusals():
            if str(status) not in bodies:
                answer = OpenApiResponse(outputs.Problem, description=_WHY[status])
                bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    answer, str(status), [MEDIA_TYPE], direction
                )
        return dict(sorted(bodies.items()))

    def _usual_refusals(self) -> list[int]:
        takes_body = self.method in {"POST", "PUT", "PATCH"}
        in_path = "{" in self.path
        refusals = [406, 503]
        if not self._is_public():
            refusals += [401, 403]
        if takes_body:
            refusals += [400, 413, 415]
        elif not self._is_public():
            refusals.append(400)  # the organisation's header, the query
        if in_path:
            refusals.append(404)
        return refusals

    def _is_public(self) -> bool:
        return AllowAny in self.view.permission_classes


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "brokerage.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "«Token …», from auth/login/.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "brokerage.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A page's own calls."}
