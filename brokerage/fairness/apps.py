from django.apps import AppConfig


class FairnessConfig(AppConfig):
    name = "brokerage.fairness"
    label = "fairness"
    verbose_name = "Fairness"
