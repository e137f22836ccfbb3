"""Every address of Doorway. API routes live with the data they serve and are mounted here."""

from django.urls import path

urlpatterns: list = []
_ = path
