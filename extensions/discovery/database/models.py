"""The mapped classes and the bases they register with."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.modules import Module, Symbol
from ..code.nodes import class_attribute, keyword, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of

_MAKERS = frozenset(["declarative_base", "generate_base", "automap_base", "as_declarative_base"])
_DECLARATIVE = frozenset(["DeclarativeBase", "DeclarativeBaseNoMeta"])
_EXTENSIONS = frozenset(["SQLAlchemy", "Alchemical", "SQLA"])
_ADVANCED = frozenset(
    f"{kind}{audit}Base"
    for kind in ("UUID", "UUIDv6", "UUIDv7", "BigInt", "Identity", "NanoID")
    for audit in ("", "Audit")
) | {"AdvancedDeclarativeBase", "DefaultBase", "AuditBase"}  # fmt: skip
_NEEDLES = (
    b"__tablename__", b"mapped_column", b"Mapped[", b"Column(", b"table=True", b"__abstract__",
    b"DeclarativeBase", b"declarative_base", b"as_declarative", b"declarative", b"advanced_alchemy",
    b"SQLModel", b"Model", b"map_imperatively", b"Table(", b"relationship(", b"Base", b"registry",
    b"sqlalchemy.base", *(name.encode() for name in sorted(_ADVANCED)),
)  # fmt: skip
_OTHERS = {
    "sqlmodel.SQLModel": "SQLModel",
    "sqlmodel.main.SQLModel": "SQLModel",
    "alchemical.Model": "Alchemical",
    "alchemical.aio.Model": "Alchemical",
    "alchemical.flask.Model": "Alchemical",
    "alchemical.aioflask.Model": "Alchemical",
    "flask_appbuilder.Model": "Flask-AppBuilder",
    "flask_appbuilder.models.sqla.Model": "Flask-AppBuilder",
    "sqlactive.ActiveRecordBaseModel": "sqlactive",
    "sqlactive.base_model.ActiveRecordBaseModel": "sqlactive",
}


@dataclass(frozen=True)
class Base:
    """What mapped classes register with.

    Attributes:
        address: `module:name` of the class, or of the registry or MetaData when there is no class.
        kind: How it was made.
        where: `file:line`; empty for a package's.
    """

    address: str
    kind: str
    where: str
    module: Module | None = None

    @property
    def metadata(self) -> str:
        """`module:name` of its MetaData."""
        if self.kind == "MetaData":
            return self.address
        if self.kind in ("Flask-SQLAlchemy", "Alchemical extension"):
            return self.address.removesuffix(".Model") + ".metadata"
        if self.kind == "advanced-alchemy":
            return "advanced_alchemy.base:orm_registry.metadata"
        return f"{self.address}.metadata"


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
        tables: How many tables there are that are not a class's.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._known: dict[str, Base | None] = {}
        self.mapped: dict[str, Model] = {}
        self.tables = 0
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
                    base = self.base_of(symbol)
                    if base is None:
                        base = self._decorated(module, node)
                        if base is not None:
                            self.mapped[symbol.path] = Model(symbol, base)
                    elif base.address == symbol.address:
                        self.bases.append(base)
                    elif self.is_mapped(symbol, base):
                        self.mapped[symbol.path] = Model(symbol, base)
                elif isinstance(node, ast.Call) and terminal(node.func) in _MAKERS:
                    made = self._from_call(module.symbol(name, node))
                    self.bases += [made] if made else []
        if module.has(b"Table(", b"map_imperatively", b"mapper("):
            self._imperative(module)

    def base_of(self, symbol: Symbol) -> Base | None:
        """Return what a class registers with; None when it is not declarative."""
        if symbol.path not in self._known:
            self._known[symbol.path] = None
            self._known[symbol.path] = self._find_base(symbol)
        return self._known[symbol.path]

    def _find_base(self, symbol: Symbol) -> Base | None:  # noqa: PLR0911 - one case after another
        if symbol.external:
            return _third_party(symbol)
        if isinstance(symbol.node, ast.Call):
            return self._from_call(symbol)
        if not isinstance(symbol.node, ast.ClassDef):
            return None
        module, node = symbol.module, symbol.node
        assert module is not None
        if any(terminal(decorator) == "as_declarative" for decorator in node.decorator_list):
            return Base(symbol.address, "as_declarative", symbol.where, module)
        if terminal(keyword(_as_call(node), "metaclass")) == "DeclarativeMeta":
            return Base(symbol.address, "DeclarativeMeta", symbol.where, module)
        for expression in node.bases:
            if isinstance(expression, ast.Call) and terminal(expression.func) in _MAKERS:
                return Base(symbol.address, "declarative_base()", symbol.where, module)
        inherited: Base | None = None
        for base in self.source.bases(module, node):
            if base.external and base.name in _DECLARATIVE and base.path.startswith("sqlalchemy"):
                return Base(symbol.address, "DeclarativeBase", symbol.where, module)
            inherited = inherited or self.base_of(base)
        if inherited and inherited.kind == "SQLModel" and class_attribute(node, "metadata"):
            return Base(symbol.address, "SQLModel", symbol.where, module)
        return inherited or self._unknown_base(module, node)

    def _unknown_base(self, module: Module, node: ast.ClassDef) -> Base | None:
        """A class with a table of its own whose base is a package's that nobody told of."""
        if not class_attribute(node, "__tablename__"):
            return None
        for base in self.source.bases(module, node):
            if (
                base.external
                and re.search(r"(Base|Model)$", base.name)
                and "mixin" not in base.name.lower()
            ):
                return Base(base.address, "third-party", "")
        return None

    def _from_call(self, symbol: Symbol) -> Base | None:
        module, call = symbol.module, symbol.node
        assert module is not None
        assert isinstance(call, ast.Call)
        name = terminal(call.func)
        if name in _MAKERS:
            return Base(symbol.address, f"{name}()", symbol.where, module)
        if symbol.name == "Model":
            called = self.source.resolve(module, call.func)
            names = {called.path, *self.source.external_bases(called)} if called else {name}
            for path in names:
                if path.rpartition(".")[2] in _EXTENSIONS:
                    kind = "Flask-SQLAlchemy" if "lchemical" not in path else "Alchemical extension"
                    return Base(symbol.address, kind, symbol.where, module)
        if name == "with_metadata" or (name and name.endswith("Base")):
            return None
        return None

    def is_mapped(self, symbol: Symbol, base: Base) -> bool:
        """Say whether a declarative class has a table, its own or that of its parent."""
        node = symbol.node
        assert isinstance(node, ast.ClassDef)
        abstract = class_attribute(node, "__abstract__")
        if isinstance(abstract, ast.Constant) and abstract.value is True:
            return False
        if base.kind == "SQLModel":
            table = keyword(_as_call(node), "table")
            return isinstance(table, ast.Constant) and table.value is True
        if base.kind in (
            "Flask-SQLAlchemy",
            "Alchemical extension",
            "Alchemical",
            "advanced-alchemy",
        ):
            return True
        for _, ancestor in self.source.ancestry(symbol):
            if class_attribute(ancestor, "__tablename__") or class_attribute(ancestor, "__table__"):
                return True
        # A package's mixin may bring the table: that of fastapi-users does.
        brought = any("Table" in name for name in self.source.external_bases(symbol))
        return base.kind == "sqlactive" or brought or _has_primary_key(node)

    def _decorated(self, module: Module, node: ast.ClassDef) -> Base | None:
        for decorator in node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(target, ast.Attribute) and target.attr in (
                "mapped",
                "mapped_as_dataclass",
            ):
                registry = self.source.resolve(module, target.value)
                if registry is not None:
                    return Base(registry.address, "registry", registry.where, registry.module)
        return None

    def _imperative(self, module: Module) -> None:
        for call in module.calls:
            name = terminal(call.func)
            if name == "Table" and len(call.args) >= 2 and isinstance(call.args[0], ast.Constant):
                self.tables += 1
                holder = self._metadata_holder(module, call.args[1])
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

    def _metadata_holder(self, module: Module, node: ast.expr) -> Base | None:
        if isinstance(node, ast.Attribute) and node.attr == "metadata":
            owner = self.source.resolve(module, node.value)
            made = owner.node if owner is not None else None
            if owner and isinstance(made, ast.Call) and terminal(made.func) == "registry":
                return Base(owner.address, "registry", owner.where, owner.module)
            return None
        symbol = self.source.resolve(module, node)
        if symbol is not None and symbol.module is not None and symbol.node is not None:
            return Base(symbol.address, "MetaData", symbol.where, symbol.module)
        return None

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
        for base, count in votes.items():
            score = float(min(count, 60))
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


def _third_party(symbol: Symbol) -> Base | None:
    if symbol.path in _OTHERS:
        module, _, name = symbol.path.rpartition(".")
        if name == "SQLModel":
            module = "sqlmodel"
        return Base(f"{module}:{name}", _OTHERS[symbol.path], "")
    top = symbol.path.partition(".")[0]
    if symbol.name in _ADVANCED and top in ("advanced_alchemy", "litestar", "starlite"):
        return Base("advanced_alchemy.base:orm_registry", "advanced-alchemy", "")
    return None


def _has_primary_key(node: ast.ClassDef) -> bool:
    return any(
        isinstance(inner, ast.keyword) and inner.arg == "primary_key" for inner in walk(node)
    )


def _as_call(node: ast.ClassDef) -> ast.Call:
    """Give the keywords of a class header to what reads those of a call."""
    return ast.Call(func=ast.Name(id=node.name), args=[], keywords=node.keywords)
