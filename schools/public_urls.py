"""Pages of a school that anyone can read."""

from django.urls import path

from schools.views import policy

urlpatterns = [
    path("<slug:key>/provider-access-policy/", policy.public, name="policy_statement"),
]
