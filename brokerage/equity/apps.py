from django.apps import AppConfig


class EquityConfig(AppConfig):
    name = "brokerage.equity"
    label = "equity"
