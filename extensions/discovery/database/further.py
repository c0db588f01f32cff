"""Which databases the application has beside its first: further bases, and the engines for them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from ..code.modules import Module
from ..code.nodes import argument, keyword, terminal, walk
from ..code.source import Source
from ..findings import Finding
from .bases import Base
from .engines import Engines
from .models import Models

# What says nothing of which database it is.
_GENERAL = frozenset([
    "async", "base", "bases", "connection", "connections", "core", "data", "database", "databases",
    "db", "declarative", "engine", "engines", "entities", "entity", "main", "model", "models",
    "orm", "registry", "session", "sessions", "sql", "sqla", "sqlalchemy", "sync", "table",
    "tables",
])  # fmt: skip
# Kinds that know of their databases themselves, which the harness asks when it runs.
_ASKED = ("Flask-SQLAlchemy", "Alchemical", "Alchemical extension", "advanced-alchemy")


class Further:
    """Pairs the bases that are not the main one with the engines that their tables are behind.

    Attributes:
        databases: Those with an engine of their own: `name`, `metadata` and `engine_object`.
        also: The bases whose tables are in the first database, with the only engine there is.
        left_out: The bases whose engine is not known.
    """

    def __init__(self, source: Source, models: Models, engines: Engines) -> None:
        self.source = source
        self.models = models
        self.engines = dict(self._engines(engines))
        self.databases: list[dict[str, str]] = []
        self.also: list[str] = []
        self.left_out: list[str] = []
        if models.metadata and models.metadata.value["kind"] not in _ASKED:
            self._pair(models.metadata.value["metadata"])

    @property
    def found(self) -> Finding:
        """Everything, for the report."""
        value = {"databases": self.databases, "also": self.also, "left_out": self.left_out}
        where = next((base.where for base in self._others("")), "")
        return Finding(value if any(value.values()) else None, where, "medium")

    def _pair(self, main: str) -> None:
        others = self._others(main)
        if not others:
            return
        explicit = self._explicit()
        of_main = explicit.get(main, set())
        by_base: dict[Base, set[str]] = {}
        for base in others:
            by_base[base] = explicit.get(base.metadata) or self._by_name(base)
        taken = set().union(of_main, *by_base.values())
        rest = self.engines.keys() - taken
        unpaired = [base for base in others if not by_base[base]]
        if len(unpaired) == 1 and len(rest) == 1 and of_main:
            by_base[unpaired[0]] = rest
        for base in others:
            paths = by_base[base] - of_main
            if paths:
                self.databases.append(
                    {
                        "name": self._name(base, min(paths)),
                        "metadata": base.address,
                        "engine_object": " ".join(sorted(paths)),
                    }
                )
            elif by_base[base] or len(self.engines) < 2:
                self.also.append(base.address)
            else:
                self.left_out.append(base.address)

    def _name(self, base: Base, engine: str) -> str:
        words = (_words(path.partition(":")[2]) for path in (base.address, engine))
        name = "_".join(sorted(next(filter(None, words), {"other"})))
        names = [known["name"] for known in self.databases]
        return f"{name}_{len(names)}" if name in names else name

    def _others(self, main: str) -> list[Base]:
        """Return the bases of the application's own models but the main one, each once."""
        bases = {model.base.metadata: model.base for model in self.models.mapped.values()}
        return [
            base
            for metadata, base in sorted(bases.items())
            if metadata != main and base.module is not None and self._counts(base.module)
        ]

    def _counts(self, module: Module) -> bool:
        return not module.aside and self.source.live(module)

    def _engines(self, engines: Engines) -> Iterator[tuple[str, set[str]]]:
        """Yield the engines that a module has under a name, with what that says of the database."""
        for engine in engines.engines:
            if not engine.live or engine.module.aside or not engine.kind.certain:
                continue
            for name, values in engine.module.names.items():
                if any(_is_made_by(value, engine.call) for value in values):
                    symbol = engine.module.symbol(name, engine.call)
                    yield symbol.address, _words(name, engine.module.name)

    def _by_name(self, base: Base) -> set[str]:
        assert base.module is not None
        name = base.address.partition(":")[2]
        for words in (_words(name), _words(base.module.name)):
            found = {path for path, known in self.engines.items() if words & known}
            if found and len(found) < len(self.engines):
                return found
        return set()

    def _explicit(self) -> dict[str, set[str]]:
        """Return which engines the code uses for which metadata."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for module in self.source.having(b"create_all", b"binds"):
            for call in module.calls:
                binds = keyword(call, "binds")
                if terminal(call.func) == "create_all" and isinstance(call.func, ast.Attribute):
                    self._note(found, module, call.func.value, argument(call, 0, "bind"))
                elif terminal(call.func) == "run_sync" and call.args:
                    made = call.args[0]
                    if isinstance(made, ast.Attribute) and made.attr == "create_all":
                        self._note(found, module, made.value, _opened(module, call))
                elif isinstance(binds, ast.Dict):
                    for key, value in zip(binds.keys, binds.values, strict=True):
                        self._note(found, module, key, value)
        return found

    def _note(
        self,
        found: defaultdict[str, set[str]],
        module: Module,
        base: ast.expr | None,
        engine: ast.expr | None,
    ) -> None:
        owner = base.value if isinstance(base, ast.Attribute) and base.attr == "metadata" else base
        named, made = self.source.resolve(module, owner), self.source.resolve(module, engine)
        if made is None and isinstance(engine, ast.Name):
            made = self.source.resolve(module, _opened_as(module, engine.id))
        if named is None or made is None or made.address not in self.engines:
            return
        model = self.models.mapped.get(named.path)
        known = model.base if model else self.models.finder.of(named)
        if known is not None:
            found[known.metadata].add(made.address)


def _is_made_by(value: object, call: ast.Call) -> bool:
    return value is call or (isinstance(value, ast.Call) and call in value.args)


def _opened(module: Module, call: ast.Call) -> ast.expr | None:
    """Return the engine of `async with engine.begin() as connection` around a call."""
    for node in walk(module.tree):
        if isinstance(node, ast.AsyncWith | ast.With) and call in walk(node):
            for item in node.items:
                if isinstance(item.context_expr, ast.Call):
                    func = item.context_expr.func
                    return func.value if isinstance(func, ast.Attribute) else None
    return None


def _opened_as(module: Module, name: str) -> ast.expr | None:
    """Return the engine of `with engine.begin() as name`."""
    for node in walk(module.tree):
        if isinstance(node, ast.withitem) and terminal(node.optional_vars) == name:
            func = node.context_expr.func if isinstance(node.context_expr, ast.Call) else None
            return func.value if isinstance(func, ast.Attribute) else None
    return None


def _words(*names: str) -> set[str]:
    """Return the words of names that tell one database from another."""
    apart = (re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in names)
    return {word for name in apart for word in re.findall(r"[a-z0-9]+", name)} - _GENERAL
