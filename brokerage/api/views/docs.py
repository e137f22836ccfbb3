"""The schema and the page that shows it: no sign-in, no request to another host."""

from typing import Any

from csp.decorators import csp_update
from django.http import Http404
from django.utils.decorators import method_decorator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from brokerage.api.views.base import View


@extend_schema(exclude=True)
class Schema(SpectacularAPIView):
    authentication_classes = []
    permission_classes = [AllowAny]


# Swagger UI styles its own elements as it draws them.
@extend_schema(exclude=True)
@method_decorator(csp_update({"style-src": ["'unsafe-inline'"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    url_name = "api:schema"
    authentication_classes = []
    permission_classes = [AllowAny]


@extend_schema(exclude=True)
class NotFound(View):
    """Every other address below /api/: a problem, not a page."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
