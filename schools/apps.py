from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    label = "schools"

    def ready(self) -> None:
        """Every process that records an event must know who subscribes to it."""
        from schools import handlers

        _ = handlers
