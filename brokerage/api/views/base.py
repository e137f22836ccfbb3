"""What the API's views share: parse, one call of the domain or of a query, render."""

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from brokerage.accounts.models import Membership, User
from brokerage.api.permissions import IsMember


class View(APIView):
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Which methods there are; what they take stands in the schema."""
        return Response(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


class MemberView(View):
    """`by` is the acting membership, set by IsMember."""

    permission_classes = [IsMember]
    acts = True  # for an organisation, which the header may name
    by: Membership

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """One clock for the whole request."""
        self.at = timezone.now()
        super().setup(request, *args, **kwargs)


def person(request: Request) -> User:
    """Of a view behind IsSignedIn."""
    assert isinstance(request.user, User)
    return request.user


def body(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    return dict(_reader(shape).run_validation(request.data))


def query(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    said = request.query_params
    twice = {
        name: [serializers.ErrorDetail("Give this once.", code="duplicate_name")]
        for name, values in said.lists()
        if len(values) > 1
    }
    if twice:
        raise serializers.ValidationError(twice)
    return dict(_reader(shape).run_validation(said.dict()))


@cache
def _reader(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for the life of the process: `run_validation` keeps nothing of what it read, and making one copies
    every field it has."""
    return shape(error_messages={"null": "No data provided"})


def page(request: Request, results: list[Any], following: str | None) -> Response:
    """`next` is the same address with the cursor of the page that follows."""
    link = None
    if following is not None:
        asked = request.META["QUERY_STRING"]
        if "cursor" in request.query_params:
            asked = urlencode(
                [(name, value) for name, value in request.query_params.items() if name != "cursor"]
            )
        link = f"{request.build_absolute_uri(request.path)}?{asked}{'&' if asked else ''}cursor={following}"
    return Response({"next": link, "results": results})
