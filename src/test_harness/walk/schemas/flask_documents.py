"""The documents that extensions of Flask make: flask-smorest, flask-restx, APIFlask, OpenAPI3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from test_harness.walk.schemas.document import Key, documented
from test_harness.walk.schemas.known import Known


def of_flask(app: Any) -> tuple[dict[Key, Known], list[str]]:
    """Return what the extensions of an application document, and what could not be made.

    Args:
        app: The application.
    """
    makers = list(_makers(app))
    if not makers:
        return {}, []
    found: dict[Key, Known] = {}
    notes: list[str] = []
    with app.test_request_context():
        for make in makers:
            said, complaints = documented(make, "An extension of Flask")
            found |= said
            notes += complaints
    return found, notes


def _makers(app: Any) -> Iterator[Callable[[], Any]]:
    smorest = app.extensions.get("flask-smorest") or {}
    for stated in (smorest.get("apis") or {}).values():
        api = stated.get("ext_obj") if isinstance(stated, dict) else stated
        spec: Any = getattr(api, "spec", None)
        yield from [spec.to_dict] if spec else []
    views = [getattr(view, "__self__", None) for view in app.view_functions.values()]
    restx = {id(api): api for api in views if hasattr(type(api), "__schema__")}
    for api in restx.values():
        yield partial(_of_restx, api)
    for kind, name in (("APIFlask", "spec"), ("OpenAPI", "api_doc")):
        if any(base.__name__ == kind for base in type(app).__mro__):
            yield partial(_if_json, app, name)


def _of_restx(api: Any) -> Any:
    document = api.__schema__
    if "error" in document:
        # It logs what was wrong, and keeps it to itself.
        raise ValueError(document["error"])
    return document


def _if_json(app: Any, name: str) -> Any:
    document = getattr(app, name)
    return document if isinstance(document, dict) else {}
