from django.urls import path

from providers import views

app_name = "providers"
urlpatterns = [
    path("<uuid:organisation>/", views.profile, name="profile"),
    path("<uuid:organisation>/edit/", views.edit, name="edit"),
]
