"""What stands in a list that the code goes through, and what an expression is in each round."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, local_values, terminal, walk
from ..code.outline import Loop
from ..code.source import Source
from ..code.values import GAP

Placed = tuple[Module, ast.expr]
Row = dict[str, Placed]
_DEEPEST = 8
_SAME_ELEMENTS = ("list", "tuple", "set", "sorted", "reversed", "iter", "frozenset")
_MODULES_OF = ("iter_modules", "walk_packages")


class Loops:
    """Unrolls loops over lists that are written out, or over the modules of a folder."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator

    def rows(self, module: Module, call: ast.Call, around: FunctionNode | None) -> list[Row]:
        """Return what the names of the loops around a call stand for, in each round."""
        rows: list[Row] = [{}]
        for loop in module.outline.loops:
            if any(node is call for node in walk(loop.node)):
                unrolled = list(self._unrolled(module, loop, around, rows))
                # A list that cannot be read leaves the call as it stands.
                rows = unrolled or rows
        return rows

    def calls(
        self, module: Module, call: ast.Call, around: FunctionNode | None
    ) -> Iterator[ast.Call]:
        """Yield a call as it is in each round of the loops around it."""
        nodes = [call.func, *call.args, *(word.value for word in call.keywords)]
        for row in self.rows(module, call, around):
            placed = [self.put_in(module, node, row, around) for node in nodes]
            if not row or any(owner is not module for owner, _ in placed):
                yield call
                continue
            func, *given = (node for _, node in placed)
            count = len(call.args)
            words = [
                ast.keyword(word.arg, node)
                for word, node in zip(call.keywords, given[count:], strict=True)
            ]
            made = ast.Call(func=func, args=given[:count], keywords=words)
            yield ast.copy_location(made, call)

    def spread(
        self, module: Module, call: ast.Call, around: FunctionNode | None
    ) -> Iterator[tuple[Module, ast.Call]]:
        """Yield a call as it is in each round, with the module that its arguments are of.

        All of them may stand in an element that is spread: `add(*each) for each in listed`.
        """
        spread = call.args[0] if len(call.args) == 1 else None
        if not isinstance(spread, ast.Starred):
            yield from ((module, made) for made in self.calls(module, call, around))
            return
        for row in self.rows(module, call, around):
            owner, given = self.put_in(module, spread.value, row, around)
            if isinstance(given, ast.Tuple | ast.List):
                made = ast.Call(func=call.func, args=given.elts, keywords=call.keywords)
                yield owner, ast.copy_location(made, call)

    def _unrolled(
        self, module: Module, loop: Loop, around: FunctionNode | None, rows: list[Row]
    ) -> Iterator[Row]:
        for row in rows:
            owner, iterated = self.put_in(module, loop.iter, row, around)
            for place, element in self.listed(owner, iterated, around if owner is module else None):
                bound = dict(row)
                self._bind(bound, loop.target, place, element)
                yield bound

    def _bind(self, row: Row, target: ast.expr, module: Module, element: ast.expr) -> None:
        if isinstance(target, ast.Name):
            row[target.id] = (module, element)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(element, ast.Tuple | ast.List):
            for name, part in zip(target.elts, element.elts, strict=False):
                self._bind(row, name, module, part)

    def listed(  # noqa: PLR0911 - one case after another
        self, module: Module, node: ast.expr | None, around: FunctionNode | None = None,
        depth: int = 0,
    ) -> list[Placed]:  # fmt: skip
        """Return the elements of a list, each with the module that its names are of."""
        if node is None or depth > _DEEPEST:
            return []
        match node:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                found = []
                for part in parts:
                    if isinstance(part, ast.Starred):
                        found += self.listed(module, part.value, around, depth + 1)
                    else:
                        found.append((module, part))
                return found
            case ast.BinOp(left=left, right=right):
                first = self.listed(module, left, around, depth + 1)
                return [*first, *self.listed(module, right, around, depth + 1)]
            case (
                ast.ListComp(elt=part, generators=[only])
                | ast.GeneratorExp(elt=part, generators=[only])
            ):
                loop = Loop(only.target, only.iter, node)
                rows = self._unrolled(module, loop, around, [{}])
                return [self.put_in(module, part, row, around) for row in rows]
            case ast.Dict(keys=keys):
                return [(module, key) for key in keys if key is not None]
            case ast.Call():
                return self._of_a_call(module, node, around, depth)
            case ast.Name(id=name) if around is not None and name in local_values(around):
                value = local_values(around)[name]
                return self.listed(module, value, around, depth + 1) if value is not node else []
            case ast.Name() | ast.Attribute():
                symbol = self.source.resolve(module, node)
                if symbol is not None and symbol.module and isinstance(symbol.node, ast.expr):
                    return self.listed(symbol.module, symbol.node, None, depth + 1)
        return []

    def _of_a_call(  # noqa: PLR0911 - one case after another
        self, module: Module, call: ast.Call, around: FunctionNode | None, depth: int
    ) -> list[Placed]:
        name = terminal(call.func)
        if isinstance(call.func, ast.Attribute) and name in ("items", "values", "keys"):
            owner, table = self._table(module, call.func.value, around)
            if table is None:
                return []
            pairs = [(k, v) for k, v in zip(table.keys, table.values, strict=True) if k is not None]
            if name == "items":
                return [(owner, ast.Tuple(elts=[*pair], ctx=ast.Load())) for pair in pairs]
            return [(owner, pair[name == "values"]) for pair in pairs]
        if name in _MODULES_OF:
            return self._modules(module, call)
        if name == "zip":
            columns = [self.listed(module, given, around, depth + 1) for given in call.args]
            return [
                (row[0][0], ast.Tuple(elts=[part for _, part in row], ctx=ast.Load()))
                for row in zip(*columns, strict=False)
            ]
        first = call.args[0] if call.args else None
        if name == "enumerate":
            return [
                (owner, ast.Tuple(elts=[ast.Constant(i), part], ctx=ast.Load()))
                for i, (owner, part) in enumerate(self.listed(module, first, around, depth + 1))
            ]
        if isinstance(call.func, ast.Name) and name in _SAME_ELEMENTS:
            return self.listed(module, first, around, depth + 1)
        made = self.source.resolve(module, call.func)
        if made is None or made.module is None or not isinstance(made.node, FunctionNode):
            return []
        returned = (n.value for n in walk(made.node) if isinstance(n, ast.Return) and n.value)
        return self.listed(made.module, next(returned, None), made.node, depth + 1)

    def _table(
        self, module: Module, node: ast.expr, around: FunctionNode | None
    ) -> tuple[Module, ast.Dict | None]:
        if isinstance(node, ast.Name) and around is not None:
            node = local_values(around).get(node.id, node)
        if isinstance(node, ast.Dict):
            return module, node
        symbol = self.source.resolve(module, node)
        if symbol is not None and symbol.module and isinstance(symbol.node, ast.Dict):
            return symbol.module, symbol.node
        return module, None

    def _modules(self, module: Module, call: ast.Call) -> list[Placed]:
        """Return what `pkgutil.iter_modules(package.__path__)` yields for each module there is."""
        path = argument(call, 0, "path")
        folder = module.path.rpartition("/")[0]
        if isinstance(path, ast.Attribute) and path.attr == "__path__":
            package = self.source.resolve(module, path.value)
            if package is None or package.module is None:
                return []
            folder = package.module.path.rpartition("/")[0]
        prefix = self.evaluator.text(module, argument(call, 1, "prefix")) or ""
        found: list[Placed] = []
        for other in self.source.modules:
            above, _, file = other.path.removesuffix("/__init__.py").rpartition("/")
            if above == folder and file != "__init__.py":
                name = ast.Constant(prefix + file.removesuffix(".py"))
                parts = [ast.Constant(None), name, ast.Constant(other.is_package)]
                found.append((module, ast.Tuple(elts=[*parts], ctx=ast.Load())))
        return found

    def put_in(
        self, module: Module, node: ast.expr, row: Row, around: FunctionNode | None = None
    ) -> Placed:
        """Return what an expression is where names stand for something else.

        Args:
            module: Where the expression is.
            node: The expression.
            row: What the names stand for.
            around: The function that it is in.
        """
        match node:
            case ast.Name(id=name) if name in row:
                return row[name]
            case (
                ast.Attribute(value=value, attr=attr)
                | ast.Call(
                    func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attr)), *_]
                )
            ):
                imported = self._imported(module, value, row, around)
                if imported is not None:
                    return imported, ast.copy_location(ast.Name(attr, ast.Load()), node)
                owner, inner = self.put_in(module, value, row, around)
                if inner is not value:
                    part = _part(inner, attr)
                    made = part or ast.Attribute(value=inner, attr=attr, ctx=ast.Load())
                    return owner, ast.copy_location(made, node)
            case ast.Subscript(value=value, slice=ast.Constant(value=key)):
                owner, inner = self.put_in(module, value, row, around)
                part = _part(inner, key) if inner is not value else None
                if part is not None:
                    return owner, part
        return module, node

    def _imported(
        self, module: Module, node: ast.expr, row: Row, around: FunctionNode | None
    ) -> Module | None:
        """Return the module that `import_module(...)` gives, or a variable that holds it."""
        if isinstance(node, ast.Name) and node.id not in row and around is not None:
            node = local_values(around).get(node.id, node)
        elif isinstance(node, ast.Name) and node.id not in row:
            values = [v for v in module.names.get(node.id, ()) if isinstance(v, ast.Call)]
            node = values[0] if values else node
        if not isinstance(node, ast.Call) or not node.args:
            return None
        if terminal(node.func) not in ("import_module", "__import__"):
            return None
        scope = {name: part for name, (_, part) in row.items()}
        owner, given = self.put_in(module, node.args[0], row, around)
        text = next(iter(self.evaluator.texts(owner, given, scope)), None)
        if text is None:
            return None
        known = text.rpartition(GAP)[2].lstrip(".")
        found = self.source.find(known, module) if known == text else None
        if found is not None or not known:
            return found
        ending = known.replace(".", "/")
        folder = module.path.rpartition("/")[0]
        return next(
            (
                one
                for one in self.source.modules
                if f"/{one.path}".endswith((f"/{ending}.py", f"/{ending}/__init__.py"))
                and one.path.startswith(folder)
            ),
            None,
        )


def _part(node: ast.expr, key: object) -> ast.expr | None:
    """Return a part of something written out: of a tuple, a dictionary, or what a call is given."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if isinstance(key, int):
            return parts[key] if -len(parts) <= key < len(parts) else None
        case ast.Tuple(elts=[_, name, _]) if key == "name":
            return name
        case ast.Dict(keys=keys, values=values):
            for one, value in zip(keys, values, strict=True):
                if isinstance(one, ast.Constant) and one.value == key:
                    return value
        case ast.Call(keywords=given):
            return next((word.value for word in given if word.arg == key), None)
    return None
