"""Write the documents that the code itself knows: states, events, OpenAPI, AsyncAPI. Needs no database."""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import fields
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.utils.functional import cached_property

from brokerage.accounts.models.membership import MEMBERSHIP_MOVES, MembershipState
from brokerage.eventlog.facts import FACTS, Fact
from brokerage.eventlog.subscriptions import subscribers
from brokerage.fairness.states import CASE_MOVES, CaseState
from brokerage.notifications import contract
from brokerage.states import MACHINES, Moves

MADE = "<!-- Made by `manage.py generate_docs`; CI compares. -->\n"


class Command(BaseCommand):
    help = "Write docs/states.md, docs/events.md, docs/openapi.yml and docs/asyncapi.yml."
    requires_system_checks: list[str] = []

    @cached_property
    def documents(self) -> dict[str, Callable[[], str]]:
        return {
            "states.md": states,
            "events.md": events,
            "openapi.yml": openapi,
            "asyncapi.yml": asyncapi,
        }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Fail when a document isn't up to date.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        stale = []
        for name, make in self.documents.items():
            path, text = Path(settings.BASE_DIR) / "docs" / name, make()
            if path.exists() and path.read_text() == text:
                continue
            if check:
                stale.append(f"docs/{name}")
            else:
                path.write_text(text)
                self.stdout.write(f"wrote docs/{name}")
        if stale:
            raise CommandError(f"Not up to date: {', '.join(stale)}. Run: manage.py generate_docs")


def states() -> str:
    parts = [MADE, "# States\n"]
    machines: dict[str, tuple[Any, Moves]] = {
        **MACHINES,
        "membership": (MembershipState, MEMBERSHIP_MOVES),
        "fairness_case": (CaseState, CASE_MOVES),
    }
    for name, (choices, moves) in machines.items():
        parts.append(f"## {name.capitalize()}\n")
        parts.append("| State | In words | May become |\n|---|---|---|")
        for state in choices:
            after = ", ".join(f"`{to}`" for to in sorted(moves[state])) or "nothing: it stays"
            parts.append(f"| `{state}` | {state.label} | {after} |")
        parts.append("\n```mermaid\nstateDiagram-v2")
        parts.append(f"    [*] --> {next(iter(choices))}")
        parts += [f"    {old} --> {to}" for old, after in moves.items() for to in sorted(after)]
        parts.append("```\n")
    parts.append(
        "A need is shown as *filled* when it is open and no place is left, and as *closed* once every time's"
        " closing date or start has passed. PostgreSQL refuses any other move (a trigger on each table).\n"
    )
    return "\n".join(parts)


def events() -> str:
    parts = [
        MADE,
        "# Events\n",
        "One append-only log. Every verb records its facts in its own transaction, with a debt for each"
        " subscriber. They hold ids, codes and counts: never names, addresses or free text.\n",
    ]
    for type_, fact in sorted(FACTS.items()):
        parts.append(f"## `{type_}`\n")
        if doc := _own_doc(fact):
            parts.append(f"{doc}\n")
        named = ", ".join(
            f"`{field.name}`" for field in fields(fact) if field.name not in {"subject_id", "organisation_id"}
        )
        parts.append(f"- about: `{fact.subject}`")
        parts.append(f"- data: {named or 'nothing more'}")
        parts.append(f"- hints: {', '.join(f'`{hint}`' for hint in fact.hints) or 'none'}")
        readers = ", ".join(f"`{name}`" for name in sorted(subscribers(type_)))
        parts.append(f"- read by: {readers or 'nobody yet: it is kept for the record'}\n")
    return "\n".join(parts)


def _own_doc(fact: type[Fact]) -> str:
    doc = fact.__dict__.get("__doc__") or ""
    return "" if doc.startswith(f"{fact.__name__}(") else " ".join(doc.split())


def openapi() -> str:
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return out.getvalue()


def asyncapi() -> str:
    document: str = yaml.safe_dump(contract.asyncapi(), sort_keys=False, allow_unicode=True, width=110)
    return document
