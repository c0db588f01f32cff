"""Where modules and names of the old machinery went, which was a package `harness` of the project.

Names are looked up in the files of the engine, so that what is said here is true of this version.
A module of the old machinery is called by what followed `harness.`; the package itself by nothing.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import test_harness

ENGINE = "test_harness"
PACKAGE = Path(test_harness.__file__).resolve().parent
PUBLIC = frozenset(test_harness.__all__)

# From a name below `harness` to one below `test_harness`; what is not here kept its name.
MOVED = {
    "addresses": "lock.addresses",
    "application": "application.loading",
    "assertions": "application.assertions",
    "attacks": "auth.attacks",
    "auth": "auth.styles",
    "auth.passwords": "application.passwords",
    "callers": "lock.callers",
    "canary": "runtime.canary",
    "clients": "application.clients",
    "codes": "factories.codes",
    "databases": "databases.database",
    "dialects": "isolation.dialects",
    "drivers": "isolation.drivers.real",
    "drivers.guards": "isolation.drivers.guards",
    "drivers.mysql": "isolation.drivers.mysql",
    "drivers.mysql_statements": "isolation.drivers.mysql_statements",
    "drivers.postgresql": "isolation.drivers.postgresql",
    "drivers.postgresql_guards": "isolation.drivers.postgresql_guards",
    "drivers.sqlite": "isolation.drivers.sqlite",
    "environment": "application.environment",
    "factory": "factories.base",
    "flows": "auth.flows.account",
    "flows.steps_async": "auth.flows.steps_async",
    "flows.steps_sync": "auth.flows.steps_sync",
    "kept": "databases.kept",
    "lifespan": "application.lifespan",
    "lock": "lock.connections",
    "naming": "databases.naming",
    "network": "lock.network",
    "overrides": "application.overrides",
    "pools": "isolation.pools",
    "protections": "application.protections",
    "raw": "isolation.raw",
    "runtime": "runtime.process",
    "savepoints": "isolation.savepoints",
    "scenarios": "scenarios.finding",
    "schema": "runtime.schema",
    "seam": "isolation.seam",
    "sockets": "auth.sockets.opening",
    "sockets.loop_sync": "auth.sockets.loop_sync",
    "sockets.socketio": "auth.sockets.socketio",
    "sockets.websocket": "auth.sockets.websocket",
    "subprocesses.sitecustomize": "lock.subprocesses.sitecustomize",
    "transactions": "isolation.transactions",
    "transport": "application.transport",
}

# Names that left the module they were in for another one than it became.
MOVED_NAMES = {
    ("migrations.visit", "Passage"): "migrations.course",
    ("migrations.walk", "Step"): "migrations.course",
}

# What has no successor that could be written in its place, and what to do about it.
GONE = {
    "hook": "run `python -m test_harness check` in the environment of the tests",
    "restart": "leave it out: conftest.py does this now",
    "scenarios.__main__": "run `python -m test_harness seed` instead",
}
GONE_NAMES = {
    ("settings", "PROJECT_DIR"): "call `project_dir()` of `test_harness.project`",
    ("settings", "TESTS_DIR"): "call `suite_dir()` of `test_harness.project`",
}


def was_ours(module: str) -> bool:
    """Say whether the old machinery had a module."""
    return module.partition(".")[0] in GONE or module in GONE or module_home(module) is not None


def module_home(module: str) -> str | None:
    """Return the module of the engine that one of the old became, None where it is gone."""
    if not module:
        return ENGINE
    home = f"{ENGINE}.{MOVED.get(module, module)}"
    return home if _file(home) is not None else None


def name_home(module: str, name: str) -> tuple[str, str] | None:
    """Return from where to import what `from harness.module import name` did, and under which name.

    The name may have been that of a module too.
    """
    below = f"{module}.{name}".lstrip(".")
    home = module_home(below)
    if home is not None:
        package, _, last = home.rpartition(".")
        return package, last
    if name in PUBLIC:
        return ENGINE, name
    home = attribute_home(module, name)
    return None if home is None else (home, name)


def attribute_home(module: str, name: str) -> str | None:
    """Return the module of the engine in which a name of an old module is looked up.

    Whoever replaces an attribute for a test has to replace this one, and not the public name.
    """
    if (module, name) in MOVED_NAMES:
        return f"{ENGINE}.{MOVED_NAMES[module, name]}"
    home = module_home(module)
    return home if home is not None and name in _names(home) else None


def successor(module: str, names: str, *, public: bool) -> str | None:
    """Return the module of the engine that has what an old module had, None where none has it.

    Args:
        module: The old one.
        names: A name in it, and what follows that after a dot; nothing for the module itself.
        public: Whether the public name will do, which it does not for what is replaced.
    """
    name = names.partition(".")[0]
    if public and name in PUBLIC:
        return ENGINE
    return attribute_home(module, name) if name else module_home(module)


def joined(home: str, names: str, mark: str = ".") -> str:
    """Return a module and names in it, if there are any, as one name."""
    return f"{home}{mark}{names}" if names else home


def split(dotted: str) -> tuple[str, str]:
    """Return the longest module of the old that a dotted name starts with, and the rest of it."""
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        if was_ours(".".join(parts[:count])):
            return ".".join(parts[:count]), ".".join(parts[count:])
    return "", dotted


def way_out(module: str, names: str = "") -> str:
    """Return what to do about a module, or a name of one, that has no home in the engine."""
    first, name = module.partition(".")[0], names.partition(".")[0]
    gone = GONE_NAMES.get((module, name)) or GONE.get(module) or GONE.get(first)
    return gone or "see which of the public names of `test_harness` does what it did"


def _file(module: str) -> Path | None:
    path = PACKAGE.joinpath(*module.split(".")[1:])
    found = [path.with_suffix(".py"), path / "__init__.py"]
    return next((file for file in found if file.is_file()), None)


@cache
def _names(module: str) -> frozenset[str]:
    """Return what is defined or imported at the top of a module of the engine."""
    file = _file(module)
    assert file is not None, module
    return frozenset(_bound(ast.parse(file.read_text(encoding="utf-8")).body))


def _bound(statements: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(statement.name)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            found |= {one.asname or one.name for one in statement.names}
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found |= {it.id for one in targets for it in ast.walk(one) if isinstance(it, ast.Name)}
        elif isinstance(statement, (ast.If, ast.Try)):
            found |= _bound(statement.body) | _bound(statement.orelse)
    return found
