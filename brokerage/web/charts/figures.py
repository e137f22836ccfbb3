"""`figure(chart)` lays out any chart; each chart's module registers its own layout."""

from functools import singledispatch

from brokerage.web.charts.marks import Figure


@singledispatch
def figure(chart: object) -> Figure:
    raise TypeError(f"{type(chart).__name__} is not a chart")
