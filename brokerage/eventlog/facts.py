"""How a fact becomes an event: a frozen dataclass with a stored name and a version."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar, TypeVar
from uuid import UUID

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. Subclasses hold ids, codes and counts only."""

    type: ClassVar[str]
    subject: ClassVar[str]
    # What every open page may want to read again; sent as a hint straight after the commit.
    hints: ClassVar[tuple[str, ...]] = ()

    subject_id: UUID
    organisation_id: int | None

    def data(self) -> dict[str, Json]:
        skip = {"subject_id", "organisation_id"}
        return {
            self.subject: str(self.subject_id),
            **{
                field.name: _json(getattr(self, field.name))
                for field in fields(self)
                if field.name not in skip
            },
        }


FACTS: dict[str, type[Fact]] = {}
F = TypeVar("F", bound=type[Fact])


def fact(type_: str, *, version: int = 1) -> Callable[[F], F]:
    """Name a fact for good: `brokerage.claim.declined` is stored as `brokerage.claim.declined.v1`."""

    def register(cls: F) -> F:
        cls.type = f"{type_}.v{version}"
        cls.subject = type_.split(".")[1]
        if cls.type in FACTS:
            raise ValueError(f"{cls.type} is taken")
        FACTS[cls.type] = cls
        return cls

    return register


def _json(value: object) -> Json:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    return str(value)
