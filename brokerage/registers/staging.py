"""A file's rows beside the register's own table: copied in, compared and taken over by PostgreSQL.

Table and column names are the models' own; no value is ever part of a statement's text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import connection

from brokerage.registers.reading import Bad, Good, LeftOut, Register

# A difference report names so many rows of each kind; the counts are always whole.
NAMED_AT_MOST: Final = 100_000


@dataclass
class Difference:
    """Rows by key. `changed` has for each field what it was and is; `absent` stand in the register, not in the
    file. Lists name the first hundred thousand, counts are whole."""

    counts: dict[str, int] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    changed: list[tuple[str, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


class Stage:
    """A temporary table of the transaction's, with the columns of one register and the row each came from."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.table = register.model._meta.db_table
        self.columns = ", ".join(register.fields)
        self.key = ", ".join(register.key)
        self.same_key = " AND ".join(f"staged.{name} = kept.{name}" for name in register.key)
        self.differs = (
            f"({', '.join(f'staged.{name}' for name in register.fields)}) IS DISTINCT FROM "
            f"({', '.join(f'kept.{name}' for name in register.fields)})"
        )

    def fill(self, rows: Iterable[Good | Bad | LeftOut]) -> tuple[list[Bad], dict[str, int]]:
        """Bad rows come back, and how many were left out for which reason."""
        bad, left_out = list[Bad](), dict[str, int]()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.staged")
            cursor.execute(
                f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT 0 AS file_row, {self.columns} "  # noqa: S608
                f"FROM {self.table} WITH NO DATA"
            )
            with cursor.copy(f"COPY staged (file_row, {self.columns}) FROM STDIN") as copy:
                for row in rows:
                    if isinstance(row, Good):
                        copy.write_row((row.row, *row.values))
                    elif isinstance(row, Bad):
                        bad.append(row)
                    else:
                        left_out[str(row)] = left_out.get(str(row), 0) + 1
        return bad + self._without_repeats(), left_out

    def _without_repeats(self) -> list[Bad]:
        """The first row of a key stands, those after it are set aside; then the table can be looked up."""
        partition = f"PARTITION BY {self.key} ORDER BY file_row"
        found = self._all(
            f"SELECT file_row, first_row, {self.columns} FROM (SELECT *, first_value(file_row) OVER "  # noqa: S608
            f"({partition}) AS first_row FROM staged) AS numbered WHERE file_row > first_row ORDER BY file_row"
        )
        if found:
            self._run("DELETE FROM staged WHERE file_row = ANY (%s)", [[row[0] for row in found]])
        self._run(f"CREATE UNIQUE INDEX ON staged ({self.key})")
        self._run("ANALYZE staged")
        return [self._repeated(*row) for row in found]

    def _repeated(self, file_row: int, first_row: int, *given: Any) -> Bad:
        by_name = dict(zip(self.register.fields, map(_plain, given), strict=True))
        key = " ".join(by_name[name] for name in self.register.key)
        return Bad(file_row, key[:60], [f"{key} stands in row {first_row} already"], by_name)

    @property
    def size(self) -> int:
        return int(self._one("SELECT count(*) FROM staged"))

    def difference(self) -> Difference:
        joined = f"FROM staged JOIN {self.table} AS kept ON {self.same_key}"
        missing = f"FROM staged WHERE NOT EXISTS (SELECT FROM {self.table} AS kept WHERE {self.same_key})"
        absent = f"FROM {self.table} AS kept WHERE {self._is_lacking}"
        found = Difference(new=self._keys(missing), absent=self._keys(absent))
        for was, now in self._pairs(f"{joined} WHERE {self.differs}"):
            key = self._key_of(now)
            differing = {name: (was[name], now[name]) for name in now if was[name] != now[name]}
            found.changed.append((key, differing))
            if self.register.closes(was, now):
                found.closed.append(key)
        changed = int(self._one(f"SELECT count(*) {joined} WHERE {self.differs}"))
        found.counts = {
            "new": int(self._one(f"SELECT count(*) {missing}")),
            "changed": changed,
            "closed": len(found.closed),
            "unchanged": int(self._one(f"SELECT count(*) {joined}")) - changed,
            "absent": int(self._one(f"SELECT count(*) {absent}")),
        }
        return found

    def take_over(self, file_date: date | None) -> None:
        """New rows come in, differing ones change; what is the same isn't written."""
        others = [name for name in self.register.fields if name not in self.register.key]
        updates = ", ".join(f"{name} = excluded.{name}" for name in (*others, "file_date"))
        differs = " OR ".join(f"kept.{name} IS DISTINCT FROM excluded.{name}" for name in others)
        self._run(
            f"INSERT INTO {self.table} AS kept ({self.columns}, file_date) "  # noqa: S608
            f"SELECT {self.columns}, %s::date FROM staged "
            f"ON CONFLICT ({self.key}) DO UPDATE SET {updates} WHERE {differs}",
            [file_date],
        )
        self._run(f"ANALYZE {self.table}")

    def lacking(self, condition: str, parameters: dict[str, Any]) -> tuple[int, int]:
        """Of the register's rows (`kept`) that meet the condition: how many the file lacks, and how many there are."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE {self._is_lacking}), count(*) "  # noqa: S608
                f"FROM {self.table} AS kept WHERE {condition}",
                parameters,
            )
            gone, held = cursor.fetchone()
        return gone, held

    def change_lacking(self, change: str, condition: str, parameters: dict[str, Any]) -> int:
        """Write to those the file lacks; how many it were."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.table} AS kept SET {change} WHERE {condition} AND {self._is_lacking}",  # noqa: S608
                parameters,
            )
            return int(cursor.rowcount)

    @property
    def _is_lacking(self) -> str:
        return f"NOT EXISTS (SELECT FROM staged WHERE {self.same_key})"

    def _keys(self, source: str) -> list[str]:
        rows = self._all(f"SELECT {self.key} {source} ORDER BY {self.key} LIMIT {NAMED_AT_MOST}")
        return [" ".join(map(str, row)) for row in rows]

    def _pairs(self, source: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        names = self.register.fields
        both = ", ".join([f"kept.{name}" for name in names] + [f"staged.{name}" for name in names])
        order = ", ".join(f"staged.{name}" for name in self.register.key)
        rows = self._all(f"SELECT {both} {source} ORDER BY {order} LIMIT {NAMED_AT_MOST}")
        for row in rows:
            yield (
                dict(zip(names, row[: len(names)], strict=True)),
                dict(zip(names, row[len(names) :], strict=True)),
            )

    def _key_of(self, row: dict[str, Any]) -> str:
        return " ".join(str(row[name]) for name in self.register.key)

    def _run(self, sql: str, parameters: list[Any] | None = None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    def _all(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def _one(self, sql: str) -> Any:
        return self._all(sql)[0][0]


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
