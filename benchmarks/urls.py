"""Doorway's addresses and the floors beside them, in the same process."""

from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from brokerage.api.permissions import IsSignedIn
from config.urls import urlpatterns as doorway


class Hello(APIView):
    """What Django REST Framework costs before anyone does anything."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"hello": "there"})


class HelloToken(APIView):
    """And what knowing who asks adds to it."""

    permission_classes = (IsSignedIn,)

    def get(self, request: Request) -> Response:
        return Response({"hello": str(request.user.pk)})


urlpatterns = [
    path("bench/hello/", Hello.as_view()),
    path("bench/hello-token/", HelloToken.as_view()),
    *doorway,
]
