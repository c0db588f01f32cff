"""What a syntax tree has of each kind: functions, calls, classes, imports, loops."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from .nodes import FunctionNode

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp
_LEAVES = frozenset({ast.Constant, ast.Name, ast.Load, ast.Store, ast.Del, ast.arg, ast.alias})


@dataclass(frozen=True)
class Loop:
    """A `for` loop, or one part of a comprehension.

    Attributes:
        target: What each element is bound to.
        iter: What has the elements.
        node: The whole, with what is done to each.
    """

    target: ast.expr
    iter: ast.expr
    node: ast.For | Comprehension


class Outline:
    """What a syntax tree has of each kind; to walk it more often would take most of the time.

    Attributes:
        around: The innermost function around each call, by the identity of the call.
        holders: The class that each method belongs to, by the identity of the method.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.functions: list[FunctionNode] = []
        self.calls: list[ast.Call] = []
        self.classes: list[ast.ClassDef] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.loops: list[Loop] = []
        self.around: dict[int, FunctionNode] = {}
        self.holders: dict[int, ast.ClassDef] = {}
        pending: list[tuple[ast.AST, FunctionNode | None]] = [(tree, None)]
        while pending:
            node, function = pending.pop()
            if type(node) in _LEAVES:
                continue
            if isinstance(node, ast.Call):
                self.calls.append(node)
                if function is not None:
                    self.around[id(node)] = function
            elif isinstance(node, FunctionNode):
                self.functions.append(node)
                # What stands above or in the header of a function is evaluated outside of it.
                pending += [(statement, node) for statement in node.body]
                pending += [(decorator, function) for decorator in node.decorator_list]
                pending.append((node.args, function))
                continue
            elif isinstance(node, ast.ClassDef):
                self.classes.append(node)
                self.holders.update((id(statement), node) for statement in node.body)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.append(node)
                continue
            elif isinstance(node, ast.For):
                self.loops.append(Loop(node.target, node.iter, node))
            elif isinstance(node, Comprehension):
                self.loops += [Loop(one.target, one.iter, node) for one in node.generators]
            for value in node.__dict__.values():
                if type(value) is list:
                    pending += [(item, function) for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    pending.append((value, function))
        self.functions.sort(key=_place)
        self.calls.sort(key=_place)
        self.classes.sort(key=_place)
        self.imports.sort(key=_place)
        self.loops.sort(key=lambda loop: _place(loop.node))


def _place(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset
