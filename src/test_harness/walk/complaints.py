"""What an answer says is wrong with a request, whichever library says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from test_harness.walk.visit import Visit

_PLACES = {
    **dict.fromkeys(
        ("body", "json", "form", "data", "json_or_form", "files", "body_params", "form_params"),
        "body",
    ),
    **dict.fromkeys(("query", "querystring", "args", "query_params"), "query"),
    **dict.fromkeys(("path", "view_args"), "path"),
    **dict.fromkeys(("header", "headers"), "header"),
    "cookie": "cookie",
}
# What complaints lie in.
_AROUND = frozenset(
    ("detail", "details", "message", "messages", "msg", "error", "errors", "extra", "fields",
     "validation_error", "validation_errors", "payload", "result")
)  # fmt: skip
_LACKING = re.compile(
    r"(?i)\b(required|missing|lacks|mandatory|cannot be (null|empty|blank)|not provided|"
    r"may not be (null|empty|blank)|must be (provided|given|set|specified))\b"
)
_SURPLUS = re.compile(
    r"(?i)extra inputs|extra fields|unknown (field|argument|key)|unexpected|not (permitted|allowed)"
)
_NAMED = (
    re.compile(r"(?i)missing(?: required)?(?: \w+)?[:\s]+[`'\"]?([A-Za-z_]\w*)[`'\"]?"),
    re.compile(
        r"(?i)required (?:field|parameter|property|argument|key)s?:?\s*[`'\"]?([A-Za-z_]\w*)"
    ),
    re.compile(r"(?i)[`'\"]([A-Za-z_]\w*)[`'\"] (?:is|are)(?: a)? (?:required|missing|mandatory)"),
    re.compile(r"(?i)\b([A-Za-z_]\w*) (?:is|are)(?: a)? (?:required|missing|mandatory)"),
    re.compile(r"(?i)\b([A-Za-z_]\w*) (?:cannot|must not|may not) be (?:null|empty|blank)"),
    re.compile(r"(?i)no [`'\"]?([A-Za-z_]\w*)[`'\"]? (?:was )?(?:provided|given|specified)"),
    re.compile(r"^(?:BadRequest)?KeyError: '([A-Za-z_][\w-]*)'"),
    re.compile(r"KeyError: '([A-Za-z_][\w-]*)'"),
)
_OF_KIND = re.compile(
    r"(?i)\b([A-Za-z_]\w*)[`'\"]? ((?:must|should|has to) be (?:an? )?(?:valid |positive )?"
    r"(?:integer|int|number|decimal|float|boolean|bool|list|array|object|date|email|uuid)\b)"
)
_WORDS = {
    "the",
    "a",
    "this",
    "it",
    "and",
    "that",
    "field",
    "fields",
    "value",
    "input",
    "data",
    "body",
    "request",
    "parameter",
    "json",
    "payload",
    "all",
    "or",
    "is",
    "some",
    "required",
    "authentication",
    "permission",
    "token",
    "header",
    "authorization",
}
_HEADER = re.compile(
    r"\b(X-[A-Za-z][\w-]+|If-Match|If-Unmodified-Since|Idempotency-Key)\b", re.IGNORECASE
)
_COMPLAINS = re.compile(
    r"(?i)\b(required|missing|lacks|mandatory|blank|null|empty|valid|invalid|must|should|not|"
    r"at least|at most|unknown|unexpected|expected|shorter|longer|greater|less|one of|wrong)\b"
)


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with a request.

    Args:
        place: `body`, `query`, `path`, `header` or `cookie`; empty where it is not said.
        names: Where in it: the name of a field, and of those in it.
        text: What is said of it.
    """

    place: str
    names: tuple[str | int, ...]
    text: str

    @property
    def lacks(self) -> bool:
        """Whether something was not sent that has to be."""
        return bool(_LACKING.search(self.text))

    @property
    def has_too_much(self) -> bool:
        """Whether something was sent that nobody asked for."""
        return bool(_SURPLUS.search(self.text))

    def schema(self) -> dict[str, Any]:
        """Return what the complaint says of the value that is wanted."""
        for pattern, of_it in _BOUNDS:
            if found := re.search(pattern, self.text):
                schema = of_it(found)
                if schema:
                    return schema
        low = self.text.lower()
        return next((dict(schema) for word, schema in _KINDS if re.search(word, low)), {})


def _quoted(found: re.Match[str]) -> dict[str, Any]:
    pairs = re.findall(r"'([^']*)'|\"([^\"]*)\"", found[1])
    choices = [first or second for first, second in pairs]
    return {"enum": choices} if choices else {}


def _listed(found: re.Match[str]) -> dict[str, Any]:
    return {"enum": [part.strip() for part in re.split(r"[,|/]| or ", found[1]) if part.strip()]}


def _between(found: re.Match[str]) -> dict[str, Any]:
    is_length = re.search(r"(?i)char|length", found.string)
    wide = "Length" if is_length else "imum"
    return {f"min{wide}": int(found[1]), f"max{wide}": int(found[2])}


def _of_length(word: str) -> Callable[[re.Match[str]], dict[str, Any]]:
    return lambda found: {"type": "string", word: int(next(filter(None, found.groups())))}


def _bound(word: str) -> Callable[[re.Match[str]], dict[str, Any]]:
    return lambda found: {word: _number(found[1])}


# What a sentence says of a value, and the schema that says the same.
_BOUNDS: tuple[tuple[str, Callable[[re.Match[str]], dict[str, Any]]], ...] = (
    (
        r"match(?:es)?(?: the)? pattern '(.*)'$|does not match '(.*)'",
        lambda found: {"type": "string", "pattern": found[1] or found[2]},
    ),
    (
        r"(?i)(?:should be|must be|one of|choose from|permitted:|choices?:?)[^'\"\[]*(.*)",
        _quoted,
    ),
    (r"(?i)one of:? \[?([\w ,|/-]+)", _listed),
    (
        r"at least (\d+) (?:char|symbol|letter)|(?i:minimum length (?:is|of)) (\d+)"
        r"|[Ll]onger than (?:minimum length )?(\d+)",
        _of_length("minLength"),
    ),
    (
        r"at most (\d+) (?:char|symbol|letter)|(?i:maximum length (?:is|of)) (\d+)",
        _of_length("maxLength"),
    ),
    (r"between (\d+) and (\d+)", _between),
    (r"greater than or equal to (-?[\d.]+)", _bound("minimum")),
    (r"greater than (-?[\d.]+)", _bound("exclusiveMinimum")),
    (r"less than or equal to (-?[\d.]+)", _bound("maximum")),
    (r"less than (-?[\d.]+)", _bound("exclusiveMaximum")),
)
_KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    (r"e-?mail", {"type": "string", "format": "email"}),
    (r"\burl\b", {"type": "string", "format": "uri"}),
    (r"uuid", {"type": "string", "format": "uuid"}),
    (r"date-?time|iso ?8601", {"type": "string", "format": "date-time"}),
    (r"\bdate\b|yyyy-mm-dd", {"type": "string", "format": "date"}),
    (r"\btime\b", {"type": "string", "format": "time"}),
    (r"integer|whole number|\bint\b|positive", {"type": "integer", "minimum": 1}),
    (r"number|decimal|float|numeric", {"type": "number"}),
    (r"bool", {"type": "boolean"}),
    (r"\blist\b|array", {"type": "array"}),
    (r"dict|object|mapping", {"type": "object"}),
    (r"\bip\b|ipv4", {"type": "string", "format": "ipv4"}),
    (r"string|\bstr\b|text", {"type": "string"}),
)


def complaints_in(visit: Visit) -> list[Complaint]:
    """Return what an answer, or what the application raised instead, says is wrong.

    Args:
        visit: The request, and what came of it.
    """
    found = list(_in(visit.json, "", ())) if visit.text else []
    if not found:
        for said in filter(None, (visit.error, _text_of(visit))):
            found += _in_text(said)
    return list(dict.fromkeys(found))


def headers_asked_for(visit: Visit) -> list[str]:
    """Return the headers that an answer speaks of and that are not common ones."""
    text = f"{visit.text} {visit.error}" if len(visit.text) < 5000 else visit.error
    return list(dict.fromkeys(found for found in _HEADER.findall(text)))


def _in(body: Any, place: str, names: tuple[str | int, ...]) -> Iterator[Complaint]:
    if isinstance(body, str):
        if names:
            if _COMPLAINS.search(body):
                yield Complaint(place, names, body)
        else:
            yield from _in_text(body)
    elif isinstance(body, list):
        for part in body:
            yield from _in(part, place, names)
    elif isinstance(body, Mapping):
        yield from _in_mapping(body, place, names)


def _in_mapping(
    body: Mapping[str, Any], place: str, names: tuple[str | int, ...]
) -> Iterator[Complaint]:
    text = next(
        (
            body[key]
            for key in ("msg", "message", "error", "detail", "type")
            if isinstance(body.get(key), str)
        ),
        "",
    )
    where = body.get("loc") or body.get("path")
    if isinstance(where, (list, tuple)) and where and text:
        first = _PLACES.get(str(where[0]))
        rest = tuple(where[1:] if first else where)
        yield Complaint(first or "", rest, f"{text} {body.get('type', '')}".strip())
        return
    key = next(
        (
            body[it]
            for it in ("key", "field", "param", "property", "attribute")
            if isinstance(body.get(it), str)
        ),
        "",
    )
    if key and text:
        path = tuple(part for part in re.split(r"[.\[\]]+", key) if part)
        first = _PLACES.get(str(body.get("source", body.get("in", ""))), "")
        if len(path) > 1 and path[0] == "data":
            path = path[1:]
        yield Complaint(first, path, text)
        return
    if "message" in body and isinstance(body.get("source"), str):
        for found in _in_text(body["message"]):
            yield Complaint(_PLACES.get(body["source"], ""), found.names, found.text)
        return
    for name, value in body.items():
        if not names and name in _PLACES and isinstance(value, Mapping):
            yield from _in(value, _PLACES[name], names)
        elif name == "ctx":
            continue
        elif not names and name in _AROUND:
            yield from _in(value, place, names)
        elif isinstance(value, (str, list, Mapping)):
            yield from _in(value, place, (*names, int(name) if name.isdigit() else name))


def _in_text(said: str) -> Iterator[Complaint]:
    for name, what in _OF_KIND.findall(said):
        if name.lower() not in _WORDS:
            yield Complaint("", (name,), f"{name} {what}")
            return
    for pattern in _NAMED:
        found = [name for name in pattern.findall(said) if name.lower() not in _WORDS]
        if found:
            yield from (Complaint("", (name,), f"{name} is required") for name in found[:6])
            return


def _text_of(visit: Visit) -> str:
    """Return what a page says that is no JSON, without its marks."""
    if visit.json is not None or len(visit.text) > 20_000:
        return ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", visit.text))


def _number(text: str) -> int | float:
    number: int | float = json.loads(text.rstrip("."))
    return number
