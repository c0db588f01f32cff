"""A route as a test names it, by a path that is filled in, for oracles to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from test_harness.errors import HarnessError
from test_harness.runtime.process import runtime
from test_harness.walk.finding import Finding
from test_harness.walk.looking import known_operations
from test_harness.walk.operation import Operation
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Sending, Steps
from test_harness.walk.visit import Request, Row, Visit
from test_harness.walk.world import Principal, World


class Asked:
    """What a test asks of one path.

    Args:
        who: What to call who asks.
        path: As the test has it, maybe with a query.
    """

    def __init__(self, who: str, path: str) -> None:
        parts = urlsplit(path)
        self.who, self.path = who, parts.path
        self._query: dict[str, Any] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            self._query.setdefault(name, []).append(value)
        self._query = {n: it[0] if len(it) == 1 else it for n, it in self._query.items()}

    def operation(self, method: str) -> Operation:
        """Return the operation that answers a method here.

        Raises:
            HarnessError: No route does.
        """
        found = self.operation_if_any(method)
        if found is None:
            raise HarnessError(
                f"No route of the application answers {method} {self.path}.",
                "Name the path of a route, filled in; `test-harness routes` lists them all.",
            )
        return found

    def operation_if_any(self, method: str) -> Operation | None:
        """Return the operation that answers a method here, None without one."""
        operations = known_operations(runtime().application()).values()
        fitting = [
            it for it in operations if it.method == method and _values(it, self.path) is not None
        ]
        return min(fitting, key=lambda it: it.path.count("{"), default=None)

    def send(self, method: str, *, json: Any = None, undone: bool = True) -> Steps[Visit]:
        """Send a request, and return what came of it.

        Args:
            method: Of it.
            json: Its payload; None for none.
            undone: Whether what it writes is undone.
        """
        request = Request(method, self.path, query=self._query, json=json)
        visit: Visit = yield Sending(request, self.who, undone=undone)
        return visit

    def scene(self, method: str, granted: Visit, rows: Mapping[str, Row] | None = None) -> Scene:
        """Return what an oracle looks at.

        Args:
            method: Of the request.
            granted: What came of it.
            rows: By their tables, rows that it is about.

        Raises:
            HarnessError: No route of the application answers it.
        """
        operation = self.operation(method)
        recipe = Recipe(
            self.who,
            path=_values(operation, self.path) or {},
            query=self._query,
            status=granted.status,
        )
        world = World(rows or {}, {}, {self.who: Principal(self.who)})
        return Scene(operation, recipe, world, Book(), granted)

    def finding(
        self, oracle: str, visit: Visit, problem: str, *, evidence: str = "", fix: str
    ) -> Finding:
        """Return what is wrong with the answer to a request that was sent here.

        Args:
            oracle: The name of who says so.
            visit: What was sent, by whom, and what came back.
            problem: What is wrong with that, to follow it.
            evidence: What betrays it; the beginning of the answer if it is empty.
            fix: One sentence on what to do.
        """
        return self.scene(visit.request.method, visit).finding(
            oracle, f"{visit}{problem}", evidence=evidence or shortly(visit), fix=fix
        )


def shortly(visit: Visit) -> str:
    """Return what came of a request in one short line."""
    return visit.error or " ".join(visit.text.split())[:160]


def _values(operation: Operation, path: str) -> dict[str, str] | None:
    """Return the parameters of the path of an operation; None where another is meant."""
    names = re.findall(r"\{(\w*)\}", operation.path)
    pattern = re.sub(r"\\\{\w*\\\}", "([^/]+)", re.escape(operation.path))
    found = re.fullmatch(pattern, path)
    return dict(zip(names, map(unquote, found.groups()), strict=True)) if found else None
