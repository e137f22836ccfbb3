"""`{% load charts %}` and `{% chart thing %}`: any of the dataclasses of `brokerage.web.charts`, drawn."""

from secrets import token_hex
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from brokerage.web import charts, icons
from brokerage.web.charts.marks import Arch, Box, Drawing, Mark, Spot, Words, plain
from brokerage.web.templatetags.doorway import door

register = template.Library()


@register.simple_tag
def chart(thing: object) -> SafeString:
    """The whole figure: both drawings, what stands under them, and the table.

    The evidence timeline and the schools of a hub have a body of their own; what a timeline is on a phone, a list of
    doors, no drawing could be."""
    figure = charts.figure(thing)
    return render_to_string(
        f"doorway/charts/{charts.template_of(thing)}.html", {"figure": figure, "chart": thing}
    )


@register.inclusion_tag("doorway/charts/drawing.html")
def drawing(drawn: Drawing, label: str = "") -> dict[str, Any]:
    """Ids are drawn by lot: two drawings never share one, on this page or on a part that is swapped into it."""
    return {"drawing": drawn, "label": label, "id": f"c{token_hex(4)}"}


@register.inclusion_tag("doorway/door_shapes.html")
def arch(mark: Arch) -> dict[str, Any]:
    """The letter stands in the light; where that is too low for it, above."""
    shown = door(mark.state, mark.share, mark.width)
    foot = shown["height"] - 9 if shown["lit"] >= 18 else shown["cap"] - 4
    return shown | {"letter": mark.letter, "middle": mark.width / 2, "foot": foot}


@register.simple_tag
def symbol_shapes(name: str) -> SafeString:
    return mark_safe(icons.SMALL[icons.STATUS_ICONS.get(name, name)])  # noqa: S308 - our own drawing


@register.filter
def at(value: float) -> str:
    return plain(value)


@register.filter
def geometry(mark: Mark) -> SafeString:
    """A mark's place as attributes: all at once, since a drawing has hundreds. Numbers only, nothing to escape."""
    match mark:
        case Box():
            places = {
                "x": mark.x,
                "y": mark.y,
                "width": mark.width,
                "height": mark.height,
                "rx": mark.rounded,
            }
        case Spot():
            places = {"cx": mark.x, "cy": mark.y, "r": mark.radius}
        case Words():
            places = {"x": mark.x, "y": mark.y}
        case _:
            raise TypeError(f"{type(mark).__name__} is placed in another way")
    return mark_safe(" ".join(f'{name}="{plain(value)}"' for name, value in places.items()))  # noqa: S308
