from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "brokerage.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Every process that records an event must know who subscribes to it."""
        from brokerage.notifications import handlers

        _ = handlers
