from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "brokerage.notifications"
    label = "notifications"
