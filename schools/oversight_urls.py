"""Provider access as a hub or trust reads it of its schools."""

from django.urls import path

from schools.views import oversight_access

app_name = "oversight_access"
urlpatterns = [
    path("", oversight_access.schools, name="schools"),
    path("waiting/", oversight_access.waiting, name="waiting"),
    path("schools/<uuid:public_id>/", oversight_access.school, name="school"),
]
