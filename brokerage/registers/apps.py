from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "brokerage.registers"
    label = "registers"
