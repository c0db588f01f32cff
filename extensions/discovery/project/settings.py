"""The environment variables and settings that an application needs before it can be imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import argument, keyword, terminal, walk
from ..code.source import Source
from .variables import Reads, Variable

_SETTINGS = ("BaseSettings",)
_DEEPEST = 4
_DELIMITER = re.compile(rb"env_nested_delimiter\W+[\"'](\W+|_+)[\"']")
# A default that is there to be replaced.
_PLACEHOLDER = re.compile(r"(?i)change|replace|placeholder|example|insecure|your[-_ ]|todo|xxx|''")


class Settings:
    """Every environment variable that is read, and the settings classes.

    Attributes:
        variables: All of them, by name.
        classes: The settings classes of the application.
        named: The variable that each of their fields is set by, by the identity of the syntax node.
    """

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator
        self.variables: dict[str, Variable] = {}
        self.classes: list[Symbol] = []
        self.named: dict[int, str] = {}
        pending, read = {b"BaseSettings"}, set[str]()
        while pending:
            # A class that is derived from one of another module need not name the library's.
            known = len(self.classes)
            for module in source.having(*pending):
                if module.path not in read and source.live(module):
                    read.add(module.path)
                    self._from_classes(module)
            pending = {found.name.encode() for found in self.classes[known:]}
        for module in source.having(
            b"environ", b"environs", b"getenv", b"decouple", b"starlette.config"
        ):
            if source.live(module):
                for variable in Reads(source, evaluator, module).variables():
                    self._add(variable)

    def _add(self, variable: Variable) -> None:
        known = self.variables.get(variable.name)
        if known is None or (variable.required and not known.required):
            self.variables[variable.name] = variable

    def _from_classes(self, module: Module) -> None:
        for name, values in module.names.items():
            for node in values:
                if not isinstance(node, ast.ClassDef):
                    continue
                symbol = module.symbol(name, node)
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
            + rb"\(|^(?!\s*(?:class|def|from) )[^\n]*[(,:=]\s*[\"']?"
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
                yield from self._nested(module, statement, field, _delimiter(module), used)

    def _nested(  # noqa: PLR0917 - what each variable is read from
        self, module: Module, statement: ast.AnnAssign, field: Variable, delimiter: str,
        used: bool, depth: int = 0,
    ) -> list[Variable]:  # fmt: skip
        """Return what sets a field: itself, or what is in the group that it stands for.

        With a delimiter, `DATABASE__HOST` sets `database.host`; without one, `DATABASE` is JSON. A
        group that is a class of settings reads its own variables, by a prefix of its own, and what
        would be put into that of the field is taken for JSON.
        """
        group = self._group(module, statement.annotation)
        if group is None or depth > _DEEPEST:
            return [field]
        reads_itself = bool(self.source.base_names(group) & set(_SETTINGS))
        if reads_itself and (not delimiter or field.optional):
            return []
        inside = [
            (owner, inner)
            for owner, node in self.source.ancestry(group)
            for inner in node.body
            if isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name)
            and not inner.target.id.startswith("model_config")
        ]  # fmt: skip
        prefix = f"{field.name}{delimiter}" if delimiter else ""
        below = [
            (one, owner, inner)
            for owner, inner in inside
            for one in [self._field(owner, inner, prefix, ast.unparse(inner.annotation), used)]
        ]
        if delimiter:
            return [
                variable
                for one, owner, inner in below
                for variable in self._nested(owner, inner, one, delimiter, used, depth + 1)
            ]
        parts = []
        for one, owner, inner in below:
            assert isinstance(inner.target, ast.Name)
            self.named.pop(id(inner))
            named = replace(one, name=inner.target.id)
            parts += self._nested(owner, inner, named, "", used, depth + 1)
        return [replace(field, parts=tuple(part for part in parts if part.required))]

    def _group(self, module: Module, annotation: ast.expr) -> Symbol | None:
        """Return the class of a field that has fields itself."""
        match annotation:
            case ast.BinOp(left=left, right=right):
                return self._group(module, left) or self._group(module, right)
            case ast.Subscript(value=around, slice=ast.Tuple(elts=[first, *_])):
                wraps = terminal(around) in ("Annotated", "Union")
                return self._group(module, first) if wraps else None
            case ast.Subscript(value=around, slice=only):
                return self._group(module, only) if terminal(around) == "Optional" else None
        group = self.source.resolve(module, annotation)
        if group is None or not isinstance(group.node, ast.ClassDef):
            return None
        decorated = any("dataclass" in ast.unparse(one) for one in group.node.decorator_list)
        bases = self.source.base_names(group)
        return group if decorated or bases & {"BaseModel", *_SETTINGS} else None

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


def _delimiter(module: Module) -> str:
    match = _DELIMITER.search(module.data)
    return match.group(1).decode() if match else ""


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


def terminal_of(path: str) -> str:
    """Return the last part of a dotted name."""
    return path.rpartition(".")[2]
