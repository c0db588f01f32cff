"""What a route wants to be sent: the encoding and the fields of its body."""

from __future__ import annotations

import ast
import re

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, called, class_attribute, keyword, parameters, terminal
from ..code.source import Source
from .bodies import Bodies
from .routes import Route
from .schemas import PASSWORD, Payload
from .transfers import Transfers

_FORMS = (
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OAuth2PasswordAndRefreshRequestForm",
)
# Annotations by which FastAPI and Litestar read a parameter out of the address.
_TEXTS = ("str", "EmailStr", "SecretStr")
# What decorators of applications are called that check what is sent, and what is answered.
_CHECKS = re.compile(r"(?i)valid|schema|payload")
_ANSWERS = re.compile(r"(?i)respon|marshal|output|dump|answer")
_TAKES_BODY = ("arguments", "use_args", "use_kwargs", "input", "expect", "validate", "json", "body")
_URL_ENCODED = re.compile(r"URL_ENCODED|MULTI_PART|form-urlencoded|multipart")


def _takes_body(decorator: str) -> bool:
    """Whether a decorator of that name is given what the body of a request has to be."""
    checks = _CHECKS.search(decorator) and not _ANSWERS.search(decorator)
    return decorator in _TAKES_BODY or bool(checks)


class Payloads(Bodies):
    """Reads payloads off parameters, schemas, forms and what a handler takes out of a request."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        super().__init__(source, evaluator)
        self.transfers = Transfers(source, evaluator)

    def of(self, route: Route) -> Payload | None:
        """Return what a route wants to be sent; None when nothing says so."""
        if route.special == "fastapi_users":
            return Payload("form", ["username", "password"])
        if route.handler is None:
            return None
        found = self._from_transfer(route) or self._from_decorators(route.module, route.handler)
        found = found or self._without_path(
            self._from_parameters(route.module, route.handler), route.path
        )
        found = found or self._from_body(route.module, route.handler, 0)
        return found or self._from_holder(route)

    def _without_path(self, found: Payload | None, path: str) -> Payload | None:
        """Return what is sent in the address without what stands in its path."""
        if found is not None and found.encoding == "query":
            found.fields = [name for name in found.fields if not re.search(rf"[{{:]{name}\b", path)]
            return found if found.password_field else None
        return found

    def _from_transfer(self, route: Route) -> Payload | None:
        fields = self.transfers.fields(route)
        if not any(PASSWORD.match(name) for name in fields):
            return None
        form = _URL_ENCODED.search(ast.unparse(self.transfers.data(route) or ast.Tuple([])))
        return Payload("form" if form else "json", fields)

    def _from_holder(self, route: Route) -> Payload | None:
        """Return what the form has that a class-based view makes for its methods."""
        found: list[Payload] = []
        for statement in route.holder.body if route.holder is not None else ():
            payload = None
            if isinstance(statement, FunctionNode) and statement is not route.handler:
                payload = self._from_body(route.module, statement, 1)
            elif isinstance(statement, ast.Assign):
                made = ast.Call(func=statement.value, args=[], keywords=[])
                payload = self._from_call(route.module, made)
            found += [payload] if payload is not None else []
        return next((one for one in found if one.password_field), found[0] if found else None)

    def _from_decorators(self, module: Module, function: FunctionNode) -> Payload | None:
        for decorator in function.decorator_list:
            shown = decorator.args if isinstance(decorator, ast.Call) else []
            target = called(decorator)
            if isinstance(target, ast.Attribute) and target.attr == "login_required":
                shown = [target.value, *shown]
            made = (self.source.value_class(self.source.resolve(module, node)) for node in shown)
            if any(one is not None and one.name == "HTTPBasicAuth" for one in made):
                return Payload("basic", ["username", "password"])
            if not isinstance(decorator, ast.Call):
                continue
            if not _takes_body(terminal(decorator.func)):
                continue
            location = keyword(decorator, "location")
            given = [*decorator.args, *(k.value for k in decorator.keywords)]
            for node in given:
                payload = self.schema(module, node)
                if payload.fields:
                    form = self.evaluator.text(module, location) in ("form", "formdata")
                    form = form or any(
                        k.arg == "form" and k.value is node for k in decorator.keywords
                    )
                    payload.encoding = "form" if form else "json"
                    taken = [
                        arg.arg for arg, _ in parameters(function) if arg.arg in payload.fields
                    ]
                    if any(PASSWORD.match(name) for name in taken):
                        # A schema of everything, of which the handler takes only this.
                        payload.fields = taken
                    return payload
        return None

    def annotated(
        self, module: Module, node: ast.expr | None
    ) -> tuple[Module, ast.expr | None, list[ast.expr]]:
        """Return the type of an annotation and what `Annotated` says besides it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return module, None, []
        if isinstance(node, ast.Name | ast.Attribute):
            symbol = self.source.resolve(module, node)
            inner = symbol.node if symbol is not None else None
            if symbol and symbol.module and isinstance(inner, ast.Subscript) and _annotated(inner):
                return self.annotated(symbol.module, inner)
        if (
            isinstance(node, ast.Subscript)
            and _annotated(node)
            and isinstance(node.slice, ast.Tuple)
        ):
            return module, node.slice.elts[0], list(node.slice.elts[1:])
        return module, node, []

    def _from_parameters(  # noqa: PLR0911, PLR0912 - one case after another
        self, module: Module, function: FunctionNode, depth: int = 0
    ) -> Payload | None:
        forms: list[str] = []
        scalars: list[str] = []
        queries: list[str] = []
        embedded = False
        bodies: list[tuple[str, Symbol, bool, bool]] = []
        only_data = self._is_of_litestar(module, function)
        for arg, default in parameters(function):
            owner, kind, extra = self.annotated(module, arg.annotation)
            says = [*extra, *([default] if default is not None else [])]
            calls = [call for call in says if isinstance(call, ast.Call)]
            names = {terminal(call.func) for call in calls}
            if terminal(kind) in _FORMS or any(
                terminal(inner) in _FORMS for call in calls for inner in call.args
            ):
                return Payload("form", ["username", "password"])
            if terminal(kind) == "HTTPBasicCredentials":
                return Payload("basic", ["username", "password"])
            if "Depends" in names or (names & {"Security"}):
                inner = self._from_dependency(owner if extra else module, calls, kind, depth)
                if inner is not None:
                    return inner
                continue
            symbol = self.model_in(owner, kind)
            aliases = filter(None, (keyword(call, "alias") for call in calls))
            alias = self.evaluator.text(module, next(aliases, None))
            encoded = any(_URL_ENCODED.search(ast.unparse(call)) for call in calls)
            embed = any(
                isinstance(v := keyword(c, "embed"), ast.Constant) and v.value for c in calls
            )
            if symbol is not None and "Query" in names:
                queries += self.from_class(symbol, form=False).fields
            elif symbol is not None and not (only_data and arg.arg != "data"):
                bodies.append((alias or arg.arg, symbol, "Form" in names or encoded, embed))
            elif "Form" in names:
                forms.append(alias or arg.arg)
            elif "Body" in names:
                scalars.append(alias or arg.arg)
                embedded = embedded or embed
            elif "Query" in names or (terminal(kind) in _TEXTS and not names):
                queries.append(alias or arg.arg)
        if any(PASSWORD.match(name) for name in forms):
            return Payload("form", forms)
        if any(PASSWORD.match(name) for name in scalars):
            return Payload("json", scalars)
        read = [self.from_class(symbol, form) for _, symbol, form, _ in bodies]
        if any(PASSWORD.match(name) for name in queries) and not any(
            payload.password_field for payload in read
        ):
            return Payload("query", queries)
        for payload, (name, _, form, embed) in zip(read, bodies, strict=True):
            if payload.password_field or len(bodies) == 1:
                if (embed or len(bodies) + len(scalars) > 1) and not form and not payload.nested_in:
                    payload.nested_in = name
                return payload
        if forms:
            return Payload("form", forms)
        # One value alone is the whole body, and no object.
        return Payload("json", scalars) if embedded or len(scalars) > 1 else None

    def _is_of_litestar(self, module: Module, function: FunctionNode) -> bool:
        """Say whether everything but `data` is injected."""
        for decorator in function.decorator_list:
            target = called(decorator)
            symbol = self.source.resolve(module, target)
            if symbol is not None and symbol.path.startswith("litestar."):
                return True
        return False

    def _from_dependency(
        self, module: Module, calls: list[ast.Call], kind: ast.expr | None, depth: int
    ) -> Payload | None:
        if depth > 1:
            return None
        targets = [call.args[0] for call in calls if terminal(call.func) == "Depends" and call.args]
        targets += [kind] if kind is not None and not targets else []
        for target in targets:
            symbol = self.source.resolve(module, target)
            if symbol is None:
                continue
            if symbol.external or symbol.module is None:
                continue
            function = symbol.node
            if isinstance(function, ast.ClassDef):
                if any(
                    base.rpartition(".")[2] in _FORMS for base in self.source.external_bases(symbol)
                ):
                    return Payload("form", ["username", "password"])
                if self.is_model(symbol):
                    return self._from_model(symbol)
                function = class_attribute(function, "__init__")
            if isinstance(function, FunctionNode):
                found = self._from_parameters(symbol.module, function, depth + 1)
                if found is not None and found.password_field:
                    return found
        return None

    def _from_model(self, symbol: Symbol) -> Payload:
        """Return what a model gives that is depended on: its fields are parameters of their own."""
        says = {
            terminal(inner.func)
            for _, _, statement in self.fields_of(symbol)
            for inner in ast.walk(statement)
            if isinstance(inner, ast.Call)
        }
        payload = self.from_class(symbol, "Form" in says)
        payload.encoding = "form" if "Form" in says else "json" if "Body" in says else "query"
        return payload


def _annotated(node: ast.Subscript) -> bool:
    return terminal(node) == "Annotated"
