"""Takes what a schema refuses: the bounds of a field, a validator, the form of an address."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from test_harness.suite.sabotage.module import ROUTES, Change, Module
from test_harness.suite.sabotage.words import last_name, words

KIND = "validation"
_ADVICE = "Send a value beyond each bound, and expect a refusal that names the field."
_BOUNDS = words(
    "ge gt le lt min_length max_length pattern regex multiple_of min_items max_items min_digits "
    "max_digits validate validators strip_whitespace"
)
_TAKES = words(
    "Field Query Path Body Form Header Cookie constr conint confloat condecimal conlist "
    "StringConstraints Meta Parameter Param String Integer Float Email Str Int Nested List Decimal "
    "StringField IntegerField PasswordField EmailField TextAreaField SelectField"
)
_VALIDATORS = ("field_validator", "model_validator", "validator", "root_validator", "validates")


def changes(module: Module) -> Iterator[Change]:
    """Yield each field that can be taken without its bounds, and each validator."""
    for node in ast.walk(module.tree):
        if _is_of_settings(module, node):
            continue
        if isinstance(node, ast.Call) and last_name(node.func) in _TAKES:
            bounds = [one for one in node.keywords if one.arg in _BOUNDS]
            if bounds and not _is_of_the_database(node):
                names = ", ".join(str(one.arg) for one in bounds)
                what = f"drops {names} of {module.assigned(node) or 'a field'}"
                yield Change(node, what, _ADVICE, partial(_unbound, node, bounds), ROUTES)
        elif isinstance(node, ast.FunctionDef) and isinstance(
            module.parents.get(node), ast.ClassDef
        ):
            if any(last_name(one) in _VALIDATORS for one in node.decorator_list):
                what = f"drops the validator {node.name}"
                apply = partial(module.replace, node, None)
                yield Change(node, what, _ADVICE, apply, ROUTES)
        elif isinstance(node, ast.AnnAssign) and last_name(node.annotation) == "EmailStr":
            what = f"takes any text for the address {last_name(node.target)}"
            text = ast.Name(id="str", ctx=ast.Load())
            apply = partial(module.replace, node.annotation, text)
            yield Change(node, what, _ADVICE, apply, ROUTES)


def _unbound(call: ast.Call, bounds: list[ast.keyword]) -> None:
    call.keywords = [one for one in call.keywords if one not in bounds]


def _is_of_the_database(call: ast.Call) -> bool:
    """Tell whether it is a type of SQLAlchemy, which has other arguments."""
    return isinstance(call.func, ast.Attribute) and last_name(call.func.value) in {"sa", "db"}


def _is_of_settings(module: Module, node: ast.AST) -> bool:
    """Tell whether it is of what the environment says, which no request does."""
    scope = module.scope_of(node)
    return isinstance(scope, ast.ClassDef) and any(
        "Settings" in last_name(base) for base in scope.bases
    )
