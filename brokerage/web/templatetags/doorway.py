"""Doorway's own tags; built in to every template, so no `{% load %}` is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import count
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.http import QueryDict
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from brokerage.matching.places import METRES_IN_A_MILE
from brokerage.web import dates, icons

register = template.Library()

MOST_PIPS = 12
_drawing = count(1)


@register.simple_tag
def icon(name: str, size: int | None = None) -> SafeString:
    """A drawing that says nothing by itself: words stand beside it, or the link has a label."""
    grid, shapes = (14, icons.SMALL) if name in icons.SMALL else (24, icons.LARGE)
    return format_html(
        '<svg class="dw-icon" width="{0}" height="{0}" viewBox="0 0 {1} {1}" aria-hidden="true" focusable="false">'
        "{2}</svg>",
        size or (15 if grid == 14 else 24),
        grid,
        mark_safe(shapes[name]),  # noqa: S308 - our own drawing
    )


@register.simple_tag
def status(kind: str, words: object) -> SafeString:
    """`{% status "soon" "Due soon" %}`: icon, word and colour. Kinds: ok soon late very wait book na live."""
    return format_html(
        '<strong class="dw-st dw-st--{}">{}{}</strong>', kind, icon(icons.STATUS_ICONS[kind]), words
    )


@register.simple_tag
def date_block(moment: date | datetime, kind: str = "") -> SafeString:
    """The arch with a day in it; kinds: `book` (not certain yet), `past`."""
    day = dates.local_day(moment)
    return format_html(
        '<time class="dw-date{}" datetime="{}"><span class="dw-date__day">{}</span>'
        '<span class="dw-date__month">{}</span></time>',
        f" dw-date--{kind}" if kind else "",
        day.isoformat(),
        day.day,
        f"{day:%b}",
    )


@register.inclusion_tag("doorway/pips.html")
def pips(taken: int, places: int) -> dict[str, Any]:
    """Places as small squares, and always as words; past twelve the words alone."""
    squares = [(1 + 15 * n, n < taken) for n in range(places)] if places <= MOST_PIPS else []
    return {"taken": taken, "places": places, "squares": squares, "width": 15 * places}


@register.inclusion_tag("doorway/door.html")
def door(state: str, share: float = 1, width: int = 26, words: str = "") -> dict[str, Any]:
    """One door: `lit` to a share from 0 to 1, `booked`, `find` or `na`.

    Under 1 a cap of at least 22% of the height stays dark, so that 97% never looks like all of them.
    """
    height = round(width * 1.43, 1)
    cap = 0.0 if share >= 1 else round(max(0.22, 1 - share) * height, 1)
    radius = width / 2
    return {
        "state": state,
        "words": words,
        "width": width,
        "height": height,
        "path": f"M0 {height}V{radius}a{radius} {radius} 0 0 1 {width} 0V{height}z",
        "cap": cap,
        "lit": round(height - cap, 1),
        "knob": (round(width * 0.74, 1), round(height * 0.62, 1), round(width * 0.056, 1)),
        "id": f"door{next(_drawing)}",
    }


@register.inclusion_tag("doorway/doors.html")
def doors(
    first: str, first_share: float, second: str, second_share: float = 1, width: int = 46
) -> dict[str, Any]:
    return {"first": (first, first_share), "second": (second, second_share), "width": width}


@register.filter
def day_list(moment: date | datetime) -> str:
    return dates.in_list(moment)


@register.filter
def day_long(moment: date | datetime) -> str:
    return dates.in_sentence(moment)


@register.filter
def clock(moment: datetime | time) -> str:
    return dates.clock(moment)


@register.filter
def until(start: datetime, end: datetime) -> str:
    """`{{ slot.starts_at|until:slot.ends_at }}`: `09:10 to 10:05`."""
    return f"{dates.clock(start)} to {dates.clock(end)}"


@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """How long ago, kept true by the script while the page is open."""
    return format_html(
        '<time datetime="{}" data-ago title="{}">{}</time>',
        moment.isoformat(),
        f"{dates.in_sentence(moment)}, {dates.clock(moment)}",
        dates.ago(moment, timezone.now()),
    )


@register.filter
def miles(metres: float | None) -> str:
    """`2.1 miles`; whole miles from ten on; nothing when the distance isn't known."""
    if metres is None:
        return ""
    distance = float(metres) / METRES_IN_A_MILE
    number = f"{distance:.1f}" if distance < 9.95 else f"{distance:.0f}"
    return "1 mile" if number == "1.0" else f"{number} miles"


@register.filter
def plural(number: int, words: str) -> str:
    """`{{ 3|plural:"place,places" }}`: `3 places`, with thousands commas."""
    one, many = words.split(",")
    return f"{number:,} {one if number == 1 else many}"


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """This page's query string with some parts changed; None or "" takes a part out."""
    parts: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parts.pop(name, None)
        else:
            parts[name] = str(value)
    return f"?{parts.urlencode()}" if parts else "?"


@register.inclusion_tag("doorway/paginate.html", takes_context=True)
def paginate(context: Context, page: Any, name: str = "after") -> dict[str, Any]:
    """`Next 20` under a list. `page` has `next` (a cursor or None) and, if it likes, `size` and `previous`."""
    following = getattr(page, "next", None)
    return {
        "href": query(context, **{name: following}) if following else "",
        "size": getattr(page, "size", 20),
        "first": query(context, **{name: None}) if context["request"].GET.get(name) else "",
    }


def _forms(context: Context) -> list[Any]:
    """What this page asks: `form`, `formset`, and whatever else it lists in `forms`."""
    named = [context.get("form"), context.get("formset"), *(context.get("forms") or ())]
    return [each for each in named if isinstance(each, BaseForm | BaseFormSet)]


def _found(each: BaseForm | BaseFormSet[Any]) -> list[tuple[str, str]]:
    """(link target or "", message) for everything that needs putting right, in the order of the page."""
    if not each.is_bound:
        return []
    if isinstance(each, BaseFormSet):
        inside = [found for form in each.forms for found in _found(form)]
        return [("", str(message)) for message in each.non_form_errors()] + inside
    found = [("", str(message)) for message in each.non_field_errors()]
    for field in each:
        target = getattr(field, "target_id", field.auto_id)
        found += [(target, str(message)) for message in field.errors]
    return found


@register.inclusion_tag("govuk/error_summary.html", takes_context=True)
def error_summary(context: Context) -> Mapping[str, Any]:
    """Everything wrong with this page's forms, and `problem`, the sentence of a refused act."""
    problem = context.get("problem")
    errors = [("", str(getattr(problem, "message", problem)))] if problem else []
    return {"errors": errors + [found for each in _forms(context) for found in _found(each)]}


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    return "Error: " if error_summary(context)["errors"] else ""
