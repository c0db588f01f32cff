"""CHECK constraints are evaluated as databases do, and patterns get texts that match them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Enum
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
KNOWN = {name: name for name in ("a", "b", "c", "status", "done_at")}


@pytest.mark.parametrize(
    ("text", "row", "accepted"),
    [
        ("a > 0", {"a": 1}, True),
        ("a > 0", {"a": 0}, False),
        ("a > 0", {"a": None}, True),  # NULL is no refusal
        ("a IS NOT NULL AND a > 0", {"a": None}, False),
        ("a BETWEEN 1 AND 5 AND b NOT BETWEEN 1 AND 5", {"a": 5, "b": 6}, True),
        ("a NOT IN ('x', 'it''s')", {"a": "it's"}, False),
        ("a IN (1, 2) OR NOT (b = 3)", {"a": 4, "b": 3}, False),
        ('"a" = `b` + 2 * 3', {"a": 7, "b": 1}, True),
        ("(a + 2) * 3 = 9", {"a": 1}, True),
        ("a - b - c = 0", {"a": 3, "b": 2, "c": 1}, True),
        ("a <= b", {"a": date(2026, 1, 1), "b": NOON}, True),
        (
            "a < b",
            {"a": NOON, "b": NOON.replace(tzinfo=None)},
            False,
        ),
        ("a >= '2020-01-01'", {"a": date(2019, 1, 1)}, False),
        ("a >= 0.5", {"a": 0.25}, False),
        ("a < 1", {"a": Decimal("0.9999")}, True),
        ("length(trim(a)) > 0", {"a": "  "}, False),
        ("char_length(a) = 3", {"a": "abc"}, True),
        ("a LIKE 'SKU-%'", {"a": "SKU-1"}, True),
        ("a LIKE '_%@_%'", {"a": "@x"}, False),
        ("a NOT LIKE '% %'", {"a": "a b"}, False),
        ("a GLOB '[A-Z]*'", {"a": "a"}, False),
        ("a ~ '^[a-z]+$'", {"a": "abC"}, False),
        ("a ~* '^[a-z]+$'", {"a": "abC"}, True),
        ("a !~ '^[[:digit:]]+$'", {"a": "12"}, False),
        ("a REGEXP '^[A-Z]{2}$'", {"a": "DE"}, True),
        ("regexp_like(a, '^x')", {"a": "y"}, False),
        ("lower(a) = a", {"a": "Ab"}, False),
        ("a::text = ANY (ARRAY['x'::text, 'y'::text])", {"a": "z"}, False),
        (
            "a = ANY (ARRAY['x'::character varying, 'y'::character varying]::text[])",
            {"a": "y"},
            True,
        ),
        ("(status = 'done') = (done_at IS NOT NULL)", {"status": "done", "done_at": None}, False),
        ("(a IS NULL) <> (b IS NULL)", {"a": None, "b": 1}, True),
        ("num_nonnulls(a, b, c) = 1", {"a": 1, "b": 1, "c": None}, False),
        ("CASE WHEN a = 1 THEN b > 0 ELSE b IS NULL END", {"a": 2, "b": 1}, False),
        ("CASE a WHEN 1 THEN b > 0 END", {"a": 1, "b": 0}, False),
        ("a IS DISTINCT FROM b", {"a": None, "b": None}, False),
        ("COALESCE(a, 0) + COALESCE(b, 0) > 0", {"a": None, "b": 2}, True),
        ("EXTRACT(year FROM a) >= 2000", {"a": date(1999, 1, 1)}, False),
        ("a IS TRUE OR b", {"a": None, "b": 0}, False),
        ("a IN (0, 1)", {"a": True}, True),
        ("things.a > 0", {"a": 0}, False),
        ("a % 2 = 0 AND -a < 0", {"a": 4}, True),
        ("a XOR b", {"a": True, "b": True}, False),
        ("a < CURRENT_TIMESTAMP", {"a": NOON.replace(year=2099)}, False),
        ("cast(a AS integer) > 3", {"a": "4"}, True),
        # One side that decides the matter excuses the other.
        ("a > 0 OR own_function(a)", {"a": 1}, True),
        ("a == b", {"a": 1, "b": 2}, False),
        ("a NOT NULL", {"a": None}, False),
        ("a ISNULL OR b NOTNULL", {"a": 1, "b": None}, False),
        ("a LIKE 'x!_%' ESCAPE '!'", {"a": "x_1"}, True),
        ("a LIKE 'x!_%' ESCAPE '!'", {"a": "xy1"}, False),
        ("a !~~* '%test%'::text", {"a": "a Test"}, False),
        (r"a ~ E'^\\d+$'", {"a": "12"}, True),
        ("position('@' in a) > 1", {"a": "@b"}, False),
        ("char_length(trim(both from a)) > 0", {"a": "  "}, False),
        ("trim(leading '0' from a) = a", {"a": "01"}, False),
        ("\"left\"(a, 2) = 'DE'", {"a": "FR1"}, False),
        ("a - b <= 30", {"a": date(2026, 3, 1), "b": date(2026, 1, 1)}, False),
        ("b > a + interval '1 hour'", {"a": NOON, "b": NOON}, False),
        ("b - a <= '1 day 12:00:00'::interval", {"a": NOON, "b": NOON}, True),
        ("a <= interval '90 minutes'", {"a": timedelta(hours=2)}, False),
        ("a < TIME '22:00'", {"a": time(23)}, False),
        ("typeof(a) IN ('integer', 'null')", {"a": "1"}, False),
        ("iif(a = 1, b > 0, 1)", {"a": 1, "b": 0}, False),
    ],
)
def test_a_row_is_accepted_as_a_database_would(
    text: str, row: dict[str, Any], accepted: bool
) -> None:
    from test_harness.factories.sql import parse

    check = parse(text, KNOWN)
    assert check.columns == set(row)
    assert check.holds(row) is accepted


@pytest.mark.parametrize(
    ("text", "row", "accepted"),
    [
        (r"a REGEXP '^[A-Z]{2}-\\d{3}$'", {"a": "DE-123"}, True),
        (r"a <> 'it\'s'", {"a": "it's"}, False),
        (r"a NOT LIKE '%\_%'", {"a": "a_b"}, False),
        ('a = "b" OR a = `b`', {"a": "b", "b": "c"}, True),
        ("!(a <=> b)", {"a": None, "b": None}, False),
        ("a < b + INTERVAL 15 MINUTE", {"a": NOON, "b": NOON}, True),
        ("datediff(b, a) >= 1", {"a": NOON, "b": NOON}, False),
        ("locate('@', a) > 1 AND lcase(a) = a", {"a": "A@b"}, False),
        ("if(a = 1, b > 0, b IS NULL)", {"a": 1, "b": 0}, False),
    ],
)
def test_mysql_has_words_of_its_own(text: str, row: dict[str, Any], accepted: bool) -> None:
    from test_harness.factories.sql import parse

    check = parse(text, KNOWN, "mysql")
    assert check.columns == set(row)
    assert check.holds(row) is accepted


@pytest.mark.parametrize(
    "text",
    [
        "own_function(a)",
        "a ->> 'key' = 'x'",
        "a @> b",
        "(a, b) OVERLAPS (b, c)",
        "a = unknown",
        'a = "unknown"',
        "a < b + interval '1 month'",
    ],
)
def test_what_cannot_be_told_is_said_to_be_so(text: str) -> None:
    from test_harness.factories.functions import UndecidableError
    from test_harness.factories.sql import parse

    check = parse(text, KNOWN)
    assert "a" in check.columns
    with pytest.raises(UndecidableError):
        check.holds({"a": 1, "b": 2, "c": 3})


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{4}$",
        r"^\+?[0-9]{7,15}$",
        r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
        r"^#[0-9a-fA-F]{6}$",
        r"^[A-Z]{2}$",
        r"^[^@]+@[^@]+\.[a-z]{2,}$",
        r"^(draft|final)$",
        r"^[[:alpha:]][[:alnum:]_]*$",
        r"^https?://",
        r"^\d{3}-\d{2}-\d{4}$",
    ],
)
def test_a_text_for_a_pattern_matches_it(pattern: str) -> None:
    from test_harness.factories.functions import python_pattern
    from test_harness.factories.patterns import template_of
    from test_harness.factories.texts import text_value

    template = template_of(pattern)
    assert template is not None
    value = text_value(template)
    for n in (0, 1, 25):
        assert re.search(python_pattern(pattern), value.at(n)), (template, value.at(n))
    assert value.varies or pattern in {r"^(draft|final)$", r"^https?://"}


@pytest.mark.parametrize("pattern", [r"SKU\_%", "%_@_%.de", "x__"])
def test_a_text_for_a_pattern_of_like_matches_it(pattern: str) -> None:
    from test_harness.factories.functions import matcher
    from test_harness.factories.suggestions import of_patterns
    from test_harness.factories.terms import Check

    [value] = of_patterns([Check("", patterns=[("like", pattern)])])
    assert matcher("like", pattern)(value.at(1))


def test_a_text_that_is_no_label_of_an_enum_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    from test_harness.factories import choosing
    from test_harness.factories.expressions import Value

    class Room(DeclarativeBase):
        __abstract__ = True

    class Chat(Room):
        __tablename__ = "chats"
        kind: Mapped[str] = mapped_column(Enum("GLOBAL", "PUBLIC", name="kind"), primary_key=True)

    monkeypatch.setattr(choosing, "suite_dialect", postgresql.dialect)
    column = Chat.__table__.c.kind
    field: Any = SimpleNamespace(type=column.type, model=Chat, key="kind")
    taken = [text for text in ("global", "GLOBAL") if choosing.accepts(field, Value(repr(text)))]
    assert taken == ["GLOBAL"]


IN_BRAZIL = datetime.fromisoformat("2026-01-01T09:00:00.250000-03:00")


@pytest.mark.parametrize(
    ("read", "is_equal"),
    [
        ("2026-01-01T12:00:00.250000", True),
        ("2026-01-01T09:00:00.250000", True),
        ("2026-01-01T09:00:00", True),
        ("2026-01-01T12:00:00.250000+00:00", True),
        ("2026-01-01T09:00:00.000001", False),
        ("2026-01-01T09:00:02", False),
        ("2026-01-01T15:00:00.250000", False),
    ],
)
def test_a_moment_is_read_in_its_own_zone_or_in_utc(read: str, is_equal: bool) -> None:
    from test_harness.factories.read_back import _equal

    assert _equal(IN_BRAZIL, datetime.fromisoformat(read)) is is_equal
