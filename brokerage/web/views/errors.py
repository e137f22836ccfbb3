"""When a page can't be shown: a sentence, and a way on. Never a traceback."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Mostly a form left open past signing out, or cookies turned off."""
    return render(request, "403_csrf.html", status=403)
