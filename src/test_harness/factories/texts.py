"""Texts for columns: by what the column is called, within its length, another for each row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from test_harness.factories.expressions import Value, quoted
from test_harness.factories.mapped import words
from test_harness.factories.patterns import number
from test_harness.factories.reading import Field

# By a word of the column's name: the inside of an f-string of `n`. {model} is the class in small
# letters with hyphens, {MODEL} its words, {KEY} the last word of the column in capitals.
BY_NAME: tuple[tuple[str, str], ...] = (
    (r"e?mail", "{model}{n}@example.com"),
    (r"url|uri|website|homepage|link|href", "https://example.com/{model}/{n}"),
    (r"json", "{}"),
    (r"phone|mobile|telephone|fax", "+4915100{n:06}"),
    (r"slug", "{model}-{n}"),
    (r"user_?name|login|handle|nickname", "{model}{n}"),
    (r"currency", "EUR"),
    (r"country", "DE"),
    (r"language|lang|locale", "en"),
    (r"time_?zone|tz", "UTC"),
    (r"ip|ip_?address", "192.0.2.1"),
    (r"colou?r", "#336699"),
    (r"zip|zip_?code|postal_?code|postcode", "{n:05}"),
    (r"iban", "DE{n:020}"),
    (r"code|sku|number|no|ref|reference|barcode|serial", "{KEY}-{n:04}"),
    (r"key|token|secret|hash|digest", "only-for-tests-{n:024}"),
    (r"file_?name|filename", "{model}-{n}.txt"),
    (r"mime_?type|content_?type", "text/plain"),
    (r"path|file", "{model}/{n}"),
    (r"uuid|guid", "00000000-0000-4000-8000-{n:012}"),
    (r"name|title|label|subject", "{MODEL} {n}"),
)


def texts(field: Field) -> Iterator[Value]:
    """Return texts for a column, the one that says most first, then ever plainer ones."""
    length = getattr(field.type, "length", None)
    fixed = type(field.type).__visit_name__ in {"CHAR", "NCHAR"} and length
    for inside in _insides(field, length, fixed=bool(fixed)):
        value = text_value(inside)
        if length is None:
            yield value
        elif fixed:
            if len(value.at(0)) == len(value.at(99)) == length:
                yield value
        elif len(value.at(99_999)) <= length:
            yield value
    if length is not None and length < 6:
        yield Value(quoted("x" * length))
        yield replace(text_value(number(length)), capacity=10**length)
        yield Value(f"letters(n, {length})", capacity=26**length)
        yield Value(f"letters(n, {length}).upper()", capacity=26**length)


def text_value(inside: str) -> Value:
    """Return the value for the inside of an f-string; plain text where nothing varies."""
    if re.search(r"\{[^}]*\bn\b", inside):
        return Value("f" + quoted(inside))
    return Value(quoted(inside))


def _insides(field: Field, length: int | None, *, fixed: bool) -> Iterator[str]:
    key, model = field.key.strip("_").lower(), words(field.model.__name__)
    given = {
        "{model}": model.replace(" ", "-"),
        "{MODEL}": model.capitalize(),
        "{KEY}": _short(key),
    }
    for pattern, inside in BY_NAME:
        if re.search(rf"(?:^|_)(?:{pattern})(?:_|$|\d)", key):
            yield re.sub("|".join(given), lambda mark: given[mark[0]], inside)
    if fixed and length:
        yield number(length)
        yield "x" * length
    yield words(key).capitalize() + " {n}"
    yield key[:1] + "{n}"
    yield words(key) + " {n}"
    yield key.upper() + "{n}"
    yield key.replace("_", "-") + "-{n}"
    yield "{n:06}"
    yield "{n}"


def _short(key: str) -> str:
    word = key.split("_")[0 if key.count("_") else -1]
    return (word if word not in {"code", "number", "no", "reference", "ref"} else key)[:3].upper()
