"""Which databases the application talks to, and with which drivers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, parameters, terminal, walk
from ..code.source import Source
from ..code.values import GAP
from ..project.settings import Settings
from .drivers import URL, Use, uses_in
from .engine_calls import EngineCalls, Kind

_URL_ARGUMENTS = ("url", "connection_string", "name_or_url", "conn_url", "database_url", "bind")


@dataclass(frozen=True)
class Engine:
    """A call that makes an engine.

    Attributes:
        module: Where it is.
        call: The call.
        kind: What it makes.
        live: Whether the application imports that module.
    """

    module: Module
    call: ast.Call
    kind: Kind
    live: bool


class Engines:
    """Finds the engines and what they connect to.

    Attributes:
        engines: The calls that make engines, those of the application first.
        uses: Which databases they connect to, as far as their URLs are known.
        variables: The environment variables that the URLs of the application's own engines come
            from, each with whether the engine is an asynchronous one, None when that is not known.
    """

    def __init__(self, source: Source, evaluator: Evaluator, settings: Settings) -> None:
        self.source = source
        self.evaluator = evaluator
        self.settings = settings
        self.variables: dict[str, bool | None] = {}
        found = EngineCalls(source).found()
        engines = (Engine(module, call, kind, source.live(module)) for module, call, kind in found)
        self.engines = sorted(
            engines, key=lambda e: (not e.live, e.module.aside, not e.kind.certain, e.module.path)
        )
        self.uses = [*self._from_engines(), *self._from_flask()]

    def _from_engines(self) -> Iterator[Use]:
        for engine in self.engines:
            weight = 10.0 if engine.live else 3.0 if not engine.module.aside else 2.0
            weight = (
                weight if engine.kind.certain else min(weight, 3.0 if engine.kind.is_own else 4.0)
            )
            node = argument(engine.call, 0, *_URL_ARGUMENTS)
            self._forget()
            urls = self._urls(engine.module, engine.call, node)
            if engine.live and not engine.module.aside:
                self._note_variables(engine.kind.is_async)
            for index, url in enumerate(sorted(urls, key=_is_open)):
                yield from uses_in(url, engine.module.where(engine.call), weight - index, "engine")

    def _forget(self) -> None:
        self.evaluator.read.clear()
        self.evaluator.fields.clear()

    def _note_variables(self, is_async: bool | None) -> None:
        """Remember what the evaluator has read since it was told to forget."""
        fields = {self.settings.named.get(field, "") for field in self.evaluator.fields}
        for name in sorted(self.evaluator.read | fields):
            if name in self.settings.variables:
                self.variables.setdefault(name, is_async)

    def _urls(self, module: Module, call: ast.Call, node: ast.expr | None) -> list[str]:
        if node is None:
            return []
        function = module.function_around(call)
        scope = self.evaluator.scope_of(module, function) if function else {}
        urls = [url for url in self.evaluator.texts(module, node, scope) if URL.match(url)]
        if not urls and function is not None:
            urls = self._from_callers(module, function, node)
        return urls

    def _from_callers(self, module: Module, function: FunctionNode, node: ast.expr) -> list[str]:
        """Follow a URL that is a parameter to the calls that give it."""
        names = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
        wanted = [
            (i, arg.arg) for i, (arg, _) in enumerate(parameters(function)) if arg.arg in names
        ]
        called = function.name
        if called == "__init__":
            holder = next(
                (
                    c
                    for c in walk(module.tree)
                    if isinstance(c, ast.ClassDef) and function in c.body
                ),
                None,
            )
            called = holder.name if holder else called
        found: list[str] = []
        for position, name in wanted:
            for other in self.source.having(called.encode() + b"("):
                for call in other.calls:
                    if terminal(call.func) != called:
                        continue
                    caller = other.function_around(call)
                    scope = self.evaluator.scope_of(other, caller) if caller else {}
                    given = self.evaluator.texts(other, argument(call, position, name), scope)
                    found += [url for url in given if URL.match(url)]
        return found

    def _from_flask(self) -> Iterator[Use]:  # noqa: PLR0912 - one case after another
        key = "SQLALCHEMY_DATABASE_URI"
        modules = self.source.having(key.encode())
        if not modules:
            # Some applications have no database but the one that their tests give them.
            tests = (module for module in self.source.modules if module.aside > 1)
            modules = [module for module in tests if key.encode() in module.data]
        for module in modules:
            weight = 10.0 if self.source.live(module) else 6.0 if not module.aside else 1.0
            for node in walk(module.tree):
                value: ast.expr | None = None
                testing = False
                match node:
                    case ast.ClassDef(name=name, body=body):
                        testing = "test" in name.lower()
                        for statement in body:
                            if _assigns(statement, key):
                                value = statement.value  # type: ignore[attr-defined]
                    case ast.Module(body=body):
                        for statement in body:
                            if _assigns(statement, key):
                                value = statement.value  # type: ignore[attr-defined]
                    case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=index))]):
                        value = node.value if index == key else None
                    case ast.keyword(arg="SQLALCHEMY_DATABASE_URI"):
                        value = node.value
                    case ast.Dict(keys=keys, values=values):
                        pairs = zip(keys, values, strict=True)
                        value = next((given for key_, given in pairs if _is_text(key_, key)), None)
                if value is None:
                    continue
                function = module.function_around(value)
                scope = self.evaluator.scope_of(module, function) if function else {}
                self._forget()
                urls = self.evaluator.texts(module, value, scope)
                if self.source.live(module) and not module.aside:
                    self._note_variables(is_async=False)
                for index, url in enumerate(sorted(urls, key=_is_open)):
                    share = 1.0 if testing else weight - (4 if index and _is_open(url) else index)
                    yield from uses_in(url, module.where(value), share, "engine")


def _is_open(url: str) -> bool:
    """Whether nothing but the kind of database is known."""
    return url.endswith(f"://{GAP}")


def _assigns(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return terminal(statement.target) == name and statement.value is not None
    return isinstance(statement, ast.Assign) and any(terminal(t) == name for t in statement.targets)


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
