from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "brokerage.ledger"
    label = "ledger"
