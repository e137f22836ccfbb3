"""The product's addresses and, as with DEBUG, the style guide."""

from django.urls import include, path

from brokerage.web.views import styleguide, styleguide_charts
from tests.browser import live_pages

urlpatterns = [
    path("", include("config.urls")),
    path("styleguide/", styleguide.everything, name="styleguide"),
    path("styleguide/form/", styleguide.form, name="styleguide_form"),
    path("styleguide/charts/", styleguide_charts.everything, name="styleguide_charts"),
]
urlpatterns += [path("live/", live_pages.page), path("live/part/", live_pages.part)]
urlpatterns += [path("live/updates/", live_pages.page, name="updates")]
