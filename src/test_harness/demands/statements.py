"""The statement of the application that a line belongs to: what it names, sets, and depends on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def _tree(file: str) -> ast.Module | None:
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def around(file: str, line: int) -> list[ast.stmt]:
    """Return the statements that a line lies in, the innermost first."""
    tree = _tree(file)
    return [*_around(tree.body, line)][::-1] if tree else []


def _around(body: list[ast.stmt], line: int) -> Iterator[ast.stmt]:
    for statement in body:
        first = min(
            [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
        )
        if not first <= line <= (statement.end_lineno or statement.lineno):
            continue
        yield statement
        for part in ("body", "orelse", "finalbody"):
            yield from _around(getattr(statement, part, []), line)
        for handler in getattr(statement, "handlers", []):
            yield from _around(handler.body, line)
        for case in getattr(statement, "cases", []):
            yield from _around(case.body, line)


def top(file: str) -> list[ast.stmt]:
    """Return the statements of a module, outside of its functions and classes."""
    tree = _tree(file)
    return tree.body if tree else []


def in_one_function(one: tuple[str, int], other: tuple[str, int]) -> bool:
    """Tell whether two places, as `(file, line)`, lie in the same function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        next((it for it in around(*at) if isinstance(it, functions)), None) for at in (one, other)
    ]
    return found[0] is not None and found[0] is found[1]


def simple(file: str, line: int) -> ast.stmt | None:
    """Return the innermost statement that a line lies in, None where it cannot be read."""
    found = around(file, line)
    return found[0] if found else None


def guards(file: str, line: int) -> list[ast.expr]:
    """Return the conditions that a line depends on within its function, the innermost first."""
    found: list[ast.expr] = []
    for statement in around(file, line):
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            break
        if isinstance(statement, (ast.If, ast.Assert, ast.While)):
            found.append(statement.test)
        elif isinstance(statement, ast.For):
            found.append(statement.iter)
    return found


def names_in(node: ast.AST) -> set[str]:
    """Return the names, attributes and texts that an expression is made of, in lower case.

    Of a function or a class that is only its first lines, and of a loop what it goes through.
    """
    heads = [node]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        heads = [*node.decorator_list]
    elif isinstance(node, (ast.If, ast.While)):
        heads = [node.test]
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        heads = [node.iter]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        heads = [item.context_expr for item in node.items]
    elif isinstance(node, ast.Try):
        heads = []
    found = set()
    for inner in (inner for head in heads for inner in ast.walk(head)):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                found.add(name.lower())
            case ast.Constant(value=str(name)) if name.isidentifier():
                found.add(name.lower())
    return found


def names_set(file: str, line: int) -> set[str]:
    """Return what the statement of a line gives a value to, in lower case."""
    statement = simple(file, line)
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        targets = [statement.target]
    found = set()
    if isinstance(statement, ast.Return):
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        outer = [one for one in around(file, line) if isinstance(one, functions)]
        found |= {function.name.lower() for function in outer[:1]}
    for target in targets:
        match target:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name.lower())
            case ast.Subscript(slice=ast.Constant(value=str(name))):
                found.add(name.lower())
    for inner in ast.walk(statement) if isinstance(statement, (ast.Assign, ast.Expr)) else ():
        # `Config(host=getenv("HOST"))` and `{"host": getenv("HOST")}`.
        match inner:
            case ast.keyword(arg=str(name), value=value) if _reads(value, line):
                found.add(name.lower())
            case ast.Dict(keys=keys, values=values):
                found |= {
                    str(key.value).lower()
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and _reads(value, line)
                }
    return found


def _reads(node: ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def texts_in(file: str, line: int) -> set[str]:
    """Return the texts that stand in the statement of a line."""
    statement = simple(file, line)
    nodes = ast.walk(statement) if statement else ()
    return {str(one.value) for one in nodes if isinstance(one, ast.Constant)}


def is_raised(file: str, line: int) -> bool:
    """Tell whether the application itself gives up at a line, by `raise`, `assert` or an exit."""
    statement = simple(file, line)
    if isinstance(statement, (ast.Raise, ast.Assert)):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) in {
        "sys.exit", "exit", "quit", "os._exit",
    }  # fmt: skip


def declared_at(file: str, owner: str, name: str) -> int:
    """Return the line that a class declares a field at; 0 where it does not."""
    tree = _tree(file)
    for one in ast.walk(tree) if tree else ():
        if isinstance(one, ast.ClassDef) and one.name == owner:
            for statement in one.body:
                if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name:
                    return statement.lineno
    return 0
