"""What SQL compares, computes and calls inside a CHECK, on values that Python has for columns."""

from __future__ import annotations

import fnmatch
import math
import operator
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any


class UndecidableError(Exception):
    """A CHECK, or a value in it, is beyond what can be evaluated here."""


_EPOCH = datetime.fromtimestamp(0, timezone.utc).replace(tzinfo=None)
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_STEP = re.compile(
    r"([+-]?)(\d+):(\d\d)(?::(\d\d))?"
    r"|([+-]?\d+(?:\.\d+)?)\s*(?:(week|day|hour|minute|second)s?\b|$)",
    re.I,
)
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def compare(sign: str, left: Any, right: Any) -> bool | None:
    """Compare two values as SQL does: NULL when one of them is, unless the operator minds NULL."""
    if sign in {"<=>", "is distinct"}:
        same = left is right if left is None or right is None else compare("=", left, right)
        return bool(same) is (sign == "<=>")
    if left is None or right is None:
        return None
    left, right = _alike(left, right)
    return bool(_COMPARISONS[sign](left, right))


def arithmetic(sign: str, left: Any, right: Any) -> Any:
    """Compute as SQL does; `||` joins texts."""
    if left is None or right is None:
        return None
    if sign == "||":
        return f"{left}{right}"
    if isinstance(left, (date, timedelta)) or isinstance(right, (date, timedelta)):
        if sign == "-" and type(left) is type(right) is date:
            return (left - right).days
        if sign == "-" and type(left) is type(right):
            left, right = _alike(left, right)
        return _ARITHMETIC[sign](left, right)
    return _ARITHMETIC[sign](_number(left), _number(right))


def cast(value: Any, kind: str) -> Any:  # noqa: PLR0911 - one for each family of types
    """Return `value` as the SQL type `kind`."""
    if value is None:
        return None
    if kind.endswith("[]"):
        return list(value)
    if kind == "interval":
        return interval(value)
    if re.match(r"(?:var)?char|character|text|citext|string", kind):
        return str(value)
    if re.match(r"(?:big|small|tiny)?int|signed|unsigned", kind):
        return int(_number(value))
    if re.match(r"numeric|decimal|double|real|float|money", kind):
        return _number(value)
    if kind.startswith("bool"):
        return value in {True, "t", "true", "1"}
    if kind == "date":
        moment = _moment(value)
        return moment.date() if isinstance(moment, datetime) else moment
    if kind.startswith("timestamp"):
        return _moment(value)
    if kind.startswith("time"):
        return value if isinstance(value, time) else time.fromisoformat(value)
    if kind in {"json", "jsonb"}:
        raise UndecidableError(kind)
    return value  # an enum type of the project's own


def interval(text: Any) -> timedelta:
    """Return the length of time that a literal of SQL stands for.

    Raises:
        UndecidableError: It depends on the calendar, or is written in another way.
    """
    if isinstance(text, timedelta):
        return text
    total = timedelta()
    for sign, hours, minutes, seconds, number, unit in _STEP.findall(text):
        if unit or number:
            total += timedelta(**{f"{unit.lower() or 'second'}s": float(number)})
        else:
            clock = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
            total += -clock if sign == "-" else clock
    if _STEP.sub("", text).strip():
        raise UndecidableError(text)
    return total


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Return two values in a form in which Python can compare them."""
    left, right = _plain(left), _plain(right)
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, date) or isinstance(right, date):
        return _same_kind_of_moment(_moment(left), _moment(right))
    if isinstance(left, time) or isinstance(right, time):
        return (
            value if isinstance(value, time) else time.fromisoformat(value)
            for value in (left, right)
        )  # type: ignore[return-value]
    if isinstance(left, bool) or isinstance(right, bool):
        return cast(left, "bool"), cast(right, "bool")
    if isinstance(left, (int, float, Decimal)) or isinstance(right, (int, float, Decimal)):
        return _number(left), _number(right)
    if type(left) is not type(right):
        raise UndecidableError(f"{left!r} beside {right!r}")
    return left, right


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, (int, Decimal)):
        return value
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError as error:
            raise UndecidableError(value) from error
    raise UndecidableError(repr(value))


def _moment(value: Any) -> date:
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return value
    try:
        return _moment(datetime.fromisoformat(value))
    except (TypeError, ValueError) as error:
        raise UndecidableError(repr(value)) from error


def _same_kind_of_moment(left: date, right: date) -> tuple[date, date]:
    moments = [
        value if isinstance(value, datetime) else datetime.combine(value, time())
        for value in (left, right)
    ]
    return moments[0], moments[1]


# ---------------------------------------------------------------------------------- patterns


def matcher(kind: str, pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text matches a pattern of LIKE, GLOB or a regular expression."""
    if kind == "glob":
        return lambda text: fnmatch.fnmatchcase(text, pattern.replace("[^", "[!"))
    expression = _like(pattern) if kind in {"like", "ilike"} else python_pattern(pattern)
    minds_case = kind in {"like", "regex"}
    try:
        compiled = re.compile(
            expression, re.DOTALL | (re.IGNORECASE if not minds_case else re.DOTALL)
        )
    except re.error as error:
        raise UndecidableError(pattern) from error
    return lambda text: compiled.search(text) is not None


def python_pattern(pattern: str) -> str:
    """Return a POSIX or PCRE pattern as Python writes it."""
    classes = {
        "alpha": "a-zA-Z",
        "digit": "0-9",
        "alnum": "a-zA-Z0-9",
        "upper": "A-Z",
        "lower": "a-z",
        "space": r"\s",
        "xdigit": "0-9a-fA-F",
        "punct": r"!-/:-@\[-`{-~",
    }
    return re.sub(r"\[:(\w+):\]", lambda found: classes.get(found[1], found[0]), pattern)


def _like(pattern: str) -> str:
    parts = re.findall(r"\\.|%|_|[^\\%_]+", pattern, re.DOTALL)
    signs = {"%": ".*", "_": "."}
    inner = "".join(signs.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return rf"\A{inner}\Z"


# --------------------------------------------------------------------------------- functions


def _with_null(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: None if None in given else function(*given)


def _part(part: str, value: Any) -> Any:
    moment = _moment(value)
    if part == "epoch":
        return _number((_same_kind_of_moment(moment, moment)[0] - _EPOCH).total_seconds())
    if part in {"isodow", "dow"}:
        return moment.isoweekday() % (8 if part == "isodow" else 7)
    return getattr(moment, part)


def _slice(text: str, start: int, length: int | None = None) -> str:
    return text[start - 1 :][:length]


def _rounded(value: Any, digits: int = 0) -> Any:
    return round(_number(value), digits)


_ON_VALUES: dict[str, Callable[..., Any]] = {
    "abs": lambda value: abs(_number(value)),
    "btrim": lambda text, what=" ": text.strip(what),
    "cardinality": len,
    "ceil": lambda value: math.ceil(_number(value)),
    "char_length": len,
    "character_length": len,
    "date": lambda value: cast(value, "date"),
    "extract": _part,
    "date_part": _part,
    "datediff": lambda left, right: (cast(left, "date") - cast(right, "date")).days,
    "floor": lambda value: math.floor(_number(value)),
    "greatest": max,
    "instr": lambda text, part: text.find(part) + 1,
    "lcase": lambda text: text.lower(),
    "locate": lambda part, text: text.find(part) + 1,
    "least": min,
    "left": lambda text, length: text[:length],
    "length": lambda value: len(str(value)) if isinstance(value, (str, int)) else len(value),
    "lower": lambda text: text.lower(),
    "max": max,
    "min": min,
    "ltrim": lambda text, what=" ": text.lstrip(what),
    "mod": lambda left, right: _number(left) % _number(right),
    "octet_length": lambda value: len(value.encode() if isinstance(value, str) else value),
    "position": lambda part, text: text.find(part) + 1,
    "replace": lambda text, old, new: text.replace(old, new),
    "reverse": lambda text: text[::-1],
    "right": lambda text, length: text[-length:],
    "round": _rounded,
    "rtrim": lambda text, what=" ": text.rstrip(what),
    "starts_with": lambda text, part: text.startswith(part),
    "strpos": lambda text, part: text.find(part) + 1,
    "substr": _slice,
    "substring": _slice,
    "to_days": lambda value: _moment(value).toordinal() + 365,
    "trim": lambda text, what=" ": text.strip(what),
    "ucase": lambda text: text.upper(),
    "unix_timestamp": lambda value: _part("epoch", value),
    "upper": lambda text: text.upper(),
    "year": lambda value: _moment(value).year,
}


def _chosen(condition: Any, value: Any, other: Any = None) -> Any:
    return value if condition else other


def _kind_in_sqlite(value: Any) -> str:
    # What a date is kept as is the driver's affair.
    names = {str: "text", bool: "integer", int: "integer", float: "real", bytes: "blob"}
    if value is not None and type(value) not in names:
        raise UndecidableError(repr(value))
    return names.get(type(value), "null")


_ARRAY_LENGTH: Callable[..., Any] = lambda value, dimension=1: len(value) or None  # noqa: E731


def _kind_of_json(names: dict[type, str]) -> Callable[[Any], Any]:
    def kind(value: Any) -> str:
        for python, name in names.items():
            if isinstance(value, python):
                return name
        raise UndecidableError(repr(value))

    return kind


_JSON = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number"}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _with_null(function) for name, function in _ON_VALUES.items()},
    "array_length": _with_null(_ARRAY_LENGTH),
    "ceiling": _with_null(_ON_VALUES["ceil"]),
    "coalesce": lambda *given: next((value for value in given if value is not None), None),
    "concat": lambda *given: "".join(str(value) for value in given if value is not None),
    "current_date": lambda: datetime.now(timezone.utc).date(),
    "current_timestamp": lambda: datetime.now(timezone.utc),
    "if": _chosen,
    "iif": _chosen,
    "ifnull": lambda value, other: other if value is None else value,
    "json_array_length": _with_null(len),
    "json_type": _with_null(_kind_of_json(_JSON)),
    "json_typeof": _with_null(_kind_of_json(_JSON)),
    "json_valid": lambda value: True,
    "jsonb_array_length": _with_null(len),
    "jsonb_typeof": _with_null(_kind_of_json(_JSON)),
    "localtimestamp": lambda: datetime.now(timezone.utc),
    "now": lambda: datetime.now(timezone.utc),
    "nullif": lambda value, other: None if value == other else value,
    "num_nonnulls": lambda *given: sum(value is not None for value in given),
    "num_nulls": lambda *given: sum(value is None for value in given),
    "typeof": _kind_in_sqlite,
}
