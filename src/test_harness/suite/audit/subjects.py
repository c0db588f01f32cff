"""What a file of tests is about: the module of the application that it looks at, and its layer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from itertools import takewhile

from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.helpers import Project
from test_harness.suite.reading.names import constant, value_of
from test_harness.suite.reading.scopes import Module, Scope

# The layer that a module belongs to, by a word of its path; the first that is found counts.
LAYERS = {
    "models": ("model", "models", "entities", "entity", "orm", "tables"),
    "repositories": ("repository", "repositories", "repo", "repos", "dao", "crud"),
    "services": ("service", "services", "usecase", "usecases", "use_cases", "domain"),
    "schemas": ("schema", "schemas", "dto", "serializers"),
    "routes": ("api", "routes", "router", "routers", "views", "endpoints", "controllers"),
    "sockets": ("socket", "sockets", "websocket", "websockets"),
    "security": ("auth", "security", "permissions", "tokens"),
    "decorators": ("decorator", "decorators", "middleware", "middlewares"),
    "utils": ("util", "utils", "helpers", "common", "commons", "core", "lib"),
}  # fmt: skip
REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options"}
# What the paths of many routes begin with.
PREFIX = re.compile(r"api|v\d+|rest|public|internal|admin")
LOGIN = {"auth", "login", "logout", "token", "access", "session"}
SPLIT = re.compile(r"[_\W]+")
# What stands for no subject where a file is called after it.
WORDS = {"test", "tests", "unit", "integration", "api", "e2e", "the"}


def imported_of(module: Module, project: Project) -> Counter[str]:
    """Return the modules of the application that a file imports, with how many names of each."""
    found: Counter[str] = Counter()
    for name in module.imports.values():
        if (there := project.find(name, module)) is None:
            continue
        other, rest = there
        if other is not module and not project.is_of_tests(other):
            found[_dotted(name, rest)] += 1
    return found


def subject_of(module: Module, imported: Counter[str]) -> str:
    """Return what a file is about: what it imports that it is called after, or imports most of."""
    words = set(_words(module.path.stem)) - WORDS
    if not imported:
        named = (word for word in SPLIT.split(module.path.stem) if word and word not in WORDS)
        return "_".join(named)
    return max(
        sorted(imported),
        key=lambda name: (len(words & set(_words(name.rpartition(".")[2]))), imported[name]),
    )


def routes_of(cases: Iterable[Case]) -> str:
    """Return the routes that tests ask, by how their paths begin; empty without any.

    Those that the file is called after come first, then those that are asked most; that somebody
    logs in is seldom what a test is about.
    """
    found: Counter[str] = Counter()
    named: set[str] = set()
    for case in cases:
        named = set(_words(case.module.path.stem)) - WORDS
        for called in case.scope.calls:
            if called.name in REQUESTS and called.node.args:
                path = _path(called.node.args[0], called.place.scope)
                if path.startswith("/"):
                    found[_group(path)] += 1
    return max(
        sorted(found),
        key=lambda path: (
            len(named & set(_words(path))),
            not LOGIN & set(_words(path)),
            found[path],
        ),
        default="",
    )


def _group(path: str) -> str:
    """Return the part of a path that stands for a group of routes: `/api/v1/users`."""
    parts = path.split("?", maxsplit=1)[0].strip("/").split("/")
    general = [*takewhile(PREFIX.fullmatch, parts)]
    return "/" + "/".join(parts[: len(general) + 1])


def _path(node: ast.expr, scope: Scope) -> str:
    """Return a path as far as it is written down, names in it by what they are given once."""
    if isinstance(node, ast.JoinedStr):
        parts = [_path(part, scope) for part in node.values]
        start = next((at for at, part in enumerate(parts) if part.startswith("/")), len(parts))
        return "".join(parts[start:])
    if isinstance(node, ast.FormattedValue):
        return _path(node.value, scope)
    if isinstance(node, ast.BinOp):
        return _path(node.left, scope) + _path(node.right, scope)
    if isinstance(node, ast.Name):
        value = value_of(node.id, scope)
        return _path(value, scope) if value is not None and value is not node else ""
    text = constant(node)
    return text if isinstance(text, str) else ""


def layer_of(subject: str) -> str:
    """Return the layer that a module lies in; empty where its name does not say."""
    parts = subject.lower().split(".")
    for layer, names in LAYERS.items():
        if any(part in names or part.rpartition("_")[2] in names for part in parts[1:] or parts):
            return layer
    return ""


def _dotted(name: str, rest: str) -> str:
    return name.removesuffix(f".{rest}") if rest else name


def _words(name: str) -> list[str]:
    return [word.rstrip("s") if len(word) > 3 else word for word in SPLIT.split(name)]
