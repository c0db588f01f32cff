"""Has the oracles of one family look at one operation, in a world that is made for it.

An oracle is a module of `oracles/` with `FAMILY`, the name of its family, `applies`, which tells
whether it has to do with an operation, and `look`, which returns what it found.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import pytest

from test_harness.errors import HarnessError
from test_harness.known import Seen, steady
from test_harness.project import suite_dir
from test_harness.walk import oracles as package
from test_harness.walk.access import FILE as ACCESS
from test_harness.walk.access import read_access
from test_harness.walk.exploring import written
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.operations import operations_of
from test_harness.walk.oracles.matrix import looks_wrong
from test_harness.walk.performing import Book, perform
from test_harness.walk.recipe import Recipe
from test_harness.walk.remembered import FILE, read_requests
from test_harness.walk.scene import Scene
from test_harness.walk.shared import SharedWorld
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.world import World, build_world


class Oracle(Protocol):
    """A module that knows one kind of fault."""

    FAMILY: str

    def applies(self, operation: Operation) -> bool:
        """Tell whether this has to do with an operation."""

    def look(self, scene: Scene) -> Steps[list[Finding]]:
        """Return what is wrong, after requests of its own if it needs some."""


def routes() -> list[Any]:
    """Return the routes in `requests.toml`, for `@pytest.mark.parametrize`.

    One that is never to be sent is skipped with the reason that the file gives.

    Raises:
        pytest.UsageError: The file cannot be read.
    """
    try:
        recipes = _requests(suite_dir() / FILE)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from None
    if not recipes:
        reason = f"there is no {FILE}; `test-harness routes` writes it"
        return [pytest.param("", id="none", marks=pytest.mark.skip(reason=reason))]
    return [
        pytest.param(name, id=name, marks=[pytest.mark.skip(reason=one.skip)] if one.skip else [])
        for name, one in recipes.items()
    ]


def unknown(app: Any) -> list[str]:
    """Return the routes that nobody has said anything of, in `requests.toml` or `access.toml`.

    Args:
        app: The application, after its start-up.
    """
    if not (suite_dir() / FILE).exists():
        pytest.skip(f"there is no {FILE}; `test-harness routes` writes it")
    said = {*_requests(suite_dir() / FILE), *read_access(suite_dir() / ACCESS)}
    return [str(one) for one in written([*known_operations(app).values()]) if str(one) not in said]


def look_at(app: Any, name: str, family: str, shared: SharedWorld) -> Steps[list[Finding]]:
    """Send the request of a route, and have a family of oracles look on.

    Args:
        app: The application, after its start-up.
        name: Of the route, as `requests.toml` has it.
        family: Of the oracles.
        shared: The world that looks share.

    Returns:
        What is wrong; nothing where none of them has to do with it.

    Raises:
        HarnessError: The request is not granted any more, or cannot be made.
    """
    operations, recipes = known_operations(app), _requests(suite_dir() / FILE)
    recipe = recipes[name]
    if name not in operations:
        raise HarnessError(
            f"{recipe.where} is of {name}, which the application does not have.",
            "Delete the table, or rename it to the route that took its place.",
        )
    operation = operations[name]
    looking = [one for one in oracles_of(family) if one.applies(operation)]
    if not looking:
        return []
    book = Book(operations, recipes)
    return (yield from shared.look(lambda world: _found(looking, operation, recipe, world, book)))


def _found(
    looking: Iterable[Oracle], operation: Operation, recipe: Recipe, world: World, book: Book
) -> Steps[list[Finding]]:
    if recipe.principal != "anonymous" and "stranger" in world.absent:
        raise world.error_of("stranger")
    granted = yield from perform(operation, recipe, world, book)
    if granted.error or granted.status not in {0, recipe.status}:
        raise HarnessError(
            f"{recipe.where} says that {operation} answers {recipe.status}, and {granted}.",
            "Correct the route, or the table; `test-harness routes` writes it anew once it is "
            "deleted.",
        )
    scene = Scene(operation, recipe, world, book, granted)
    found: list[Finding] = []
    for oracle in looking:
        found += yield Aside(oracle.look(scene))
    return found


def seen_by_all(
    operations: Iterable[Operation], book: Book
) -> Steps[dict[str, tuple[dict[str, int], list[str]]]]:
    """Return what each principal is answered, and what looks wrong, which is left out of that.

    Args:
        operations: Those of which it is asked.
        book: Has their requests; one without is passed over.
    """
    world = yield from build_world()
    seen: dict[str, tuple[dict[str, int], list[str]]] = {}
    for operation in operations:
        recipe = book.recipes.get(str(operation))
        if recipe is None or recipe.skip:
            continue
        try:
            granted = yield Aside(perform(operation, recipe, world, book))
            scene = Scene(operation, recipe, world, book, granted)
            visits = yield Aside(scene.asked_by_all())
            wrong = yield Aside(looks_wrong(scene, visits))
        except HarnessError:
            continue
        statuses = {who: one.status for who, one in visits.items() if who not in wrong}
        seen[str(operation)] = statuses, [*wrong.values()]
    return seen


@cache
def oracles_of(family: str) -> list[Oracle]:
    """Return the oracles of a family, in the order of their names."""
    names = sorted(one.name for one in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [cast("Oracle", one) for one in modules if getattr(one, "FAMILY", "") == family]


@cache
def _requests(path: Path) -> dict[str, Recipe]:
    """Read the file once for all routes of a run."""
    return read_requests(path)


# The application that was asked for last: others are of other tests.
_known: list[tuple[Any, Mapping[str, Operation]]] = []


def known_operations(app: Any) -> Mapping[str, Operation]:
    """Return the operations of an application by their names, which are read once.

    Args:
        app: The application, after its start-up.
    """
    if not _known or _known[0][0] is not app:
        _known[:] = [(app, {str(one): one for one in operations_of(app)})]
    return _known[0][1]


def told(findings: list[Finding]) -> None:
    """Fail where something is wrong.

    Args:
        findings: What is.

    Raises:
        AssertionError: There is something.
    """
    __tracebackhide__ = True
    if not findings:
        return
    failure = AssertionError("\n\n".join(map(str, findings)))
    operation = findings[0].operation
    said = " ".join(steady(" ".join(f"{one.oracle}: {one.problem}".split())) for one in findings)
    # What was asked for last need not be what is wrong.
    failure.seen = Seen(str(operation), said, operation.where)  # type: ignore[attr-defined]
    raise failure
