"""Values for a column by its type: the likeliest first, in the form they are written in."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import EnumMeta
from typing import Any
from uuid import UUID

from sqlalchemy import types as t
from sqlalchemy.types import TypeEngine

from test_harness.factories.expressions import Value, written
from test_harness.factories.reading import Field
from test_harness.factories.texts import texts

FRACTIONS = (t.Numeric, t.Float)  # from SQLAlchemy 2.1 on they are siblings
_ZONE = ", tzinfo=timezone.utc"
_TRUE = ("active", "enabled", "verified", "confirmed", "approved", "valid", "available", "visible")
# Who has one does not log in by a password alone.
SECOND_FACTOR = re.compile(r"mfa|otp|2fa|tfa|two_?(factor|step)|second_factor")
_FUTURE = ("expire", "expiry", "until")
# By the name of the type, for those that only one engine or library has.
_BY_NAME: dict[str, tuple[Value, ...]] = {
    "INET": (Value('f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"'),),
    "CIDR": (Value('f"10.{n // 256 % 256}.{n % 256}.0/24"'),),
    "MACADDR": (Value('f"08:00:2b:{n // 65536:02x}:{n // 256 % 256:02x}:{n % 256:02x}"'),),
    "MACADDR8": (Value('f"08:00:2b:ff:fe:{n // 65536:02x}:{n // 256 % 256:02x}:{n % 256:02x}"'),),
    "TSVECTOR": (Value("\"'word'\""),),
    "HSTORE": (Value('{"key": "value"}'),),
    "OID": (Value("n + 1"),),
    "MONEY": (Value('"$10.00"'),),
    "YEAR": (Value("2026"), Value("1950 + n", capacity=200)),
}
# With an end, as most are, and none of them overlaps another: they may be bookings of one room.
_RANGES = {
    "INT4": "Range(n, n + 1)",
    "INT8": "Range(n, n + 1)",
    "NUM": "Range(Decimal(n), Decimal(n + 1))",
    "DATE": "Range(*(date(2026, 1, d) + timedelta(n) for d in (1, 2)))",
    "TS": "Range(*(datetime(2026, 1, d) + timedelta(n) for d in (1, 2)))",
    "TSTZ": "Range(*(datetime(2026, 1, d{z}) + timedelta(n) for d in (1, 2)))",
}
_LARGEST = {"TINYINT": 127, "SMALLINT": 32_767, "MEDIUMINT": 8_388_607, "INT2": 32_767}


def values(field: Field) -> Iterator[Value]:
    """Return values for a column that fit its type; none when nothing is known of the type."""
    python = typing.get_origin(field.annotation) or field.annotation
    of_python: Iterable[Value] = ()
    if python is str:
        of_python = texts(field)
    elif isinstance(python, type):
        of_python = _OF_PYTHON.get(python, ())
    # A type of the application's own may keep something else than it takes.
    if isinstance(field.type, t.TypeDecorator):
        if python is str and isinstance(field.type.impl_instance, t.Uuid):
            # Text to the application, and to the database none but that of a UUID.
            yield from _uuids(as_uuid=False)
        yield from of_python
        yield from _of_type(field, field.type)
    else:
        yield from _of_type(field, field.type)
        yield from of_python


def is_certain(field: Field) -> bool:
    """Tell whether something is known of the column's type."""
    return next(values(field), None) is not None


def _of_type(field: Field, kind: TypeEngine[Any]) -> Iterator[Value]:  # noqa: PLR0912, PLR0915 - one for each family
    if isinstance(kind, t.Enum):
        yield from _members(kind)
        return
    name = getattr(kind, "__visit_name__", "").upper()
    if name in _BY_NAME:
        yield from _BY_NAME[name]
    elif found := re.fullmatch(rf"({'|'.join(_RANGES)})(MULTI)?RANGE", name):
        from sqlalchemy.dialects.postgresql import Range

        text = _RANGES[found[1]].replace("{z}", _ZONE)
        yield Value(f"[{text}]" if found[2] else text, {"Range": Range})
    elif name == "SET":
        yield written(set(list(kind.values)[:1]))  # type: ignore[attr-defined]
    elif name == "BIT":
        yield from _bits(kind)
    elif name == "DOMAIN":
        yield from _of_type(field, kind.data_type)  # type: ignore[attr-defined]
    elif isinstance(kind, t.PickleType):
        yield Value("{}")
    elif isinstance(kind, t.Interval) or name == "INTERVAL":
        yield Value("timedelta(days=1)")
        yield Value("timedelta(minutes=n + 1)")
    elif isinstance(kind, t.TypeDecorator):
        yield from _of_decorator(field, kind)
    elif isinstance(kind, t.Boolean):
        likely = any(word in field.key for word in _TRUE) and not SECOND_FACTOR.search(field.key)
        yield from (Value(str(likely)), Value(str(not likely)))
        yield Value("[False, True][n]", capacity=2)
    elif isinstance(kind, t.Integer):
        yield from _whole(kind, name)
    elif isinstance(kind, FRACTIONS):
        yield from _fractions(kind)
    elif isinstance(kind, t.Uuid):
        yield from _uuids(as_uuid=kind.as_uuid)
    elif isinstance(kind, t.DateTime):
        zone = _ZONE if kind.timezone else ""
        if any(word in field.key for word in _FUTURE):
            yield Value(f"datetime(2099, 12, 31{zone})")
        yield Value(f"datetime(2026, 1, 1{zone})")
        yield Value(f"datetime(2026, 1, 1{zone}) + timedelta(minutes=n)")
    elif isinstance(kind, t.Date):
        yield from (Value("date(2026, 1, 1)"), Value("date(2026, 1, 1) + timedelta(days=n)"))
    elif isinstance(kind, t.Time):
        zone = _ZONE if kind.timezone else ""
        yield Value(f"time(12{zone})" if zone else "time(12)")
        clock = "n // 3600 % 24, n // 60 % 60, n % 60"
        yield Value(f"time({clock}{zone})", capacity=86_400)
    elif isinstance(kind, t.ARRAY):
        yield from _arrays(field, kind)
    elif isinstance(kind, t.JSON):
        empty = (Value("{}"), Value("[]"))
        yield from reversed(empty) if "list" in str(field.annotation) else empty
        yield from (Value('{"n": n}'), Value("[n]"))
    elif isinstance(kind, t.LargeBinary) or name in {"BINARY", "VARBINARY"}:
        yield from _bytes(kind)
    elif isinstance(kind, t.String) or name in {"CITEXT", "TEXT"}:
        yield from texts(field)
    elif name == "VECTOR":  # of pgvector
        yield Value(f"[1.0] * {getattr(kind, 'dim', None) or 3}")


def _of_decorator(field: Field, kind: t.TypeDecorator[Any]) -> Iterator[Value]:
    # ChoiceType of sqlalchemy-utils.
    choices = getattr(kind, "choices", None)
    if isinstance(choices, EnumMeta):
        members: list[Any] = list(choices)
        yield from map(written, members)
    inner = kind.impl_instance
    found = list(_of_type(field, inner))
    if isinstance(inner, t.DateTime) and not inner.timezone:
        # One that keeps moments in UTC wants them with their zone.
        aware = [Value(re.sub(r"(\d+, \d+, \d+)\)", rf"\1{_ZONE})", one.text)) for one in found]
        found = [*found, *aware]
    yield from found
    yield from _OF_PYTHON.get(_python_type(kind), ())


def _python_type(kind: TypeEngine[Any]) -> Any:
    try:
        return kind.python_type
    except NotImplementedError:
        return None


def _members(kind: t.Enum) -> Iterator[Value]:
    if kind.enum_class is None:
        every = [written(one) for one in kind.enums]
        name = str(list(kind.enums))
    else:
        every = [written(one) for one in kind.enum_class]
        name = f"list({every[0].text.rpartition('.')[0]})"
    yield from every
    yield Value(f"{name}[n]", every[0].names, capacity=len(every))


def _bits(kind: Any) -> Iterator[Value]:
    length = getattr(kind, "length", None) or 1
    if type(kind).__module__.startswith("sqlalchemy.dialects.mysql"):
        yield Value("1")
    else:
        yield Value(f'"{"1" * length}"')


def _whole(kind: TypeEngine[Any], name: str) -> Iterator[Value]:
    largest = _LARGEST.get(name)
    yield from (Value("1"), Value("10"), Value("100"), Value("0"), Value("-1"))
    if largest != 127:
        # Beyond what migrations or the start of the application may have put there.
        yield Value("1000 + n", capacity=largest and largest - 1000)
    yield Value("n + 1", capacity=largest)


def _fractions(kind: Any) -> Iterator[Value]:
    scale = 2 if getattr(kind, "scale", None) is None else kind.scale
    room = math.inf if kind.precision is None else kind.precision - scale
    # Where a float is as good as it, a half is exact.
    one = ["10", "1"] if room >= 2 else ["1"] if room >= 1 else []
    if isinstance(kind, t.Float):
        room, one = math.inf, ["10", "1"]
    if not kind.asdecimal:
        yield from (Value(f"{text}.5" if scale else f"{text}.0") for text in one)
        yield from (Value("0.5"), Value("float(n + 1)"), Value("0.0"))
        return
    shown = f".{'0' * min(scale, 2)}" if scale else ""
    yield from (Value(f'Decimal("{text}{shown}")') for text in one)
    if scale:
        yield from (Value('Decimal("0.5")'), Value('Decimal("0.1")'))
    largest = None if room == math.inf else 10 ** int(room) - 1
    if room >= 1:
        yield Value("Decimal(n + 1)", capacity=largest)
    if scale:
        yield Value(
            f"Decimal(n).scaleb(-{scale})",
            capacity=None if largest is None else 10 ** (int(room) + scale),
        )
    yield Value("Decimal(0)")


def _uuids(*, as_uuid: bool) -> Iterator[Value]:
    made = "UUID(int=n + 1)"
    yield Value(made if as_uuid else f"str({made})")


def _arrays(field: Field, kind: Any) -> Iterator[Value]:
    depth = kind.dimensions or 1
    if depth == 1:
        yield Value("[]")
    items = list(_of_type(field, kind.item_type))
    for varies in (False, True):
        item = next((one for one in items if one.varies is varies), None)
        if item is not None:
            yield Value("[" * depth + item.text + "]" * depth, item.names)


def _bytes(kind: TypeEngine[Any]) -> Iterator[Value]:
    length = getattr(kind, "length", None)
    if length is None or length >= 12:
        size = length if getattr(kind, "__visit_name__", "") == "BINARY" else 8
        yield Value('b"content"') if size != length else Value(f'b"x" * {length}')
        yield Value(f'n.to_bytes({size}, "big")')
    else:
        yield Value(f'b"x" * {length}')
        yield Value(f'n.to_bytes({length}, "big")', capacity=256**length)


_OF_PYTHON: dict[Any, tuple[Value, ...]] = {
    int: (Value("1"), Value("1000 + n")),
    float: (Value("1.5"), Value("float(n + 1)")),
    bool: (Value("False"), Value("True")),
    Decimal: (Value('Decimal("10.00")'), Value("Decimal(n + 1)")),
    date: (Value("date(2026, 1, 1)"), Value("date(2026, 1, 1) + timedelta(days=n)")),
    timedelta: (Value("timedelta(days=1)"),),
    UUID: (Value("UUID(int=n + 1)"),),
    dict: (Value("{}"),),
    list: (Value("[]"),),
    set: (Value("set()"),),
    bytes: (Value('b"content"'),),
}
