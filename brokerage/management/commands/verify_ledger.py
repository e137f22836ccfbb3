"""manage.py verify_ledger: read every school's chain of evidence again, and say whether it still holds."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from brokerage.accounts.models import Organisation
from brokerage.ledger import chain
from brokerage.ledger.models import Seal


class Command(BaseCommand):
    help = (
        "Check that no step of any access request, need, claim or encounter was changed, taken out or put in, and that"
        " each request's row is what its steps say."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="URN", help="one school alone")
        parser.add_argument(
            "--heads", action="store_true", help="print each school's last link, to keep elsewhere"
        )
        parser.add_argument(
            "--expect",
            metavar="URN:NUMBER:SHA256",
            action="append",
            default=[],
            help="a link that was printed before must still stand (may be repeated)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        school = self._school(options["school"]) if options["school"] else None
        chain.seal(at=timezone.now())
        verdict = chain.verify(
            at=timezone.now(),
            school_id=school.pk if school else None,
            progress=lambda count: self.stderr.write(f"{count:,} steps read"),
        )
        wrong = [self._sentence(found) for found in verdict.breaks]
        wrong += [sentence for given in options["expect"] if (sentence := self._unexpected(given))]
        if options["heads"]:
            self._print_heads(school)
        if wrong:
            raise CommandError("\n".join(["The ledger doesn't hold:", *wrong]))
        self.stdout.write(f"{verdict.schools:,} schools, {verdict.links:,} steps: unbroken.")

    def _school(self, urn: str) -> Organisation:
        try:
            return Organisation.objects.get(urn=urn)
        except Organisation.DoesNotExist:
            raise CommandError(f"No school has the URN {urn}.") from None

    def _sentence(self, found: chain.Break) -> str:
        name = Organisation.objects.filter(pk=found.school_id).values_list("name", flat=True).first()
        where = f", step {found.number}" if found.number else ""
        return f"{name or 'A school that is gone'}{where}: {found.what}."

    def _unexpected(self, given: str) -> str | None:
        try:
            urn, number, sha256 = given.split(":")
            wanted = int(number)
        except ValueError:
            raise CommandError(f"“{given}” isn't URN:NUMBER:SHA256.") from None
        link = Seal.objects.filter(school=self._school(urn), number=wanted).first()
        if link is None:
            return f"URN {urn}, step {wanted}: it stood when it was printed, and is gone."
        return None if link.sha256 == sha256 else f"URN {urn}, step {wanted}: it isn't what was printed."

    def _print_heads(self, school: Organisation | None) -> None:
        links = Seal.objects.select_related("school").order_by("school_id", "-number").distinct("school_id")
        for link in links.filter(school=school) if school else links:
            self.stdout.write(f"{link.school.urn or link.school.public_id}:{link.number}:{link.sha256}")
