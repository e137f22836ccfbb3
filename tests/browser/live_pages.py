"""Pages that the live script's tests look at: a refreshed part, and a list that changes between two readings."""

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template

ROWS: dict[str, str] = {}
PAGE = Template(
    """{% extends "doorway/base.html" %}{% block title %}Live{% endblock %}
    {% block content %}<h1>Live</h1><p class="dw-live">Live.</p>
    <p role="status" data-live-count>{{ rows|length }} visits</p>
    <section id="part" hx-get="/live/part/" hx-trigger="doorway:claims.changed from:body" hx-swap="innerHTML">
      <p>Not yet</p></section>
    <div data-live-list="/live/">{% for id, name in rows.items %}
    <article class="dw-card dw-feed-card" data-id="{{ id }}" data-gone="{{ name }}">
      <h2>{{ name }}</h2><a href="#{{ id }}">Claim</a></article>
    {% endfor %}</div>{% endblock %}"""
)
asked: list[str] = []


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render(RequestContext(request, {"rows": ROWS})))


def part(request: HttpRequest) -> HttpResponse:
    asked.append(request.path)
    return HttpResponse(f"<p>Asked {len(asked)} times</p><input id='typed' aria-label='Typed'>")
