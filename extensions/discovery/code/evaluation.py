"""Works out the values of expressions without running them: constants, settings, URLs."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from .modules import Module, Symbol
from .nodes import (
    FunctionNode,
    argument,
    class_attribute,
    keyword,
    local_values,
    parameters,
    terminal,
    walk,
)
from .source import Source
from .values import (
    CONFIG_READERS,
    DSN_SCHEMES,
    ENVIRONMENT_CALLS,
    GAP,
    SAME_TEXT,
    TEXT_METHODS,
    WRAPPERS,
    Instance,
    Scope,
    as_text,
)

_MOST = 6
_DEEPEST = 14


class Evaluator:
    """Finds the values that an expression may have.

    Args:
        source: The modules of the backend.
        examples: Values of environment variables, from `.env.example` and compose files; they are
            what a variable without a default is taken to be.

    Attributes:
        read: The environment variables that expressions came from, until somebody empties it.
        fields: The same of the fields of classes, by the identity of the syntax node.
    """

    def __init__(self, source: Source, examples: Mapping[str, str] | None = None) -> None:
        self.source = source
        self.examples = dict(examples or {})
        self.read: set[str] = set()
        self.fields: set[int] = set()

    def text(self, module: Module, node: ast.AST | None, scope: Scope | None = None) -> str | None:
        """Return the text that an expression stands for; None when any of it is unknown."""
        for value in self.values(module, node, scope):
            if isinstance(value, str) and GAP not in value:
                return value
        return None

    def texts(self, module: Module, node: ast.AST | None, scope: Scope | None = None) -> list[str]:
        """Return all texts it may stand for; a part that is unknown is a `GAP`."""
        return [value for value in self.values(module, node, scope) if isinstance(value, str)]

    def values(
        self, module: Module, node: ast.AST | None, scope: Scope | None = None, depth: int = 0
    ) -> list[Any]:
        """Return the values it may have, the likeliest first; none when nothing is known."""
        if node is None or depth > _DEEPEST:
            return []
        found: list[Any] = []
        for value in self._values(module, node, scope or {}, depth + 1):
            if value not in found:
                found.append(value)
        return found[:_MOST]

    def _values(self, module: Module, node: ast.AST, scope: Scope, depth: int) -> list[Any]:  # noqa: PLR0911, PLR0912 - one case after another
        match node:
            case ast.Constant(value=value):
                return [value]
            case ast.JoinedStr(values=parts):
                return self._joined(module, parts, scope, depth)
            case ast.FormattedValue(value=inner):
                return [as_text(v) for v in self.values(module, inner, scope, depth)]
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._added(module, left, right, scope, depth)
            case ast.BinOp(op=ast.Mod(), left=left):
                texts = self.values(module, left, scope, depth)
                return [
                    re.sub(r"%\(?\w*\)?[sdr]", GAP, text) for text in texts if isinstance(text, str)
                ]
            case ast.BoolOp(values=options):
                return [
                    v for option in options for v in self.values(module, option, scope, depth) if v
                ]
            case ast.IfExp(body=body, orelse=orelse):
                first = self.values(module, body, scope, depth)
                return [*first, *self.values(module, orelse, scope, depth)]
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return [[self._one(module, part, scope, depth) for part in parts]]
            case ast.Dict(values=parts):
                return [v for part in parts for v in self.values(module, part, scope, depth)]
            case ast.Await(value=inner):
                return self.values(module, inner, scope, depth)
            case ast.Subscript(value=inner) if not self._environment(module, node):
                return self._item(module, node, scope, depth)
            case ast.Subscript(slice=index):
                return self._example(module, index)
            case ast.Name(id=name) if name in scope:
                return self._scoped(module, scope[name], scope, name, depth)
            case ast.Name() | ast.Attribute():
                return self._named(module, node, scope, depth)
            case ast.Call():
                return self._called(module, node, scope, depth)
        return []

    def _item(self, module: Module, node: ast.Subscript, scope: Scope, depth: int) -> list[Any]:
        """Return the value under a key that is known, before all others."""
        found = self.values(module, node.value, scope, depth)
        table: ast.AST | None = node.value
        if isinstance(table, ast.Name | ast.Attribute):
            local = scope.get(table.id) if isinstance(table, ast.Name) else None
            symbol = self.source.resolve(module, table)
            table = local if isinstance(local, ast.AST) else symbol.node if symbol else None
        if isinstance(table, ast.Dict):
            wanted = self.values(module, node.slice, scope, depth)
            chosen = [
                item
                for key, value in zip(table.keys, table.values, strict=True)
                if key is not None
                and set(map(str, self.values(module, key, scope, depth))) & set(map(str, wanted))
                for item in self.values(module, value, scope, depth)
            ]
            return [*chosen, *found]
        return found or self._configured(node, depth)

    def _configured(self, node: ast.Subscript, depth: int) -> list[Any]:
        """Return what a class of settings says of `app.config["NAME"]`."""
        name = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if terminal(node.value) != "config" or not isinstance(name, str) or not name.isupper():
            return []
        for module in self.source.having(name.encode(), most_aside=0):
            for holder in module.outline.classes:
                given = class_attribute(holder, name)
                if isinstance(given, ast.expr):
                    return self.values(module, given, {}, depth + 1)
        return []

    def _one(self, module: Module, node: ast.expr, scope: Scope, depth: int) -> Any:
        values = self.values(module, node, scope, depth)
        return values[0] if values else None

    def _scoped(self, module: Module, value: Any, scope: Scope, name: str, depth: int) -> list[Any]:
        if not isinstance(value, ast.AST):
            return [value]
        # `url = url.replace(...)` must not be looked up in itself.
        rest = {key: other for key, other in scope.items() if key != name}
        return self.values(module, value, rest, depth)

    def _joined(self, module: Module, parts: list[ast.expr], scope: Scope, depth: int) -> list[Any]:
        texts = [""]
        for part in parts:
            values = [as_text(v) for v in self.values(module, part, scope, depth)] or [GAP]
            texts = [text + value for text in texts for value in values][:_MOST]
        return list(texts)

    def _added(
        self, module: Module, left: ast.expr, right: ast.expr, scope: Scope, depth: int
    ) -> list[Any]:
        firsts = self.values(module, left, scope, depth)
        seconds = self.values(module, right, scope, depth)
        if any(isinstance(value, list) for value in (*firsts, *seconds)):
            lists = [value for value in (*firsts, *seconds) if isinstance(value, list)]
            return [[item for values in lists for item in values]]
        if not firsts and not seconds:
            return []
        return [as_text(a) + as_text(b) for a in firsts or [GAP] for b in seconds or [GAP]]

    def _environment(self, module: Module, node: ast.AST) -> bool:
        if not isinstance(node, ast.Subscript):
            return False
        symbol = self.source.resolve(module, node.value)
        return symbol is not None and symbol.path in ("os.environ", "os.environb")

    def _example(self, module: Module, node: ast.AST | None) -> list[Any]:
        name = node.value if isinstance(node, ast.Constant) else None
        if name is None and node is not None:
            name = self.text(module, node)
        if isinstance(name, str):
            self.read.add(name)
        return [self.examples[name]] if isinstance(name, str) and self.examples.get(name) else []

    def _named(self, module: Module, node: ast.AST, scope: Scope, depth: int) -> list[Any]:
        if isinstance(node, ast.Attribute):
            found = [
                value
                for owner in self._owners(module, node.value, scope, depth)
                for value in self.attribute(owner, node.attr, depth)
            ]
            if found:
                return found
        symbol = self.source.resolve(module, node)
        if symbol is None or symbol.module is None or symbol.node is None:
            return []
        if isinstance(symbol.node, ast.ClassDef | FunctionNode):
            return [symbol]
        if terminal(node) != symbol.name:
            # It goes by another name where it is defined.
            return self.values(symbol.module, symbol.node, {}, depth)
        alternatives = symbol.module.names.get(symbol.name, [symbol.node])
        nodes = alternatives if symbol.node in alternatives else [symbol.node]
        return [
            value
            for inner in nodes
            if isinstance(inner, ast.AST) and inner is not node
            for value in self.values(symbol.module, inner, {}, depth)
        ]

    def _owners(self, module: Module, node: ast.expr, scope: Scope, depth: int) -> list[Instance]:
        values = self.values(module, node, scope, depth)
        owners = [value for value in values if isinstance(value, Instance)]
        owners += [
            Instance(value)
            for value in values
            if isinstance(value, Symbol) and isinstance(value.node, ast.ClassDef)
        ]
        return owners

    def attribute(self, owner: Instance, name: str, depth: int = 0) -> list[Any]:
        """Return what an attribute of an object may be: a default, or what a property returns."""
        for module, node in self.source.ancestry(owner.of):
            found = class_attribute(node, name)
            match found:
                case None:
                    continue
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    return self.returned(module, found, {"self": owner, "cls": owner}, depth)
                case ast.AnnAssign():
                    self.fields.add(id(found))
                    beside = _assigned_in(node)
                    values = self.values(module, found.value, beside, depth) if found.value else []
                    values = [value for value in values if value not in (None, "", ...)]
                    return values or self._unset(module, found, name)
                case _:
                    return self.values(module, found, {"self": owner}, depth)
        return self._from_init(owner, name, depth)

    def _from_init(self, owner: Instance, name: str, depth: int) -> list[Any]:
        for module, node in self.source.ancestry(owner.of):
            init = class_attribute(node, "__init__")
            if not isinstance(init, FunctionNode):
                continue
            for inner in walk(init):
                if isinstance(inner, ast.Assign) and any(
                    isinstance(target, ast.Attribute) and target.attr == name
                    for target in inner.targets
                ):
                    return self.values(module, inner.value, local_values(init), depth)
        return []

    def _unset(self, module: Module, field: ast.AnnAssign, name: str) -> list[Any]:
        for variable in (name, name.upper()):
            if self.examples.get(variable):
                return [self.examples[variable]]
        for inner in walk(field.annotation):
            scheme = DSN_SCHEMES.get(terminal(inner))
            if scheme:
                return [f"{scheme}://{GAP}"]
            annotated = self.source.resolve(module, inner) if isinstance(inner, ast.Name) else None
            if annotated and annotated.name in DSN_SCHEMES:
                return [f"{DSN_SCHEMES[annotated.name]}://{GAP}"]
        made = next(self.source.classes_in(module, field.annotation), None)
        return [Instance(made)] if made is not None else []

    def scope_of(self, module: Module, function: FunctionNode) -> dict[str, Any]:
        """Return what is known of the names inside of a function: its variables and parameters."""
        scope: dict[str, Any] = dict(local_values(function))
        for arg, default in parameters(function):
            classes = self.source.classes_in(module, arg.annotation) if arg.annotation else ()
            made = next(iter(classes), None)
            if made is not None:
                scope.setdefault(arg.arg, Instance(made))
            elif default is not None:
                scope.setdefault(arg.arg, default)
        return scope

    def returned(
        self, module: Module, function: ast.AST, scope: Scope | None = None, depth: int = 0
    ) -> list[Any]:
        """Return what a function may return."""
        inner = {**local_values(function), **(scope or {})}
        return [
            value
            for statement in walk(function)
            if isinstance(statement, ast.Return) and statement.value is not None
            for value in self.values(module, statement.value, inner, depth + 1)
            if value is not None
        ]

    def _called(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> list[Any]:  # noqa: PLR0911 - one case after another
        name = terminal(call.func)
        symbol = self.source.resolve(module, call.func)
        path = symbol.path if symbol else ""
        if path in ENVIRONMENT_CALLS or self.reads_settings(module, call):
            default = argument(call, 1, "default")
            values = self.values(module, default, scope, depth) if default else []
            values = [value for value in values if value not in (None, "")]
            example = self._example(module, call.args[0] if call.args else None)
            return values or example
        if name == "Field" or name.endswith("Field"):
            return self.values(module, argument(call, 0, "default"), scope, depth)
        if name == "create" and terminal(getattr(call.func, "value", None)) in ("URL", "sa_URL"):
            self._parts(module, call, scope, depth)
            return self._url(module, argument(call, 0, "drivername"), scope, depth)
        if name == "build":
            owner = terminal(getattr(call.func, "value", None))
            self._parts(module, call, scope, depth)
            built = self._url(module, keyword(call, "scheme"), scope, depth)
            return built or [f"{DSN_SCHEMES[owner]}://{GAP}"] if owner in DSN_SCHEMES else built
        if name == "join" and path == "os.path.join" and call.args:
            first = self.texts(module, call.args[0], scope) or [GAP]
            last = self.texts(module, call.args[-1], scope) or [GAP]
            return [f"{first[0]}/{last[0]}"]
        if name == "replace" and isinstance(call.func, ast.Attribute):
            return self._replaced(module, call, scope, depth)
        if name in TEXT_METHODS and isinstance(call.func, ast.Attribute):
            values = self.values(module, call.func.value, scope, depth)
            return [TEXT_METHODS[name](value) for value in values if isinstance(value, str)]
        if name in SAME_TEXT and isinstance(call.func, ast.Attribute):
            values = self.values(module, call.func.value, scope, depth)
            return [
                re.sub(r"\{[^{}]*\}", GAP, value) if isinstance(value, str) else value
                for value in values
            ]
        if name in WRAPPERS and call.args:
            return self.values(module, call.args[-1 if name == "cast" else 0], scope, depth)
        if symbol is not None and isinstance(symbol.node, ast.ClassDef | FunctionNode):
            return self._own(symbol, call, module, depth)
        if isinstance(call.func, ast.Attribute):
            owners = self._owners(module, call.func.value, scope, depth)
            return [v for owner in owners for v in self.attribute(owner, call.func.attr, depth)]
        return []

    def _own(self, symbol: Symbol, call: ast.Call, module: Module, depth: int) -> list[Any]:
        assert symbol.module is not None
        if isinstance(symbol.node, ast.ClassDef):
            return [Instance(symbol)]
        if isinstance(symbol.node, FunctionNode):
            given: dict[str, Any] = {}
            for arg, default in parameters(symbol.node):
                preset = self.values(symbol.module, default, None, depth) if default else []
                if preset:
                    given[arg.arg] = preset[0]
            names = [arg.arg for arg in symbol.node.args.args if arg.arg not in ("self", "cls")]
            for name, value in zip(names, call.args, strict=False):
                known = self.values(module, value, None, depth)
                given[name] = known[0] if known else value
            for word in call.keywords:
                known = self.values(module, word.value, None, depth)
                if word.arg and known:
                    given[word.arg] = known[0]
            given = {key: value for key, value in given.items() if not isinstance(value, ast.AST)}
            values = self.returned(symbol.module, symbol.node, given, depth)
            if not values and symbol.node.returns is not None:
                annotated = self.source.resolve(symbol.module, symbol.node.returns)
                if annotated and isinstance(annotated.node, ast.ClassDef):
                    return [Instance(annotated)]
            return values
        return []

    def reads_settings(self, module: Module, call: ast.Call) -> bool:
        """Say whether a call reads an environment variable: `config("X")`, `env.str("X")`."""
        func = call.func
        while isinstance(func, ast.Attribute):
            func = func.value
        if not isinstance(func, ast.Name) or not call.args:
            return False
        symbol = self.source.resolve(module, func)
        if symbol is None:
            return False
        if symbol.module is None:
            # The classes themselves are called with the name of a file.
            return symbol.path.startswith("decouple.") and symbol.name == "config"
        made = self.source.value_class(symbol)
        return made is not None and bool(CONFIG_READERS.match(made.path))

    def _url(self, module: Module, node: ast.expr | None, scope: Scope, depth: int) -> list[Any]:
        values = self.values(module, node, scope, depth) if node else []
        return [f"{value}://{GAP}" for value in values if isinstance(value, str)]

    def _parts(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> None:
        """Note what the parts of a URL are read from; their values are not needed."""
        for part in (*call.args, *(word.value for word in call.keywords)):
            self.values(module, part, scope, depth)

    def _replaced(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> list[Any]:
        assert isinstance(call.func, ast.Attribute)
        values = self.values(module, call.func.value, scope, depth)
        if len(call.args) < 2:
            return values
        old, new = (self.text(module, part, scope) for part in call.args[:2])
        if old is None or new is None:
            return values
        if not values and new.endswith("://"):
            return [new + GAP]
        return [value.replace(old, new) if isinstance(value, str) else value for value in values]


def _assigned_in(node: ast.ClassDef) -> dict[str, Any]:
    """Return what the names stand for that the body of a class gives a value."""
    return {
        statement.target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.value is not None
    }
