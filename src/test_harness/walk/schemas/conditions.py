"""What a view refuses to go on without, by the conditions of its branches."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def refuses(body: list[ast.stmt]) -> bool:
    """Tell whether a branch ends the view, or notes an error.

    Args:
        body: Its statements.
    """
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    said = ast.unparse(last) if isinstance(last, (ast.Expr, ast.Assign)) else ""
    return "abort(" in said or "err" in said.lower()


def missed(test: ast.expr) -> Iterator[ast.expr]:
    """Yield what a condition finds missing where it holds.

    Args:
        test: The condition, such as `not name or email is None`.
    """
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _falsy(operand)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value)]):
            if value in (None, ""):
                yield left
        case ast.BoolOp(op=ast.Or(), values=values):
            for one in values:
                yield from missed(one)


def _falsy(operand: ast.expr) -> Iterator[ast.expr]:
    """Yield what is missing, or may be, where something is false."""
    match operand:
        case ast.Call(func=ast.Name(id="all"), args=[ast.List(elts) | ast.Tuple(elts)]):
            yield from elts
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp() as each]):
            yield each
        case ast.Call(func=ast.Name(id="isinstance"), args=[first, *_]):
            yield first
        case ast.BoolOp(op=ast.And(), values=values):
            yield from values
        case _:
            yield operand
