"""What an answer means: whether it refuses, and what it says is missing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from test_harness.settings import settings

# Of no use for telling how something is refused: no such method, too slow, too often.
NO_REFUSALS = frozenset({405, 408, 429})
_MISSING = re.compile(r"(?i)\b(required|missing)\b")
_QUOTED = re.compile(r"(?i)missing required field [`'\"](\w+)[`'\"]")
_SAYS_WHERE = ("loc", "key", "field", "param", "name")
# What is sent in a field that the application wants besides, by what it is called.
_NAME = re.compile(r"(?i)user_?name|login|nick|handle")
_VALUES = (
    (re.compile(r"(?i)pass|pwd"), "$password"),
    (re.compile(r"(?i)mail"), "$email"),
    (re.compile(r"(?i)token"), "$token"),
    (_NAME, "$name"),
)


def is_answer(response: Any) -> bool:
    """Tell whether the application answered for itself: it neither failed nor counted requests."""
    return (
        response is not None
        and response.status_code < 500
        and response.status_code not in NO_REFUSALS
    )


def opens(response: Any) -> bool:
    """Tell whether a page was given to who asked."""
    return response is not None and 200 <= response.status_code < 300


def lets_see(response: Any) -> bool:
    """Tell whether the protected path was given to who asked, who may have nothing there yet."""
    is_opened = response is not None and response.status_code == settings().auth.opened_status
    return opens(response) or is_opened


def went_well(response: Any) -> bool:
    """Tell whether something was done: a form answers that with a redirect."""
    return response is not None and 200 <= response.status_code < 400


def refuses(response: Any) -> bool:
    """Tell whether who asked for a page was refused it, or sent to another one."""
    if not is_answer(response):
        return False
    if 300 <= response.status_code < 400:
        return not turns_back(response)
    return bool(response.status_code >= 400)


def turns_back(response: Any) -> bool:
    """Tell whether who sent a form was sent to it again, as forms do that were not taken."""
    asked, sent_to = (
        urlsplit(str(where)).path.rstrip("/")
        for where in (response.request.url, response.headers.get("location", ""))
    )
    return bool(300 <= response.status_code < 400 and asked == sent_to)


def most_common(statuses: Mapping[str, int], before: int) -> int:
    """Return the status that most have; of several the one that was expected, or else the first.

    Args:
        statuses: By what was refused; there is one at least.
        before: The status that was expected.
    """
    counted = Counter(statuses.values())
    most = max(counted.values())
    best = [status for status, times in counted.items() if times == most]
    return before if before in best else best[0]


def missing_fields(response: Any) -> list[str]:
    """Return the fields that an answer says were not sent."""
    return list(dict.fromkeys(_missing(json_of(response))))


def json_of(response: Any) -> Any:
    """Return what an answer says in JSON, None where it says nothing in it."""
    try:
        return None if response is None else response.json()
    except ValueError:
        return None


def _missing(body: Any) -> Iterator[str]:
    if isinstance(body, list):
        for part in body:
            yield from _missing(part)
    if not isinstance(body, Mapping):
        return
    said = " ".join(value for value in body.values() if isinstance(value, str))
    if quoted := _QUOTED.search(said):
        yield quoted[1]
        return
    if _MISSING.search(said):
        where = next((body[name] for name in _SAYS_WHERE if body.get(name)), None)
        # The first of several places is the body itself.
        last = where if isinstance(where, str) else where[-1] if where and where[1:] else None
        if isinstance(last, str) and last.isidentifier():
            yield last
            return
    for name, value in body.items():
        texts = value if isinstance(value, list) else []
        if any(isinstance(text, str) and _MISSING.search(text) for text in texts):
            yield str(name)
        else:
            yield from _missing(value)


def with_query(path: str, response: Any) -> str:
    """Return the path of a step of `[flows]` with what its answer misses in the query, if any.

    Args:
        path: Maybe with a query of its own.
        response: What the application answered to it.
    """
    lacking = list(dict.fromkeys(_missing_in_query(json_of(response)))) if refuses(response) else []
    query = "&".join(f"{name}={_value_of(name)}" for name in lacking if f"{name}=" not in path)
    return query and f"{path}{'&' if '?' in path else '?'}{query}"


def _missing_in_query(body: Any) -> Iterator[str]:
    """Yield what FastAPI (`loc`) and Litestar (`source`, `key`) miss in a query."""
    for part in body if isinstance(body, list) else ():
        yield from _missing_in_query(part)
    if not isinstance(body, Mapping):
        return
    where = body.get("loc") or [body.get("source"), body.get("key")]
    said = " ".join(value for value in body.values() if isinstance(value, str))
    if isinstance(where, list) and where[:1] == ["query"] and _MISSING.search(said):
        yield str(where[-1])
        return
    for value in body.values():
        yield from _missing_in_query(value)


def _value_of(name: str) -> str:
    return next((value for pattern, value in _VALUES if pattern.search(name)), "Text")


def mended(payload: str, response: Any) -> str:
    """Return the payload of a step of `[flows]` as the answer to it wants it; the same if it is.

    Args:
        payload: A JSON object in text; empty for none.
        response: What the application answered to it.
    """
    template = json.loads(payload) if payload else {}
    if not (isinstance(template, dict) and refuses(response)):
        return payload
    lacking = [name for name in missing_fields(response) if name not in template]
    fuller = {name: _value_of(name) for name in lacking}
    # The address of a user may be no name for the application.
    shorter = {
        name: "$name"
        for name, value in template.items()
        if value in ("$login", "$email") and _NAME.search(name)
    }
    better = {**template, **(fuller or shorter)}
    return payload if better == template else json.dumps(better)


def places_of_text(body: Any, *, refresh: bool = False) -> list[str]:
    """Return where in a JSON object there are long texts, as `user.token`: likely tokens first.

    Args:
        body: The object.
        refresh: Whether refresh tokens are meant, or what is none.
    """
    found = [place for place in _places(body, "") if ("refresh" in place.lower()) is refresh]
    return sorted(found, key=lambda place: not re.search(r"(?i)access|token|jwt|key", place))


def _places(body: Any, above: str) -> Iterator[str]:
    for name, value in body.items() if isinstance(body, Mapping) else ():
        place = f"{above}.{name}" if above else str(name)
        if isinstance(value, str) and len(value) >= 16 and " " not in value:
            yield place
        elif "." not in str(name):
            yield from _places(value, place)
