"""Of every fact: somebody reads it or it is kept for the record; and nothing in it names a person."""

from dataclasses import fields
from datetime import datetime
from typing import get_type_hints
from uuid import UUID

import pytest

from brokerage.eventlog.facts import FACTS
from brokerage.eventlog.subscriptions import SUBSCRIPTIONS, subscribers
from brokerage.notifications import handlers

OURS = [fact for name, fact in FACTS.items() if not name.startswith("tests.")]
HARMLESS = {UUID, UUID | None, int, int | None, bool, datetime, list[UUID], list[int], dict[str, int]}
# Text that comes from a closed list or names fields of our own.
CODES = {
    "encounter_type", "sectors", "open_to", "changed", "reason", "state", "was", "kind", "how", "role", "on",
    "first_on", "last_on", "grounds", "review_on", "category", "audience", "delivery_mode", "dates", "starts",
    "content", "qualifications", "until", "ground", "kinds", "school_term", "was_kind", "was_first_on", "was_last_on",
    "added", "removed",
    "words",  # a salted digest
}  # fmt: skip


@pytest.mark.parametrize("fact", OURS, ids=lambda fact: fact.type)
def test_every_fact_has_a_reader_or_is_kept_for_the_record_alone(fact):
    assert bool(subscribers(fact.type)) != (fact in handlers.AUDIT_ONLY)


def test_nobody_subscribes_to_a_fact_that_does_not_exist():
    for subscription in SUBSCRIPTIONS.values():
        assert subscription.types <= set(FACTS)


@pytest.mark.parametrize("fact", OURS, ids=lambda fact: fact.type)
def test_no_fact_holds_a_name_an_address_or_free_text(fact):
    hints = get_type_hints(fact)
    for field in fields(fact):
        assert hints[field.name] in HARMLESS or field.name in CODES, f"{fact.type}.{field.name}"


def test_stored_names_are_versioned_and_never_module_paths():
    for fact in OURS:
        app, _subject, _past, version = fact.type.split(".")
        assert app in {"brokerage", "accounts", "notifications", "registers"}
        assert version.startswith("v")
    assert all("." not in name for name in SUBSCRIPTIONS)
