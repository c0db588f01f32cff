"""Routes and routers that calls register: `include_router`, `add_url_rule`, `Mount`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from ..code.evaluation import Evaluator
from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, keyword, local_values, terminal, walk
from ..code.source import Source
from .routers import ROOT, Guards, Mounts, elements

VERBS = frozenset(["get", "post", "put", "patch", "delete", "head", "options", "websocket"])
_LINKS = (
    b"include_router(", b"register_blueprint(", b"add_namespace(", b"add_resource(", b"Mount(",
    b"route_handlers", b"add_url_rule(", b".mount(", b"add_api_route(", b"add_route(", b"Route(",
    b".register_api(", b".register(", b".as_view(",
)  # fmt: skip


@dataclass
class OwnRoute:
    """A route as its module has it: with a path that begins where its owner is mounted."""

    owner: str
    methods: tuple[str, ...]
    path: str
    module: Module
    handler: FunctionNode | None
    holder: ast.ClassDef | None
    node: ast.AST
    special: str = ""


class Registrations(Mounts):
    """Collects what calls put into routers and applications."""

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        super().__init__(source, evaluator)
        self._own: list[OwnRoute] = []
        linking = {module.path: module for module in source.having(*_LINKS)}
        called = (m for m in source.having(b".route(", b".get(", b".post(") if b")(" in m.data)
        for module in (linking | {module.path: module for module in called}).values():
            self._read_links(module)

    def _read_links(self, module: Module) -> None:
        inside = module.outline.around
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
                self._included(module, call, name, around)
            elif name in ("add_resource", "add_url_rule", "add_api_route", "add_route"):
                for owner, made in self.loops.spread(module, call, around):
                    self._added(module, made, name, around, owner)
            elif name in ("Router", "Litestar", "Starlette", "Starlite", "register"):
                self._handlers(module, call, around)
            elif name in ("Mount", "Route", "Host"):
                mounts.append(call)
            elif isinstance(call.func, ast.Call):
                self._called(module, call, call.func, around)
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
            self._own.append(
                OwnRoute(key, methods, path, module, None, None, call, "fastapi_users")
            )
        return True

    def _added(
        self, holder: Module, call: ast.Call, name: str, around: FunctionNode | None, module: Module
    ) -> None:
        """Take the route that a call adds to what `holder` holds; its arguments are of `module`."""
        if not isinstance(call.func, ast.Attribute):
            return
        owner = self._key(holder, call.func.value, around) or ROOT
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
                    OwnRoute(owner, methods, path, symbol.module, symbol.node, None, symbol.node)
                )

    def _called(
        self, module: Module, call: ast.Call, decorator: ast.Call, around: FunctionNode | None
    ) -> None:
        """Take a view that a decorator is called with: `blueprint.route("/login")(login)`."""
        func = decorator.func
        if not isinstance(func, ast.Attribute) or func.attr not in {*VERBS, "route", "api_route"}:
            return
        view = call.args[0] if call.args else None
        while isinstance(view, ast.Call) and view.args:
            view = view.args[-1]
        symbol = self.source.resolve(module, view)
        path = self.evaluator.text(module, argument(decorator, 0, "path", "rule"))
        if path is None or symbol is None or symbol.module is None:
            return
        owner = self._key(module, func.value, around) or ROOT
        if isinstance(symbol.node, FunctionNode):
            methods: tuple[str, ...] = (func.attr.upper(),)
            if func.attr not in VERBS:
                methods = self._methods(module, keyword(decorator, "methods"))
            self._own.append(
                OwnRoute(owner, methods, path, symbol.module, symbol.node, None, symbol.node)
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
        elements = self.loops.listed(module, handlers, around) or [(module, handlers)]
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
                above = parents.get(id(node))
                if isinstance(node, ast.Assign) and isinstance(above, ast.Module | ast.ClassDef):
                    names = [above.name] if isinstance(above, ast.ClassDef) else []
                    owner = ".".join([module.name, *names, terminal(node.targets[0])])
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
                    OwnRoute(
                        owner, methods, prefix + path, symbol.module, symbol.node, None, symbol.node
                    )
                )

    def _view(
        self, owner: str, path: str, module: Module, view: ast.ClassDef, node: ast.AST
    ) -> None:
        """Take the methods of a class-based view."""
        for statement in view.body:
            if isinstance(statement, FunctionNode) and statement.name in VERBS:
                methods = (statement.name.upper(),)
                self._own.append(OwnRoute(owner, methods, path, module, statement, view, statement))

    def _methods(self, module: Module, node: ast.expr | None) -> tuple[str, ...]:
        for value in self.evaluator.values(module, node):
            if isinstance(value, list):
                return tuple(str(method).upper() for method in value if method)
            if isinstance(value, str):
                return (value.upper(),)
        return ("GET",)
