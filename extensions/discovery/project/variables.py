"""Environment variables, and the places in the code that read them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import argument, is_main_check, keyword, terminal, walk
from ..code.source import Source
from ..code.values import ENVIRONMENT_CALLS

_SWITCHED_OFF = frozenset(["false", "0", "no", "off"])
# A variable that is called so is one, whatever reads it.
# What a login signs with, which is read when somebody logs in.
_OF_TOKENS = re.compile(
    r"(?i)(jwt|token|secret|signing)_?(\w*_)?(key|secret|algorithm)$|^(secret|jwt)_"
)
_SURELY = re.compile(r"[A-Z][A-Z0-9_]*_(URL|URI|DSN)")


@dataclass(frozen=True)
class Variable:
    """An environment variable that the application reads.

    Attributes:
        name: What it is called in the environment.
        where: `file:line` of the reading.
        required: Whether the import fails, or may fail, without it.
        type: The annotation or the cast, as it is written; empty when there is none.
        default: What it is without being set, None when that is unknown.
        at_import: Whether it is read while the module is imported.
        optional: Whether the code says what it is without being set, even if that is nothing.
        parts: What has to be in it, each by its key, where it is a JSON object.
    """

    name: str
    where: str
    required: bool
    type: str = ""
    default: Any = None
    at_import: bool = True
    optional: bool = False
    parts: tuple[Variable, ...] | None = None


class Reads:
    """Every place in a module that reads an environment variable."""

    def __init__(self, source: Source, evaluator: Evaluator, module: Module) -> None:
        self.source = source
        self.evaluator = evaluator
        self.module = module
        self._offers = _offers(module)
        self._fallen_back = {
            id(inner): node.values[-1]
            for node in walk(module.tree)
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
            for value in node.values[:-1]
            for inner in walk(value)
        }

    def variables(self) -> Iterator[Variable]:
        """Yield what is read, each place as a variable."""
        module = self.module
        inside = _not_at_import(module)
        asked_for = _asked_for(module)
        for node in walk(module.tree):
            at_import = id(node) not in inside
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                symbol = self.source.resolve(module, node.value)
                if (
                    symbol
                    and symbol.path == "os.environ"
                    and (name := self.evaluator.text(module, node.slice))
                ):
                    required = self._is_needed(name, at_import) and name not in asked_for
                    yield Variable(name, module.where(node), required, "", None, at_import)
            elif isinstance(node, ast.Call) and node.args:
                read = self._called(node, at_import)
                if read is not None:
                    yield read

    @staticmethod
    def _is_needed(name: str, at_import: bool) -> bool:
        """Tell whether nothing works without a variable: it is read at once, or tokens need it."""
        return at_import or bool(_OF_TOKENS.search(name))

    def _called(self, call: ast.Call, at_import: bool) -> Variable | None:
        first = call.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return None
        module, name, where = self.module, first.value, self.module.where(call)
        symbol = self.source.resolve(module, call.func)
        default = argument(call, 1, "default")
        values = self.evaluator.values(module, default)
        known = values[0] if values else None
        if symbol is not None and symbol.path in ENVIRONMENT_CALLS:
            # `os.getenv("X") or "y"` says what it is without being set, too.
            fallback = self._fallen_back.get(id(call))
            optional = default is not None or fallback is not None
            if isinstance(fallback, ast.Constant) and fallback.value == "":
                known = ""
            offer = "" if default is not None else self._offers.get(name, "")
            return Variable(name, where, bool(offer), offer, known, at_import, optional)
        if self.evaluator.reads_settings(module, call):
            default = keyword(call, "default") or (call.args[1] if len(call.args) > 1 else None)
            cast = keyword(call, "cast")
            kind = ast.unparse(cast) if cast is not None else _kind(call)
            optional = default is not None
            required = not optional and self._is_needed(name, at_import)
            return Variable(name, where, required, kind, known, at_import, optional)
        if _SURELY.fullmatch(name) and isinstance(default, ast.Constant):
            # A function of the application's own that reads the environment.
            return Variable(name, where, False, "", known, False, True)
        return None


def _not_at_import(module: Module) -> set[int]:
    """Return the nodes that do not run while a module is imported, by their identity."""
    called, holders = _called_at_import(module), module.outline.holders
    return {
        id(inner)
        for function in module.functions
        if function.name not in called
        and not (id(function) in holders and holders[id(function)].name in called)
        for statement in function.body
        for inner in walk(statement)
    } | _only_when_run(module)


def _called_at_import(module: Module) -> set[str]:
    """Return the names of the functions and classes that a module calls while it is imported."""
    simple = (ast.Assign, ast.AnnAssign, ast.Expr, ast.AugAssign)
    return {
        terminal(node.func)
        for statement in module.body
        if isinstance(statement, simple)
        for node in walk(statement)
        if isinstance(node, ast.Call)
    }


def _only_when_run(module: Module) -> set[int]:
    """Return what stands below `if __name__ == "__main__"`."""
    return {
        id(inner)
        for statement in module.tree.body
        if isinstance(statement, ast.If) and is_main_check(statement.test)
        for inner in walk(statement)
    }


def _asked_for(module: Module) -> set[str]:
    """Return the variables that a module asks for before it reads them: `"X" in os.environ`."""
    return {
        node.left.value
        for node in walk(module.tree)
        if isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        and terminal(node.comparators[0]) == "environ"
        and isinstance(node.left, ast.Constant)
        and isinstance(node.left.value, str)
    }


def _offers(module: Module) -> dict[str, str]:
    """Return the variables that a module refuses but for some values, with a type that says them.

    `debug = getenv("DEBUG")`, then `if debug not in ["true", "false"]: raise ...`.
    """
    read = {
        node.targets[0].id: call.args[0].value
        for node in walk(module.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(call := node.value, ast.Call)
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
    found = {}
    for node in walk(module.tree):
        match node:
            case ast.If(
                test=ast.Compare(
                    left=ast.Name(id=name),
                    ops=[ast.NotIn()],
                    comparators=[
                        ast.List(elts=known) | ast.Tuple(elts=known) | ast.Set(elts=known)
                    ],
                ),
                body=[ast.Raise(), *_],
            ) if name in read:
                values = [one.value for one in known if isinstance(one, ast.Constant)]
                unset = [value for value in values if str(value).lower() in _SWITCHED_OFF]
                found[read[name]] = f"Literal[{', '.join(map(repr, unset or values))}]"
    return found


def _kind(call: ast.Call) -> str:
    """Return the type that `env.int("X")` reads: the name of the method."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
