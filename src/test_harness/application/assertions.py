"""Assertions on responses that show the request and the body when they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import pytest

from test_harness.application.tracebacks import told

SHOWN_CHARACTERS = 2000
# Where frameworks say which field is wrong: FastAPI, Litestar, and what is often written by hand.
NAMES_A_FIELD = ("loc", "key", "field", "name", "param", "path", "source")


def assert_status(response: Any, status: int) -> Any:
    """Check the status code and return the decoded body; None when it is empty or is no JSON.

    Args:
        response: A response of httpx or of a client with its interface.
        status: The one status code that is right.
    """
    __tracebackhide__ = True
    if response.status_code != status:
        _fail(response, f"answered {response.status_code}, not {status}.")
    is_json = "json" in response.headers.get("content-type", "")
    return response.json() if response.content and is_json else None


def assert_json(response: Any, expected: Any, status: int = 200) -> Any:
    """Check that a body in JSON has what is expected, maybe among other fields, and return it.

    Args:
        response: A response.
        expected: What is there; a list has to be there as it is.
        status: The one status code that is right.
    """
    __tracebackhide__ = True
    body = assert_status(response, status)
    wrong = list(_differences("body", body, expected))
    if wrong:
        _fail(response, "answered something else:\n  " + "\n  ".join(wrong))
    return body


def assert_error(response: Any, status: int, said: str) -> Any:
    """Check that an error says something, such as its code, as a whole text; return the body.

    Args:
        response: A response.
        status: The one status code that is right.
        said: A text that is anywhere in the body.
    """
    __tracebackhide__ = True
    body = assert_status(response, status)
    if said not in list(_texts(body)):
        _fail(response, f"does not say {said!r}.")
    return body


def assert_invalid(response: Any, field: str, status: int = 422) -> Any:
    """Check that a validation error names a field; return the body.

    Args:
        response: A response.
        field: The field that is wrong, the innermost if it is nested.
        status: The one status code that is right.
    """
    __tracebackhide__ = True
    body = assert_status(response, status)
    named = list(dict.fromkeys(_named(body)))
    if field not in named:
        _fail(response, f"does not name {field!r}; it names {', '.join(named) or 'no field'}.")
    return body


def _fail(response: Any, problem: str) -> NoReturn:
    __tracebackhide__ = True
    request = response.request
    failure = pytest.fail.Exception(
        f"{request.method} {request.url} {problem}\n"
        f"Request body:  {_shown(request.read())}\n"
        f"Response body: {_shown(response.content)}",
        pytrace=True,
    )
    # For whoever asks which answer it was.
    failure.response = response  # type: ignore[attr-defined]
    raise failure


def _differences(place: str, found: Any, expected: Any) -> Iterator[str]:
    if not isinstance(expected, Mapping):
        if found != expected:
            yield f"{place} is {found!r}, not {expected!r}"
        return
    if not isinstance(found, Mapping):
        yield f"{place} is {found!r}, which has no fields"
        return
    for name, value in expected.items():
        if name in found:
            yield from _differences(f"{place}.{name}", found[name], value)
        else:
            yield f"{place} has no {name!r}"


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    parts = body.values() if isinstance(body, Mapping) else body if isinstance(body, list) else ()
    for part in parts:
        yield from _texts(part)


def _named(body: Any) -> Iterator[str]:
    """Return the fields that an error names: as a value that says where, or as a key of errors."""
    if isinstance(body, list):
        for part in body:
            yield from _named(part)
    if not isinstance(body, Mapping):
        return
    for name, value in body.items():
        if name in NAMES_A_FIELD:
            last = value[-1] if isinstance(value, list) and value else value
            yield str(last).rpartition(".")[2].rpartition("/")[2]
        elif isinstance(value, list) and value and all(isinstance(said, str) for said in value):
            yield name
        yield from _named(value)


def _shown(body: bytes) -> str:
    return told(body.decode(errors="replace"), SHOWN_CHARACTERS)
