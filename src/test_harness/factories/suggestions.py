"""Values that CHECK constraints suggest: from their patterns, and from what they compare with."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import types as t

from test_harness.factories.expressions import Value, quoted
from test_harness.factories.patterns import number, template_of
from test_harness.factories.reading import Field
from test_harness.factories.terms import Check
from test_harness.factories.texts import text_value
from test_harness.factories.values import FRACTIONS

_DAYS = ("2026, 1, 2", "2025, 12, 31", "2026, 2, 1", "2027, 1, 1", "2099, 12, 31", "2000, 1, 1")


def of_patterns(checks: list[Check]) -> Iterator[Value]:
    for check in checks:
        for kind, pattern in check.patterns:
            inside = template_of(pattern) if kind.startswith("regex") else _of_like(pattern)
            if inside:
                yield text_value(inside)


def _of_like(pattern: str) -> str:
    """Return the inside of an f-string that a pattern of LIKE or GLOB matches."""
    pattern = pattern.replace("*", "%").replace("?", "_")
    text = re.sub(r"\\(.)|_", lambda found: found[1] or "x", pattern)
    if "{" in text:
        return ""
    head, sign, tail = text.rpartition("%")
    return head.replace("%", "a") + number() + tail if sign else tail


def of_literals(field: Field, checks: list[Check]) -> Iterator[Value]:
    literals = [literal for check in checks for literal in check.literals]
    numbers = sorted({one for one in literals if isinstance(one, (int, Decimal))})
    if isinstance(field.type, (t.Integer, *FRACTIONS)):
        yield from _near(field, numbers)
        yield from _one_after_another([_number(field, one) for one in numbers])
    elif isinstance(field.type, (t.DateTime, t.Date)):
        name = "datetime" if isinstance(field.type, t.DateTime) else "date"
        zone = ", tzinfo=timezone.utc" if getattr(field.type, "timezone", False) else ""
        days = [Value(f"{name}({day}{zone})") for day in _DAYS]
        near = [Value(f"{name}({day}{zone})") for day in _days_of(literals)]
        step = "minutes" if name == "datetime" else "days"
        yield from days
        yield from near
        yield from (Value(f"{one.text} + timedelta({step}=n)") for one in (*days, *near))
    else:
        yield from (text_value(one) for one in literals if isinstance(one, str))
        prefixes = [one for one in literals if isinstance(one, str) and one]
        yield from (text_value(prefix + number()) for prefix in prefixes)
        for size in numbers:
            for width in (int(size), int(size) + 1, int(size) - 1):
                if 0 < width < 1000:
                    yield replace(text_value(number(width)), capacity=10**width)
        yield from _one_after_another(list(dict.fromkeys(map(quoted, prefixes))))


def _days_of(literals: list[Any]) -> Iterator[str]:
    """Yield the days that a check compares with, and those around, as what `date` is given."""
    for literal in dict.fromkeys(literals):
        day = _day(literal)
        for near in (day, day + timedelta(days=1), day - timedelta(days=1)) if day else ():
            yield f"{near.year}, {near.month}, {near.day}"


def _day(literal: Any) -> date | None:
    """Return the day that a literal stands for: in ISO's form, as a year or as `to_days()`."""
    try:
        if isinstance(literal, str):
            return datetime.fromisoformat(literal).date()
        if isinstance(literal, int):
            is_year = literal < 10_000
            return date(literal, 1, 1) if is_year else date.fromordinal(literal - 365)
    except (ValueError, OverflowError):
        pass
    return None


def _one_after_another(texts: list[str]) -> Iterator[Value]:
    """Yield the values of a list, each for one row: what there is where a list is all that fits."""
    if len(texts) > 1:
        yield Value(f"[{', '.join(texts)}][n]", capacity=len(texts))


def _near(field: Field, numbers: list[Any]) -> Iterator[Value]:
    """Yield the numbers of a check, those beside and between them, and rows that start there."""
    between = [Decimal(low + high) / 2 for low, high in itertools.pairwise(numbers)]
    for near in [*between, *(one + step for one in numbers for step in (0, 1, -1))]:
        yield Value(_number(field, near))
    for low in numbers:
        above = [high for high in numbers if high > low]
        first = int(low)
        if not above:
            yield Value(_counted(field, f"{first + 1} + n"))
            continue
        last = int(above[-1])
        for start, end in ((first, last), (first + 1, last), (first + 1, last - 1)):
            text = f"range({start}, {end + 1})[n]"
            if end >= start:
                yield Value(_counted(field, text), capacity=end + 1 - start)


def _number(field: Field, number: Any) -> str:
    if isinstance(field.type, t.Integer):
        return str(int(number))
    return f'Decimal("{number}")' if _is_decimal(field) else str(float(number))


def _counted(field: Field, text: str) -> str:
    if isinstance(field.type, t.Integer):
        return text
    return f"Decimal({text})" if _is_decimal(field) else f"float({text})"


def _is_decimal(field: Field) -> bool:
    return bool(getattr(field.type, "asdecimal", False))
