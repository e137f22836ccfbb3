from django.apps import AppConfig


class BrokerageConfig(AppConfig):
    name = "brokerage"
    label = "brokerage"

    def ready(self) -> None:
        """The market follows what happens to people."""
        from brokerage.domain import departures

        _ = departures
