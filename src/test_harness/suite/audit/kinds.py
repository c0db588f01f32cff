"""What kind of test each one is, by what it asks for and what it calls."""

from __future__ import annotations

import re
from collections import Counter

from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.helpers import Project, asked_for
from test_harness.suite.reading.names import constant
from test_harness.suite.reading.scopes import Module, Scope

UNIT, INTEGRATION, API, PERFORMANCE, SUPPORT = (
    "unit", "integration", "api", "performance", "support",
)  # fmt: skip
# The one that reaches further comes first.
KINDS = (PERFORMANCE, API, INTEGRATION, UNIT)

# A mark says what its author meant.
MARKS = {
    "unit": UNIT, "integration": INTEGRATION, "api": API, "e2e": API, "functional": API,
    "performance": PERFORMANCE, "benchmark": PERFORMANCE, "load": PERFORMANCE,
}  # fmt: skip
# Fixtures, by their names or those that they ask for themselves.
CLIENT = re.compile(r"(^|_)(client|browser|page|ws|websocket|live_server)(_|\d|$)")
DATABASE = re.compile(
    r"(^|_)(db|session|database|engine|connection|conn|transaction|uow|repo|repository)(_|\d|$)"
)
MEASURES = re.compile(r"^benchmark$|(^|_)(perf|performance|benchmark|load_test)(_|$)")
CLIENT_CALLS = {"TestClient", "AsyncClient", "AsyncTestClient", "test_client", "websocket_connect"}
DATABASE_CALLS = {
    "create_engine", "create_async_engine", "sessionmaker", "async_sessionmaker", "Session",
    "AsyncSession", "create_all", "connect",
}  # fmt: skip
REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
DEPTH = 5


def kind_of(case: Case, project: Project) -> str:
    """Return what kind of test a test is.

    Args:
        case: The test.
        project: Where its fixtures are looked up.
    """
    for decorator in case.decorators:
        if decorator.name.startswith("pytest.mark."):
            marked = MARKS.get(decorator.name.rpartition(".")[2])
            if marked is not None:
                return marked
    names, calls = _reached(case, project)
    if any(MEASURES.search(name) for name in (*names, case.module.path.stem)):
        return PERFORMANCE
    if any(CLIENT.search(name) for name in names) or calls & CLIENT_CALLS or _asks_routes(case):
        return API
    if any(DATABASE.search(name) for name in names) or calls & DATABASE_CALLS:
        return INTEGRATION
    return UNIT


def kind_of_most(kinds: Counter[str]) -> str:
    """Return the kind of a file: that of most of its tests, of two the one that reaches further."""
    if not kinds:
        return SUPPORT
    return max(KINDS, key=lambda kind: (kinds[kind], -KINDS.index(kind)))


def _reached(case: Case, project: Project) -> tuple[set[str], set[str]]:
    """Return the fixtures that a test gets, by way of others too, and what all these call."""
    names: set[str] = set()
    calls: set[str] = set()
    pending: list[tuple[Module, Scope, int]] = [(case.module, case.scope, DEPTH)]
    while pending:
        module, scope, depth = pending.pop()
        calls |= {called.name for inner in scope.walk() for called in inner.calls}
        for name in asked_for(scope):
            if name in names:
                continue
            names.add(name)
            found = project.fixture(name, module, scope) if depth else None
            if found is not None and found[1] is not scope:
                pending.append((*found, depth - 1))
    return names, calls


def _asks_routes(case: Case) -> bool:
    for called in case.scope.calls:
        if called.name in REQUESTS and called.node.args:
            path = constant(called.node.args[0])
            if isinstance(path, str) and path.startswith("/"):
                return True
    return False
