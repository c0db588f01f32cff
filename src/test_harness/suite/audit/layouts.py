"""Where files of tests lie, by layout; a further one is a further entry of `LAYOUTS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from test_harness.suite.audit.kinds import API, INTEGRATION, PERFORMANCE, SUPPORT, UNIT


@dataclass(frozen=True)
class Place:
    """What a layout knows of a file.

    Args:
        kind: The kind of its tests.
        layer: The layer of its subject; may be empty.
        subject: The file of the application it is about, from the project; empty without one.
        tests: The folder of the tests, from the project.
        name: What the file is called.
    """

    kind: str
    layer: str
    subject: str
    tests: str
    name: str


@dataclass(frozen=True)
class Layout:
    """One way to arrange tests.

    Args:
        says: What it looks like.
        folder: Returns the folder of a file, from the project; empty where it stays.
    """

    says: str
    folder: Callable[[Place], str]


# Folders of layers; what is of none goes by its kind.
OF_LAYERS = {
    "models": "test_models",
    "repositories": "test_repositories",
    "services": "test_services",
    "schemas": "test_schemas",
    "routes": "test_routes",
    "sockets": "test_sockets",
    "security": "test_security",
    "decorators": "test_decorators",
    "utils": "test_utils",
}
OF_KINDS = {UNIT: "unit", INTEGRATION: "integration", API: "api", PERFORMANCE: "performance"}


def _by_kind(place: Place) -> str:
    folder = OF_KINDS.get(place.kind, "")
    return f"{place.tests}/{folder}" if folder else ""


def _by_layer(place: Place) -> str:
    if place.kind == SUPPORT:
        return ""
    if place.kind == API:
        return f"{place.tests}/test_integration"
    folder = OF_LAYERS.get(place.layer, "")
    return f"{place.tests}/{folder}" if folder else ""


def _beside(place: Place) -> str:
    if place.kind != UNIT or not place.subject:
        return ""
    return PurePosixPath(place.subject).parent.as_posix()


LAYOUTS = {
    "kinds": Layout("unit/, integration/, api/, performance/ in the folder of the tests", _by_kind),
    "layers": Layout(
        "test_models/, test_services/, ...; over HTTP in test_integration/", _by_layer
    ),
    "beside": Layout("tests of a single module beside it; the others stay", _beside),
}
