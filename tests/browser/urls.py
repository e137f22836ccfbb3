"""The product's addresses and, as with DEBUG, the style guide."""

from django.urls import include, path

from brokerage.web.views import styleguide

urlpatterns = [
    path("", include("config.urls")),
    path("styleguide/", styleguide.everything, name="styleguide"),
    path("styleguide/form/", styleguide.form, name="styleguide_form"),
]
