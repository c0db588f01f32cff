"""The fields of schemas: Pydantic, msgspec, dataclasses, marshmallow, WTForms, RESTX, reqparse."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, called, keyword, terminal, walk
from ..code.source import Source

PASSWORD = re.compile(
    r"^_?(user_?|plain_?|current_?|login_?|admin_?)?(pass_?word|passwd|pass_?wd|pwd|pass|secret)$",
    re.I,
)
LOGIN = ("email", "username", "user_name", "userName", "login", "identifier", "user", "account",
         "name", "phone", "phone_number", "mobile", "nickname", "handle", "email_or_username",
         "username_or_email", "login_id", "userid", "user_id", "mail", "email_address")  # fmt: skip
MODELS = frozenset([
    "BaseModel", "Struct", "SQLModel", "TypedDict", "CamelModel", "Schema", "RootModel",
    "CamelizedBaseStruct", "BaseStruct",
])  # fmt: skip
_AROUND = ("Annotated", "Optional", "Union", "list", "List", "DTOData", "Body", "Json")
_FIELD = re.compile(
    r"Field|^(Str|String|Email|Int|Integer|Bool|Boolean|Raw|Nested|Password|Url|UUID|List)$|^auto_field$"
)


@dataclass
class Payload:
    """The body of a request.

    Attributes:
        encoding: `json`, `form`, `query` in the address, or `basic` in a header.
        fields: What it has, in order.
        nested_in: The field that holds all others; empty when they are at the top.
        csrf: Whether a form has a token against forgery.
    """

    encoding: str
    fields: list[str] = field(default_factory=list)
    nested_in: str = ""
    csrf: bool = False

    @property
    def password_field(self) -> str:
        """The field that carries the password."""
        return next((name for name in self.fields if PASSWORD.match(name)), "")

    @property
    def login_field(self) -> str:
        """The field that carries who it is."""
        names = [name for name in self.fields if name != self.password_field]
        lowered = {name.lower(): name for name in reversed(names)}
        for known in LOGIN:
            if known.lower() in lowered:
                return lowered[known.lower()]
        return next((n for n in names if re.search(r"email|user|login|phone|account", n, re.I)), "")


class Schemas:
    """Reads the fields off whatever describes them."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        self.source = source
        self.evaluator = evaluator

    def schema(self, module: Module, node: ast.expr) -> Payload:
        """Return what a schema is of, and the field that it puts around all others."""
        payload = Payload("json", self._schema(module, node))
        target = called(node)
        symbol = self.source.resolve(module, target)
        if symbol is not None and symbol.module is not None and isinstance(symbol.node, ast.Call):
            symbol = self.source.resolve(symbol.module, symbol.node.func)
        if symbol is not None and isinstance(symbol.node, ast.ClassDef):
            for method in symbol.node.body:
                if isinstance(method, FunctionNode) and any(
                    terminal(decorator) in ("pre_load", "post_dump")
                    for decorator in method.decorator_list
                ):
                    payload.nested_in = payload.nested_in or _unwrapped(method)
        return payload

    def is_model(self, symbol: Symbol) -> bool:
        """Say whether a class describes data that goes over the wire."""
        bases = self.source.base_names(symbol)
        return bool(bases & MODELS) or any(base.endswith(("Model", "Struct")) for base in bases)

    def _schema(self, module: Module, node: ast.expr) -> list[str]:  # noqa: PLR0911 - one case after another
        """Return the fields of a schema: a class, an object of one, a dictionary or a model."""
        if isinstance(node, ast.Dict):
            return [
                k.value
                for k in node.keys
                if isinstance(k, ast.Constant) and isinstance(k.value, str)
            ]
        target = called(node)
        symbol = self.source.resolve(module, target)
        if symbol is None or symbol.module is None:
            return []
        if isinstance(symbol.node, ast.ClassDef):
            return [name for name, _, _ in self.fields_of(symbol)]
        if isinstance(symbol.node, ast.Call):
            call = symbol.node
            if terminal(call.func) in ("RequestParser",):
                return self.parser_of(symbol.module, symbol.name)[0]
            for argument in [*call.args, *(k.value for k in call.keywords)]:
                if isinstance(argument, ast.Dict):
                    return self._schema(symbol.module, argument)
            return self._schema(symbol.module, call.func)
        return []

    def parser_of(self, module: Module, name: str) -> tuple[list[str], bool]:
        """Return the arguments of a `RequestParser`, and whether they are a form's."""
        fields, form = [], False
        for call in module.calls:
            if (
                terminal(call.func) == "add_argument"
                and isinstance(call.func, ast.Attribute)
                and terminal(call.func.value) == name
                and call.args
                and isinstance(call.args[0], ast.Constant)
            ):
                fields.append(str(call.args[0].value))
                form = form or "form" in str(self.evaluator.text(module, keyword(call, "location")))
        return fields, form

    def fields_of(self, symbol: Symbol) -> Iterator[tuple[str, Module, ast.AST]]:
        """Return the fields of a class, by the names that go over the wire."""
        seen: set[str] = set()
        for module, node in reversed(list(self.source.ancestry(symbol))):
            for statement in node.body:
                name = ""
                value: ast.expr | None = None
                match statement:
                    case ast.AnnAssign(target=ast.Name(id=name)):
                        value = statement.value
                        if "ClassVar" in ast.unparse(statement.annotation):
                            continue
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=made)):
                        value = statement.value
                        if not _FIELD.search(terminal(made)) or terminal(made) == "SubmitField":
                            continue
                    case _:
                        continue
                if not name or name.startswith("model_config") or name in seen or name == "submit":
                    continue
                seen.add(name)
                alias = None
                if isinstance(value, ast.Call):
                    alias = keyword(value, "validation_alias", "alias", "data_key")
                text = self.evaluator.text(module, alias) if alias is not None else None
                yield text or name, module, statement

    def model_in(self, module: Module, node: ast.expr | None) -> Symbol | None:
        """Return the class of a body, when it is one."""
        if node is None or (isinstance(node, ast.Subscript) and terminal(node) not in _AROUND):
            # What a container injects is no body, whatever class it is of.
            return None
        for symbol in self.source.classes_in(module, node):
            assert isinstance(symbol.node, ast.ClassDef)
            if self.is_model(symbol):
                return symbol
            if any(
                "dataclass" in terminal(d) or terminal(d) in ("define", "frozen", "s")
                for d in symbol.node.decorator_list
            ):
                return symbol
        return None

    def from_class(self, symbol: Symbol, form: bool) -> Payload:
        """Return the body that a class describes, its own fields or those of one below."""
        fields = list(self.fields_of(symbol))
        encoding = "form" if form else "json"
        names = [name for name, _, _ in fields]
        if any(PASSWORD.match(name) for name in names):
            return Payload(encoding, names)
        for name, module, statement in fields:
            annotation = getattr(statement, "annotation", None)
            inner = self.model_in(module, annotation) if annotation is not None else None
            if inner is not None and inner.path != symbol.path:
                below = [n for n, _, _ in self.fields_of(inner)]
                if any(PASSWORD.match(n) for n in below):
                    return Payload(encoding, below, nested_in=name)
        return Payload(encoding, names)


def _unwrapped(method: FunctionNode) -> str:
    """Return the key that a method takes the data out of, or puts it into."""
    for statement in walk(method):
        if isinstance(statement, ast.Assign | ast.Return):
            key, _ = read_key(statement.value)
            if key and isinstance(statement.value, ast.Subscript):
                return key
            if isinstance(statement.value, ast.Dict) and len(statement.value.keys) == 1:
                only = statement.value.keys[0]
                return str(only.value) if isinstance(only, ast.Constant) else ""
    return ""


def read_key(node: ast.AST | None) -> tuple[str, ast.expr | None]:
    """Return the key and the holder of `holder["key"]` and `holder.get("key")`."""
    match node:
        case ast.Subscript(value=holder, slice=ast.Constant(value=str(key))):
            return key, holder
        case ast.Call(
            func=ast.Attribute(value=holder, attr="get" | "pop"),
            args=[ast.Constant(value=str(key)), *_],
        ):
            return key, holder
    return "", None
