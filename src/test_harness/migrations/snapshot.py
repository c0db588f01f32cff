"""What there is in a database, in a form that two databases, or two moments, are compared in."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeAlias

from sqlalchemy import Connection

# Names of constraints are the values of these; everything else is known by its name.
KNOWN_BY_DEFINITION = ("check", "foreign key", "primary key", "unique")

_REFERENCE = re.compile(r"foreign key \((.+?)\) references ([^\s(]+) ?\((.+?)\)", re.IGNORECASE)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_LITERAL_OR_SPACE = re.compile(r"('(?:[^']|'')*')|\s+")
_VALUES = re.compile(
    r"(?:\bin ?\(|array\[)((?:'(?:[^']|'')*'(?:::[\w ]+(?:\(\d+\))?)?,? ?)+)", re.I
)


@dataclass(frozen=True)
class Column:
    """A column. `computed` is true where no value may be given for it."""

    type: str
    nullable: bool
    default: str | None = None
    computed: bool = False
    rest: str = ""

    def __str__(self) -> str:
        null = "NULL" if self.nullable else "NOT NULL"
        default = f" DEFAULT {self.default}" if self.default is not None else ""
        return f"{self.type} {null}{default} {self.rest}".rstrip()


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to those of another table."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: its columns, and constraints, indexes and the like by kind and definition or name.

    What lies outside of tables (enum types, sequences, views) is in the table with an empty name.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    things: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[ForeignKey]:
        """The foreign keys, parsed."""
        found = (_REFERENCE.match(thing) for thing in self.things)
        return [
            ForeignKey(_names(match[1]), unquoted(match[2]), _names(match[3]))
            for match in found
            if match
        ]

    @cached_property
    def names(self) -> frozenset[str]:
        """What its parts are called, in small letters."""
        found = {value or key.partition(" ")[2] for key, value in self.things.items()}
        found |= {key[6:] for key in self.things if key.startswith("index ")}
        return frozenset(name.lower() for name in found if name)

    def lines(self, name: str) -> dict[str, str]:
        """Return everything in it by what it is called, in the words of the messages."""
        place = f" on {name}" if name else ""
        if name and not self.columns and not self.things:
            return {f"table {name}": ""}
        columns = {f"column {name}.{key}": str(value) for key, value in self.columns.items()}
        # An extension may serve others as well, and nobody takes it away again.
        things = {key: it for key, it in self.things.items() if not key.startswith("extension ")}
        return columns | {f"{key}{place}": value for key, value in things.items()}


Snapshot: TypeAlias = dict[str, Table]


class Catalog(Protocol):
    """Reads the schema of one database, as far as the connection may see it."""

    def read(self, connection: Connection, reuse: Snapshot) -> Snapshot:
        """Return what there is now.

        Args:
            connection: Where to look.
            reuse: Tables that are known to be unchanged. With the empty name among them, no table
                was made, dropped or renamed either.
        """


def make_catalog(engine: str) -> Catalog:
    """Return what reads the schema of databases of this kind."""
    module = importlib.import_module(f"test_harness.migrations.{engine}")
    catalog: Catalog = module.Catalog()
    return catalog


def differences(found: Snapshot, wanted: Snapshot, *, by_name: bool = True) -> dict[str, str]:
    """Return a line for each difference, by what differs.

    Args:
        found: What there is.
        wanted: What there should be.
        by_name: Whether two constraints that differ in nothing but their names differ.
    """
    lines: dict[str, str] = {}
    for name in sorted({*found, *wanted}):
        ours, theirs = found.get(name), wanted.get(name)
        if ours is theirs:
            continue
        if name and (ours is None or theirs is None):
            lines[f"table {name}"] = (
                f"{'missing:  ' if ours is None else 'left over:'} table {name}"
            )
            continue
        is_there = ours.lines(name) if ours else {}
        should_be = theirs.lines(name) if theirs else {}
        for key in sorted(should_be.keys() | is_there.keys()):
            if key not in is_there:
                lines[key] = f"missing:   {key} {_definition(key, should_be)}"
            elif key not in should_be:
                lines[key] = f"left over: {key} {_definition(key, is_there)}"
            elif is_there[key] != should_be[key] and (by_name or not _is_constraint(key)):
                lines[key] = f"differs:   {key} is {is_there[key]}; should be {should_be[key]}"
    return {key: line.rstrip() for key, line in lines.items()}


def normal(expression: str) -> str:
    """Return an expression without what databases and people write in different ways."""
    text = expression if "array[" in expression.lower() else unquoted(expression)
    text = _LITERAL_OR_SPACE.sub(lambda match: match[1] or " ", text)
    parts = re.split(r"('(?:[^']|'')*')", text)
    text = "".join(part if part.startswith("'") else part.lower() for part in parts).strip()
    text = re.sub(r"\( ", "(", re.sub(r" \)", ")", text))
    return _VALUES.sub(_with_sorted_values, text)


def _with_sorted_values(match: re.Match[str]) -> str:
    opening = match[0][: -len(match[1])]
    values = re.findall(r"'(?:[^']|'')*'(?:::[\w ]+(?:\(\d+\))?)?", match[1])
    return opening + ", ".join(sorted(values))


def _definition(key: str, lines: Mapping[str, str]) -> str:
    return f"({lines[key]})" if lines[key] else ""


def _is_constraint(key: str) -> bool:
    return key.startswith(KNOWN_BY_DEFINITION)


def _names(text: str) -> tuple[str, ...]:
    return tuple(unquoted(part) for part in text.split(","))


def literals(text: str) -> list[str]:
    """Return the texts in quotes that an SQL text has, with their quotes, in their order."""
    return _LITERAL.findall(text)


def unquoted(name: str) -> str:
    """Return a name without what databases put around it."""
    return re.sub(r'["`\[\]]', "", name.strip())
