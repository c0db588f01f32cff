"""TH3: exceptions that are caught where they should end the test, or expected too widely."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.lint.asserting import Check
from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.lint.rules.expected import SEVERAL_STATEMENTS, TOO_WIDE, expectations
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.names import constant, dotted
from test_harness.suite.reading.scopes import Place, Stated

SWALLOWED = Rule(
    "TH301",
    "swallowed",
    "An exception is caught and forgotten here{}: the test passes as if nothing had been.",
    "Let it be raised; where it is expected, say so with `pytest.raises`.",
)
FLAG = Rule(
    "TH302",
    "exception-as-flag",
    "An exception only sets `{}` here: what was raised, and where, is lost.",
    "Expect it with `pytest.raises(...) as raised`, or let it be raised.",
)
ASSERTED_IN_EXCEPT = Rule(
    "TH303",
    "asserted-in-except",
    "What is asserted here is reached only if {} is raised: the test passes when nothing is.",
    "Put the call under `with pytest.raises(...) as raised` and look at `raised.value` below it.",
)
RULES = (SWALLOWED, FLAG, ASSERTED_IN_EXCEPT, TOO_WIDE, SEVERAL_STATEMENTS)

EVERYTHING = {"Exception", "BaseException", "AssertionError", ""}
SPEAKS = {"print", "debug", "info", "warning", "error", "exception", "log", "write", "format_exc"}
FAILS = {"fail", "skip", "xfail", "skipTest", "exit"}
STANDS_STILL = (ast.Pass, ast.Continue, ast.Break)


def look(file: File) -> Iterator[Found]:
    """Yield where exceptions do not come through."""
    for case in file.running:
        for scope in case.scope.walk():
            for stated in scope.tries:
                yield from _caught(file, stated, case)
            for stated in scope.withs:
                yield from _suppressed(file, stated, case)
    yield from expectations(file)


def _caught(file: File, stated: Stated, case: Case) -> Iterator[Found]:
    node = stated.node
    if not isinstance(node, ast.Try) or stated.place.kind == "finally" or _cleans_up(stated):
        return
    if _raises(node.body) or any(
        isinstance(part, ast.Raise) for one in node.orelse for part in ast.walk(one)
    ):
        return  # `pytest.raises` by hand: to raise nothing is a failure
    inside = [check for check in file.checks_of(case) if _within(check.place, node, "try")]
    for handler in node.handlers:
        names = _names(handler)
        asserts = [
            check for check in file.checks_of(case) if _within(check.place, handler, "except")
        ]
        if asserts:
            if (
                not inside
                and not _says_something(node.orelse)
                and not _asserted_after(file, node, case)
            ):
                yield Found(ASSERTED_IN_EXCEPT, asserts[0].node, names or "something", case)
        elif flag := _only_flag(handler):
            # A function in the test that works out something for itself is no judgement.
            if stated.place.scope is case.scope or flag in stated.place.scope.shared:
                yield Found(FLAG, handler, flag, case)
        elif noted := _only_noted(handler, stated, case):
            yield Found(FLAG, handler, noted, case)
        elif inside and (EVERYTHING & _last_names(handler)) and all(map(_fails, handler.body)):
            yield Found(SWALLOWED, handler, ", a failed assertion too", case)
        elif _is_silent(handler):
            if inside and (EVERYTHING & _last_names(handler)):
                yield Found(SWALLOWED, handler, ", a failed assertion too", case)
            elif inside or _is_the_act(node, file, case):
                yield Found(SWALLOWED, handler, "", case)


def _raises(body: list[ast.stmt]) -> bool:
    """Tell whether statements raise something themselves, in a `with` block of theirs too."""
    return any(
        isinstance(one, ast.Raise)
        or _fails(one)
        or (isinstance(one, (ast.With, ast.AsyncWith)) and _raises(one.body))
        for one in body
    )


def _suppressed(file: File, stated: Stated, case: Case) -> Iterator[Found]:
    """Yield `contextlib.suppress` around assertions."""
    node = stated.node
    if not isinstance(node, (ast.With, ast.AsyncWith)):
        return
    for item in node.items:
        call = item.context_expr
        if not isinstance(call, ast.Call) or dotted(call.func).rpartition(".")[2] != "suppress":
            continue
        names = {dotted(one).rpartition(".")[2] for one in call.args}
        inside = [check for check in file.checks_of(case) if _within(check.place, node, "with")]
        if inside and names & EVERYTHING:
            yield Found(SWALLOWED, node, ", a failed assertion too", case)
        elif (
            inside
            and inside[0].node.lineno > node.body[0].lineno
            and inside[-1] is _last(file, case)
        ):
            yield Found(SWALLOWED, node, ", and what is asserted behind it left out", case)


def _last(file: File, case: Case) -> Check:
    return file.checks_of(case)[-1]


def _names(handler: ast.ExceptHandler) -> str:
    return ast.unparse(handler.type) if handler.type is not None else ""


def _last_names(handler: ast.ExceptHandler) -> set[str]:
    kind = handler.type
    if kind is None:
        return {""}
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return {dotted(one).rpartition(".")[2] for one in parts}


def _fails(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func).rpartition(".")[2] in FAILS
    ) or (isinstance(node, ast.Assert) and constant(node.test) is False)


def _is_silent(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler does nothing, or only speaks."""
    return all(
        isinstance(one, STANDS_STILL)
        or (isinstance(one, ast.Return) and one.value is None)
        or (
            isinstance(one, ast.Expr)
            and (
                isinstance(one.value, ast.Constant)
                or (
                    isinstance(one.value, ast.Call)
                    and dotted(one.value.func).rpartition(".")[2] in SPEAKS
                )
            )
        )
        for one in handler.body
    )


def _says_something(body: list[ast.stmt]) -> bool:
    return any(not isinstance(one, STANDS_STILL) for one in body)


def _only_flag(handler: ast.ExceptHandler) -> str:
    """Return the name that a handler sets to a constant, if it does nothing else."""
    flag = ""
    for statement in handler.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            target = statement.targets[0]
            flag = dotted(target)
        elif not isinstance(statement, STANDS_STILL) and not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and dotted(statement.value.func).rpartition(".")[2] in SPEAKS
        ):
            return ""
    return flag


def _only_noted(handler: ast.ExceptHandler, stated: Stated, case: Case) -> str:
    """Return the name that tells afterwards of an exception only that there was one."""
    kept = _only_kept(handler)
    if kept and _is_only_there(kept, stated, case):
        return kept
    return _only_counts(handler) if _is_once(stated.place, case) else ""


def _only_kept(handler: ast.ExceptHandler) -> str:
    """Return the name that a handler gives the exception to, if it does nothing else."""
    one = handler.body[0]
    if len(handler.body) != 1 or not isinstance(one, ast.Assign) or not handler.name:
        return ""
    return dotted(one.targets[0]) if dotted(one.value) == handler.name else ""


def _is_only_there(name: str, stated: Stated, case: Case) -> bool:
    """Tell whether a test asks of an exception only whether there was one."""
    used = [
        id(part)
        for part in ast.walk(case.scope.node)
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
    ]
    asked: set[int] = set()
    for node, _ in case.scope.asserts:
        test = node.test if isinstance(node, ast.Assert) else None
        if isinstance(test, ast.Compare) and constant(test.comparators[0]) is not ...:
            test = test.left
        elif isinstance(test, ast.UnaryOp):
            test = test.operand
        asked.add(id(test))
    return stated.place.scope is case.scope and bool(used) and asked.issuperset(used)


def _is_once(place: Place, case: Case) -> bool:
    """Tell whether a block of the test itself runs once."""
    return place.scope is case.scope and {one.kind for one in place.within()} <= {"def", "with"}


def _only_counts(handler: ast.ExceptHandler) -> str:
    """Return the name that a handler counts up, or notes a constant in; empty otherwise."""
    if len(handler.body) != 1:
        return ""
    one = handler.body[0]
    if isinstance(one, ast.AugAssign) and constant(one.value) is not ...:
        return dotted(one.target)
    called = one.value if isinstance(one, ast.Expr) else None
    if not isinstance(called, ast.Call) or not isinstance(called.func, ast.Attribute):
        return ""
    notes = called.func.attr == "append" and called.args and constant(called.args[0]) is not ...
    return dotted(called.func.value) if notes else ""


def _cleans_up(stated: Stated) -> bool:
    """Tell whether a `try` stands where a test puts things away."""
    return any(place.kind in ("finally", "except") for place in stated.place.within())


def _within(place: Place, node: ast.AST, kind: str) -> bool:
    at: Place | None = place
    while at is not None:
        if at.node is node and at.kind == kind:
            return True
        at = at.above
    return False


def _asserted_after(file: File, node: ast.Try, case: Case) -> bool:
    end = node.end_lineno or node.lineno
    return any(check.node.lineno > end for check in file.checks_of(case))


def _is_the_act(node: ast.Try, file: File, case: Case) -> bool:
    """Tell whether what is tried is what the test is about: nothing else is, or it is used."""
    called = any(
        isinstance(one, (ast.Call, ast.Await)) for part in node.body for one in ast.walk(part)
    )
    return called and not _is_tidying(node)


def _is_tidying(node: ast.Try) -> bool:
    tidy = ("close", "delete", "remove", "unlink", "rmtree", "drop", "clean", "stop", "cancel",
            "rollback", "kill", "terminate", "clear", "disconnect", "shutdown", "join", "wait",
            "dispose", "pop", "teardown", "flush", "expire", "truncate")  # fmt: skip
    names = [
        (getattr(one.func, "attr", "") or getattr(one.func, "id", "")).lower()
        for part in node.body
        for one in ast.walk(part)
        if isinstance(one, ast.Call)
    ]
    awaited = any(
        isinstance(part, ast.Expr)
        and isinstance(part.value, ast.Await)
        and isinstance(part.value.value, ast.Name)
        for part in node.body
    )
    return awaited or any(word in name for name in names for word in tidy)
