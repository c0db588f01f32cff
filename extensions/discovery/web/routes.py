"""The routes of an application, with the whole path of each: prefixes joined over all routers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import (
    FunctionNode,
    argument,
    class_attribute,
    keyword,
    local_values,
    terminal,
    walk,
)
from ..code.source import Source
from ..code.values import GAP
from .routers import ROOT, Guards, Mounts, elements

_VERBS = frozenset(["get", "post", "put", "patch", "delete", "head", "options", "websocket"])
_ROUTER = re.compile(r"(Router|Blueprint|Namespace)$")
_LINKS = (
    b"include_router(", b"register_blueprint(", b"add_namespace(", b"add_resource(", b"Mount(",
    b"route_handlers", b"add_url_rule(", b".mount(", b"add_api_route(", b"add_route(", b"Route(",
    b".register_api(", b".register(", b".as_view(",
)  # fmt: skip
# Thousands of routes do not matter here: only those that log in, tell who one is, or are well.
_INTERESTING = re.compile(
    rb"(?i)(?:\.(?:get|post|route|api_route|add_url_rule|add_api_route)|^@(?:get|post)|Route|APIRouter|Blueprint|Namespace|path"
    rb"|prefix|add_resource|\bget|\bpost)[ \t]*[(=][^@{}]{0,160}?[\"'][^\"'\s]*"
    rb"(?:log_?-?in|sign_?-?[io]n|token|health|/me\b|ping\b|status|authenticat|auth\b|session|log_?-?out|jwt|live|ready|alive"
    rb"|profile|whoami|current)|PasswordRequestForm|MethodView[\s\S]{0,4000}login|\.websocket\("
)
_INTERESTING_PATH = re.compile(
    r"(?i)auth|log_?in|token|account|user|session|health|status|profile|(^|/)(main|app|__init__|server|root|index|me|views|routes|api)\.py$"
)
_ROUTE_WORDS = (
    b"post",
    b"websocket",
    b"route",
    b"get",
    b"api_route",
    b"Controller",
    b"MethodView",
    b"Resource",
    b"Route",
    b"APIRouter",
    b"Blueprint",
)


@dataclass
class Route:
    """One operation.

    Attributes:
        methods: In capitals.
        path: The whole path as a client asks for it.
        module: Where the handler is.
        handler: The function; None for a package's own.
        holder: The class that the handler is a method of.
        where: `file:line`.
        mounted: Whether it is known to belong to an application.
        certain: Whether the whole path is known.
        guards: What routers above it depend on.
        special: What a package makes: `fastapi_users`.
    """

    methods: tuple[str, ...]
    path: str
    module: Module
    handler: FunctionNode | None
    holder: ast.ClassDef | None
    where: str
    mounted: bool
    certain: bool
    guards: Guards = field(default_factory=list)
    special: str = ""

    @property
    def has_parameters(self) -> bool:
        """Whether the path has a part that a client has to fill in."""
        return bool(re.search(r"[{<:]", self.path))


@dataclass
class _Own:
    owner: str
    methods: tuple[str, ...]
    path: str
    module: Module
    handler: FunctionNode | None
    holder: ast.ClassDef | None
    node: ast.AST
    special: str = ""


class Routes(Mounts):
    """Collects the routes that matter for logging in and for being well.

    Attributes:
        routes: All of them, one for each path that a handler is reached by.
    """

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        super().__init__(source, evaluator)
        self._own: list[_Own] = []
        for module in source.having(*_LINKS):
            self._read_links(module)
        self._done: set[str] = set()
        for module in source.having(*_ROUTE_WORDS):
            if b"@" in module.data and (
                _INTERESTING_PATH.search(module.path) or _INTERESTING.search(module.data)
            ):
                self._read_routes(module)
        self.routes = [route for own in self._own for route in self._composed(own)]

    def widen(self, *needles: bytes, most: int = 60) -> None:
        """Read the routes of more modules: of some that have any of some byte strings."""
        known = len(self._own)
        fitting = [
            m for m in self.source.having(*needles, most_aside=0) if m.path not in self._done
        ]
        for module in fitting[:most]:
            if b"@" in module.data:
                self._read_routes(module)
        self.routes += [route for own in self._own[known:] for route in self._composed(own)]

    def _read_links(self, module: Module) -> None:
        inside = module.outline.around
        loops = self._loops(module)
        mounts: list[ast.Call] = []
        for call in module.calls:
            name = terminal(call.func)
            around = inside.get(id(call))
            if name in (
                "include_router",
                "register_blueprint",
                "add_namespace",
                "mount",
                "register_api",
            ):
                self._included(module, call, name, around, loops)
            elif name in ("add_resource", "add_url_rule", "add_api_route", "add_route"):
                self._added(module, call, name, around)
            elif name in ("Router", "Litestar", "Starlette", "Starlite", "register"):
                self._handlers(module, call, around)
            elif name in ("Mount", "Route", "Host"):
                mounts.append(call)
            elif name != "as_view":
                self._helped(module, call, around)
        if mounts:
            self._starlette(module, mounts)

    def _special(
        self, module: Module, call: ast.Call, parent: str, prefix: str,
        guards: Guards,
    ) -> bool:  # fmt: skip
        """Take the routes of fastapi-users, which have no handler in the code."""
        name = terminal(call.func)
        made = {
            "get_auth_router": [(("POST",), "/login"), (("POST",), "/logout")],
            "get_users_router": [(("GET",), "/me")],
            "get_register_router": [(("POST",), "/register")],
            "get_reset_password_router": [
                (("POST",), "/forgot-password"),
                (("POST",), "/reset-password"),
            ],
            "get_verify_router": [(("POST",), "/verify")],
        }.get(name)
        if made is None:
            return False
        key = f"{module.name}.{name}:{call.lineno}"
        self._prefixes[key] = ("", [])
        self._link(key, parent, prefix, False, guards)
        for methods, path in made:
            self._own.append(_Own(key, methods, path, module, None, None, call, "fastapi_users"))
        return True

    def _added(
        self, module: Module, call: ast.Call, name: str, around: FunctionNode | None
    ) -> None:
        if not isinstance(call.func, ast.Attribute):
            return
        owner = self._key(module, call.func.value, around) or ROOT
        if name == "add_resource":
            view = call.args[0] if call.args else None
            paths = [self.evaluator.text(module, node) for node in call.args[1:]]
        else:
            paths = [self.evaluator.text(module, argument(call, 0, "rule", "path"))]
            view = keyword(call, "view_func", "endpoint", "route") or (
                call.args[-1] if len(call.args) > 1 else None
            )
        if isinstance(view, ast.Call) and terminal(view.func) == "as_view":
            view = view.func.value if isinstance(view.func, ast.Attribute) else view
        symbol = self.source.resolve(module, view)
        if symbol is None or symbol.module is None:
            return
        for path in filter(None, paths):
            if isinstance(symbol.node, ast.ClassDef):
                self._view(owner, path, symbol.module, symbol.node, call)
            elif isinstance(symbol.node, FunctionNode):
                methods = self._methods(module, keyword(call, "methods"))
                self._own.append(
                    _Own(owner, methods, path, symbol.module, symbol.node, None, symbol.node)
                )

    def _helped(self, module: Module, call: ast.Call, around: FunctionNode | None) -> None:
        """Take a view that a function of the application adds, which is given all it takes."""
        given = [*call.args, *(word.value for word in call.keywords)]
        views = [
            node.func.value
            for node in given
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "as_view"
        ]
        symbol = self.source.resolve(module, views[0]) if views else None
        if symbol is None or symbol.module is None or not isinstance(symbol.node, ast.ClassDef):
            return
        names = (node for node in given if isinstance(node, ast.Name | ast.Attribute))
        owners = (self._key(module, node, around) for node in names)
        owner = next(filter(None, owners), ROOT)
        listed = (part for node in given for part in elements(node) or [node])
        for path in (self.evaluator.text(module, node) for node in listed):
            if path and path.startswith("/"):
                self._view(owner, path, symbol.module, symbol.node, call)

    def _handlers(self, module: Module, call: ast.Call, around: FunctionNode | None) -> None:
        handlers = keyword(call, "route_handlers", "routes")
        name = terminal(call.func)
        if name == "register":
            handlers = call.args[0] if call.args and isinstance(call.func, ast.Attribute) else None
        if handlers is None:
            return
        parent = ROOT
        if name == "Router":
            parent = self._assigned(module, call)
            if parent:
                self._remember(parent, module, call)
        scope = local_values(around) if around is not None else {}
        if isinstance(handlers, ast.Name) and handlers.id in scope:
            handlers = scope[handlers.id]
        elements = self._list(module, handlers) or [(module, handlers)]
        for owner, element in elements:
            key = self._key(owner, element, around if owner is module else None)
            if key:
                self._link(key, parent, "", False, [])

    def _starlette(self, module: Module, calls: list[ast.Call]) -> None:
        parents = {
            id(child): node for node in walk(module.tree) for child in ast.iter_child_nodes(node)
        }
        for call in calls:
            prefix, owner, node = "", ROOT, parents.get(id(call))
            while node is not None and not isinstance(node, ast.Module):
                if isinstance(node, ast.Call) and terminal(node.func) == "Mount":
                    prefix = (self.evaluator.text(module, argument(node, 0, "path")) or "") + prefix
                if isinstance(node, ast.Assign) and isinstance(parents.get(id(node)), ast.Module):
                    owner = f"{module.name}.{terminal(node.targets[0])}"
                node = parents.get(id(node))
            path = self.evaluator.text(module, argument(call, 0, "path"))
            if path is None:
                continue
            if terminal(call.func) == "Mount":
                below = keyword(call, "routes", "app") or argument(call, 1, "app")
                key = self._key(module, below, None) if below is not None else None
                if key:
                    self._link(key, owner, prefix + path, False, [])
                continue
            view = argument(call, 1, "endpoint")
            symbol = self.source.resolve(module, view)
            if symbol is None or symbol.module is None:
                continue
            if isinstance(symbol.node, ast.ClassDef):
                self._view(owner, prefix + path, symbol.module, symbol.node, call)
            elif isinstance(symbol.node, FunctionNode):
                methods = self._methods(module, keyword(call, "methods"))
                self._own.append(
                    _Own(
                        owner, methods, prefix + path, symbol.module, symbol.node, None, symbol.node
                    )
                )

    def _read_routes(self, module: Module) -> None:
        if module.path in self._done:
            return
        self._done.add(module.path)
        outline = module.outline
        for node in [*outline.functions, *outline.classes]:
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call):
                    holder = outline.holders.get(id(node))
                    around = outline.around.get(id(decorator))
                    self._decorated(module, node, decorator, holder, around)

    def _decorated(
        self, module: Module, node: FunctionNode | ast.ClassDef, decorator: ast.Call,
        holder: ast.ClassDef | None, around: FunctionNode | None,
    ) -> None:  # fmt: skip
        func = decorator.func
        if isinstance(func, ast.Name):
            symbol = self.source.resolve(module, func)
            if (
                symbol is not None
                and symbol.external
                and symbol.path.startswith(("litestar", "starlite"))
            ):
                self._litestar(module, node, decorator, holder, symbol)
            return
        if not isinstance(func, ast.Attribute) or func.attr not in _VERBS | {
            "route",
            "api_route",
            "api_operation",
        }:
            return
        path_node = argument(decorator, 0, "path", "rule")
        scope = self.evaluator.scope_of(module, around) if around is not None else None
        path = self.evaluator.text(module, path_node, scope) if path_node is not None else ""
        if path is None:
            return
        outer = around if around is not node else None
        owner = self._key(module, func.value, outer)
        if owner is None:
            owner = ROOT
        if isinstance(node, ast.ClassDef):
            self._view(owner, path, module, node, node)
            return
        if func.attr in _VERBS:
            methods: tuple[str, ...] = (func.attr.upper(),)
        else:
            methods = self._methods(module, keyword(decorator, "methods"))
        self._own.append(_Own(owner, methods, path, module, node, holder, node))

    def _litestar(
        self, module: Module, node: FunctionNode | ast.ClassDef, decorator: ast.Call,
        holder: ast.ClassDef | None, symbol: Symbol,
    ) -> None:  # fmt: skip
        if not isinstance(node, FunctionNode) or symbol.name not in _VERBS | {"route"}:
            return
        given = argument(decorator, 0, "path")
        texts = (
            [v for v in self.evaluator.values(module, given) if v] if given is not None else [""]
        )
        paths = texts[0] if texts and isinstance(texts[0], list) else texts[:1]
        methods: tuple[str, ...] = (symbol.name.upper(),)
        if symbol.name == "route":
            methods = self._methods(module, keyword(decorator, "http_method"))
        owner = f"{module.name}.{node.name}"
        if holder is not None:
            owner = f"{module.name}.{holder.name}"
            if owner not in self._prefixes:
                above = class_attribute(holder, "path")
                value = above.value if isinstance(above, ast.AnnAssign) else above
                guards = class_attribute(holder, "guards")
                listed = elements(guards if isinstance(guards, ast.expr) else None)
                prefix = self.evaluator.text(module, value) or ""
                self._prefixes[owner] = (prefix, [(module, guard) for guard in listed])
        for path in paths:
            if isinstance(path, str):
                self._own.append(_Own(owner, methods, path, module, node, holder, node, "litestar"))

    def _view(
        self, owner: str, path: str, module: Module, view: ast.ClassDef, node: ast.AST
    ) -> None:
        """Take the methods of a class-based view."""
        for statement in view.body:
            if isinstance(statement, FunctionNode) and statement.name in _VERBS:
                methods = (statement.name.upper(),)
                self._own.append(_Own(owner, methods, path, module, statement, view, statement))

    def _methods(self, module: Module, node: ast.expr | None) -> tuple[str, ...]:
        for value in self.evaluator.values(module, node):
            if isinstance(value, list):
                return tuple(str(method).upper() for method in value if method)
            if isinstance(value, str):
                return (value.upper(),)
        return ("GET",)

    def _composed(self, own: _Own) -> Iterator[Route]:
        for prefix, mounted, guards in self._above(own.owner, frozenset()):
            path = re.sub(r"/{2,}", "/", f"/{prefix}/{own.path}" if own.path else f"/{prefix}")
            if not own.path.startswith("/") and own.path:
                path = re.sub(r"/{2,}", "/", f"/{prefix}/{own.path}")
            if own.special == "litestar" or not own.path:
                path = path.rstrip("/") or "/"
            where = own.module.where(own.node)
            certain = GAP not in path
            path = re.sub(r"/{2,}", "/", path.replace(GAP, ""))
            yield Route(
                own.methods, path, own.module, own.handler, own.holder, where,
                mounted and own.module.aside < 2, certain, guards, own.special,
            )  # fmt: skip
