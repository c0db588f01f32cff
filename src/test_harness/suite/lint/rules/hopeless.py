"""Which expressions are true whatever the code does."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from test_harness.suite.lint.rules.mocked import (
    MISSPELT,
    is_mock,
    is_patched_in,
    makes_mock,
    why_it_equals,
    why_it_is_true,
)
from test_harness.suite.lint.rules.tested import OPPOSITE
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import constant, dotted, made_here
from test_harness.suite.reading.scopes import Module, Scope

# Methods that are asked for and not called.
UNCALLED = {
    "startswith", "endswith", "isdigit", "isalpha", "isalnum", "isnumeric", "isupper", "islower",
    "issubset", "issuperset", "isdisjoint",
}  # fmt: skip
# What the built-in ones make is of their kind, and never None.
MAKERS = {"dict", "list", "set", "tuple", "frozenset", "str", "bytes", "int", "float", "bool"}
NEVER_NONE = {*MAKERS, "len", "repr", "sorted", "sum", "isinstance", "type", "range", "zip"}
# What these answer is one that goes through something, and true where that is nothing.
ITERATORS = {"filter", "map", "zip", "enumerate", "reversed", "iter"}
COROUTINE = "a coroutine is true, and nobody awaits it"
LAZY = "an iterator is true, whatever it would yield"
REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
KINDS: dict[type[ast.expr], str] = {
    ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict",
    ast.Set: "set", ast.SetComp: "set", ast.Tuple: "tuple", ast.JoinedStr: "str",
}  # fmt: skip
# `len(x) > 0 or len(x) == 0`
FEW = {(ast.Gt, ast.Eq), (ast.Eq, ast.Gt)}
LITERALS = (
    ast.List, ast.Tuple, ast.Set, ast.Dict, ast.JoinedStr, ast.ListComp, ast.SetComp,
    ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.Compare,
)  # fmt: skip


def why_it_holds(test: ast.expr, scope: Scope, case: Case) -> str:
    """Return why an expression is always true; nothing where it may be false.

    Args:
        test: What is asserted.
        scope: Where that stands.
        case: The test.
    """
    by_kind = _BY_KIND.get(type(test))
    return by_kind(test, scope, case) if by_kind is not None else ""


def _of_tuple(test: ast.Tuple, scope: Scope, case: Case) -> str:
    return "a tuple that is not empty is true" if test.elts else ""


def _of_elements(test: Any, scope: Scope, case: Case) -> str:
    return "a collection that is not empty is true" if test.elts else ""


def _of_dictionary(test: ast.Dict, scope: Scope, case: Case) -> str:
    return "a dictionary that is not empty is true" if test.keys else ""


def _of_generator(test: ast.expr, scope: Scope, case: Case) -> str:
    return "a generator is true, whatever it would yield"


def _of_lambda(test: ast.expr, scope: Scope, case: Case) -> str:
    return "a function is true"


def _of_constant(test: ast.Constant, scope: Scope, case: Case) -> str:
    return f"{test.value!r} is true" if test.value else ""


def _of_text(test: ast.JoinedStr, scope: Scope, case: Case) -> str:
    written = any(isinstance(one, ast.Constant) and one.value for one in test.values)
    return "a text that is not empty is true" if written else ""


def _of_choice(test: ast.IfExp, scope: Scope, case: Case) -> str:
    reasons = (why_it_holds(one, scope, case) for one in (test.body, test.orelse))
    return next((f"one of its branches always holds: {one}" for one in reasons if one), "")


def _of_awaited(test: ast.Await, scope: Scope, case: Case) -> str:
    return why_it_is_true(test.value, scope, case)


def _of_either(test: ast.BoolOp, scope: Scope, case: Case) -> str:
    if isinstance(test.op, ast.And):
        return ""
    if _are_opposite(test.values):
        return "of its alternatives one always holds"
    reasons = (why_it_holds(one, scope, case) for one in test.values)
    return next((f"of its alternatives one always holds: {one}" for one in reasons if one), "")


def _of_single(test: ast.Compare, scope: Scope, case: Case) -> str:
    if len(test.ops) > 1:
        return ""
    sides = {dotted(test.left), dotted(test.comparators[0])}
    if isinstance(test.ops[0], ast.Eq) and sides & {"ANY", "mock.ANY"}:
        return "everything equals `ANY`"
    return _of_comparison(test, scope, case)


def _of_comparison(test: ast.Compare, scope: Scope, case: Case) -> str:
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.IsNot) and constant(right) is None:
        return _never_none(left, scope, case.module) or why_it_is_true(left, scope, case)
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return _of_constants(left.value, operator, right.value)
    equals = isinstance(operator, (ast.Eq, ast.Is, ast.LtE, ast.GtE))
    if equals and _is_same(left, right, case):
        return "it compares a thing with itself"
    if equals and (told := why_it_equals(left, right, scope)):
        return told
    if _is_never_fewer(left, operator, right):
        return "there are never fewer than none"
    unlike = isinstance(operator, ast.NotEq) and _is_function(left, scope, case.module)
    return "it compares a function, which nobody called" if unlike else ""


def _is_never_fewer(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
    """Tell whether a count is to be at least nothing, in whatever order it is written."""
    turned = {ast.LtE: ast.GtE, ast.Lt: ast.Gt}
    if type(operator) in turned:
        left, right, operator = right, left, turned[type(operator)]()
    number = constant(right)
    return _is_count(left) and (
        (isinstance(operator, ast.GtE) and number == 0 and number is not False)
        or (isinstance(operator, ast.Gt) and number == -1)
    )


def _of_constants(left: object, operator: ast.cmpop, right: object) -> str:
    same = type(left) is type(right) and left == right
    inside = isinstance(left, str) and isinstance(right, str) and left in right
    if isinstance(operator, ast.In) and inside:
        return "both sides are written there"
    if (isinstance(operator, ast.Eq) and same) or (isinstance(operator, ast.NotEq) and not same):
        return "both sides are written there"
    return ""


def _of_call(test: ast.Call, scope: Scope, case: Case) -> str:
    if dotted(test.func) == "isinstance" and len(test.args) > 1:
        kind = dotted(test.args[1])
        if kind == "object":
            return "everything is an object"
        made = made_here(test.args[0], scope)
        is_made = isinstance(made, ast.Call) and dotted(made.func) == kind
        is_made = is_made and bool(kind) and (_is_class(kind) or kind in MAKERS)
        if is_made or KINDS.get(type(made)) == kind:
            return f"it was made as a {kind} in this test"
    name = getattr(test.func, "attr", "")
    if name.startswith(MISSPELT) and is_mock(test.func, scope, case):
        return f"`{name}` is no method of a mock, which answers to any name"
    if _is_coroutine(test.func, scope):
        return COROUTINE
    if _is_lazy(test, scope, case):
        return LAZY
    return _why_answered(test) or why_it_is_true(test, scope, case)


def _of_attribute(test: ast.Attribute, scope: Scope, case: Case) -> str:
    if test.attr in UNCALLED:
        return f"`{test.attr}` is a method, which nobody called"
    if test.attr.startswith(MISSPELT) and is_mock(test, scope, case):
        return f"`{test.attr}` is nothing that a mock has seen"
    if test.attr.startswith("assert_") and is_mock(test, scope, case):
        return f"`{test.attr}` is a method, which nobody called"
    if test.attr == "json" and isinstance(made_here(test.value, scope), ast.Await):
        return "`json` is a method, which nobody called"
    return why_it_is_true(test, scope, case)


def _of_name(test: ast.Name, scope: Scope, case: Case) -> str:
    made = made_here(test, scope)
    is_made = isinstance(made, ast.Call) and makes_mock(made, case.module)
    if is_made or (test.id in case.parameters and is_patched_in(test.id, case)):
        return "a mock is true, whatever was done with it"
    if isinstance(made, (ast.GeneratorExp, ast.Lambda)):
        return "a generator or a function is true"
    if _is_lazy(made, scope, case):
        return LAZY
    if answered := _why_answered(made):
        return answered
    if _is_function(test, scope, case.module):
        return "it is a function, which nobody called"
    return ""


def _is_lazy(node: ast.expr, scope: Scope, case: Case) -> bool:
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    if name not in ITERATORS:
        return False
    own = (case.module.imports, case.module.scope.names, scope.names)
    return not any(name in it for it in (*own, scope.parameters, case.parameters))


def _never_none(node: ast.expr, scope: Scope, module: Module) -> str:
    node = made_here(node, scope)
    if isinstance(node, LITERALS) or (isinstance(node, ast.Constant) and node.value is not None):
        return "what was written there is not None"
    if _is_function(node, scope, module):
        return "a function is not None"
    called = node.value if isinstance(node, ast.Await) else node
    name = dotted(called.func) if isinstance(called, ast.Call) else ""
    last = name.rpartition(".")[2]
    if name in NEVER_NONE and name not in module.imports:
        return f"`{name}(...)` is never None"
    if _is_class(name):
        return f"a {last} that was just made is not None"
    return _why_answered(called)


def _why_answered(node: ast.expr) -> str:
    """Return why an expression is never nothing, where it is the answer of a client."""
    called = node.value if isinstance(node, ast.Await) else node
    if not isinstance(called, ast.Call):
        return ""
    client, _, last = dotted(called.func).rpartition(".")
    is_answer = last in REQUESTS and client.endswith("client")
    return "a client always has an answer" if is_answer else ""


def _are_opposite(values: list[ast.expr]) -> bool:
    """Tell whether one of two alternatives is what the other is not."""
    if len(values) != 2:
        return False
    first, second = values
    for one, other in ((first, second), (second, first)):
        if isinstance(other, ast.UnaryOp) and isinstance(other.op, ast.Not):
            return _is_still(one) and ast.dump(other.operand) == ast.dump(one)
    if not isinstance(first, ast.Compare) or not isinstance(second, ast.Compare):
        return False
    operators = type(first.ops[0]), type(second.ops[0])
    sides = [[ast.dump(one.left), *map(ast.dump, one.comparators)] for one in (first, second)]
    return sides[0] == sides[1] and (
        OPPOSITE.get(operators[0]) is operators[1] or (_is_count(first.left) and operators in FEW)
    )


def _is_class(name: str) -> bool:
    """Tell whether a call of that name makes an instance: `User(...)`, `models.User(...)`."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper() and "_" not in last


def _is_still(node: ast.AST) -> bool:
    """Tell whether an expression does nothing but name something."""
    return not any(
        isinstance(part, (ast.Call, ast.Await, ast.Yield, ast.NamedExpr)) for part in ast.walk(node)
    )


def _is_same(left: ast.expr, right: ast.expr, case: Case) -> bool:
    """Tell whether both sides are one thing, in a test that is not about equality itself."""
    if type(left) is not type(right) or not _is_still(left):
        return False
    name = case.scope.name.lower()
    is_about_it = any(
        part in name for part in ("eq", "same", "identi", "reflex", "hash", "singleton")
    )
    return not is_about_it and ast.dump(left) == ast.dump(right)


def _is_count(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return dotted(node.func) == "len" or getattr(node.func, "attr", "") == "count"


def _is_function(node: ast.expr, scope: Scope, module: Module) -> bool:
    """Tell whether a name is that of a function of this file."""
    if not isinstance(node, ast.Name):
        return False
    at: Scope | None = scope
    while at is not None:
        if node.id in at.names or node.id in at.parameters:
            return False
        for inner in at.scopes:
            if inner.name == node.id and not at.is_class:
                return inner.is_function
        at = at.above
    return False


def is_bare_coroutine(node: ast.AST | None) -> bool:
    """Tell whether a function is asynchronous, and no decorator makes something else of it."""
    return isinstance(node, ast.AsyncFunctionDef) and not node.decorator_list


def _is_coroutine(function: ast.expr, scope: Scope) -> bool:
    """Tell whether what is called is asynchronous, as far as this file says."""
    name = dotted(function)
    at: Scope | None = scope
    while at is not None:
        if name in at.names or name in at.parameters:
            return False
        for inner in at.scopes:
            wanted = f"self.{inner.name}" if at.is_class else inner.name
            if name == wanted:
                return is_bare_coroutine(inner.node)
        at = at.above
    return False


_BY_KIND: dict[type[ast.AST], Callable[[Any, Scope, Case], str]] = {
    ast.Tuple: _of_tuple,
    ast.List: _of_elements,
    ast.Set: _of_elements,
    ast.Dict: _of_dictionary,
    ast.GeneratorExp: _of_generator,
    ast.Lambda: _of_lambda,
    ast.Constant: _of_constant,
    ast.JoinedStr: _of_text,
    ast.IfExp: _of_choice,
    ast.Await: _of_awaited,
    ast.BoolOp: _of_either,
    ast.Compare: _of_single,
    ast.Call: _of_call,
    ast.Name: _of_name,
    ast.Attribute: _of_attribute,
}
