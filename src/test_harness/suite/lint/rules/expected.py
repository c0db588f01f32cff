"""What `pytest.raises` takes: more than the error that is meant, or from more than one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.reading.names import constant, dotted, keyword
from test_harness.suite.reading.scopes import Place

TOO_WIDE = Rule(
    "TH304",
    "raises-too-wide",
    "`{} is more than the error that is meant.",
    "Name the exception itself, and with `match=` what it says; or look at what was raised.",
)
SEVERAL_STATEMENTS = Rule(
    "TH305",
    "raises-around-several",
    "The exception may come from any of {} statements.",
    "Leave only the one that is to raise under `pytest.raises`, the others above or below it.",
)
# Exceptions that stand for many errors; those of web frameworks for every status.
WIDE = {
    "Exception", "BaseException", "HTTPException", "StarletteHTTPException", "HTTPError",
    "HTTPStatusError", "SQLAlchemyError", "DBAPIError",
}  # fmt: skip
# What a misspelt name raises too.
EVERY = {"Exception", "BaseException"}
RAISES = {"raises", "assertRaises", "assertRaisesRegex"}
# What any exception says.
ANYTHING = ("", ".", ".*", ".+", "^", "^.*$")
# What a session does with what is handed to it.
SENDS = {"add", "add_all", "flush", "commit"}
SESSION = re.compile(r"session|(^|\.)db$|_db$|(^|\.)s$")


def expectations(file: File) -> Iterator[Found]:
    """Yield where a file expects an exception too widely, or from too many statements."""
    for called in file.module.called(*RAISES):
        yield from _expected(file, called.node, called.place)
    for scope in file.module.functions:
        for node, place in scope.withs:
            yield from _around_several(file, node, place)


def _expected(file: File, call: ast.Call, place: Place) -> Iterator[Found]:
    named = keyword(call, "expected_exception")
    expected = call.args[:1] or ([named] if named is not None else [])
    match = keyword(call, "match")
    says = match is not None and constant(match) not in ANYTHING
    if not expected or says or keyword(call, "check"):
        return
    if "Regex" in dotted(call.func) or (len(call.args) > 1 and not _is_forgotten(call, place)):
        return
    given = expected[0]
    names = [dotted(one) for one in (given.elts if isinstance(given, ast.Tuple) else [given])]
    wide = [name for name in names if name.rpartition(".")[2] in WIDE]
    if not wide or _is_own(wide[0], file):
        return
    if len(call.args) < 2 and _looked_at(call, place):
        return
    case = file.case_at(place)
    written = f"{getattr(call.func, 'attr', 'raises')}({wide[0]})`"
    which = (
        "any error, that of a misspelt name too,"
        if wide[0].rpartition(".")[2] in EVERY
        else ("one of many errors, and")
    )
    yield Found(TOO_WIDE, call, f"{written} takes {which}", case)


def _is_forgotten(call: ast.Call, place: Place) -> bool:
    """Tell whether nobody keeps what `pytest.raises(Exception, function)` gives."""
    return any(
        isinstance(one, ast.Expr) and one.value is call for one in ast.walk(place.scope.node)
    )


def _is_own(name: str, file: File) -> bool:
    """Tell whether it is an exception of the project that is only called so."""
    found = file.project.scope_of(name, file.module)
    return found is not None and found[1].is_class


def _looked_at(call: ast.Call, place: Place) -> bool:
    """Tell whether the exception that was raised is used."""
    for node, at in place.scope.withs:
        if not isinstance(node, (ast.With, ast.AsyncWith)) or at is not place:
            continue
        for item in node.items:
            if item.context_expr is call and isinstance(item.optional_vars, ast.Name):
                name = item.optional_vars.id
                used = sum(
                    isinstance(one, ast.Name) and one.id == name
                    for one in ast.walk(place.scope.node)
                )
                return used > 1
    # `raised = pytest.raises(...)`, or handed on as a parameter.
    return not any(
        item.context_expr is call
        for node, _ in place.scope.withs
        if isinstance(node, (ast.With, ast.AsyncWith))
        for item in node.items
    )


def _around_several(file: File, node: ast.stmt, place: Place) -> Iterator[Found]:
    if not isinstance(node, (ast.With, ast.AsyncWith)):
        return
    for item in node.items:
        call = item.context_expr
        if not isinstance(call, ast.Call) or dotted(call.func).rpartition(".")[2] not in RAISES:
            continue
        may_raise = sum(_may_raise(one) and not _is_sent(one) for one in node.body)
        if may_raise > 1:
            yield Found(SEVERAL_STATEMENTS, node, str(may_raise), file.case_at(place))


def _is_sent(node: ast.stmt) -> bool:
    """Tell whether a statement only has a session send what was there before: `flush()`."""
    value = node.value if isinstance(node, ast.Expr) else None
    value = value.value if isinstance(value, ast.Await) else value
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return False
    return value.func.attr in SENDS and bool(SESSION.search(dotted(value.func.value).lower()))


def _may_raise(node: ast.stmt) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import)):
        return False
    kinds = (ast.Call, ast.Await, ast.Raise, ast.Subscript, ast.Assert, ast.Delete)
    return any(isinstance(part, kinds) for part in ast.walk(node))
