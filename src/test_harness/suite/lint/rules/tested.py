"""What has to be true by an assertion, however it is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.lint.asserting import Check
from test_harness.suite.reading.names import constant

# What methods of unittest compare by.
COMPARED: dict[str, type[ast.cmpop]] = {
    "assertIn": ast.In, "assertLess": ast.Lt, "assertLessEqual": ast.LtE,
    "assertGreater": ast.Gt, "assertGreaterEqual": ast.GtE, "assertNotEqual": ast.NotEq,
    "assertEqual": ast.Eq, "assertIs": ast.Is,
}  # fmt: skip
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Lt: ast.GtE, ast.GtE: ast.Lt,
    ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip


def compares_nothing(call: ast.Call) -> str:
    """Return why a call of unittest does not compare what it is given; empty otherwise."""
    names, given = ("assertTrue", "assertFalse"), call.args[1:2]
    if getattr(call.func, "attr", "") not in names or not given:
        return ""
    value = constant(given[0])
    literals = (ast.List, ast.Tuple, ast.Dict, ast.Set)
    is_message = value is ... or value is None or isinstance(value, str)
    if is_message and not isinstance(given[0], literals):
        return ""
    return "its second argument is only a message, and nothing is compared"


def tested(check: Check) -> Iterator[ast.expr]:
    """Yield each expression that has to be true, calls of unittest written as such."""
    if isinstance(check.node, ast.Assert):
        test = check.node.test
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            yield from map(_without_not, test.values)
        else:
            yield _without_not(test)
        return
    name = getattr(check.node.func, "attr", "")
    arguments = check.node.args
    if name == "assertTrue" and arguments:
        yield _without_not(arguments[0])
    elif name == "assertFalse" and arguments:
        yield _without_not(ast.UnaryOp(ast.Not(), arguments[0]))
    elif name == "assertIsNotNone" and arguments:
        none = ast.Constant(None)
        yield ast.Compare(arguments[0], [ast.IsNot()], [none])
    elif name == "assertIsInstance" and len(arguments) > 1:
        yield ast.Call(ast.Name("isinstance"), arguments[:2], [])
    elif name in COMPARED and len(arguments) > 1:
        yield ast.Compare(arguments[0], [COMPARED[name]()], [arguments[1]])


def _without_not(test: ast.expr) -> ast.expr:
    """Return a comparison that is turned by `not` as the one that it comes to."""
    inner = test.operand if isinstance(test, ast.UnaryOp) else None
    if not isinstance(inner, ast.Compare) or not isinstance(getattr(test, "op", None), ast.Not):
        return test
    opposite = OPPOSITE.get(type(inner.ops[0])) if len(inner.ops) == 1 else None
    return ast.Compare(inner.left, [opposite()], inner.comparators) if opposite else test
