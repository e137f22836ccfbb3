from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class CalendarConfig(AppConfig):
    name = "brokerage.calendar"
    label = "calendar"

    def ready(self) -> None:
        """A mistake in a setting stops the start, not the first page that reads it."""
        from brokerage.calendar import national_dates

        try:
            national_dates.known()
        except ValueError as error:
            raise ImproperlyConfigured(f"NATIONAL_DATES: {error}.") from None
