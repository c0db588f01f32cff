"""What is known of a route without a document, or besides one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from test_harness.application.routes import Route
from test_harness.errors import first_line
from test_harness.walk.schemas.decorators import read_annotations, read_decorators
from test_harness.walk.schemas.known import Known
from test_harness.walk.schemas.reader import Reading
from test_harness.walk.schemas.signatures import known_by_signature
from test_harness.walk.schemas.sources import innermost, mentioned, source_of
from test_harness.walk.schemas.symbols import PLACES, Asked, Instance, Part, Symbol
from test_harness.walk.schemas.uses import Uses

WITHOUT_BODY = ("GET", "HEAD", "OPTIONS", "TRACE")
_ANY_OBJECT = re.compile(r"\b(?:[Dd]ict|Any|Mapping)\b")
_PAYLOADS = {"body", "data", "payload"}
_NAMES_OF_A_REQUEST = {"request", "req"}


@dataclass
class Read:
    """What was read already: one view may have many routes.

    Args:
        notes: What could not be read, one sentence each.
    """

    notes: list[str] = field(default_factory=list)
    _uses: dict[tuple[FunctionType, type | None], Uses] = field(default_factory=dict)

    def of(self, route: Route, function: FunctionType) -> Uses:
        """Return what a view uses of a request.

        Args:
            route: One of its routes.
            function: The view.
        """
        key = function, _class_of(route)
        if key not in self._uses:
            uses = self._uses[key] = Uses()
            try:
                _read(route, *key, uses)
            except Exception as error:  # noqa: BLE001 - what is looked at is the application's
                said = f"{type(error).__name__}: {first_line(error)}"
                self.notes.append(f"What {route.where} reads of a request is not known ({said}).")
        return self._uses[key]


def read_from_code(route: Route, documented: Known | None, read: Read) -> Known:
    """Return what is known of a route: what is documented, and what its code reads besides.

    Args:
        route: One of `routes_of`.
        documented: What its document says; None where it is in none.
        read: What was read of other routes, and is added to: one view may have many.
    """
    known = documented or Known()
    function = innermost(route.endpoint)
    if function is None:
        return known
    is_declared = hasattr(route.definition, "dependant") or hasattr(route.owner, "asgi_router")
    if is_declared and documented is None:
        known = known_by_signature(route, function)
    if is_declared and not _asks_itself(function, known):
        return known
    return known.over(read.of(route, function).known(has_body=route.method not in WITHOUT_BODY))


def _asks_itself(function: FunctionType, known: Known) -> bool:
    """Tell whether a handler reads of the request what its signature does not say."""
    names = mentioned(function.__code__)
    reads = bool(names & PLACES.keys()) or known.body is None
    return (bool(_requests_of(function)) and reads) or bool(_payloads_of(function))


def _read(route: Route, function: FunctionType, kind: type | None, uses: Uses) -> None:
    source = source_of(function)
    if source is None:
        return
    reading = Reading(uses)
    given: dict[str, Symbol] = {name: Asked() for name in _requests_of(function)}
    given |= {name: Part("json") for name in _payloads_of(function)}
    if kind and function.__code__.co_varnames[:1] == ("self",):
        given["self"] = Instance(kind)
    read_decorators(reading, source)
    if hasattr(route.owner, "url_map"):
        read_annotations(reading, source, route.parameters)
    reading.read(source, given)


def _requests_of(function: FunctionType) -> list[str]:
    """Return the names of the parameters that are the request."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    names += function.__code__.co_varnames[len(names) :][: function.__code__.co_kwonlyargcount]
    hints = function.__annotations__
    return [name for name in names if name in _NAMES_OF_A_REQUEST or _is_request(hints.get(name))]


def _payloads_of(function: FunctionType) -> list[str]:
    """Return the names of the parameters that are a payload of which nothing is declared."""
    hints = function.__annotations__
    return [name for name, hint in hints.items() if name in _PAYLOADS and _is_any_object(hint)]


def _is_any_object(hint: Any) -> bool:
    return bool(_ANY_OBJECT.search(hint if isinstance(hint, str) else repr(hint)))


def _is_request(hint: Any) -> bool:
    name = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
    return name.partition("[")[0].rpartition(".")[2] in ("Request", "HTTPConnection")


def _class_of(route: Route) -> type | None:
    """Return the class of a class-based view."""
    definition = route.definition
    views = getattr(route.owner, "view_functions", None)
    view = views.get(definition.endpoint) if views else getattr(definition, "endpoint", None)
    found = getattr(view, "view_class", view)
    return found if isinstance(found, type) else None
