from django.apps import AppConfig


class EventlogConfig(AppConfig):
    name = "brokerage.eventlog"
    label = "eventlog"
