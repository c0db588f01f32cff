"""What mapped classes register with: declarative bases, registries and MetaData."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from ..code.modules import Module, Symbol
from ..code.nodes import called, class_attribute, keyword, terminal, walk
from ..code.source import Source

BASE_MAKERS = frozenset(
    ["declarative_base", "generate_base", "automap_base", "as_declarative_base"]
)
_DECLARATIVE = frozenset(["DeclarativeBase", "DeclarativeBaseNoMeta"])
_EXTENSIONS = frozenset(["SQLAlchemy", "Alchemical", "SQLA"])
ADVANCED = frozenset(
    f"{kind}{audit}Base"
    for kind in ("UUID", "UUIDv6", "UUIDv7", "BigInt", "Identity", "NanoID")
    for audit in ("", "Audit")
) | {"AdvancedDeclarativeBase", "DefaultBase", "AuditBase"}  # fmt: skip
_THIRD_PARTY = {
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


class Bases:
    """Finds the base of a class, through mixins, abstract and third-party bases."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._known: dict[str, Base | None] = {}

    def of(self, symbol: Symbol) -> Base | None:
        """Return what a class registers with; None when it is not declarative."""
        if symbol.path not in self._known:
            self._known[symbol.path] = None
            self._known[symbol.path] = self._find_base(symbol)
        return self._known[symbol.path]

    def _find_base(self, symbol: Symbol) -> Base | None:  # noqa: PLR0911 - one case after another
        if symbol.external:
            return _third_party(symbol)
        if isinstance(symbol.node, ast.Call):
            return self.made_by(symbol)
        if not isinstance(symbol.node, ast.ClassDef):
            return None
        module, node = symbol.module, symbol.node
        assert module is not None
        if any(terminal(decorator) == "as_declarative" for decorator in node.decorator_list):
            return Base(symbol.address, "as_declarative", symbol.where, module)
        if terminal(keyword(_as_call(node), "metaclass")) == "DeclarativeMeta":
            return Base(symbol.address, "DeclarativeMeta", symbol.where, module)
        for expression in node.bases:
            if isinstance(expression, ast.Call) and terminal(expression.func) in BASE_MAKERS:
                return Base(symbol.address, "declarative_base()", symbol.where, module)
        inherited: Base | None = None
        for base in self.source.bases(module, node):
            if base.external and base.name in _DECLARATIVE and base.path.startswith("sqlalchemy"):
                return Base(symbol.address, "DeclarativeBase", symbol.where, module)
            inherited = inherited or self.of(base)
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

    def made_by(self, symbol: Symbol) -> Base | None:
        """Return the base that a call makes; None when it makes none."""
        module, call = symbol.module, symbol.node
        assert module is not None
        assert isinstance(call, ast.Call)
        name = terminal(call.func)
        if name in BASE_MAKERS:
            return Base(symbol.address, f"{name}()", symbol.where, module)
        if symbol.name == "Model":
            made = self.source.resolve(module, call.func)
            names = {made.path, *self.source.external_bases(made)} if made else {name}
            for path in names:
                if path.rpartition(".")[2] in _EXTENSIONS:
                    kind = "Flask-SQLAlchemy" if "lchemical" not in path else "Alchemical extension"
                    return Base(symbol.address, kind, symbol.where, module)
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

    def of_decorators(self, module: Module, node: ast.ClassDef) -> Base | None:
        """Return the registry that a decorator registers a class with."""
        for decorator in node.decorator_list:
            target = called(decorator)
            if isinstance(target, ast.Attribute) and target.attr in (
                "mapped",
                "mapped_as_dataclass",
            ):
                registry = self.source.resolve(module, target.value)
                if registry is not None:
                    return Base(registry.address, "registry", registry.where, registry.module)
        return None

    def of_metadata(self, module: Module, node: ast.expr) -> Base | None:
        """Return whose MetaData an expression is."""
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


def _third_party(symbol: Symbol) -> Base | None:
    if symbol.path in _THIRD_PARTY:
        module, _, name = symbol.path.rpartition(".")
        if name == "SQLModel":
            module = "sqlmodel"
        return Base(f"{module}:{name}", _THIRD_PARTY[symbol.path], "")
    top = symbol.path.partition(".")[0]
    if symbol.name in ADVANCED and top in ("advanced_alchemy", "litestar", "starlite"):
        return Base("advanced_alchemy.base:orm_registry", "advanced-alchemy", "")
    return None


def _has_primary_key(node: ast.ClassDef) -> bool:
    return any(
        isinstance(inner, ast.keyword) and inner.arg == "primary_key" for inner in walk(node)
    )


def _as_call(node: ast.ClassDef) -> ast.Call:
    """Give the keywords of a class header to what reads those of a call."""
    return ast.Call(func=ast.Name(id=node.name), args=[], keywords=node.keywords)
