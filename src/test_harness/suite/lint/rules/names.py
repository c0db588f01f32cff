"""TH8: names that are asked for and exist nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from test_harness.suite.lint.finding import File, Found, Rule
from test_harness.suite.reading.cases import Case
from test_harness.suite.reading.helpers import asked_for
from test_harness.suite.reading.names import constant, dotted, keyword
from test_harness.suite.reading.scopes import Module, Scope

UNKNOWN_KEY = Rule(
    "TH801",
    "unknown-key",
    "{}.",
    "Add it where that is made, or ask for one of those that there are.",
)
UNKNOWN_NAME = Rule(
    "TH802",
    "unknown-name",
    "{}.",
    "Write it there, or import what there is.",
)
RULES = (UNKNOWN_KEY, UNKNOWN_NAME)


def look(file: File) -> Iterator[Found]:
    """Yield keys that no fixture or dictionary hands out, and names that no file has."""
    yield from _keys(file)
    yield from _imports(file)


def _keys(file: File) -> Iterator[Found]:
    for scope in file.module.functions:
        asked = set(asked_for(scope)) if scope.keys else set()
        for key in scope.keys:
            handed = _handed_out(key.of, asked, scope, file)
            keys = _keys_of(_inside(handed[1], key.way)) if handed is not None else None
            if handed is None or keys is None or key.key in keys:
                continue
            whose = "".join([handed[0], *(f"[{it!r}]" for it in key.way)])
            known = ", ".join(sorted(keys)[:8])
            said = f"{whose} has no {key.key!r}, only {known}" if known else f"{whose} is empty"
            yield Found(UNKNOWN_KEY, key.node, said, _case(file, scope))


def _case(file: File, scope: Scope) -> Case | None:
    return next((case for case in file.cases if scope in case.scope.walk()), None)


def _handed_out(
    of: ast.Name | ast.Call, asked: set[str], scope: Scope, file: File
) -> tuple[str, ast.expr] | None:
    """Return what an expression stands for in words, and the dictionary, where it is written."""
    if isinstance(of, ast.Call):
        return _made(of, scope, file)
    name = of.id
    if _is_changed(name, [scope]):
        return None
    if name in scope.names:
        given = scope.names[name]
        return _made(given[0], scope, file) if len(given) == 1 else None
    if name in asked:
        found = file.project.fixture(name, file.module, scope)
        value = _returned(found[1]) if found is not None else None
        return None if value is None else (f"The fixture `{name}`", value)
    return _imported(name, file)


def _imported(name: str, file: File) -> tuple[str, ast.expr] | None:
    """Return the same of what another file gives a name, and nobody changes there."""
    full = file.module.imports.get(name)
    found = file.project.find(full, file.module) if full else None
    if found is None:
        return None
    module, rest = found
    held = module.scope.names.get(rest, [])
    if len(held) != 1 or held[0] is None or _is_changed(rest, [module.scope, *module.functions]):
        return None
    return f"`{rest}` of {module.path.name}", held[0]


def _made(call: ast.expr | None, scope: Scope, file: File) -> tuple[str, ast.expr] | None:
    """Return the same of what a helper of the tests answers."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    name = call.func.id
    if name in scope.names or name in scope.parameters:
        return None
    found = file.project.scope_of(name, file.module)
    if found is None or not file.project.is_of_tests(found[0]):
        return None
    function = found[1].node
    is_plain = isinstance(function, ast.FunctionDef) and not function.decorator_list
    value = _returned(found[1]) if is_plain else None
    return None if value is None else (f"What `{name}` returns", value)


def _returned(function: Scope) -> ast.expr | None:
    """Return what a function hands out, where that is written down in one place."""
    handed = [
        node.value
        for node in ast.walk(function.node)
        if isinstance(node, (ast.Return, ast.Yield)) and node.value is not None
    ]
    if len(handed) != 1 or any(scope.is_function for scope in function.scopes):
        return None
    value = handed[0]
    if isinstance(value, ast.Name):
        given = function.names.get(value.id, [])
        return given[0] if len(given) == 1 and not _is_changed(value.id, [function]) else None
    return value


def _inside(node: ast.expr, way: tuple[str, ...]) -> ast.expr | None:
    """Return what lies in a dictionary under some keys, one in the other."""
    inner: ast.expr | None = node
    for key in way:
        if isinstance(inner, ast.Dict):
            held = [*zip(inner.keys, inner.values, strict=True)]
            is_plain = all(at is not None for at, _ in held)
            inner = next((it for at, it in held if is_plain and constant(at) == key), None)
        else:
            inner = keyword(inner, key) if isinstance(inner, ast.Call) else None
    return inner


def _keys_of(node: ast.expr | None) -> set[str] | None:
    if isinstance(node, ast.Call) and dotted(node.func) == "dict" and not node.args:
        names = {one.arg for one in node.keywords}
        return None if None in names else {str(name) for name in names}
    if not isinstance(node, ast.Dict):
        return None
    keys = [constant(key) if key is not None else ... for key in node.keys]
    return None if any(not isinstance(key, str) for key in keys) else {str(key) for key in keys}


def _is_changed(name: str, scopes: list[Scope]) -> bool:
    """Tell whether something is, or may be, added to a dictionary of that name or within it."""
    for scope in scopes:
        for called in scope.calls:
            receiver = getattr(called.node.func, "value", None)
            if called.name in ("update", "setdefault") and _within(receiver) == name:
                return True
            # Whatever it is handed to may add something.
            if any(dotted(one) == name for one in called.node.args):
                return True
        for stated in scope.writes:
            for target in (
                *getattr(stated.node, "targets", ()),
                getattr(stated.node, "target", None),
            ):
                if isinstance(target, ast.Subscript) and _within(target) == name:
                    return True
    return False


def _within(node: ast.expr | None) -> str:
    """Return the name of what something lies in: `people` of `people["ada"]["name"]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return "" if node is None else dotted(node)


def _imports(file: File) -> Iterator[Found]:
    """Yield each name that is imported from a file of the project that does not have it."""
    for node in file.module.tree.body:
        if not isinstance(node, ast.ImportFrom) or (not node.level and not node.module):
            continue
        base = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                continue
            full = f"{base}.{alias.name}" if node.module else f"{base}{alias.name}"
            found = file.project.find(full, file.module)
            if found is None or found[1] != alias.name or _has(found[0], alias.name):
                continue
            said = f"{found[0].path.name} has no `{alias.name}`"
            yield Found(UNKNOWN_NAME, node, said)


def _has(module: Module, name: str) -> bool:
    """Tell whether a file has a name, or may have it in a way that only running it tells."""
    if name in module.scope.names or name in module.imports or "*" in module.imports:
        return True
    if any(inner.name in (name, "__getattr__") for inner in module.scope.scopes):
        return True
    if (module.path.parent / name).is_dir() and module.path.name == "__init__.py":
        return True
    return any(word in module.text for word in ("globals()", "setattr(", "exec(", "__all__ +="))
