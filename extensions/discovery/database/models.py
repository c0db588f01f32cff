"""The mapped classes and the bases they register with."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.modules import Module, Symbol
from ..code.nodes import terminal
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of
from .bases import ADVANCED, BASE_MAKERS, Base, Bases

_NEEDLES = (
    b"__tablename__", b"mapped_column", b"Mapped[", b"Column(", b"table=True", b"__abstract__",
    b"DeclarativeBase", b"declarative_base", b"as_declarative", b"declarative", b"advanced_alchemy",
    b"SQLModel", b"Model", b"map_imperatively", b"Table(", b"relationship(", b"Base", b"registry",
    b"sqlalchemy.base", *(name.encode() for name in sorted(ADVANCED)),
)  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A mapped class."""

    symbol: Symbol
    base: Base

    @property
    def address(self) -> str:
        """`module:Class`."""
        return self.symbol.address


class Models:
    """All mapped classes, through mixins, abstract and third-party bases.

    Attributes:
        mapped: The mapped classes, by the path of each.
        metadata: The base that most of them register with.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.finder = Bases(source)
        self.mapped: dict[str, Model] = {}
        self.bases: list[Base] = []
        self._cores: Counter[Base] = Counter()
        for module in source.having(*_NEEDLES):
            self._read(module)
        self.metadata = self._metadata()
        self._drop_dead()

    def _read(self, module: Module) -> None:
        for name, values in module.names.items():
            for node in values:
                if isinstance(node, ast.ClassDef):
                    symbol = module.symbol(name, node)
                    base = self.finder.of(symbol)
                    if base is None:
                        base = self.finder.of_decorators(module, node)
                        if base is not None:
                            self.mapped[symbol.path] = Model(symbol, base)
                    elif base.address == symbol.address:
                        self.bases.append(base)
                    elif self.finder.is_mapped(symbol, base):
                        self.mapped[symbol.path] = Model(symbol, base)
                elif isinstance(node, ast.Call) and terminal(node.func) in BASE_MAKERS:
                    made = self.finder.made_by(module.symbol(name, node))
                    self.bases += [made] if made else []
        if module.has(b"Table(", b"map_imperatively", b"mapper("):
            self._imperative(module)

    def _imperative(self, module: Module) -> None:
        for call in module.calls:
            name = terminal(call.func)
            if name == "Table" and len(call.args) >= 2 and isinstance(call.args[0], ast.Constant):
                holder = self.finder.of_metadata(module, call.args[1])
                if holder is not None:
                    self._cores[holder] += 1
            elif name in ("map_imperatively", "mapper") and call.args:
                mapped = self.source.resolve(module, call.args[0])
                if mapped is None or not isinstance(mapped.node, ast.ClassDef):
                    continue
                base = None
                if isinstance(call.func, ast.Attribute):
                    registry = self.source.resolve(module, call.func.value)
                    if registry is not None and registry.module is not None:
                        base = Base(registry.address, "registry", registry.where, registry.module)
                base = base or next(iter(self._cores), None)
                if base is not None:
                    self.mapped[mapped.path] = Model(mapped, base)

    def _metadata(self) -> Finding:
        votes: Counter[Base] = Counter()
        for model in self.mapped.values():
            assert model.symbol.module is not None
            live = self.source.live(model.symbol.module)
            votes[model.base] += 10 if live else 1
        for base in self.bases:
            votes[base] += 1
        if not self.mapped:
            for base, count in self._cores.items():
                votes[base] += 5 * count
        if not votes:
            # Nothing is mapped so far.
            votes.update(self._bare())
        candidates = []
        compared = set(self._compared())
        for base, count in votes.items():
            score = float(min(count, 60))
            score += 8 if base.address in compared else 0
            if base.module is not None:
                score -= 6 * base.module.aside
                score += 5 if base.module.path in self.source.reachable else 0
            candidates.append(Candidate(base.address, base.where, score, base))
        best = choose(candidates, sure=7, clear=5)
        if not best:
            return best
        base = data_of(best, candidates)
        where = best.where or self._first_use(base)
        value = {"base": base.address, "metadata": base.metadata, "kind": base.kind}
        note = ""
        if base.kind == "advanced-alchemy":
            value["base"] = f"advanced_alchemy.base:{base.address.partition(':')[2]}"
            note = "Its bases come from a package; all of them share one MetaData."
        return Finding(value, where, best.confidence, best.others, note)

    def _compared(self) -> Iterator[str]:
        """Yield the bases whose MetaData an `env.py` compares the database with."""
        for module in self.source.having(b"target_metadata", most_aside=2):
            yield from self.compared_by(module)

    def compared_by(self, module: Module) -> Iterator[str]:
        """Yield the addresses of bases that an `env.py` compares the database with.

        Args:
            module: The `env.py`.
        """
        for value in module.names.get("target_metadata", ()):
            for node in ast.walk(value) if isinstance(value, ast.AST) else ():
                if isinstance(node, ast.Attribute) and node.attr == "metadata":
                    symbol = self.source.resolve(module, node.value)
                    if symbol is not None and symbol.module is not None:
                        yield symbol.address

    def _bare(self) -> Iterator[Base]:
        for needle, maker, attribute, kind in (
            (b"MetaData(", "MetaData", "", "MetaData"),
            (b"flask_sqlalchemy", "SQLAlchemy", ".Model", "Flask-SQLAlchemy"),
        ):
            for module in self.source.having(needle, most_aside=0):
                for name, values in module.names.items():
                    for value in values:
                        if isinstance(value, ast.Call) and terminal(value.func) == maker:
                            symbol = Symbol(f"{module.name}.{name}{attribute}", module, value)
                            yield Base(symbol.address, kind, symbol.where, module)

    def _first_use(self, base: Base) -> str:
        return next((m.symbol.where for m in self.mapped.values() if m.base == base), "")

    def _drop_dead(self) -> None:
        """Leave out classes of other bases in modules that the application never imports."""
        if not self.metadata or not self.source.reachable:
            return
        main = self.metadata.value["metadata"]
        for path, model in list(self.mapped.items()):
            module = model.symbol.module
            assert module is not None
            if model.base.metadata != main and module.path not in self.source.reachable:
                del self.mapped[path]

    def unregistered(self) -> list[str]:
        """Return the modules of mapped classes that importing the application does not import."""
        found = {
            model.symbol.module.name
            for model in self.mapped.values()
            if model.symbol.module and model.symbol.module.path not in self.source.reachable
        }
        return sorted(found)

    def attributes(self, symbol: Symbol) -> Iterator[tuple[str, ast.AST]]:
        """Return what a mapped class and its ancestors declare, by attribute name."""
        seen: set[str] = set()
        for _, node in self.source.ancestry(symbol):
            for statement in node.body:
                for name, value in _declared(statement):
                    if name not in seen and not name.startswith("__"):
                        seen.add(name)
                        yield name, value


def _declared(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, statement
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name, statement.value
        case ast.FunctionDef(name=name):
            yield name, statement
