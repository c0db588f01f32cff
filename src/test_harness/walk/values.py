"""Values that a JSON schema takes, and payloads of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from test_harness.application.passwords import PASSWORD
from test_harness.auth.flows.account import NEW_PASSWORD
from test_harness.factories.patterns import sample_of
from test_harness.factories.texts import BY_NAME
from test_harness.walk.fitting import DEEPEST, MISSING, fits, kind_of, narrowed
from test_harness.walk.models import KEYS, snake
from test_harness.walk.operation import Schema
from test_harness.walk.recipe import Symbol

# The number of what is made for requests: far beyond those of rows that factories make.
NUMBER = 9000

Hint = Callable[[str, Schema], Any]
"""Returns a value for a property by its name and schema, `MISSING` for none."""

FORMATS: dict[str, Any] = {
    "email": f"walk{NUMBER}@example.com",
    "idn-email": f"walk{NUMBER}@example.com",
    "uuid": "00000000-0000-4000-8000-000000009000",
    "date": Symbol("days", 1),
    "date-time": Symbol("moment", 1),
    "time": "12:00:00",
    "duration": "P1D",
    "uri": "https://example.com/walk",
    "url": "https://example.com/walk",
    "http-url": "https://example.com/walk",
    "uri-reference": "/walk",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "ip": "192.0.2.1",
    "ipvanyaddress": "192.0.2.1",
    "byte": "d2Fsaw==",
    "base64url": "d2Fsaw==",
    "json-string": "{}",
    "json": "{}",
    "regex": ".*",
    "decimal": "10",
    "color": "#336699",
    "json-pointer": "/walk",
}
_PASSWORD = re.compile(r"pass(word|wd|phrase)?(?!port)|pwd")
_PRESENT = re.compile(r"^(old|current|existing|present|my)_|_(old|current)$")
_LATER = re.compile(
    r"(^|_)(end|ends|to|until|till|due|expires?|expiry|expiration|max|deadline|finish|stop|checkout|check_out)(_|$|s_)"
)
_PAST = re.compile(r"(^|_)(birth|born|dob|birthday|since|hired|issued|created|updated|past)")
_SMALL = re.compile(r"(^|_)(limit|size|per_page|page_size|count|quantity|qty|page)$")


def value_for(
    schema: Schema, name: str = "", hint: Hint | None = None, *, optional: bool = False
) -> Any:
    """Return a value that a schema takes; what each world has its own of is a `Symbol`.

    Args:
        schema: Of the value; empty where nothing is known of it.
        name: What the value is called.
        hint: Knows better values for some names.
        optional: Whether properties are given that need not be.
    """
    return _value(schema, snake(name), hint or _no_hint, optional, 0)


def _value(schema: Schema, name: str, hint: Hint, optional: bool, deep: int) -> Any:  # noqa: PLR0911 - one for each family
    schema = narrowed(schema)
    if "const" in schema:
        return schema["const"]
    choices = [one for one in schema.get("enum", ()) if one is not None]
    kind = kind_of(schema)
    if choices or kind not in {"object", "array"}:
        known = hint(name, schema)
        if known is not MISSING and (not choices or known in choices):
            return known
    if choices:
        return choices[0]
    for said in (*schema.get("examples", ()), schema.get("example"), schema.get("default")):
        if (
            said not in (None, "", "string", 0)
            and not _PASSWORD.search(name)
            and fits(said, schema)
        ):
            return said
    if kind == "object":
        return _object(schema, name, hint, optional, deep)
    if kind == "array":
        return _array(schema, name, hint, optional, deep)
    if kind == "boolean":
        return bool(re.search(r"accept|agree|confirm|terms|consent|active|enabled", name))
    if kind in {"integer", "number"}:
        return number(schema, name)
    if kind == "null":
        return None
    return text(schema, name)


def _object(schema: Schema, name: str, hint: Hint, optional: bool, deep: int) -> dict[str, Any]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    made: dict[str, Any] = {}
    # One within another that needs nothing says nothing without what it may have.
    given = (optional and deep < 2) or (deep > 0 and not required & properties.keys())
    for key, one in properties.items():
        if one.get("readOnly") or not (key in required or given):
            continue
        if deep >= DEEPEST:
            continue
        # The key of what is within another is not that of the other.
        known = hint(f"{name}_{snake(key)}", one) if deep and key in KEYS else MISSING
        made[key] = _value(one, snake(key), hint, optional, deep + 1) if known is MISSING else known
    beyond = schema.get("additionalProperties")
    if not properties and schema.get("minProperties") and beyond is not False:
        inner = beyond if isinstance(beyond, Mapping) else {}
        made["walk"] = _value(inner, "walk", hint, False, deep + 1)
    return in_turn(repeated(made))


def _array(schema: Schema, name: str, hint: Hint, optional: bool, deep: int) -> list[Any]:
    inner = schema.get("prefixItems") or schema.get("items")
    if isinstance(inner, (list, tuple)):
        return [_value(one, name, hint, False, deep + 1) for one in inner]
    least = schema.get("minItems", 0)
    if deep >= DEEPEST or schema.get("maxItems") == 0:
        return []
    # A list with something in it says more than an empty one.
    # What a list called `ids` has are keys of rows that are there, also where others are made.
    own = name if name == "ids" else re.sub(r"s$", "", name)
    one = _value(inner or {}, own, hint, optional, deep + 1)
    return (
        [one] * max(least, 1) if least < 2 or not schema.get("uniqueItems") else several(one, least)
    )


def several(value: Any, count: int) -> list[Any]:
    """Return so many values like one, each another."""
    if isinstance(value, int):
        return [value + n for n in range(count)]
    return [f"{value}{n or ''}" for n in range(count)] if isinstance(value, str) else [value]


def repeated(made: dict[str, Any]) -> dict[str, Any]:
    """Return a payload in which what confirms a field says the same as it."""
    for key in made:
        name = snake(key)
        first = re.sub(
            r"^(confirm|repeat|re_?type|verify|re)_|_?(confirm(ation)?|repeat(ed)?|again|2)$",
            "",
            name,
        )
        if first != name:
            same = [it for it in made if snake(it) in {first, f"new_{first}"}]
            if same:
                made[key] = made[same[0]]
    return made


def in_turn(made: dict[str, Any]) -> dict[str, Any]:
    """Return a payload in which each day is after the one before: the second may end the first."""
    days = 0
    for key, value in made.items():
        if isinstance(value, Symbol) and value.kind in {"days", "moment"} and value.of == 1:
            days += 1
            made[key] = Symbol(value.kind, days)
    return made


def number(schema: Schema, name: str = "") -> int | float:
    """Return a number that a schema takes."""
    is_whole = schema.get("type") == "integer"
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    step = 1 if is_whole else 0.5
    if isinstance(above, (int, float)) and not isinstance(above, bool):
        low = max(low if low is not None else above + step, above + step)
    if isinstance(below, (int, float)) and not isinstance(below, bool):
        high = min(high if high is not None else below - step, below - step)
    wanted: float = 1 if is_whole else 1.5
    if re.search(r"year", name):
        wanted = 2026
    elif re.search(r"price|amount|total|salary|budget|cost|cents", name):
        wanted = 10
    if low is not None and wanted < low:
        wanted = low

    if high is not None and wanted > high:
        # Of bounds that leave less room than a step, what is between them.
        wanted = high if low is None or low <= high else (low + high) / 2
    if of := schema.get("multipleOf"):
        wanted = -(-wanted // of) * of
    return int(wanted) if is_whole and wanted == int(wanted) else wanted


def text(schema: Schema, name: str = "") -> Any:
    """Return a text that a schema takes, by its format, its pattern or what it is called."""
    form = str(schema.get("format", "")).lower()
    if form in {"binary"} or "contentMediaType" in schema:
        return f"{name or 'file'}.{ending(schema, name)}"
    moment = moment_for(form, name)
    if moment is not None:
        return moment
    if pattern := schema.get("pattern"):
        found = next((it for it in _by_name(name) if fits(it, schema)), None) or sample_of(pattern)
        return within(found or "Walk", schema, pattern)
    if _PASSWORD.search(name) and form in {"", "password"}:
        return PASSWORD if _PRESENT.search(name) else NEW_PASSWORD
    if form in FORMATS:
        return FORMATS[form]
    return within(next(_by_name(name)), schema)


def moment_for(form: str, name: str) -> Symbol | None:
    """Return a day or a moment, after others where it ends something and long ago for a birth."""
    if form not in {"date", "date-time", "datetime"}:
        return None
    days = 1
    if _PAST.search(name):
        days = -10_000 if re.search(r"birth|born|dob", name) else -2
    elif _LATER.search(name):
        days = 8
    return Symbol("days" if form == "date" else "moment", days)


def ending(schema: Schema, name: str) -> str:
    """Return the end of the name of a file that is wanted."""
    said = str(schema.get("contentMediaType", "")) + name
    for word in ("csv", "pdf", "json", "zip"):
        if word in said:
            return word
    is_text = re.search(r"text|document|attachment|import|log", said)
    return "txt" if is_text else "png"


def _by_name(name: str) -> Iterator[str]:
    for pattern, inside in BY_NAME:
        if re.search(rf"(?:^|_)(?:{pattern})(?:_|$|\d)", name):
            made = re.sub(
                r"\{n(?::0?(\d+))?\}", lambda it: str(NUMBER).zfill(int(it[1] or 0)), inside
            )
            key = name.rsplit("_", maxsplit=1)[-1][:3].upper()
            yield made.replace("{model}", "walk").replace("{MODEL}", "Walk").replace("{KEY}", key)
    if re.search(r"(^|_)(date|day|birthday|dob)$", name):
        yield "2026-01-01"
    if re.search(r"_at$|datetime|timestamp", name):
        yield "2026-01-01T12:00:00"
    yield "Walk"


def within(made: str, schema: Schema, pattern: str = "") -> str:
    """Return a text made longer or shorter, as a schema wants it."""
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(made) < least:
        filler = made[-1:] or "a"
        if pattern and not re.search(pattern, made + filler):
            filler = "a"
        made += filler * (least - len(made))
    return made[:most] if most is not None else made


def _no_hint(name: str, schema: Schema) -> Any:
    return MISSING
