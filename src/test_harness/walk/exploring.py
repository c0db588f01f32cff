"""Goes through the operations of an application: what is remembered is sent, the rest is tried."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from test_harness.errors import HarnessError
from test_harness.lock.callers import FAULT_SAID, said_with_place
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.walk.operation import Operation
from test_harness.walk.performing import Book, perform
from test_harness.walk.recipe import Recipe
from test_harness.walk.search import Found, find_request
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.visit import Visit
from test_harness.walk.world import World, build_world

_TOKEN = re.compile(r"(?i)token|jwt|access")
_GIVES = re.compile(r"(?i)token|log_?-?in|sign_?-?in")
# Marks of operations that nobody has written: those of a framework, and of its own accord.
NOT_WRITTEN = frozenset({"automatic", "framework", "twin"})


@dataclass(frozen=True)
class Explored:
    """What became of one operation.

    Args:
        found: What was found.
        remembered: Whether its request was there already.
        calls: What it wanted to reach that is not on this machine, by the line that did.
        wrong: What is wrong with the request that was there, and how to mend it.
    """

    found: Found
    remembered: bool = False
    calls: tuple[str, ...] = ()
    wrong: str = ""


def written(operations: list[Operation]) -> list[Operation]:
    """Return the operations that the people of the application have written.

    Args:
        operations: All there are.
    """
    return [one for one in operations if not NOT_WRITTEN & one.summary]


def explore(
    operations: list[Operation],
    recipes: Mapping[str, Recipe],
    note: Callable[[Explored], None],
    until: float = float("inf"),
) -> Steps[World]:
    """Find a request for each operation that has none, and send those that are there.

    Args:
        operations: All that are to be reached.
        recipes: Those that are there, by the names of their operations.
        note: Called with what became of each operation.
        until: When to stop, by `time.monotonic`.

    Returns:
        The world that the last of them was sent in.
    """
    book = Book({str(one): one for one in operations}, dict(recipes))
    world = yield from build_world(apart=True)
    for operation in _in_order(operations):
        if time.monotonic() > until:
            note(Explored(Found(operation, why="there was no time left for it")))
            continue
        recipe = recipes.get(str(operation))
        if recipe is not None and recipe.skip:
            note(Explored(Found(operation, recipe), remembered=True))
            continue
        refused = len(runtime().network.blocked)
        found, wrong = yield from _of(operation, recipe, world, book)
        if found.reached and found.recipe is not None:
            book.recipes[str(operation)] = found.recipe
            if place := token_in(found.visit):
                book.tokens[str(operation)] = place
        calls = tuple(dict.fromkeys(runtime().network.blocked[refused:]))
        note(Explored(found, recipe is not None, calls, wrong))
        if found.visit is not None and found.visit.lost:
            world = yield from build_world(apart=True)
    return world


def _of(
    operation: Operation, recipe: Recipe | None, world: Any, book: Book
) -> Steps[tuple[Found, str]]:
    try:
        if recipe is None:
            return (yield Aside(find_request(operation, world, book))), ""
        visit = yield Aside(perform(operation, recipe, world, book))
    except HarnessError as error:
        wrong = str(error) if recipe is not None else ""
        return Found(operation, why=error.problem), wrong
    except Exception as error:  # noqa: BLE001 - one that breaks the search does not end it for all
        return Found(operation, why=f"{FAULT_SAID}{said_with_place(error)}"), ""
    if recipe.status in {0, visit.status}:
        return Found(operation, recipe.but(status=visit.status), visit, 1), ""
    wrong = (
        f"{recipe.where} says that {operation} answers {recipe.status}, and it answers "
        f"{visit.status}.\n  Fix: Correct the table, or delete it to have it made anew."
    )
    return Found(operation, None, visit, 1), wrong


def confirm(
    operations: list[Operation], book: Book, names: list[str], note: Callable[[Explored], None]
) -> Steps[None]:
    """Send what was found once more, in a world as tests have it, and note what is answered else.

    Args:
        operations: Those that there are.
        book: Has the requests.
        names: Of the operations whose requests were found.
        note: Called with each that is answered otherwise than when it was found.
    """
    world = yield from build_world()
    for operation in operations:
        if str(operation) not in names:
            continue
        recipe = book.recipes[str(operation)]
        found, wrong = yield from _of(operation, recipe, world, book)
        if wrong or not found.reached:
            note(Explored(replace(found, recipe=None, tried=recipe)))
        if found.visit is not None and found.visit.lost:
            world = yield from build_world()


def token_in(visit: Visit | None) -> str:
    """Return where in the answer to a write there is a token to show; empty if there is none.

    Args:
        visit: The request, and what came of it.
    """
    body = visit.json if visit is not None and visit.request.method == "POST" else None
    found = _places(body, "") if isinstance(body, Mapping) else []
    return next((place for place in found if "refresh" not in place), "")


def _places(body: Mapping[str, Any], above: str) -> list[str]:
    found: list[str] = []
    for name, value in body.items():
        if isinstance(value, str) and _TOKEN.search(name) and len(value) >= 16:
            found.append(f"{above}{name}")
        elif isinstance(value, Mapping):
            found += _places(value, f"{above}{name}.")
    return found


def _in_order(operations: list[Operation]) -> list[Operation]:
    """Return the operations, first those that others are sent after."""
    flows, auth = settings().flows, settings().auth
    paths = (auth.login_path, flows.signup_path, flows.reset_request_path)
    first = {path.rpartition(" ")[2].partition("?")[0] for path in paths if path}

    def place(one: Operation) -> int:
        gives = one.path in first or _GIVES.search(one.path)
        # A row that is read may be what a write is compared with.
        return 0 if one.method == "POST" and gives else 1 if one.method == "GET" else 2

    return sorted(operations, key=place)
