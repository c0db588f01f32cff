"""The documents that FastAPI and Litestar make of their applications."""

from __future__ import annotations

from typing import Any

from test_harness.application.routes import Route
from test_harness.walk.schemas.document import Key, documented, operations_in
from test_harness.walk.schemas.known import Known


def of_fastapi(app: Any, routes: list[Route]) -> tuple[dict[Key, Known], list[str]]:
    """Return what FastAPI documents of the routes of an application, and what could not be made.

    Routes that are left out of the document are documented here all the same.

    Args:
        app: The application, or a router that is mounted in one.
        routes: Its own, with paths that start at it.
    """
    found, notes = documented(getattr(app, "openapi", dict), "FastAPI")
    left = [one for one in routes if (one.method, one.path) not in found]
    definitions = {id(one.definition): one.definition for one in left}
    shown = [_shown(one) for one in definitions.values() if hasattr(one, "dependant")]
    return _documented(shown) | found, notes


def _documented(definitions: list[Any]) -> dict[Key, Known]:
    """Return what is documented of definitions; one that cannot be documented costs no other."""
    if not definitions:
        return {}
    from fastapi.openapi.utils import get_openapi

    try:
        return operations_in(get_openapi(title="", version="", routes=definitions))
    except Exception:  # noqa: BLE001 - models of the application's
        if len(definitions) == 1:
            return {}
    half = len(definitions) // 2
    return _documented(definitions[:half]) | _documented(definitions[half:])


def _shown(definition: Any) -> Any:
    """Return a copy of a route that is shown in the document."""
    # `copy` and plain assignment fail on what newer FastAPI has for the routes of a router.
    copied = object.__new__(type(definition))
    copied.__dict__.update(vars(definition), include_in_schema=True)
    return copied


def of_litestar(app: Any) -> tuple[dict[Key, Known], list[str]]:
    """Return what Litestar documents of an application, and what could not be made.

    Args:
        app: The application.
    """
    if getattr(app, "openapi_config", None) is None:
        return {}, []
    return documented(lambda: app.openapi_schema.to_schema(), "Litestar")  # noqa: PLW0108 - fails only when called
