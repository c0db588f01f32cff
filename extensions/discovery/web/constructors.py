"""Every application that the code makes: at the top level of a module, or in a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.modules import Module, Symbol
from ..code.nodes import (
    FunctionNode,
    class_attribute,
    local_values,
    required_parameters,
    terminal,
    walk,
)
from ..code.source import Source

FRAMEWORKS = {
    "fastapi.FastAPI": "fastapi",
    "fastapi.applications.FastAPI": "fastapi",
    "flask.Flask": "flask",
    "flask.app.Flask": "flask",
    "apiflask.APIFlask": "flask",
    "flask_openapi3.OpenAPI": "flask",
    "litestar.Litestar": "litestar",
    "litestar.app.Litestar": "litestar",
    "starlite.Starlite": "litestar",
    "starlette.applications.Starlette": "starlette",
    "quart.Quart": "quart",
    "sanic.Sanic": "sanic",
    "aiohttp.web.Application": "aiohttp",
    "blacksheep.Application": "blacksheep",
    "falcon.App": "falcon",
    "falcon.asgi.App": "falcon",
    "bottle.Bottle": "bottle",
    "connexion.FlaskApp": "connexion",
    "connexion.AsyncApp": "connexion",
    "tornado.web.Application": "tornado",
}
_NEEDLES = tuple(sorted({path.rpartition(".")[2].encode() for path in FRAMEWORKS} - {b"App"}))


@dataclass
class Made:
    """An application that a module has or a function makes."""

    framework: str
    symbol: Symbol
    factory: bool
    constructed_in: list[tuple[Module, ast.AST]] = field(default_factory=list)
    needs_instance: bool = False

    @property
    def required(self) -> list[str]:
        """The arguments without which the function cannot be called."""
        node = self.symbol.node
        return required_parameters(node) if isinstance(node, FunctionNode) else []


class Constructors:
    """Finds the calls and functions that make applications.

    Attributes:
        made: What they make, by the path of the name it is bound to or of the function.
        begun: Those that another function calls to go on with what they made.
        in_functions: The framework and the place of what is made and served inside of a function.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.made: dict[str, Made] = {}
        self.in_functions: list[tuple[str, str]] = []
        self._factories: dict[int, Made] = {}
        for module in self._modules():
            self._constructed(module)
        for _ in range(3):
            if not self._through_factories():
                break
        self._through_attributes()
        self.begun = set(self._begun())

    def _modules(self) -> list[Module]:
        found = self.source.having(*_NEEDLES, b"falcon.App", most_aside=2)
        return sorted(found, key=lambda module: (module.aside, module.path))

    def framework_of(self, module: Module, node: ast.AST | None) -> str:
        """Return the framework whose class, or a class derived from it, an expression names."""
        if node is None:
            return ""
        for inner in [node] if not isinstance(node, ast.BinOp) else [node.left, node.right]:
            symbol = self.source.resolve(module, inner)
            if symbol is None:
                continue
            if symbol.path in FRAMEWORKS:
                return FRAMEWORKS[symbol.path]
            if isinstance(symbol.node, ast.ClassDef):
                for base in self.source.external_bases(symbol):
                    if base in FRAMEWORKS:
                        return FRAMEWORKS[base]
        return ""

    def _constructed(self, module: Module) -> None:
        for symbol, call in module.assigned_calls():
            if framework := self.framework_of(module, call.func):
                self._add(symbol, framework, [(module, call)])
        self._functions(module)

    def _functions(self, module: Module) -> bool:
        """Take the functions that make an application; False when there is no further one."""
        added = False
        for symbol, function, _ in module.outer_functions():
            if id(function) not in self._factories and (framework := self._makes(module, function)):
                added |= self._add(symbol, framework, [(module, function)])
        return added

    def _makes(self, module: Module, function: FunctionNode) -> str:
        """Return the framework of the application that a function makes and returns."""
        locals_ = local_values(function)
        for node in walk(function):
            if not isinstance(node, ast.Return) or node.value is None:
                continue
            value: ast.expr | None = node.value
            if isinstance(value, ast.Name):
                value = locals_.get(value.id)
            if isinstance(value, ast.Call):
                made = self.factory_called(module, value)
                if framework := self.framework_of(module, value.func) or (
                    made.framework if made else ""
                ):
                    return framework
        takes_one = any(
            self.framework_of(module, arg.annotation)
            for arg in function.args.args
            if arg.annotation
        )
        if takes_one or any(isinstance(node, ast.Yield) for node in walk(function)):
            return ""
        framework = self.framework_of(module, function.returns)
        if framework:
            return framework
        for value in locals_.values():
            if isinstance(value, ast.Call) and self.framework_of(module, value.func):
                where = module.where(value)
                self.in_functions.append((self.framework_of(module, value.func), where))
        return ""

    def _begun(self) -> Iterator[str]:
        for made in self._factories.values():
            module, function = made.symbol.module, made.symbol.node
            if module is None or module.aside or not isinstance(function, FunctionNode):
                continue
            for name, value in local_values(function).items():
                first = self.factory_called(module, value) if isinstance(value, ast.Call) else None
                if first is not None and first is not made and _works_on(function, name):
                    yield first.symbol.path

    def _add(
        self, symbol: Symbol, framework: str, constructed_in: list[tuple[Module, ast.AST]]
    ) -> bool:
        if symbol.path in self.made:
            return False
        node = symbol.node
        made = Made(framework, symbol, isinstance(node, FunctionNode), constructed_in)
        self.made[symbol.path] = made
        if isinstance(node, FunctionNode):
            self._factories[id(node)] = made
            if "." in symbol.address.partition(":")[2]:
                decorators = {terminal(decorator) for decorator in node.decorator_list}
                made.needs_instance = not decorators & {"staticmethod", "classmethod"}
        return True

    def factory_called(self, module: Module, call: ast.Call) -> Made | None:
        """Return what a call makes when it calls a function that makes an application."""
        func: ast.expr = call.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call | ast.Name):
            value = func.value
            owner = (
                self.source.resolve(module, value.func)
                if isinstance(value, ast.Call)
                else self.source.value_class(self.source.resolve(module, value))
            )
            if owner is not None and isinstance(owner.node, ast.ClassDef):
                for _, node in self.source.ancestry(owner):
                    made = self._factories.get(id(class_attribute(node, func.attr)))
                    if made:
                        return made
        symbol = self.source.resolve(module, func)
        return self._factories.get(id(symbol.node)) if symbol and symbol.node else None

    def _through_factories(self) -> bool:
        """Find what is made by calling a function that makes an application."""
        names = {made.symbol.name.encode() for made in self._factories.values()}
        added = False
        for module in self.source.having(*names, most_aside=2):
            for name, values in module.names.items():
                for value in values:
                    inner = value.value if isinstance(value, ast.Await) else value
                    if not isinstance(inner, ast.Call):
                        continue
                    made = self.factory_called(module, inner)
                    if made is not None:
                        symbol = module.symbol(name, inner)
                        added |= self._add(symbol, made.framework, made.constructed_in)
            added |= self._functions(module)
        return added

    def _through_attributes(self) -> None:
        """Find what an object made in its `__init__`: `app = AppCreator().app`."""
        for module in self.source.having(*_NEEDLES, most_aside=2):
            for name, values in module.names.items():
                for value in values:
                    if isinstance(value, ast.Attribute) and (made := self._held(module, value)):
                        holder, call, framework = made
                        self._add(module.symbol(name, value), framework, [(holder, call)])

    def _held(self, module: Module, node: ast.Attribute) -> tuple[Module, ast.Call, str] | None:
        """Return what made the application that an object holds as an attribute, if it does."""
        owner = (
            self.source.resolve(module, node.value.func)
            if isinstance(node.value, ast.Call)
            else self.source.value_class(self.source.resolve(module, node.value))
        )
        if owner is None or not isinstance(owner.node, ast.ClassDef):
            return None
        for holder, kind in self.source.ancestry(owner):
            for inner in walk(kind):
                if not isinstance(inner, ast.Assign | ast.AnnAssign):
                    continue
                targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
                if isinstance(inner.value, ast.Call) and any(
                    ast.unparse(target) == f"self.{node.attr}" for target in targets
                ):
                    framework = self.framework_of(holder, inner.value.func)
                    return (holder, inner.value, framework) if framework else None
        return None


def _works_on(function: FunctionNode, name: str) -> bool:
    """Say whether a function does more with what a name holds than to give it back."""
    for node in walk(function):
        if isinstance(node, ast.Call):
            given = [*node.args, *(word.value for word in node.keywords)]
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            if any(isinstance(part, ast.Name) and part.id == name for part in (*given, owner)):
                return True
    return False
