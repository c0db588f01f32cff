"""A pytest plugin that walks over the routes, and remembers a request for each of them."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from test_harness.findings.looking import Looking
from test_harness.project import suite_dir
from test_harness.settings import settings
from test_harness.walk.access import FILE as ACCESS
from test_harness.walk.access import append_access, read_access
from test_harness.walk.exploring import Explored, confirm, explore, written
from test_harness.walk.looking import seen_by_all
from test_harness.walk.operation import Operation
from test_harness.walk.operations import inventory_of
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.remembered import (
    FILE,
    append_requests,
    check_operations,
    read_requests,
    shown,
)
from test_harness.walk.search import Found
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Visit
from test_harness.walk.world import World

# Of an answer, in one line.
SHOWN_CHARACTERS = 160


@dataclass
class Walker:
    """Walks, and writes down what came of it.

    Args:
        report: The file that gets a line of JSON for each operation.
        writes: Whether what was found is remembered.
        seconds: After which nothing further is tried; 0 is for as long as it takes.
    """

    report: Path
    writes: bool = True
    seconds: float = 0
    found: dict[str, Recipe] = field(default_factory=dict)

    def steps(self, app: Any) -> Steps[None]:
        """Walk over the routes of a started application.

        Args:
            app: The application.
        """
        path = suite_dir() / FILE
        recipes = read_requests(path)
        inventory = inventory_of(app)
        operations = written(inventory.operations)
        wrong = check_operations(path, recipes, inventory.operations)
        self._say(
            {"operations": list(map(str, operations)), "notes": inventory.notes, "wrong": wrong}
        )
        until = time.monotonic() + self.seconds if self.seconds else float("inf")
        try:
            world = yield from explore(operations, recipes, self._note, until)
            self.say_who_is_absent(world)
            book = Book({str(one): one for one in operations}, {**recipes, **self.found})
            yield from confirm(operations, book, [*self.found], self._take_back)
        finally:
            if self.writes:
                order = {str(one): at for at, one in enumerate(operations)}
                append_requests(path, dict(sorted(self.found.items(), key=lambda it: order[it[0]])))
        if self.writes:
            yield from self._write_access(operations, {**recipes, **self.found})

    def say_who_is_absent(self, world: World) -> None:
        """Say once why those do not ask whom most routes are for.

        Args:
            world: That was walked in.
        """
        first = next((world.absent[it] for it in ("owner", "stranger") if it in world.absent), None)
        if first is not None:
            who = ", ".join(world.absent)
            self._say({"absent": f"Nobody was asked as {who}: {first}"})

    def _write_access(
        self, operations: Sequence[Operation], recipes: Mapping[str, Recipe]
    ) -> Steps[None]:
        """Add what each principal is answered of routes that `access.toml` does not have."""
        path = suite_dir() / ACCESS
        known = read_access(path)
        new = [one for one in operations if str(one) not in known]
        book = Book({str(one): one for one in operations}, dict(recipes))
        seen = yield from seen_by_all(new, book)
        skipped = {name: one.skip for name, one in recipes.items() if one.skip}
        unreached = {
            str(one): skipped.get(str(one)) or "no request is granted"
            for one in new
            if str(one) not in seen
        }
        append_access(path, seen, unreached)

    def _note(self, explored: Explored) -> None:
        found = explored.found
        name = str(found.operation)
        if found.reached and found.recipe is not None and not explored.remembered:
            self.found[name] = found.recipe
        self._say(
            {
                "operation": name,
                "where": found.operation.where,
                "reached": found.reached,
                "skip": found.recipe.skip if found.recipe else "",
                "as": found.recipe.principal if found.recipe else "",
                "status": found.visit.status if found.visit else 0,
                "tries": found.tries,
                "remembered": explored.remembered,
                "answer": said_of(found.visit) if found.visit else "",
                "why": found.why,
                "calls": list(explored.calls),
                "wrong": explored.wrong,
                "sent": "" if found.reached else _as_table(found),
            }
        )

    def _take_back(self, explored: Explored) -> None:
        """Forget a request that another world answers otherwise: it says nothing of the route."""
        self.found.pop(str(explored.found.operation), None)
        self._note(explored)

    def _say(self, line: dict[str, Any]) -> None:
        with self.report.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def said_of(visit: Visit) -> str:
    """Return what came of a request, in one line.

    Args:
        visit: The request.
    """
    said = " ".join(visit.text.split())[:SHOWN_CHARACTERS]
    if not visit.status:
        error = " ".join(visit.error.split())[:SHOWN_CHARACTERS]
        return f"raised {error} as {visit.principal}"
    return f"answered {visit.status} as {visit.principal}{f': {said}' if said else ''}"


def _as_table(found: Found) -> str:
    tried = found.tried or Recipe("owner")
    names = (one.name for one in found.operation.parameters_in("path"))
    path = {**dict.fromkeys(names, Symbol("text", "...")), **tried.path}
    return shown(str(found.operation), tried.but(path=path, status=0))


class Explorer(Looking):
    """Has pytest walk over the routes, and run none of the project's tests."""

    def __init__(self) -> None:
        super().__init__(Path(__file__).parent, subjects)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, Any, Any]:
        options = session.config.option
        walkers.append(Walker(options.routes_report, writes=not options.routes_check))
        return (yield)


walkers: list[Walker] = []


def subjects() -> list[str]:
    """Return the module that walks; none for a project without an application."""
    application = settings().application
    if application.framework == "none":
        return []
    return [f"look_routes_{'sync' if application.mode == 'sync' else 'async'}"]


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    parser.addoption("--routes-report", type=Path, help="the file that is told what was found")
    parser.addoption("--routes-check", action="store_true", help="write nothing else")
    pluginmanager.register(Explorer())


@pytest.fixture
def walker() -> Walker:
    """Who walks."""
    return walkers[-1]
