"""Reads in the code of a view what it uses of a request.

The code is not run: its expressions are followed as far as they stand for parts of the request, and
its names are looked up where it lives, so that a model is the model whatever it is imported as.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from test_harness.walk.schemas import calls
from test_harness.walk.schemas.call import Call, bound, constants, generic, is_checked_with
from test_harness.walk.schemas.columns import column_behind, schema_of_column
from test_harness.walk.schemas.conditions import missed, refuses
from test_harness.walk.schemas.sources import Definition, Source, mentioned, source_of
from test_harness.walk.schemas.symbols import Asked, Instance, Live, Method, Part, Symbol, attribute
from test_harness.walk.schemas.symbols import live as symbol_of
from test_harness.walk.schemas.uses import FILE, Uses

# A view, what it calls, and what that calls.
DEEPEST = 3
MOST = 60
# What only files are asked for.
_OF_FILES = ("filename", "content_type", "read", "file", "save")
_CONSTANTS = (str, int, float, bool)


@dataclass
class Reading:
    """What is read for one operation.

    Args:
        uses: Where it is gathered.
    """

    uses: Uses = field(default_factory=Uses)
    _seen: set[tuple[int, str]] = field(default_factory=set)

    def read(self, source: Source, known: Mapping[str, Symbol], depth: int = 0) -> Symbol:
        """Read a function, and return what it returns.

        Args:
            source: The function.
            known: What its parameters stand for.
            depth: How many calls lead to it.
        """
        key = (id(source.node), str(sorted((name, repr(one)) for name, one in known.items())))
        if depth > DEEPEST or key in self._seen or len(self._seen) > MOST:
            return None
        self._seen.add(key)
        reader = Reader(self, source, known, depth)
        for statement in source.node.body:
            reader.visit(statement)
        return reader.returned


class Reader(ast.NodeVisitor):
    """Follows the code of one function; each `visit` returns what an expression stands for."""

    def __init__(
        self, reading: Reading, source: Source, known: Mapping[str, Symbol], depth: int
    ) -> None:
        self.reading = reading
        self.uses = reading.uses
        self.source = source
        self.depth = depth
        self.returned: Symbol = None
        # Whether what is looked at is what the view refuses to go on without.
        self._demands = False
        self._known = dict.fromkeys(_parameters_of(source.node)) | dict(known)

    def visit_Name(self, node: ast.Name) -> Symbol:
        if node.id in self._known:
            return self._known[node.id]
        is_there, value = self.source.meaning(node.id)
        return symbol_of(value) if is_there else None

    def visit_Constant(self, node: ast.Constant) -> Symbol:
        return Live(node.value)

    def visit_Attribute(self, node: ast.Attribute) -> Symbol:
        owner = self._value(node.value)
        if isinstance(owner, Part) and owner.path and node.attr in _OF_FILES:
            self.uses.is_of(owner, FILE)
        found = attribute(owner, node.attr)
        if isinstance(found, Part):
            self.uses.touch(found)
        return found

    def visit_Subscript(self, node: ast.Subscript) -> Symbol:
        owner, key = self.visit(node.value), self.visit(node.slice)
        if isinstance(owner, Part) and isinstance(node.ctx, ast.Load):
            if isinstance(key, Live) and isinstance(key.value, str):
                return self.uses.key(owner, key.value, needed=True)
            if isinstance(key, Live) and isinstance(key.value, int):
                return owner.below(0)
        if isinstance(owner, Live) and isinstance(key, Live):
            return generic(owner.value, key.value)
        return None

    def visit_Await(self, node: ast.Await) -> Symbol:
        return self._value(node.value)

    def visit_Starred(self, node: ast.Starred) -> Symbol:
        return self._value(node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Symbol:
        found = self._value(node.value)
        self._bind(node.target, found)
        return found

    def visit_BoolOp(self, node: ast.BoolOp) -> Symbol:
        return _first([self._value(one) for one in node.values])

    def visit_IfExp(self, node: ast.IfExp) -> Symbol:
        self.visit(node.test)
        return _first([self._value(node.body), self._value(node.orelse)])

    def _of_several(self, node: ast.List | ast.Tuple | ast.Set) -> Symbol:
        found = [self._value(one) for one in node.elts]
        values = [one.value for one in found if isinstance(one, Live)]
        return Live(tuple(values)) if len(values) == len(found) else None

    visit_List = visit_Tuple = visit_Set = _of_several  # noqa: N815

    def visit_Dict(self, node: ast.Dict) -> Symbol:
        found = [self._value(one) for one in node.values]
        names = [self._value(one) if one else None for one in node.keys]
        values = {
            name.value: one.value
            for name, one in zip(names, found, strict=True)
            if isinstance(name, Live) and isinstance(one, Live)
        }
        return Live(values)

    def visit_Call(self, node: ast.Call) -> Symbol:
        target = self._value(node.func)
        given = [self._value(one) for one in node.args]
        named = {one.arg: self._value(one.value) for one in node.keywords if one.arg}
        spread = [self._value(one.value) for one in node.keywords if one.arg is None]
        return calls.answer(self, Call(target, given, named, spread))

    def visit_Compare(self, node: ast.Compare) -> Symbol:
        left = self._value(node.left)
        for operation, right in zip(node.ops, map(self._value, node.comparators), strict=True):
            if isinstance(operation, (ast.In, ast.NotIn)):
                is_refused = self._demands or isinstance(operation, ast.NotIn)
                self._contained(left, right, is_refused=is_refused)
            elif isinstance(operation, (ast.Eq, ast.NotEq)):
                self.put_into(left, right)
                self.put_into(right, left)
            left = right
        return None

    def _contained(self, left: Symbol, right: Symbol, *, is_refused: bool) -> None:
        if isinstance(right, Part):
            for name in constants(left):
                below = self.uses.key(right, name, asked=not is_refused)
                if is_refused:
                    self.uses.needs(below)
        elif isinstance(left, Part) and left.path and isinstance(right, Live):
            allowed = list(right.value) if isinstance(right.value, (list, tuple, set, dict)) else []
            # A short list is one of choices, and a long one is one of what there is already.
            if 0 < len(allowed) <= 50 and all(isinstance(one, _CONSTANTS) for one in allowed):
                self.uses.is_of(left, {"enum": sorted(allowed, key=str)})

    def visit_BinOp(self, node: ast.BinOp) -> Symbol:
        left, right = self._value(node.left), self._value(node.right)
        if isinstance(node.op, ast.Sub) and isinstance(right, Part):
            for name in constants(left):
                self.uses.needs(self.uses.key(right, name))
        return _first([left, right]) if isinstance(node.op, ast.BitOr) else None

    def put_into(self, place: Symbol, value: Symbol) -> None:
        """Note that a part of the request is kept in, or compared with, a column.

        Args:
            place: What may be an attribute of a mapped class, such as `User.email`.
            value: What is put there.
        """
        if isinstance(place, Live) and isinstance(value, Part) and value.path:
            column = column_behind(place.value)
            if column is not None:
                self.uses.is_of(value, schema_of_column(column))

    def visit_Assign(self, node: ast.Assign) -> Symbol:
        found = self._value(node.value)
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=False):
                    self._bind(one, self._value(value))
            else:
                self._bind(target, found)
        return found

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Symbol:
        found = self._value(node.value) if node.value else None
        self._bind(node.target, found)
        return found

    def _bind(self, target: ast.AST, found: Symbol) -> None:
        if isinstance(target, ast.Name):
            self._known[target.id] = found
        elif isinstance(target, (ast.Tuple, ast.List)):
            for one in target.elts:
                self._bind(one, None)
        elif isinstance(target, ast.Attribute):
            calls.into_column(self.uses, self._value(target.value), target.attr, found)
        else:
            self.visit(target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> Symbol:
        for _ in self._each(node.target, node.iter):
            for statement in node.body:
                self.visit(statement)
        for statement in node.orelse:
            self.visit(statement)
        return None

    visit_AsyncFor = visit_For  # noqa: N815

    def _each(self, target: ast.expr, several: ast.expr) -> Iterator[None]:
        """Have a target stand for each of several constants, or for any item of a list."""
        found = self._value(several)
        if names := constants(found):
            for name in names:
                self._bind(target, Live(name))
                yield
            return
        self._bind(target, found.below(0) if isinstance(found, Part) else None)
        yield

    def _comprehension(self, node: Any) -> Symbol:
        self._generated(node, list(node.generators))
        return None

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def _generated(self, node: Any, generators: list[ast.comprehension]) -> None:
        if generators:
            first, *others = generators
            for _ in self._each(first.target, first.iter):
                for condition in first.ifs:
                    self.visit(condition)
                self._generated(node, others)
            return
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                self.visit(getattr(node, name))

    def visit_With(self, node: ast.With | ast.AsyncWith) -> Symbol:
        for item in node.items:
            found = self._value(item.context_expr)
            if item.optional_vars:
                self._bind(item.optional_vars, found)
        for statement in node.body:
            self.visit(statement)
        return None

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_If(self, node: ast.If) -> Symbol:
        self.visit(node.test)
        if refuses(node.body):
            self._demands = True
            for tested in missed(node.test):
                found = self._value(tested)
                if isinstance(found, Part) and found.path:
                    self.uses.needs(found)
            self._demands = False
        for statement in [*node.body, *node.orelse]:
            self.visit(statement)
        return None

    def visit_Return(self, node: ast.Return) -> Symbol:
        found = self._value(node.value) if node.value else None
        self.returned = self.returned or found
        return None

    def visit_FunctionDef(self, node: Definition) -> Symbol:
        # A function in the function, such as what a decorator puts in the place of a view.
        for name in _parameters_of(node):
            self._known[name] = Asked() if name == "request" else None
        for statement in node.body:
            self.visit(statement)
        self._known[node.name] = None
        return None

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def called(self, function: Any, call: Call, owner: Symbol = None) -> Symbol:
        """Read a function of the project that is called, and return what it returns.

        Args:
            function: What is called.
            call: With what.
            owner: What stands before the dot; None for nothing.
        """
        if not _may_use(function, call, owner):
            return None
        source = source_of(function)
        if source is None:
            return None
        known = bound(self.uses, source, call, owner)
        return self.reading.read(source, known, self.depth + 1)

    def _value(self, node: ast.AST) -> Symbol:
        found: Symbol = self.visit(node)
        return found


def _may_use(function: Any, call: Call, owner: Symbol) -> bool:
    """Tell whether a function may read of a request: it was given some of it, or knows the name."""
    given = [*call.given, *call.named.values(), *call.spread, owner]
    if any(isinstance(one, (Part, Asked)) or is_checked_with(one) for one in given):
        return True
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    return code is not None and "request" in mentioned(code)


def _parameters_of(node: Definition) -> list[str]:
    listed = node.args
    named = [*listed.posonlyargs, *listed.args, *listed.kwonlyargs]
    return [one.arg for one in [*named, listed.vararg, listed.kwarg] if one]


def _first(found: list[Symbol]) -> Symbol:
    """Return what is of the request, or else anything that is known."""
    parts = [one for one in found if isinstance(one, (Part, Asked))]
    kept = [one for one in found if isinstance(one, (Instance, Method))]
    return next(iter([*parts, *kept]), None)
