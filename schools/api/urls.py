"""`/api/v1/`: what only a school means."""

from django.urls import path

from schools.api import views

app_name = "schools_api"
urlpatterns = [
    path("schools/<uuid:school_id>/provider-access/", views.ProviderAccess.as_view(), name="provider-access"),
    path("schools/<uuid:school_id>/policy/", views.Policy.as_view(), name="policy"),
]
