from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "brokerage.calendar"
    label = "calendar"
