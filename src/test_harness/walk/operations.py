"""The operations of the running application: what each of its routes takes and answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from test_harness.application.routes import Route, routes_of
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.schemas.asgi_documents import of_fastapi, of_litestar
from test_harness.walk.schemas.document import Key
from test_harness.walk.schemas.flask_documents import of_flask
from test_harness.walk.schemas.in_front import in_front_of
from test_harness.walk.schemas.known import Known
from test_harness.walk.schemas.marks import marks_of, twins_among
from test_harness.walk.schemas.path_types import path_parameters
from test_harness.walk.schemas.undocumented import Read, read_from_code


@dataclass(frozen=True)
class Inventory:
    """The operations of an application.

    Args:
        operations: In the order in which the application has them.
        notes: What could not be made use of, one sentence each, for people.
    """

    operations: list[Operation] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def operations_of(app: Any) -> list[Operation]:
    """Return the operations of an application, after its start-up.

    Args:
        app: One of FastAPI, Starlette, Litestar or Flask, or what is wrapped around one.
    """
    return inventory_of(app).operations


def inventory_of(app: Any) -> Inventory:
    """Return the operations of an application, and what could not be made use of.

    A route is known by the document of its framework, where that has it, and by what stands in its
    signature and its code, where not. One that is upgraded to a socket is no operation.

    Args:
        app: The application, after its start-up.
    """
    first: dict[tuple[str, str, str], Route] = {}
    for route in routes_of(app):
        # Of several routes with the same path, the first one answers.
        first.setdefault((route.method, route.path, route.host), route)
    routes = [one for one in first.values() if one.method != "WEBSOCKET"]
    documented, notes = _documented(routes)
    twins = twins_among(routes)
    read = Read()
    operations = [
        _operation(route, documented.get(_key(route)), route in twins, read) for route in routes
    ]
    return Inventory(operations, notes + read.notes)


def _key(route: Route) -> Key:
    # What is answered to HEAD of itself is what is answered to GET, without its body.
    is_head = route.method == "HEAD" and "automatic" in marks_of(route)
    return "GET" if is_head else route.method, route.path


def _documented(routes: list[Route]) -> tuple[dict[Key, Known], list[str]]:
    """Return what the documents of the application say, and of those that are mounted in it."""
    found: dict[Key, Known] = {}
    notes: list[str] = []
    mounts = {(id(one.owner), one.mounted_at): one for one in routes}
    for (owner, path), first in mounts.items():
        own = [
            replace(one, path=one.path.removeprefix(path))
            for one in routes
            if (id(one.owner), one.mounted_at) == (owner, path)
        ]
        said, complaints = _documents(first.owner, own)
        found |= {(method, path + rest): known for (method, rest), known in said.items()}
        notes += complaints
    return found, list(dict.fromkeys(notes))


def _documents(app: Any, routes: list[Route]) -> tuple[dict[Key, Known], list[str]]:
    if hasattr(app, "url_map"):
        return of_flask(app)
    if hasattr(app, "asgi_router"):
        return of_litestar(app)
    if any(hasattr(one.definition, "dependant") for one in routes):
        return of_fastapi(app, routes)
    return {}, []


def _operation(route: Route, documented: Known | None, is_twin: bool, read: Read) -> Operation:
    marks = marks_of(route) | ({"twin"} if is_twin else set())
    known = documented or Known()
    if "framework" not in marks:
        known = read_from_code(route, documented, read)
    known = known.without_the_client()
    of_path = path_parameters(route)
    stated = {one.name: one for one in known.parameters if one.place == "path"}
    path = [_more_telling(stated.get(one.name), one) for one in of_path]
    others = [one for one in known.parameters if one.place != "path"]
    return Operation(
        method=route.method,
        path=route.path,
        parameters=(*path, *others),
        body=known.body,
        encoding=known.encoding,
        answers=known.answers,
        endpoint=route.endpoint,
        summary=known.marks | marks,
        in_front=() if "framework" in marks else in_front_of(route),
    )


def _more_telling(stated: Parameter | None, read: Parameter) -> Parameter:
    """Return one of what is documented of a parameter and what its converter accepts."""
    said = (
        {name: of_it for name, of_it in stated.schema.items() if name != "title"} if stated else {}
    )
    return read if stated is None or said in ({}, {"type": "string"}) else stated
