"""manage.py erase_wording: find what somebody wrote about access requests, and take it out, as a person may ask."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from brokerage.accounts.models import User
from brokerage.domain import wording
from brokerage.errors import DomainError
from brokerage.models import Words

SHOWN = 12


class Command(BaseCommand):
    help = (
        "Without digests: list what was written, each with its digest. With digests and --by: take those texts out for"
        " good. The step, its date and who took it stay; the pages say that the text was removed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("digests", nargs="*", metavar="DIGEST", help=f"or its first {SHOWN} characters")
        parser.add_argument(
            "--request", type=UUID, metavar="ID", help="list what was written about this request"
        )
        parser.add_argument("--author", metavar="EMAIL", help="list what this person wrote")
        parser.add_argument("--holding", metavar="TEXT", help="list what holds this, a name for one")
        parser.add_argument("--by", metavar="EMAIL", help="who takes it out: one of the platform's staff")

    def handle(self, *args: Any, digests: list[str], by: str | None, **options: Any) -> None:
        if not digests:
            self._list(self._asked_for(options))
            return
        if by is None:
            raise CommandError("Say who takes it out: --by EMAIL.")
        staff = User.objects.filter(email__iexact=by, is_active=True).first()
        if staff is None:
            raise CommandError(f"Nobody has the address {by}.")
        for words in [self._one(digest) for digest in digests]:
            try:
                erased = wording.erase(words=words, by=staff, at=timezone.now())
            except DomainError as refusal:
                raise CommandError(refusal.message) from None
            self.stdout.write(f"{erased.sha256[:SHOWN]}: removed on {erased.erased_at:%Y-%m-%d}.")

    def _asked_for(self, options: dict[str, Any]) -> QuerySet[Words]:
        found = Words.objects.filter(erased_at__isnull=True)
        if not any(options[name] for name in ("request", "author", "holding")):
            raise CommandError("Say whose: --request, --author or --holding.")
        if options["request"]:
            found = found.filter(request__public_id=options["request"])
        if options["author"]:
            found = found.filter(author__user__email__iexact=options["author"])
        if options["holding"]:
            found = found.filter(text__icontains=options["holding"])
        return found.select_related("school", "author__user").order_by("at")

    def _list(self, found: QuerySet[Words]) -> None:
        for words in found:
            who = words.author.user.email if words.author else "nobody named"
            self.stdout.write(
                f"{words.sha256[:SHOWN]}  {words.at:%Y-%m-%d}  {words.get_step_display()}, {words.school}, {who}"
            )
            self.stdout.write(f"    {words.text}")
        self.stdout.write(f"{len(found):,} found.")

    def _one(self, digest: str) -> Words:
        found = (
            list(Words.objects.filter(sha256__startswith=digest.lower())[:2]) if len(digest) >= SHOWN else []
        )
        if len(found) != 1:
            raise CommandError(f"“{digest}” is no digest of one text. Give at least {SHOWN} characters.")
        return found[0]
