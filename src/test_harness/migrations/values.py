"""Values for the columns of a schema as it was at some revision, written as SQL literals.

By the type as the database names it, because the models are those of today and the schema is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from test_harness.migrations.snapshot import Column, Snapshot, Table, literals

_UUID = "00000000-0000-4000-8000-0000000000{0:02}"

# The first profile fills types to their brim, so that a narrower type cannot hold the value; the
# others are for tables whose CHECK constraints want less.
PROFILES = ("large", "one", "zero")

# How long a text is made: as long as its type lets it be, within reason.
LONGEST, UNBOUNDED = 2000, 300

_INTEGERS = {"tinyint": 100, "smallint": 30_000, "mediumint": 8_000_000, "bigint": 2**33}
_FIXED: tuple[tuple[str, str], ...] = (
    (r"int[48]range|numrange", "'[{0},{0}]'"),
    (r"(date|tstz?)range", "'[2026-01-{0:02}, 2026-02-{0:02})'"),
    (r"(int[48]|num)multirange", "'{{[{0},{0}]}}'"),
    (r"(date|tstz?)multirange", "'{{[2026-01-{0:02}, 2026-02-{0:02})}}'"),
    (r"timestamp|datetime", "'2026-01-02 03:04:{0:02}.123456'"),
    (r"date", "'2026-01-{0:02}'"),
    (r"time", "'03:04:{0:02}'"),
    (r"year", "20{0:02}"),
    (r"interval", "'{0} days'"),
    (r"(uuid|(var)?char\(36\)|character( varying)?\(36\))$", f"'{_UUID}'"),
    # As types write them that have no dashes, or no text at all.
    (r"((var)?char|character( varying)?)\(32\)$", f"'{_UUID.replace('-', '')}'"),
    (r"(var)?binary\(16\)$", f"X'{_UUID.replace('-', '')}'"),
    (r"inet|cidr", "'10.0.0.{0}'"),
    (r"macaddr", "'08:00:2b:01:02:{0:02}'"),
    (r"xml", "'<a>{0}</a>'"),
    (r"tsvector", "'word{0}'"),
    (r"hstore", "'key=>{0}'"),
    (r"ltree", "'top.n{0}'"),
    (r"point", "'({0},{0})'"),
)


def literal(  # noqa: PLR0911 - one for each family of types
    snapshot: Snapshot, table: Table, name: str, number: int, profile: str = "large"
) -> str | None:
    """Return a value for a column, None when none is known for its type.

    Args:
        snapshot: The schema, for its enum types.
        table: The table the column is in, for its CHECK constraints.
        name: The column.
        number: Which row the value is for, from 1; two rows get two values where possible.
        profile: One of PROFILES.
    """
    column = table.columns[name]
    kind = column.type.lower()
    if kind.endswith("[]"):
        return "'{}'"
    if labels := choices(snapshot, table, name):
        return labels[0]
    if re.match(r"bool|tinyint\(1\)", kind):
        return "true" if profile != "zero" else "false"
    if re.match(r"numeric|decimal|dec\b|money|float|double|real", kind):
        return _decimal(kind, number, profile)
    if re.match(r"(tiny|small|medium|big)?int(?!erval|\w*range)|serial|bigserial", kind):
        return _integer(kind, number, profile)
    # MariaDB has no type of its own for it.
    if kind.startswith("json") or "json_valid" in column.rest:
        return f"'[{number}]'" if "[]" in (column.default or "") else f"""'{{"key": {number}}}'"""
    for pattern, written in _FIXED:
        if re.match(pattern, kind):
            return written.format(number)
    return _text(column, kind, name, number)


def choices(snapshot: Snapshot, table: Table, name: str) -> list[str]:
    """Return the values that an enum type or a CHECK leaves a column, as literals."""
    column = table.columns[name]
    kind = column.type.lower()
    outside = snapshot.get("", Table()).things
    labels = outside.get(f"enum {column.type}") or _labels(column.type) or _allowed(table, name)
    found = literals(labels or "")
    # A set holds several at once.
    return found[:1] if kind.startswith("set(") else found


def bounds(table: Table) -> Iterator[tuple[str, str, int]]:
    """Yield what the CHECK constraints of a table compare a column, or its length, with.

    Each is the column, the number as it is written, and which place of three it stands in: at the
    number, above or below it.
    """
    for thing in table.things:
        if not thing.startswith("check "):
            continue
        text = thing
        for value in literals(thing):
            text = text.replace(value, "")
        for name in table.columns:
            if not re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                continue
            for number in dict.fromkeys(re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])", text)):
                yield from ((name, number, step) for step in (0, 1, -1))


def at_bound(table: Table, name: str, number: str, step: int) -> str | None:
    """Return a value beside a number that a CHECK constraint compares with; None where none is."""
    kind = table.columns[name].type.lower()
    if re.match(r"numeric|decimal|float|double|real|(tiny|small|medium|big)?int(?!erval)", kind):
        return f"{Decimal(number) + step}"
    length = Decimal(number) + step
    if re.search(r"char|text", kind) and 0 <= length <= LONGEST and length == int(length):
        return f"'{'x' * int(length)}'"
    return None


def _text(column: Column, kind: str, name: str, number: int) -> str | None:
    length = re.search(r"\((\d+)\)", kind)
    room = min(int(length[1]), LONGEST) if length else UNBOUNDED
    if re.match(r"bytea", kind):
        return f"'\\x00ff{number:02}'"
    if re.search(r"blob|binary", kind):
        return f"X'00ff{number:02}'" if room > 2 else f"X'{number:02}'"
    if re.search(r"char|text|clob|string", kind) or not kind:
        # Two words, and the parts of an address, for what takes texts apart.
        end = "@example.com" if "mail" in name.lower() and room >= 20 else ""
        start = f"{number}-{name}{'.' if end else ' '}"
        room -= len(end)
        text = (start + "x" * (room - len(start)))[:room]
        if text.endswith(" "):
            text = text[:-1] + "x"
        return "'" + (text + end).replace("'", "''") + "'"
    return None


def _integer(kind: str, number: int, profile: str) -> str:
    if profile != "large":
        return str(number if profile == "one" else 0)
    sizes = (value for word, value in _INTEGERS.items() if kind.startswith(word))
    return str(next(sizes, 1_000_000) + number)


def _decimal(kind: str, number: int, profile: str) -> str:
    if profile == "zero":
        return "0"
    precision = re.search(r"\((\d+)(?:, ?(\d+))?\)", kind)
    whole, fraction = (
        (8, 1)
        if precision is None
        else (int(precision[1]) - int(precision[2] or 0), int(precision[2] or 0))
    )
    # SQLite keeps them as floats, which have no more digits.
    most = min(whole, 13 - min(fraction, 6))
    digits = str(number if profile == "one" or most < 2 else 10 ** (most - 1) + number)
    return (digits if whole else "0") + ("." + "5".rjust(min(fraction, 6), "2") if fraction else "")


def _allowed(table: Table, name: str) -> str | None:
    """Return the values that a CHECK constraint leaves a column, as SQL literals."""
    for thing in table.things:
        if thing.startswith("check ") and re.search(
            rf"\b{re.escape(name)}\b", thing, re.IGNORECASE
        ):
            values = re.search(r"(?:\bin ?\(|array\[)('.*)", thing)
            if values:
                return values[1]
    return None


def _labels(kind: str) -> str | None:
    return kind.partition("(")[2] if kind.lower().startswith(("enum(", "set(")) else None
