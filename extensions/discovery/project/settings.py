"""The environment variables and settings that an application needs before it can be imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import argument, is_main_check, keyword, terminal, walk
from ..code.source import Source
from ..code.values import ENVIRONMENT_CALLS

_SETTINGS = ("BaseSettings",)
_SWITCHED_OFF = frozenset(["false", "0", "no", "off"])
_DELIMITER = re.compile(rb"env_nested_delimiter\W+[\"'](\W+|_+)[\"']")
# A default that is there to be replaced.
_PLACEHOLDER = re.compile(r"(?i)change|replace|placeholder|example|insecure|your[-_ ]|todo|xxx|''")
# A variable that is called so is one, whatever reads it.
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
    """

    name: str
    where: str
    required: bool
    type: str = ""
    default: Any = None
    at_import: bool = True
    optional: bool = False


class Settings:
    """Every environment variable that is read, and the settings classes.

    Attributes:
        variables: All of them, by name.
        classes: The settings classes of the application.
        named: The variable that each of their fields is set by, by the identity of the syntax node.
    """

    def __init__(self, source: Source, evaluator: Evaluator, reachable: set[str]) -> None:
        self.source = source
        self.evaluator = evaluator
        self.variables: dict[str, Variable] = {}
        self.classes: list[Symbol] = []
        self.named: dict[int, str] = {}
        self._fallen_back: set[int] = set()
        self._offers: dict[str, str] = {}
        pending, read = {b"BaseSettings"}, set[str]()
        while pending:
            # A class that is derived from one of another module need not name the library's.
            known = len(self.classes)
            for module in source.having(*pending):
                if module.path not in read and (module.path in reachable or not reachable):
                    read.add(module.path)
                    self._from_classes(module)
            pending = {found.name.encode() for found in self.classes[known:]}
        for module in source.having(
            b"environ", b"environs", b"getenv", b"decouple", b"starlette.config"
        ):
            if module.path in reachable or not reachable:
                self._from_calls(module)

    def _add(self, variable: Variable) -> None:
        known = self.variables.get(variable.name)
        if known is None or (variable.required and not known.required):
            self.variables[variable.name] = variable

    def _from_classes(self, module: Module) -> None:
        for name, values in module.names.items():
            for node in values:
                if not isinstance(node, ast.ClassDef):
                    continue
                symbol = Symbol(f"{module.name}.{name}", module, node)
                if any(terminal_of(b) in _SETTINGS for b in self.source.external_bases(symbol)):
                    self.classes.append(symbol)
                    used = self._instances(module, node)
                    for variable in self._fields(symbol, "", used):
                        self._add(variable)

    def _instances(self, module: Module, node: ast.ClassDef) -> bool:
        """Whether something makes an object of the class, or hands the class on to be made."""
        name = re.escape(node.name.encode())
        made = re.compile(
            rb"(?<!class )\b"
            + name
            + rb"\(|^(?!\s*(?:class|def|from) )[^\n]*[(,:]\s*[\"']?"
            + name
            + rb"[\"']?\s*[,)}]",
            re.M,
        )
        return any(made.search(other.data) for other in self.source.having(node.name.encode()))

    def _fields(self, symbol: Symbol, prefix: str, used: bool) -> Iterator[Variable]:
        seen: set[str] = set()
        prefix = prefix or self._prefix(symbol)
        for module, node in self.source.ancestry(symbol):
            refused, listed = _refused_by_validators(node), _listed_by_validators(node)
            for statement in node.body:
                if not isinstance(statement, ast.AnnAssign) or not isinstance(
                    statement.target, ast.Name
                ):
                    continue
                name = statement.target.id
                annotation = ast.unparse(statement.annotation)
                if (
                    name in seen
                    or name.startswith(("_", "model_config"))
                    or "ClassVar" in annotation
                ):
                    continue
                seen.add(name)
                field = self._field(module, statement, prefix, annotation, used)
                is_refused = name in refused and _PLACEHOLDER.search(ast.unparse(statement))
                if used and (is_refused or (name in listed and field.default is None)):
                    field = replace(field, required=True)
                below = self._nested(module, statement, field.name, used)
                yield from below or [field]

    def _nested(
        self, module: Module, statement: ast.AnnAssign, name: str, used: bool
    ) -> list[Variable]:
        """Return the variables of a group of settings: `DATABASE__HOST` sets `database.host`."""
        delimiter = _DELIMITER.search(module.data)
        group = self.source.resolve(module, statement.annotation) if delimiter else None
        if delimiter is None or group is None or not isinstance(group.node, ast.ClassDef):
            return []
        if not any(terminal_of(base) == "BaseModel" for base in self.source.external_bases(group)):
            return []
        return [
            self._field(
                owner, inner, f"{name}{delimiter.group(1).decode()}",
                ast.unparse(inner.annotation), used,
            )
            for owner, node in self.source.ancestry(group)
            for inner in node.body
            if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name)
        ]  # fmt: skip

    def _field(
        self, module: Module, statement: ast.AnnAssign, prefix: str, annotation: str, used: bool
    ) -> Variable:
        assert isinstance(statement.target, ast.Name)
        value, alias = statement.value, None
        if isinstance(value, ast.Call) and terminal(value.func).endswith("Field"):
            alias = self._alias(module, value)
            given = argument(value, 0, "default", "default_factory")
            given = given or keyword(value, "default_factory")
            value = None if isinstance(given, ast.Constant) and given.value is ... else given
        elif isinstance(value, ast.Constant) and value.value is ...:
            value = None
        for inner in walk(statement.annotation):
            if isinstance(inner, ast.Call) and terminal(inner.func) == "Field":
                alias = alias or self._alias(module, inner)
                value = value or keyword(inner, "default", "default_factory")
        known = self.evaluator.values(module, value) if value is not None else []
        required = value is None and used
        # Before Pydantic 2, what may be None needs no default.
        name = alias or f"{prefix}{statement.target.id}"
        if not re.search(rb"case_sensitive\W+True", module.data):
            name = name.upper()
        default = known[0] if known else None
        self.named[id(statement)] = name
        return Variable(
            name, module.where(statement), required, annotation, default, True, value is not None
        )

    def _alias(self, module: Module, call: ast.Call) -> str | None:
        node = keyword(call, "validation_alias", "alias", "env")
        if isinstance(node, ast.Call) and node.args:
            node = node.args[0]
        if isinstance(node, ast.List | ast.Tuple) and node.elts:
            node = node.elts[0]
        return self.evaluator.text(module, node) if node is not None else None

    def _prefix(self, symbol: Symbol) -> str:
        for module, node in self.source.ancestry(symbol):
            for statement in walk(node):
                match statement:
                    case ast.keyword(arg="env_prefix", value=value):
                        return self.evaluator.text(module, value) or ""
                    case ast.Assign(targets=[ast.Name(id="env_prefix")], value=value):
                        return self.evaluator.text(module, value) or ""
                    case ast.Dict(keys=keys, values=values):
                        for key, value in zip(keys, values, strict=True):
                            if isinstance(key, ast.Constant) and key.value == "env_prefix":
                                return self.evaluator.text(module, value) or ""
        return ""

    def _from_calls(self, module: Module) -> None:
        called = _called_at_import(module)
        holders = module.outline.holders
        inside = {
            id(inner)
            for function in module.functions
            if function.name not in called
            and not (id(function) in holders and holders[id(function)].name in called)
            for statement in function.body
            for inner in walk(statement)
        } | _only_when_run(module)
        asked_for, self._offers = _asked_for(module), _offers(module)
        self._fallen_back = {
            id(inner)
            for node in walk(module.tree)
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or)
            for value in node.values[:-1]
            for inner in walk(value)
        }
        for node in walk(module.tree):
            at_import = id(node) not in inside
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                symbol = self.source.resolve(module, node.value)
                if (
                    symbol
                    and symbol.path == "os.environ"
                    and (name := self.evaluator.text(module, node.slice))
                ):
                    required = at_import and name not in asked_for
                    self._add(Variable(name, module.where(node), required, "", None, at_import))
            elif isinstance(node, ast.Call) and node.args:
                self._from_call(module, node, at_import)

    def _from_call(self, module: Module, call: ast.Call, at_import: bool) -> None:
        first = call.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return
        symbol = self.source.resolve(module, call.func)
        default = argument(call, 1, "default")
        values = self.evaluator.values(module, default) if default else []
        known = values[0] if values else None
        if symbol is not None and symbol.path in ENVIRONMENT_CALLS:
            where = module.where(call)
            # `os.getenv("X") or "y"` says what it is without being set, too.
            optional = default is not None or id(call) in self._fallen_back
            offer = "" if default is not None else self._offers.get(first.value, "")
            self._add(Variable(first.value, where, bool(offer), offer, known, at_import, optional))
        elif self.evaluator.reads_settings(module, call):
            default = keyword(call, "default") or (call.args[1] if len(call.args) > 1 else None)
            cast = keyword(call, "cast")
            kind = ast.unparse(cast) if cast is not None else call_kind(call)
            required = default is None and at_import
            where = module.where(call)
            optional = default is not None
            self._add(Variable(first.value, where, required, kind, known, at_import, optional))
        elif _SURELY.fullmatch(first.value) and isinstance(default, ast.Constant):
            # A function of the application's own that reads the environment.
            self._add(Variable(first.value, module.where(call), False, "", known, False, True))


def _refused_by_validators(node: ast.ClassDef) -> set[str]:
    """Return the fields that a validator of their own may refuse, their defaults among them."""
    return {
        argument.value
        for function in node.body
        if isinstance(function, ast.FunctionDef)
        and any(isinstance(inner, ast.Raise) for inner in ast.walk(function))
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and terminal(decorator.func) in ("field_validator", "validator")
        for argument in decorator.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def _listed_by_validators(node: ast.ClassDef) -> set[str]:
    """Return the fields that a validator of the whole lists, to refuse those that are not set."""
    return {
        name.value
        for function in node.body
        if isinstance(function, ast.FunctionDef)
        and any("model_validator" in ast.unparse(one) for one in function.decorator_list)
        and any(isinstance(inner, ast.Raise) for inner in ast.walk(function))
        for names in ast.walk(function)
        if isinstance(names, ast.List | ast.Tuple | ast.Set)
        for name in names.elts
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    }


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


def call_kind(call: ast.Call) -> str:
    """Return the type that `env.int("X")` reads: the name of the method."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def terminal_of(path: str) -> str:
    """Return the last part of a dotted name."""
    return path.rpartition(".")[2]
