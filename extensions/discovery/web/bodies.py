"""What a handler takes out of a request by itself."""

from __future__ import annotations

import ast

from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, parameters, terminal, walk
from ..code.source import Source
from .schemas import MODELS, PASSWORD, Payload, Schemas, read_key

Held = dict[str, str]
"""What the names of a function hold: the body of the request as `json`, or as a `form`."""


class Bodies(Schemas):
    """Reads payloads off the code of handlers: `request.json["email"]`, forms, schemas."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        super().__init__(source, evaluator)
        self.call_graph = CallGraph(source, evaluator)

    def _from_body(  # noqa: PLR0912 - one case after another
        self, module: Module, function: FunctionNode, depth: int, given: Held | None = None
    ) -> Payload | None:
        held = self._bodies(function, given or {})
        keys: dict[str, list[str]] = {"json": [], "form": []}
        reads = {"json": False, "form": False}
        plain: Payload | None = None
        for node in walk(function):
            if isinstance(node, ast.Call):
                found = self._from_call(module, node)
                if found is not None and found.password_field:
                    return found
                if found is not None and found.encoding == "form":
                    plain = plain or found
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "authorization"
                and terminal(node.value) == "request"
            ):
                return Payload("basic", ["username", "password"])
            key, holder = _key_read(node)
            kind = _body_kind(holder, held) if holder is not None else ""
            if _body_kind(node, held):
                reads[_body_kind(node, held)] = True
            if kind and key and key not in keys[kind]:
                keys[kind].append(key)
        for kind in ("json", "form"):
            names = keys[kind]
            if any(PASSWORD.match(name) for name in names):
                return Payload(kind, names)
            if kind == "json" and names and depth == 0:
                nested = self._nested_keys(function, held)
                if nested:
                    return nested
        if depth < 1:
            for node in walk(function):
                if isinstance(node, ast.Call) and (
                    reads["json"]
                    or reads["form"]
                    or _passes_request(node)
                    or _hands_over(function, node)
                ):
                    for owner, target in self.call_graph.targets(module, function, node):
                        passed = _passed(node, target, held)
                        inner = self._from_body(owner, target, depth + 1, passed)
                        if inner is not None and inner.password_field:
                            return inner
        return plain

    def _nested_keys(self, function: FunctionNode, held: Held) -> Payload | None:
        """`request.json["user"]["password"]`."""
        found: dict[str, list[str]] = {}
        for node in walk(function):
            key, holder = read_key(node)
            outer, top = read_key(holder) if holder is not None else ("", None)
            if key and outer and top is not None and _body_kind(top, held) == "json":
                found.setdefault(outer, []).append(key)
        for outer, keys in found.items():
            if any(PASSWORD.match(key) for key in keys):
                return Payload("json", keys, nested_in=outer)
        return None

    def _bodies(self, function: FunctionNode, given: Held) -> Held:
        held = dict(given)
        for node in walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    pass
                case _:
                    continue
            while isinstance(value, ast.BoolOp):
                value = value.values[0]
            if kind := _body_kind(value, held):
                held[name] = kind
        return held

    def _from_call(self, module: Module, call: ast.Call) -> Payload | None:
        name = terminal(call.func)
        if name == "parse_args" and isinstance(call.func, ast.Attribute):
            fields, form = self.parser_of(module, terminal(call.func.value))
            return Payload("form" if form else "json", fields)
        target: ast.expr = call.func
        if name in (
            "from_formdata",
            "load",
            "model_validate",
            "parse_obj",
            "validate",
        ) and isinstance(target, ast.Attribute):
            target = target.value.func if isinstance(target.value, ast.Call) else target.value
        symbol = self.source.resolve(module, target)
        if symbol is not None and isinstance(symbol.node, ast.Call) and name == "load":
            assert symbol.module is not None
            symbol = self.source.resolve(symbol.module, symbol.node.func)
        if symbol is None or not isinstance(symbol.node, ast.ClassDef):
            return None
        bases = self.source.base_names(symbol)
        if any(base.endswith("Form") for base in bases):
            fields = [field_name for field_name, _, _ in self.fields_of(symbol)]
            csrf = bool(bases & {"FlaskForm", "StarletteForm", "SecureForm"})
            return Payload("form", fields, csrf=csrf)
        if name in ("load", "validate") or bases & MODELS:
            return self.from_class(symbol, False)
        return None


def _passes_request(call: ast.Call) -> bool:
    return any(isinstance(arg, ast.Name) and arg.id == "request" for arg in call.args)


def _hands_over(function: FunctionNode, call: ast.Call) -> bool:
    """Say whether a call is all that a handler does: `return login_controller()`."""
    steps = [
        one for one in function.body if not isinstance(getattr(one, "value", None), ast.Constant)
    ]
    last = steps[0] if len(steps) == 1 else None
    value = last.value if isinstance(last, ast.Return | ast.Expr) else None
    return call is (value.value if isinstance(value, ast.Await) else value)


def _passed(call: ast.Call, function: FunctionNode, held: Held) -> Held:
    """Return which parameters of a function a call gives the body of the request."""
    names = [arg.arg for arg, _ in parameters(function)]
    if isinstance(call.func, ast.Attribute) and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    by_name = ((word.arg or "", word.value) for word in call.keywords)
    pairs = [*zip(names, call.args, strict=False), *by_name]
    return {name: kind for name, node in pairs if (kind := _body_kind(node, held))}


def _key_read(node: ast.AST | None) -> tuple[str, ast.expr | None]:
    """Return the key and the holder of `holder["key"]`, and of `text_in(holder, "key")`."""
    match node:
        case ast.Call(
            func=ast.Name(), args=[ast.expr() as holder, ast.Constant(value=str(key)), *_]
        ):
            return key, holder
    return read_key(node)


def _body_kind(node: ast.AST | None, held: Held) -> str:
    """Say whether an expression is the body of the request, decoded as JSON or as a form."""
    while isinstance(node, ast.Await):
        node = node.value
    match node:
        case ast.Name(id=name):
            return held.get(name, "")
        case ast.Call(func=ast.Attribute(attr="get_json")):
            return "json"
        case ast.Call(func=ast.Attribute(value=owner, attr="json" | "form" as attr)) if terminal(
            owner
        ) in ("request", "req"):
            return attr
        case ast.Attribute(value=owner, attr="json" | "form" | "values" as attr) if (
            terminal(owner) == "request"
        ):
            return "json" if attr == "json" else "form"
        case ast.Attribute(value=owner, attr="payload") if terminal(owner) in (
            "api",
            "ns",
            "namespace",
            "auth_ns",
        ):
            return "json"
    return ""
