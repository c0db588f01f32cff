"""Which databases the application talks to, and with which drivers."""

from __future__ import annotations

import ast
import configparser
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, parameters, terminal, walk
from ..code.source import Source
from ..code.values import GAP
from ..findings import Confidence, Finding
from ..project.env_examples import Examples
from ..project.packages import Packages
from ..project.settings import Settings
from .drivers import DEFAULTS, DIALECTS, DRIVERS, IMAGES, KEYS, KIND, LITERAL, URL, Use

_ENGINE_CALLS = frozenset(
    [
        "create_engine",
        "create_async_engine",
        "SQLAlchemyAsyncConfig",
        "SQLAlchemySyncConfig",
        "SQLAlchemyConfig",
        "Alchemical",
        "DBConnection",
        "async_engine_from_config",
        "init_connection",
    ]
)
_ASYNC_CALLS = frozenset(
    {"create_async_engine", "SQLAlchemyAsyncConfig", "async_engine_from_config"}
)
_URL_ARGUMENTS = ("url", "connection_string", "name_or_url", "conn_url", "database_url", "bind")


@dataclass(frozen=True)
class Engine:
    """A call that makes an engine."""

    module: Module
    call: ast.Call
    is_async: bool
    live: bool


class Engines:
    """Finds the engines and what they connect to.

    Attributes:
        engines: The calls that make engines, those of the application first.
        found: `engines`, `driver` and where the URL comes from.
        variables: The environment variables that the URLs of the application's own engines come
            from, each with whether the engine is an asynchronous one.
    """

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        *,
        packages: Packages,
        examples: Examples,
        settings: Settings,
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.packages = packages
        self.examples = examples
        self.settings = settings
        self.variables: dict[str, bool] = {}
        self.is_chosen = False
        self.engines = sorted(
            self._calls(), key=lambda e: (not e.live, e.module.aside, e.module.path)
        )
        self.uses = [
            *self._from_engines(),
            *self._from_flask(),
            *self._from_kinds(),
            *self._from_examples(),
            *self._from_surroundings(),
        ]
        if not any(use.weight >= 5 for use in self.uses):
            self.uses += self._from_settings()

    def _calls(self) -> Iterator[Engine]:
        needles = tuple(name.encode() + b"(" for name in _ENGINE_CALLS)
        for module in self.source.having(*needles):
            for call in module.calls:
                name = terminal(call.func)
                if name in _ENGINE_CALLS:
                    yield Engine(module, call, name in _ASYNC_CALLS, self.source.live(module))

    def _from_engines(self) -> Iterator[Use]:
        for engine in self.engines:
            weight = 10.0 if engine.live else 3.0 if not engine.module.aside else 2.0
            node = argument(engine.call, 0, *_URL_ARGUMENTS)
            self._forget()
            urls = self._urls(engine.module, engine.call, node)
            if engine.live and not engine.module.aside:
                self._note_variables(engine.is_async)
            for index, url in enumerate(sorted(urls, key=_is_open)):
                yield from self._use(
                    url, engine.module.where(engine.call), weight - index, "engine"
                )

    def _forget(self) -> None:
        self.evaluator.read.clear()
        self.evaluator.fields.clear()

    def _note_variables(self, is_async: bool) -> None:
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
        for module in self.source.having(key.encode()):
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
                    yield from self._use(url, module.where(value), share, "engine")

    def _from_kinds(self) -> Iterator[Use]:
        """A setting that chooses one of several databases, by what it is without being set."""
        for variable in self.settings.variables.values():
            if KIND.search(variable.name):
                said = self.examples.values.get(variable.name) or str(variable.default or "")
                dialect = DIALECTS.get(said.lower().rpartition(".")[2])
                if dialect:
                    self.is_chosen = True
                    yield Use(dialect, "", variable.where, 14, "settings")

    def _from_examples(self) -> Iterator[Use]:
        for key, value in self.examples.values.items():
            if KEYS.search(key) and "TEST" not in key:
                yield from self._use(value, self.examples.places[key], 6, "example")
        for key, value in self.examples.for_tests.items():
            # Many test on SQLite what they run on something else.
            if KEYS.search(key) and not value.startswith("sqlite"):
                yield from self._use(value, "", 2, "alembic")
        for image, where in self.examples.images:
            for name, dialect in IMAGES.items():
                if name in image:
                    yield Use(dialect, "", where, 3, "compose")

    def _from_surroundings(self) -> Iterator[Use]:
        for name, (dialect, driver, _) in DRIVERS.items():
            if name in self.packages.names:
                yield Use(dialect, driver, self.packages.names[name], 0.5, "package")
        for extra, place in self._extras():
            yield Use("postgresql", extra, place, 0.5, "package")
        # Code that asks which database it is on does so in many places: each counts once.
        written: dict[tuple[str, str], str] = {}
        for module in self.source.having(*(name.encode() for name in DIALECTS), most_aside=0):
            if self.source.live(module):
                for match in LITERAL.finditer(module.data):
                    dialect = DIALECTS[match.group(1).decode()]
                    driver = (match.group(2) or b"").decode()
                    written.setdefault((dialect, driver), module.at(match.start()))
        for (dialect, driver), where in written.items():
            yield Use(dialect, driver, where, 2, "literal")
        yield from self._from_ini()

    def _extras(self) -> Iterator[tuple[str, str]]:
        for extra in self.packages.extras:
            package, _, name = extra.rstrip("]").partition("[")
            if package == "sqlalchemy" and "postgresql-" in name:
                yield name.partition("-")[2].removesuffix("binary"), self.packages.names[package]

    def _from_ini(self) -> Iterator[Use]:
        for name in self.source.tree.named(r"([^/]+/){0,2}alembic\.ini"):
            parser = configparser.RawConfigParser(strict=False)
            try:
                parser.read_string(self.source.tree.text(name))
                url = parser.get("alembic", "sqlalchemy.url", fallback="")
            except configparser.Error:
                continue
            yield from self._use(url, f"{name}:1", 1.5, "alembic")

    def _from_settings(self) -> Iterator[Use]:
        """Settings that are called like a database URL, when no engine says anything."""
        for variable in self.settings.variables.values():
            if isinstance(variable.default, str) and KEYS.search(variable.name):
                yield from self._use(variable.default, variable.where, 5, "settings")
            elif "PostgresDsn" in variable.type:
                yield Use("postgresql", "", variable.where, 5, "settings")
        for symbol in self.settings.classes:
            assert symbol.module is not None
            assert isinstance(symbol.node, ast.ClassDef)
            for statement in symbol.node.body:
                if isinstance(statement, FunctionNode) and KEYS.search(statement.name.upper()):
                    for url in self.evaluator.returned(symbol.module, statement):
                        if isinstance(url, str):
                            where = symbol.module.where(statement)
                            yield from self._use(url, where, 5, "settings")

    def _use(self, url: str, where: str, weight: float, source: str) -> Iterator[Use]:
        match = URL.match(url.strip())
        if match:
            driver = (match.group(2) or "").replace(GAP, "").removesuffix("_async")
            yield Use(DIALECTS[match.group(1)], driver, where, max(weight, 0.5), source)

    def choose(self, is_async: bool) -> Finding:
        """Return the databases, the one to test on first, and the driver of that one.

        Args:
            is_async: Whether the application talks to it asynchronously.
        """
        weights: dict[str, float] = defaultdict(float)
        best: dict[str, Use] = {}
        strong: set[str] = set()
        for use in self.uses:
            if use.source == "literal" and any(u.source == "engine" for u in self.uses):
                continue
            weights[use.dialect] += use.weight
            if use.source in ("engine", "settings") and use.weight >= 4:
                strong.add(use.dialect)
            if use.dialect not in best or use.weight > best[use.dialect].weight:
                best[use.dialect] = use
        self._weigh_down_without_driver(weights, strong)
        # A database that only a package or a container speaks for is another one's neighbour.
        said = {use.dialect for use in self.uses if use.source in ("engine", "settings", "example")}
        if not weights:
            return Finding()
        ranked = sorted(weights, key=lambda dialect: (-self._rank(dialect, weights, best), dialect))
        first = ranked[0]
        engines = [
            first,
            *(d for d in ranked[1:] if d in strong or (d in said and weights[d] >= 6)),
        ]
        if first == "sqlite" and self._url_is_open():
            # What is only a default where nothing is set; the driver tells what is set elsewhere.
            installed = {use.dialect for use in self.uses if use.source == "package"}
            engines += [d for d in ranked[1:] if d in installed and d not in engines]
        driver = self.driver(first, is_async=is_async)
        sure: Confidence = "high" if best[first].weight >= 5 else "medium"
        if len(engines) > 1:
            sure = "medium"
        if not said:
            sure = "medium" if weights[first] >= 3 else "low"
        others = tuple((d, best[d].where) for d in ranked[1:])
        value = {"engines": engines, "driver": driver, "url_source": _SOURCES[best[first].source]}
        return Finding(value, best[first].where, sure, others[:4])

    def _weigh_down_without_driver(self, weights: dict[str, float], strong: set[str]) -> None:
        """A database whose driver nobody installs is not the one in use."""
        installed = {DRIVERS[name][0] for name in DRIVERS if name in self.packages.names}
        installed |= {use.dialect for use in self.uses if use.source == "package"}
        strong &= installed | {"sqlite"} | (set() if self.packages.names else strong)
        for dialect in list(weights):
            if self.packages.names and dialect not in installed | strong | {"sqlite"}:
                weights[dialect] *= 0.2

    def _rank(self, dialect: str, weights: dict[str, float], best: dict[str, Use]) -> float:
        """SQLite as what remains when nothing is set gives way to what a deployment sets."""
        if dialect == "sqlite" and self._url_is_open() and not self.is_chosen:
            deployed = any(
                use.dialect != "sqlite" and use.source in ("example", "compose")
                for use in self.uses
            )
            if deployed:
                return min(weights[dialect], 2.0)
        return weights[dialect]

    def _url_is_open(self) -> bool:
        """Whether the environment can set another database than the one in the code."""
        names = [*self.settings.variables, *self.examples.values]
        return any(KEYS.search(name) or name.startswith(("POSTGRES_", "DB_")) for name in names)

    def driver(self, dialect: str, *, is_async: bool) -> str:
        """Return the driver of one kind of engine.

        It is what an engine says, else what is installed, else what is written anywhere.
        """
        asynchronous = {name: kind for _, name, kind in DRIVERS.values()}
        named = [use for use in self.uses if use.dialect == dialect and use.driver]
        named.sort(key=lambda use: -use.weight)
        said = [use.driver for use in named if use.source in ("engine", "settings", "example")]
        fitting = [name for name in said if asynchronous.get(name) in (None, is_async)]
        installed = [
            name
            for wanted in (is_async, None)
            for package, (of, name, kind) in DRIVERS.items()
            if package in self.packages.names and of == dialect and kind == wanted
        ]
        engines = [use.driver for use in named if use.source == "engine"]
        written = [use.driver for use in named if asynchronous.get(use.driver) in (None, is_async)]
        default = DEFAULTS.get((dialect, is_async), "")
        return next(iter([*fitting, *engines, *installed, *written, default]), "")


_SOURCES = {
    "engine": "code", "settings": "settings", "example": "environment variable",
    "compose": "compose file", "package": "driver", "literal": "code", "alembic": "alembic.ini",
}  # fmt: skip


def _is_open(url: str) -> bool:
    """Whether nothing but the kind of database is known."""
    return url.endswith(f"://{GAP}")


def _assigns(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return terminal(statement.target) == name and statement.value is not None
    return isinstance(statement, ast.Assign) and any(terminal(t) == name for t in statement.targets)
