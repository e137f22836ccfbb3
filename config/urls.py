"""Every address of Doorway. API routes live with the data they serve and are mounted here."""

from django.urls import URLPattern, URLResolver, include, path

from schools.views import calendar

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("schools.api.urls")),  # first: a program's request tries no page's address
    path("api/v1/", include("brokerage.api.urls")),
    path("", include("brokerage.web.urls")),
    path("overview/access/", include("schools.oversight_urls")),
    path("school/", include("schools.urls")),
    path("schools/", include("schools.public_urls")),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar_feed"),
    path("employers/", include("employers.urls")),
    path("providers/", include("providers.urls")),
    path("accounts/", include("allauth.account.urls")),
]
