"""Every refusal of the API as `application/problem+json` (RFC 9457), with a stable `code`; nothing else reaches
a client. Field errors stand in `errors`: a field's path (`slots.0.ends_at`) → a list of `{code, detail}`."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from brokerage.errors import DomainError

logger = logging.getLogger("doorway.api")

MEDIA_TYPE: Final = "application/problem+json"
Errors = dict[str, list[dict[str, str]]]

# Sentences for what goes wrong before any of our own code is asked.
_SENTENCES: Final = {
    400: ("invalid", "Check what you sent."),
    401: ("not_authenticated", "Sign in first: send your token as «Authorization: Token …»."),
    403: ("not_allowed", "You can't do that."),
    404: ("not_found", "There's nothing here, or it isn't yours to see."),
    405: ("method_not_allowed", "This address doesn't take that method."),
    406: ("not_acceptable", "Doorway answers in application/json."),
    413: ("too_large", "That's more than Doorway takes in one request."),
    415: ("unsupported_media_type", "Send JSON, with the header «Content-Type: application/json»."),
    429: ("too_many_tries", "That's many tries in a short time. Wait a minute and try again."),
    500: ("server_error", "Something went wrong on our side. Nothing was changed. We have been told."),
    503: ("unavailable", "Doorway can't reach its database just now. Try again in a moment."),
}


def problem(
    status: int,
    code: str = "",
    detail: str = "",
    *,
    errors: Errors | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    usual_code, usual_detail = _SENTENCES.get(status, ("refused", HTTPStatus(status).phrase))
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or usual_detail,
        "code": code or usual_code,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's door for whatever a view raised."""
    set_rollback()
    match error:
        case DomainError():
            return _of_domain(error)
        case exceptions.ValidationError():
            errors = dict(_flat(error.get_full_details()))
            return problem(400, _code_of(errors), errors=errors)
        case exceptions.APIException():
            return problem(error.status_code, _code(error), _detail(error), headers=_headers(error))
        case Http404():
            return problem(404)
        case PermissionDenied():
            return problem(403)
        case RequestDataTooBig():
            return problem(413)
        case OperationalError() | InterfaceError():
            logger.warning("database unreachable: %s", error)
            return problem(503, headers={"Retry-After": "2"})
    return _unexpected(error, context.get("request"))


def _unexpected(error: Exception, request: Request | None) -> Response:
    """Logged with its traceback, answered without. The signal is what Django's own handler sends."""
    kind = "database refused" if isinstance(error, DatabaseError) else "unexpected"
    plain: HttpRequest | None = request._request if request is not None else None
    logger.error("%s error at %s", kind, plain.path if plain else "?", exc_info=error)
    got_request_exception.send(sender=None, request=plain)
    return problem(500)


def _of_domain(error: DomainError) -> Response:
    errors = {field: [{"code": error.code, "detail": sentence}] for field, sentence in error.fields.items()}
    return problem(error.status, error.code, error.message, errors=errors or None)


def _flat(details: Any, path: str = "") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """DRF's nested details → path of the field and what is wrong with it."""
    if isinstance(details, Mapping) and set(details) == {"message", "code"}:
        yield path or "body", [{"code": str(details["code"]), "detail": str(details["message"])}]
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            if name == "non_field_errors":
                yield from _flat(inner, path)
            else:
                yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(details, list) and all(set(item) == {"message", "code"} for item in details if item):
        items = [{"code": str(item["code"]), "detail": str(item["message"])} for item in details if item]
        yield path or "body", items
    else:
        for number, inner in enumerate(details):
            if inner:
                yield from _flat(inner, f"{path}.{number}" if path else str(number))


def _code_of(errors: Errors) -> str:
    """The one thing that is wrong, where there is only one and it has a name of its own."""
    codes = {item["code"] for items in errors.values() for item in items}
    return (
        codes.pop()
        if len(codes) == 1 and codes <= {"unknown_field", "no_offset", "unstorable_text", "duplicate_name"}
        else "invalid"
    )


def _code(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ParseError):
        return "malformed_json" if error.get_codes() == "parse_error" else str(error.get_codes())
    if isinstance(error, exceptions.AuthenticationFailed):
        return "authentication_failed"
    return ""


def _detail(error: exceptions.APIException) -> str:
    """Our own sentence, except where the exception carries one that says more."""
    if isinstance(error, exceptions.ParseError | exceptions.AuthenticationFailed):
        return str(error.detail)
    return ""


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
