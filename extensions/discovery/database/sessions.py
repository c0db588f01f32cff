"""Where the application gets its database sessions, and whether it waits for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, local_values, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Confidence, Finding, choose, data_of
from .engines import Engine, Engines
from .models import Models

_SYNC = frozenset(
    [
        "sqlalchemy.orm.Session",
        "sqlalchemy.orm.session.Session",
        "sqlmodel.Session",
        "sqlalchemy.orm.scoped_session",
        "sqlmodel.orm.session.Session",
    ]
)
_ASYNC = frozenset(
    [
        "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlmodel.ext.asyncio.session.AsyncSession",
        "sqlalchemy.ext.asyncio.async_scoped_session",
        "sqlalchemy.ext.asyncio.session.AsyncSession",
    ]
)
_MAKERS = {"sessionmaker": False, "async_sessionmaker": True}
_SCOPED = {"scoped_session": False, "async_scoped_session": True}
_CONFIGS = {
    "SQLAlchemyAsyncConfig": True, "SQLAlchemySyncConfig": False, "SQLAlchemyPlugin": None,
    "SQLAlchemyInitPlugin": None,
}  # fmt: skip
_WORTH = re.compile(rb"ession|^db$|SQLAlchemy\w*(Plugin|Config)$")
# Only modules that hand something out are worth a closer look: most only take sessions.
_HANDS_OUT = re.compile(
    rb"\byield\b|->[^\n]*[sS]ession|\bstate\.\w*(?:db|session)|scoped_session|SQLAlchemy\w*(?:Config|Plugin)"
)
_ALIAS = re.compile(
    rb"^(\w+)(?:: *\w+)? *= *Annotated\[[^=]*?(?:Depends|Provide)\(\s*(?:\w+\.)*(\w+)", re.M
)
_NAMES = re.compile(
    r"^(get|new|create|provide|generate|make|with|yield)?_?\w*(db|session|uow|unit_of_work)\w*$"
)


class Sessions:
    """Finds the provider of sessions, the sessionmaker and the engine.

    Attributes:
        session: `path`, `kind`, `is_async`, and the `engine` and the `sessionmaker` if there are.
        mode: `sync`, `async` or `both`.
    """

    def __init__(self, source: Source, models: Models, engines: Engines) -> None:
        self.source = source
        self.models = models
        self.engines = engines
        self._usage: dict[str, int] = {}
        self._modules = [
            module
            for module in source.containing(_WORTH)
            if (not module.aside or self.source.live(module)) and _HANDS_OUT.search(module.data)
        ]
        self._depends = self._dependency_counts()
        self.makers = list(self._variables(_MAKERS))
        candidates = [*self._functions(), *self._from_variables(), *self._extension()]
        if not candidates:
            candidates = list(self._inline())
        self.session = self._choose(candidates)
        self.mode = self._mode(candidates)

    def _dependency_counts(self) -> dict[str, int]:
        """Count how often each name is handed to the framework as a dependency."""
        counts: dict[str, int] = {}
        for module in self.source.having(b"Depends(", b"Provide(", b"Inject(", most_aside=0):
            for name in re.findall(rb"(?:Depends|Provide|Inject)\(\s*(?:\w+\.)*(\w+)", module.data):
                counts[name.decode()] = counts.get(name.decode(), 0) + 1
            # `DbSession = Annotated[Session, Depends(get_db)]` is used by its other name.
            for alias, name in _ALIAS.findall(module.data):
                used = len(self.source.having(alias, most_aside=0)) - 1
                counts[name.decode()] = counts.get(name.decode(), 0) + used
        return counts

    def kind_of(self, module: Module, node: ast.AST | None) -> bool | None:
        """Say whether an annotation is of an asynchronous session; None when it is of none."""
        if node is None:
            return None
        for inner in walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                if "AsyncSession" in inner.value:
                    return True
                if re.search(r"\bSession\b", inner.value):
                    return False
            if isinstance(inner, ast.Name | ast.Attribute):
                symbol = self.source.resolve(module, inner)
                if symbol is None:
                    continue
                paths = {symbol.path, *self.source.external_bases(symbol)}
                if paths & _ASYNC:
                    return True
                if paths & _SYNC:
                    return False
        return None

    def _functions(self) -> Iterator[Candidate]:
        for module in self._modules:
            for owner, function in _functions_of(module):
                found = self._provides(module, function)
                if found is None:
                    continue
                is_async, how, score = found
                name = f"{owner.name}.{function.name}" if owner else function.name
                symbol = module.symbol(name, function)
                depends = self._depends.get(function.name, 0)
                score += min(depends, 6) * 1.5 + min(depends, 300) / 100
                score += min(self._called(function.name), 4) * 0.5
                score += 1.5 if _NAMES.match(function.name) else 0
                score += (3 if self.source.live(module) else -8) - 5 * module.aside
                score -= 4 if owner else 0
                score -= 3 if "test" in function.name else 0
                if not depends and how == "fastapi_depends":
                    how = "generator"
                yield Candidate(symbol.address, symbol.where, score, (how, is_async))

    def _called(self, name: str) -> int:
        if name not in self._usage:
            needle = name.encode() + b"("
            self._usage[name] = sum(
                m.data.count(needle)
                for m in self.source.modules
                if m.aside < 2 and needle in m.data
            )
        return max(self._usage[name] - 1, 0)

    def _provides(self, module: Module, function: FunctionNode) -> tuple[bool, str, float] | None:  # noqa: PLR0911 - one case after another
        """Say whether a function hands out sessions: asynchronous or not, how, and how likely."""
        decorated = any("contextmanager" in terminal(d) for d in function.decorator_list)
        nodes = walk(function)
        values = [n.value for n in nodes if isinstance(n, ast.Yield) and n.value]
        kind = "context manager" if decorated else "fastapi_depends"
        annotated = self.kind_of(module, function.returns)
        if values:
            if annotated is not None:
                return annotated, kind, 6
            value = values[0]
            held = local_values(function).get(value.id) if isinstance(value, ast.Name) else value
            if held is not None and _is_state(held):
                return isinstance(function, ast.AsyncFunctionDef), kind, 5
            made = self._made(module, function, value)
            return (made, kind, 5) if made is not None else None
        if annotated is None and not _NAMES.match(function.name):
            return None
        scope = local_values(function)
        returned = [
            scope.get(n.value.id, n.value) if isinstance(n.value, ast.Name) else n.value
            for n in nodes
            if isinstance(n, ast.Return) and n.value
        ]
        if not returned:
            return None
        if any(_is_state(value) for value in returned):
            return bool(annotated), "request.state", 5
        if "sessionmaker" in ast.unparse(function.returns or ast.Constant(None)):
            return None
        if annotated is not None and not any(
            isinstance(value, ast.Name) and self._is_parameter(function, value.id)
            for value in returned
        ):
            return annotated, "function", 3
        return None

    def _is_parameter(self, function: FunctionNode, name: str) -> bool:
        return any(arg.arg == name for arg in function.args.args)

    def _made(self, module: Module, function: FunctionNode, node: ast.expr) -> bool | None:  # noqa: PLR0911 - one case after another
        """Say what a yielded name was made by."""
        if not isinstance(node, ast.Name):
            return None
        value: ast.expr | None = local_values(function).get(node.id)
        for inner in walk(function):
            if isinstance(inner, ast.withitem) and terminal(inner.optional_vars) == node.id:
                value = inner.context_expr
        if not isinstance(value, ast.Call):
            return None
        symbol = self.source.resolve(module, value.func)
        if symbol is not None:
            if symbol.path in _ASYNC | _SYNC:
                return symbol.path in _ASYNC
            if symbol.external and not symbol.path.startswith(("sqlalchemy", "sqlmodel", "flask")):
                return None
            if symbol.module and isinstance(symbol.node, ast.Call):
                maker = terminal(symbol.node.func)
                if maker in _MAKERS or maker in _SCOPED:
                    return self._maker_kind(symbol.module, symbol.node)
            if (
                symbol.module
                and isinstance(symbol.node, FunctionNode)
                and symbol.node is not function
            ):
                known = self.kind_of(symbol.module, symbol.node.returns)
                if known is not None:
                    return known
        name = terminal(value.func)
        if re.search(r"session", name, re.I) and not re.search(
            r"http|client|boto|redis", name, re.I
        ):
            return isinstance(function, ast.AsyncFunctionDef)
        return None

    def _maker_kind(self, module: Module, call: ast.Call) -> bool:
        name = terminal(call.func)
        if name in ("async_sessionmaker", "async_scoped_session"):
            return True
        return any(
            self.kind_of(module, inner) for inner in [*call.args, *(k.value for k in call.keywords)]
        )

    def _variables(self, makers: dict[str, bool]) -> Iterator[tuple[Symbol, bool]]:
        needles = tuple(name.encode() for name in makers)
        for module in self.source.having(*needles):
            if module.aside and not self.source.live(module):
                continue
            for name, values in module.names.items():
                for value in values:
                    if isinstance(value, ast.Call) and terminal(value.func) in makers:
                        symbol = module.symbol(name, value)
                        yield symbol, self._maker_kind(module, value)

    def _from_variables(self) -> Iterator[Candidate]:
        for symbol, is_async in self._variables(_SCOPED):
            assert symbol.module is not None
            kind = "async_scoped_session" if is_async else "scoped_session"
            score = (
                8 + min(self._imported(symbol), 6) + (3 if self.source.live(symbol.module) else -8)
            )
            yield Candidate(
                symbol.address, symbol.where, score - 5 * symbol.module.aside, (kind, is_async)
            )
        for module in self._modules:
            if not module.has(b"SQLAlchemyA", b"SQLAlchemyS", b"SQLAlchemyP", b"SQLAlchemyI"):
                continue
            for name, values in module.names.items():
                for value in values:
                    if not isinstance(value, ast.Call):
                        continue
                    symbol = module.symbol(name, value)
                    made = self.source.value_class(symbol)
                    if made is None or made.name not in _CONFIGS or not made.external:
                        continue
                    known = _CONFIGS[made.name]
                    score = (14 if known is not None else 12) + (
                        3 if self.source.live(module) else -8
                    )
                    chosen = known if known is not None else self._engine_is_async()
                    kind = "advanced-alchemy plugin"
                    yield Candidate(symbol.address, symbol.where, score, (kind, chosen))

    def _imported(self, symbol: Symbol) -> int:
        assert symbol.module is not None
        name = symbol.name.encode()
        pattern = re.compile(rb"import[^\n]*\b" + name + rb"\b|^\s+" + name + rb",?$", re.M)
        return sum(1 for m in self.source.having(name) if pattern.search(m.data))

    def _extension(self) -> Iterator[Candidate]:
        kind = self.models.metadata.value["kind"] if self.models.metadata else ""
        if kind == "Flask-SQLAlchemy":
            address = self.models.metadata.value["base"].removesuffix(".Model") + ".session"
            where = self.models.metadata.where
            yield Candidate(address, where, 30, ("flask_sqlalchemy scoped_session", False))
        elif kind.startswith("Alchemical"):
            for module in self.source.having(b"Alchemical("):
                for name, values in module.names.items():
                    for value in values:
                        if isinstance(value, ast.Call) and terminal(value.func) == "Alchemical":
                            is_async = b"alchemical.aio" in module.data
                            symbol = module.symbol(name, value)
                            address = f"{symbol.address}.Session"
                            yield Candidate(address, symbol.where, 30, ("Alchemical", is_async))

    def _inline(self) -> Iterator[Candidate]:
        for symbol, is_async in self.makers:
            assert symbol.module is not None
            score = 6.0 if self.source.live(symbol.module) else 1.0
            yield Candidate(symbol.address, symbol.where, score, ("sessionmaker", is_async))

    def _choose(self, candidates: list[Candidate]) -> Finding:
        best = choose(candidates, sure=8, clear=2)
        if not best:
            return best
        how, is_async = data_of(best, candidates)
        value = {"path": best.value, "kind": how, "is_async": is_async}
        engine = next((e for e in map(self._engine_variable, self.engines.engines) if e), None)
        if engine:
            value["engine"] = engine
        live = [s for s, _ in self.makers if s.module and self.source.live(s.module)]
        if live:
            value["sessionmaker"] = live[0].address
        alias = self._alias(best.value)
        if alias:
            value["alias"] = alias
        return Finding(value, best.where, best.confidence, best.others)

    def _engine_variable(self, engine: Engine) -> str:
        for name, values in engine.module.names.items():
            # Writer and reader engines stand in a dictionary or a list.
            held = [e for v in values for e in (v.values if isinstance(v, ast.Dict) else [v])]
            if engine.live and any(engine.call is value for value in held):
                return Symbol(f"{engine.module.name}.{name}", engine.module, engine.call).address
        return ""

    def _alias(self, address: str) -> str:
        """Return the `Annotated` name that routes take the session by."""
        function = address.rpartition(":")[2].encode()
        pattern = re.compile(
            rb"^(\w+)(?:: *\w+)? *= *Annotated\[[^\]]*Depends\(\s*" + function + rb"\b", re.M
        )
        for module in self.source.having(b"Annotated[", most_aside=0):
            match = pattern.search(module.data)
            if match:
                return f"{module.name}:{match.group(1).decode()}"
        return ""

    def _engine_is_async(self) -> bool:
        return any(engine.is_async and engine.live for engine in self.engines.engines)

    def _raw(self) -> Finding:
        """Without SQLAlchemy, the driver itself tells."""
        for name in (b"asyncpg", b"aiosqlite", b"asyncmy", b"aiomysql", b"tortoise", b"databases"):
            for module in self.source.having(b"import " + name, b"from " + name, most_aside=0):
                if self.source.live(module):
                    return Finding("async", module.where(None), "medium")
        for name in (b"psycopg2", b"sqlite3", b"pymysql", b"peewee"):
            for module in self.source.having(b"import " + name, b"from " + name, most_aside=0):
                if self.source.live(module):
                    return Finding("sync", module.where(None), "medium")
        return Finding()

    def _mode(self, candidates: list[Candidate]) -> Finding:
        used = {
            c.data[1]: c for c in sorted(candidates, key=lambda c: c.score)
            if c.data[0] == "fastapi_depends" and c.score >= 8
        }  # fmt: skip
        if len(used) == 2:
            return Finding("both", used[True].where, "medium", (("sync", used[False].where),))
        if self.session:
            mode = "async" if self.session.value["is_async"] else "sync"
            return Finding(mode, self.session.where, self.session.confidence)
        for engine in self.engines.engines:
            mode = "async" if engine.is_async else "sync"
            if engine.live or not engine.module.aside:
                sure: Confidence = "high" if engine.live else "medium"
                return Finding(mode, engine.module.where(engine.call), sure)
        return self._raw()


def _functions_of(module: Module) -> Iterator[tuple[ast.ClassDef | None, FunctionNode]]:
    for statement in module.body:
        if isinstance(statement, FunctionNode):
            yield None, statement
        elif isinstance(statement, ast.ClassDef):
            yield from ((statement, s) for s in statement.body if isinstance(s, FunctionNode))


def _is_state(node: ast.expr) -> bool:
    """Whether it is `request.state.db`, or the same of the application."""
    return (
        isinstance(node, ast.Attribute)
        and re.search(r"db|session", node.attr) is not None
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "state"
    )
