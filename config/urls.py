"""Every address of Doorway. API routes live with the data they serve and are mounted here."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("brokerage.web.urls")),
    path("school/", include("schools.urls")),
    path("employers/", include("employers.urls")),
    path("providers/", include("providers.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("brokerage.api.urls")),
]
