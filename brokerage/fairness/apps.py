from django.apps import AppConfig


class FairnessConfig(AppConfig):
    name = "brokerage.fairness"
    label = "fairness"
    verbose_name = "Fairness"

    def ready(self) -> None:
        """Every process that records an event must know who subscribes to it."""
        from brokerage.fairness import handlers

        _ = handlers
