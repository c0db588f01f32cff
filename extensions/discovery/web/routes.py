"""The routes of an application, with the whole path of each: prefixes joined over all routers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.evaluation import Evaluator
from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, argument, class_attribute, keyword, terminal, walk
from ..code.source import Source
from ..code.values import GAP
from .registrations import VERBS, OwnRoute, Registrations
from .routers import ROOT, Guards, elements

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
    b"post", b"websocket", b"route", b"get", b"api_route", b"Controller", b"MethodView",
    b"Resource", b"Route", b"APIRouter", b"Blueprint",
)  # fmt: skip


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


class Routes(Registrations):
    """Collects the routes that matter for logging in and for being well.

    Attributes:
        routes: All of them, one for each path that a handler is reached by.
    """

    def __init__(self, source: Source, evaluator: Evaluator) -> None:
        super().__init__(source, evaluator)
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
        if not isinstance(func, ast.Attribute) or func.attr not in VERBS | {
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
        if func.attr in VERBS:
            methods: tuple[str, ...] = (func.attr.upper(),)
        else:
            methods = self._methods(module, keyword(decorator, "methods"))
        self._own.append(OwnRoute(owner, methods, path, module, node, holder, node))

    def _litestar(
        self, module: Module, node: FunctionNode | ast.ClassDef, decorator: ast.Call,
        holder: ast.ClassDef | None, symbol: Symbol,
    ) -> None:  # fmt: skip
        if not isinstance(node, FunctionNode) or symbol.name not in VERBS | {"route"}:
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
                value = value if value is not None else _set_at_start(holder, "path")
                guards = class_attribute(holder, "guards")
                listed = elements(guards if isinstance(guards, ast.expr) else None)
                prefix = self.evaluator.text(module, value) or ""
                self._prefixes[owner] = (prefix, [(module, guard) for guard in listed])
        for path in paths:
            if isinstance(path, str):
                self._own.append(
                    OwnRoute(owner, methods, path, module, node, holder, node, "litestar")
                )

    def _composed(self, own: OwnRoute) -> Iterator[Route]:
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


def _set_at_start(holder: ast.ClassDef, name: str) -> ast.expr | None:
    """Return what the constructor of a class sets an attribute to."""
    start = class_attribute(holder, "__init__")
    for node in walk(start) if isinstance(start, FunctionNode) else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            target = node.targets[0]
            if target.attr == name and terminal(target.value) == "self":
                return node.value
    return None
