from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from brokerage.accounts import platform
from brokerage.accounts.models import User


class Command(BaseCommand):
    help = (
        "Make somebody who can sign in one of Doorway's staff: a member of its own organisation. The others"
        " they ask in themselves, on the page «People»."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if user is None:
            raise CommandError(
                f"Nobody signs in here as {email}. They sign up first, or run createsuperuser."
            )
        theirs = platform.employ(user, at=timezone.now())
        self.stdout.write(f"{user} is {theirs.get_role_display().lower()} of {theirs.organisation}.")
