"""The web framework, and the application object or the function that makes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..code.modules import Module, Symbol
from ..code.nodes import (
    FunctionNode,
    argument,
    class_attribute,
    local_values,
    required_parameters,
    terminal,
    walk,
)
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of
from ..project.commands import Commands

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
# The argument of a factory that names a configuration, and how the one for tests is called.
_STAGE = re.compile(r"(?i)^(config|env|environment|stage|mode|settings|profile)(_?name)?$")
_STAGES = ("testing", "test", "development", "dev", "local", "default")
_PACKAGES = (
    *("fastapi", "litestar", "starlite", "apiflask", "flask", "starlette", "quart", "sanic"),
    *("aiohttp", "blacksheep", "falcon", "bottle", "connexion", "tornado", "django"),
)


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


class Applications:
    """Finds every application in the code and tells the one that is served.

    Attributes:
        framework: Its framework.
        app: Where it is: `kind`, `path`, `also` and what a factory takes.
        chosen: The application itself, None when there is none.
        mounted: Applications that are mounted below another.
    """

    def __init__(self, source: Source, packages: Finding) -> None:
        self.source = source
        self.made: dict[str, Made] = {}
        self._factories: dict[int, Made] = {}
        self._in_functions: list[tuple[str, str]] = []
        for module in self._modules():
            self._constructed(module)
        for _ in range(3):
            if not self._through_factories():
                break
        self.commands = Commands(source)
        self.mounted = self._mounted()
        self.chosen: Made | None = None
        self.app = self._choose()
        self.framework = self._framework(packages)

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
        for name, values in module.names.items():
            for value in values:
                if isinstance(value, ast.Call) and (
                    framework := self.framework_of(module, value.func)
                ):
                    self._add(module, name, value, framework, [(module, value)])
                    break
        for owner, function in _top_functions(module):
            if framework := self._makes(module, function):
                name = f"{owner.name}.{function.name}" if owner else function.name
                self._add(module, name, function, framework, [(module, function)])

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
                made = self._factory_called(module, value)
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
                self._in_functions.append((self.framework_of(module, value.func), where))
        return ""

    def _add(
        self, module: Module, name: str, node: ast.AST, framework: str,
        constructed: list[tuple[Module, ast.AST]],
    ) -> bool:  # fmt: skip
        path = f"{module.name}.{name}"
        if path in self.made:
            return False
        factory = isinstance(node, FunctionNode)
        made = Made(framework, Symbol(path, module, node), factory, constructed)
        if isinstance(node, FunctionNode) and "." in name:
            decorators = {terminal(decorator) for decorator in node.decorator_list}
            made.needs_instance = not decorators & {"staticmethod", "classmethod"}
        self.made[path] = made
        if factory:
            self._factories[id(node)] = made
        return True

    def _factory_called(self, module: Module, call: ast.Call) -> Made | None:
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
        for module in self.source.having(*names, most_aside=2) if names else []:
            for name, values in module.names.items():
                for value in values:
                    inner = value.value if isinstance(value, ast.Await) else value
                    if not isinstance(inner, ast.Call):
                        continue
                    made = self._factory_called(module, inner)
                    if made is None and inner.args and isinstance(inner.args[0], ast.Call):
                        continue
                    if made is not None:
                        added |= self._add(module, name, inner, made.framework, made.constructed_in)
            for owner, function in _top_functions(module):
                if id(function) not in self._factories and (
                    framework := self._makes(module, function)
                ):
                    name = f"{owner.name}.{function.name}" if owner else function.name
                    added |= self._add(module, name, function, framework, [(module, function)])
        return added

    def _mounted(self) -> set[str]:
        found: set[str] = set()
        for module in self.source.having(b".mount("):
            for call in module.calls:
                if isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
                    target = argument(call, 1, "app")
                    if isinstance(target, ast.Call):
                        made = self._factory_called(module, target)
                        if made:
                            found.add(made.symbol.path)
                        continue
                    symbol = self.source.resolve(module, target)
                    if symbol and symbol.path in self.made:
                        found.add(symbol.path)
        return found

    def _score(self, made: Made) -> float:
        module = made.symbol.module
        assert module is not None
        name = made.symbol.name
        score = 10.0 - (0, 4, 12, 20)[module.aside]
        score += {"app": 3, "application": 2, "api": 1, "asgi": 1, "wsgi": 1}.get(name, 0)
        score -= 0.5 * module.path.count("/")
        score -= 8 if made.symbol.path in self.mounted else 0
        score += 6 if self.commands.served(made.symbol.address) else 0
        stem = module.name.rpartition(".")[2]
        score += 2 if stem in ("main", "app", "server", "asgi", "wsgi", "application") else 0
        score += 3 if any(_has_routes(module_) for module_, _ in made.constructed_in) else 0
        if made.factory:
            score -= 5 if made.required else 0
            score -= 2 if "." in made.symbol.address.partition(":")[2] else 0
            # Flask is tested through its factory; a server imports an object for anything else.
            score += 9 if made.framework == "flask" and not made.required else -6
        return score

    def _choose(self) -> Finding:
        candidates = [
            Candidate(made.symbol.address, made.symbol.where, self._score(made), made)
            for made in self.made.values()
            if not made.needs_instance
        ]
        best = choose(candidates, sure=11, clear=1.5)
        if not best:
            return best
        self.chosen = data_of(best, candidates)
        assert self.chosen is not None
        value: dict[str, object] = {
            "kind": "factory" if self.chosen.factory else "object",
            "path": best.value,
        }
        near = [
            candidate
            for candidate in candidates
            if candidate.data is not self.chosen and candidate.data.symbol.module.aside == 0
        ]
        near.sort(key=lambda candidate: -candidate.score)
        value["also"] = [c.value for c in near if c.data.symbol.path not in self.mounted][:4]
        if self.chosen.factory and isinstance(self.chosen.symbol.node, FunctionNode):
            value["factory_args"] = ast.unparse(self.chosen.symbol.node.args)
            value["required_args"] = self.chosen.required
        if self.mounted:
            value["mounted"] = sorted(self.made[path].symbol.address for path in self.mounted)
        others = best.others
        confidence = best.confidence
        if confidence == "medium" and self._same_application(near):
            confidence = "high"
        note = ""
        if self.chosen.required:
            note = f"It takes arguments: {', '.join(self.chosen.required)}."
        return Finding(value, best.where, confidence, others, note)

    def _same_application(self, near: list[Candidate]) -> bool:
        """Whether all close runners-up are the same application by another name."""
        assert self.chosen is not None
        places = {id(node) for _, node in self.chosen.constructed_in}
        close = [c for c in near if c.score > self._score(self.chosen) - 1.5]
        return all(
            places & {id(node) for _, node in candidate.data.constructed_in} for candidate in close
        )

    def _framework(self, packages: Finding) -> Finding:
        if self.chosen is not None:
            return Finding(self.chosen.framework, self.chosen.symbol.where, self.app.confidence)
        if self._in_functions:
            name, where = self._in_functions[0]
            return Finding(
                name, where, "medium", note="It is made inside of a function that runs it."
            )
        for name in _PACKAGES:
            if name in (packages.value or ()):
                return Finding(name, packages.where, "medium")
        for module in self.source.having(*(f"import {name}".encode() for name in _PACKAGES[:6])):
            for name in _PACKAGES[:6]:
                if module.has(f"import {name}".encode()):
                    return Finding(name, module.where(None), "low")
        if self.source.having(b"sqlalchemy"):
            return Finding("none", self.source.having(b"sqlalchemy")[0].where(None), "medium")
        return Finding()

    @property
    def address(self) -> str:
        """The answer: `module:name`, or `module:name()` for a function."""
        if self.chosen is None:
            return ""
        needed = self.chosen.required
        if not needed:
            return self.chosen.symbol.address + ("()" if self.chosen.factory else "")
        stage = self._stage() if len(needed) == 1 and _STAGE.search(needed[0]) else ""
        return f"{self.chosen.symbol.address}('{stage}')" if stage else ""

    def _stage(self) -> str:
        """Return the name of the configuration for tests, of those that a table has."""
        keys = {
            match.decode()
            for module in self.source.having(b"testing", b"test", b"development", b"default")
            for match in re.findall(rb"[\"'](\w+)[\"']\s*:\s*[\w.]+\s*[,}]", module.data)
        }
        return next((name for name in _STAGES if name in keys), "")


def _top_functions(module: Module) -> Iterator[tuple[ast.ClassDef | None, FunctionNode]]:
    for statement in module.body:
        if isinstance(statement, FunctionNode):
            yield None, statement
        elif isinstance(statement, ast.ClassDef):
            for inner in statement.body:
                if isinstance(inner, FunctionNode):
                    yield statement, inner


def _has_routes(module: Module) -> bool:
    return module.has(
        b"include_router", b"register_blueprint", b"route_handlers", b"routes=", b".mount(",
        b"@app.", b"add_namespace", b"add_resource", b"init_routers", b"init_app",
    )  # fmt: skip
