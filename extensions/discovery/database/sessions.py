"""Where the application gets its database sessions, and whether it waits for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal

from ..code.modules import Symbol
from ..code.nodes import terminal
from ..code.source import Source
from ..findings import Candidate, Confidence, Finding, choose, data_of
from .engines import Engine, Engines
from .models import Models
from .providers import NAMES, SCOPED_SESSIONS, SESSION_MAKERS, Providers

_CONFIGS = {
    "SQLAlchemyAsyncConfig": True, "SQLAlchemySyncConfig": False, "SQLAlchemyPlugin": None,
    "SQLAlchemyInitPlugin": None,
}  # fmt: skip
_DRIVERS = {
    "async": (b"asyncpg", b"aiosqlite", b"asyncmy", b"aiomysql", b"tortoise", b"databases"),
    "sync": (b"psycopg2", b"sqlite3", b"pymysql", b"peewee"),
}
_NAMED: dict[bool, Literal["async", "sync"]] = {True: "async", False: "sync"}
_WORTH = re.compile(rb"ession|^db$|SQLAlchemy\w*(Plugin|Config)$")
# Only modules that hand something out are worth a closer look: most only take sessions.
_HANDS_OUT = re.compile(
    rb"\byield\b|->[^\n]*[sS]ession|\bstate\.\w*(?:db|session)|scoped_session|SQLAlchemy\w*(?:Config|Plugin)"
)
_ALIAS = re.compile(
    rb"^(\w+)(?:: *\w+)? *= *Annotated\[[^=]*?(?:Depends|Provide)\(\s*(?:\w+\.)*(\w+)", re.M
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
        self.providers = Providers(source)
        self._usage: dict[str, int] = {}
        self._modules = [
            module
            for module in source.containing(_WORTH)
            if (not module.aside or self.source.live(module)) and _HANDS_OUT.search(module.data)
        ]
        self._depends = self._dependency_counts()
        self.makers = list(self._variables(SESSION_MAKERS))
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

    def _functions(self) -> Iterator[Candidate]:
        for module in self._modules:
            for symbol, function, owner in module.outer_functions():
                found = self.providers.provides(module, function)
                if found is None:
                    continue
                is_async, how, score = found
                depends = self._depends.get(function.name, 0)
                score += min(depends, 6) * 1.5 + min(depends, 300) / 100
                score += min(self._called(function.name), 4) * 0.5
                score += 1.5 if NAMES.match(function.name) else 0
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

    def _variables(self, makers: dict[str, bool]) -> Iterator[tuple[Symbol, bool]]:
        needles = tuple(name.encode() for name in makers)
        for module in self.source.having(*needles):
            if module.aside and not self.source.live(module):
                continue
            for symbol, call in module.assigned_calls():
                if terminal(call.func) in makers:
                    yield symbol, self.providers.maker_kind(module, call)

    def _from_variables(self) -> Iterator[Candidate]:
        for symbol, is_async in self._variables(SCOPED_SESSIONS):
            assert symbol.module is not None
            kind = "async_scoped_session" if is_async else "scoped_session"
            score = 8.0 + min(self._imported(symbol), 6) - 5 * symbol.module.aside
            score += 3 if self.source.live(symbol.module) else -8
            yield Candidate(symbol.address, symbol.where, score, (kind, is_async))
        for module in self._modules:
            if not module.has(b"SQLAlchemyA", b"SQLAlchemyS", b"SQLAlchemyP", b"SQLAlchemyI"):
                continue
            for symbol, _ in module.assigned_calls():
                made = self.source.value_class(symbol)
                if made is None or made.name not in _CONFIGS or not made.external:
                    continue
                known = _CONFIGS[made.name]
                score = 14.0 if known is not None else 12.0
                score += 3 if self.source.live(module) else -8
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
                for symbol, call in module.assigned_calls():
                    if terminal(call.func) == "Alchemical":
                        is_async = b"alchemical.aio" in module.data
                        address = f"{symbol.address}.Session"
                        yield Candidate(address, symbol.where, 30, ("Alchemical", is_async))
        else:
            # Models may come from the base that the extension was given, and not from `db.Model`.
            for module in self.source.live_with(b"SQLAlchemy("):
                for symbol, _ in module.assigned_calls():
                    made = self.source.value_class(symbol)
                    if made is not None and made.path == "flask_sqlalchemy.SQLAlchemy":
                        how = ("flask_sqlalchemy scoped_session", False)
                        yield Candidate(f"{symbol.address}.session", symbol.where, 12, how)

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
        return any(engine.kind.is_async and engine.live for engine in self.engines.engines)

    def _raw(self) -> Finding:
        """Without SQLAlchemy, the driver itself tells."""
        for mode, names in _DRIVERS.items():
            for name in names:
                for module in self.source.live_with(b"import " + name, b"from " + name):
                    return Finding(mode, module.where(None), "medium")
        return Finding()

    def _asked_elsewhere(self) -> str:
        """Return where a package makes its own connections, asynchronous ones."""
        for module, call in self.source.live_calls("Database"):
            symbol = self.source.resolve(module, call.func)
            if symbol is not None and symbol.external and symbol.path.startswith("databases."):
                return module.where(call)
        return ""

    def _mode(self, candidates: list[Candidate]) -> Finding:
        used = {
            c.data[1]: c for c in sorted(candidates, key=lambda c: c.score)
            if c.data[0] == "fastapi_depends" and c.score >= 8
        }  # fmt: skip
        if len(used) == 2:
            return Finding("both", used[True].where, "medium", (("sync", used[False].where),))
        live = [e for e in self.engines.engines if e.live and not e.module.aside and e.kind.certain]
        if self.session:
            is_async = self.session.value["is_async"]
            sure = self.session.confidence
            others = [e for e in live if e.kind.is_async is not None]
            opposed = others and all(e.kind.is_async != is_async for e in others)
            if opposed and sure == "high":
                # One of them is not what it looks like, and nobody knows which.
                sure = "medium"
            return Finding(_NAMED[is_async], self.session.where, sure)
        return self._mode_of_engines()

    def _mode_of_engines(self) -> Finding:
        known = [e for e in self.engines.engines if e.kind.is_async is not None]
        raw = self._raw()
        for engine in known:
            mode, where = _NAMED[bool(engine.kind.is_async)], engine.module.where(engine.call)
            if not engine.live and engine.module.aside:
                continue
            if mode == "sync" and (elsewhere := self._asked_elsewhere()):
                # Then the engine only makes the tables.
                return Finding("async", elsewhere, "medium", ((mode, where),))
            alone = not raw or raw.value == mode
            sure: Confidence = "high" if engine.live and engine.kind.certain and alone else "medium"
            return Finding(mode, where, sure)
        if raw or not self.engines.engines:
            return raw
        guessed = self.engines.engines[0]
        return Finding("sync", guessed.module.where(guessed.call), "low")
