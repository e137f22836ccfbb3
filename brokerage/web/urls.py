"""Pages that everyone shares."""

from django.conf import settings
from django.urls import path

from brokerage.web.views import landing, pages

urlpatterns = [
    path("", landing.home, name="home"),
    path("now/", landing.strip, name="landing_strip"),
    path("help/", pages.help_page, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
]

if settings.DEBUG:
    from brokerage.web.views import styleguide

    urlpatterns += [
        path("styleguide/", styleguide.everything, name="styleguide"),
        path("styleguide/form/", styleguide.form, name="styleguide_form"),
    ]
