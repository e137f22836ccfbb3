from django.urls import path

from employers import views

app_name = "employers"
urlpatterns = [
    path("<uuid:organisation>/", views.profile, name="profile"),
    path("<uuid:organisation>/edit/", views.edit, name="edit"),
]
