"""Fill an empty database with the demo world."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from brokerage.accounts.models import Organisation
from config.demo import world


class Command(BaseCommand):
    help = "Load a fictional town with two terms of history, relative to today. Only into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=world.SEED, help="Another number, another town.")

    def handle(self, *, seed: int, **_: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo world isn't for production: its password is known to everyone.")
        if Organisation.objects.exists():
            raise CommandError(
                "This database already holds organisations: the demo world needs an empty one."
            )
        started = time.monotonic()
        world.load(now=timezone.now(), seed=seed)
        self.stdout.write(f"The demo world is loaded ({time.monotonic() - started:.0f} seconds).")
