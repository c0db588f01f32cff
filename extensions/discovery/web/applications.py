"""The web framework, and the application object or the function that makes it."""

from __future__ import annotations

import ast
import re

from ..code.modules import Module
from ..code.nodes import FunctionNode, argument, parameters, terminal, walk
from ..code.source import Source
from ..findings import Candidate, Finding, choose, data_of
from ..project.commands import Commands
from .constructors import Constructors, Made
from .made_by_tests import arguments_of_tests, only_tests_set_the_address

# The argument of a factory that names a configuration, and how the one for tests is called.
_STAGE = re.compile(r"(?i)^(config|env|environment|stage|mode|settings|profile)(_?name)?$")
_STAGES = ("testing", "test", "development", "dev", "local", "default")
_PACKAGES = (
    *("fastapi", "litestar", "starlite", "apiflask", "flask", "starlette", "quart", "sanic"),
    *("aiohttp", "blacksheep", "falcon", "bottle", "connexion", "tornado", "django"),
)


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
        self.constructors = Constructors(source)
        self.made = self.constructors.made
        self.commands = Commands(source)
        self.mounted = self._mounted()
        self.chosen: Made | None = None
        self.app = self._choose()
        self.framework = self._framework(packages)

    def _mounted(self) -> set[str]:
        found: set[str] = set()
        for module in self.source.having(b".mount("):
            for call in module.calls:
                if isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
                    target = argument(call, 1, "app")
                    if isinstance(target, ast.Call):
                        made = self.constructors.factory_called(module, target)
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
        score -= 6 if made.symbol.path in self.constructors.begun else 0
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
        if self.constructors.in_functions:
            name, where = self.constructors.in_functions[0]
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
        needed, address = self.chosen.required, self.chosen.symbol.address
        if not self.chosen.factory:
            return address
        given = arguments_of_tests(self.source, self.constructors, self.chosen)
        wanted = needed or self._is_made_for_production()
        if given and (wanted or only_tests_set_the_address(self.source, given)):
            return f"{address}({given})"
        if not needed:
            return f"{address}()"
        if len(needed) == 1 and (kind := self._configuration(needed[0])):
            return f"{address}({kind})"
        stage = self._stage() if len(needed) == 1 and _STAGE.search(needed[0]) else ""
        return f"{address}('{stage}')" if stage else ""

    def _configuration(self, name: str) -> str:
        """Return the class to configure with, where that is what a function takes."""
        node = self.chosen.symbol.node if self.chosen is not None else None
        hands_on = isinstance(node, FunctionNode) and any(
            isinstance(inner, ast.Call)
            and terminal(inner.func) == "from_object"
            and [terminal(given) for given in inner.args] == [name]
            for inner in walk(node)
        )
        if not hands_on:
            return ""
        found = {
            f"{kind.name.lower()} {module.path}": f"{module.name}.{kind.name}"
            for module in self.source.containing(re.compile(rb"(Config|Settings)$"))
            for kind in module.outline.classes
            if not module.aside and re.search("(Config|Settings)$", kind.name)
        }
        for word in (*_STAGES, "config", ""):
            for shown, address in sorted(found.items()):
                if shown.startswith(word) and not shown.startswith(("prod", "live", "stag")):
                    return address
        return ""

    def _is_made_for_production(self) -> bool:
        """Whether the function makes the application of production when nothing is said."""
        node = self.chosen.symbol.node if self.chosen is not None else None
        if not isinstance(node, FunctionNode):
            return False
        defaults = (ast.unparse(default) for _, default in parameters(node) if default is not None)
        return any(re.search(r"(?i)prod", default) for default in defaults)

    def _stage(self) -> str:
        """Return the name of the configuration for tests, of those that a table has."""
        keys = {
            match.decode()
            for module in self.source.having(b"testing", b"test", b"development", b"default")
            for match in re.findall(rb"[\"'](\w+)[\"']\s*:\s*[\w.]+\s*[,}]", module.data)
        }
        return next((name for name in _STAGES if name in keys), "")


def _has_routes(module: Module) -> bool:
    return module.has(
        b"include_router", b"register_blueprint", b"route_handlers", b"routes=", b".mount(",
        b"@app.", b"add_namespace", b"add_resource", b"init_routers", b"init_app",
    )  # fmt: skip
