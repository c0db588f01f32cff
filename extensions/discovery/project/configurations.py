"""Classes of configuration that an environment variable names: `config.TestingConfig`."""

from __future__ import annotations

import re

from ..code.modules import Module
from ..code.source import Source
from .env_examples import Examples

_PATH = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[.:]([A-Z]\w*)")
_HANDED_ON = re.compile(
    rb"from_object\(\s*(?:os\.)?(?:environ\[|environ\.get\(|getenv\()\s*[\"'](\w+)[\"']"
)
_KIND = re.compile(r"\w*(Config|Configuration|Settings)$")
# Best of all is what developers work with: its database is of the kind that production has.
_ORDER = (re.compile(r"(?i)dev|local"), re.compile(r"(?i)test"), re.compile(""))
_PRODUCTION = re.compile(r"(?i)prod|live|stag")


class Configurations:
    """What variables name, as far as the code or an example says that they name a class.

    Attributes:
        named: By the variable: where the class is, and the value that names one for tests.
    """

    def __init__(self, source: Source, examples: Examples) -> None:
        self.source = source
        self.named: dict[str, tuple[Module, str]] = {}
        for variable, value in {**examples.for_tests, **examples.values}.items():
            match = _PATH.fullmatch(value)
            module = source.find(match[1]) if match else None
            if match and module is not None and match[2] in self._classes(module):
                best = self._best(module, match[2])
                self.named[variable] = (module, value[: match.start(2)] + best)
        for module in source.having(b"from_object"):
            for match_ in _HANDED_ON.finditer(module.data):
                self._take(match_[1].decode())

    def _take(self, variable: str) -> None:
        """Note a variable that no example has, by the classes that are called like one."""
        if variable in self.named:
            return
        for module in self.source.containing(re.compile(rb"(Config|Settings)$")):
            names = [name for name in self._classes(module) if _KIND.match(name)]
            if names and not module.aside:
                # As if the one of production had been named, which comes last.
                best = self._best(module, next(filter(_PRODUCTION.search, names), names[0]))
                self.named[variable] = (module, f"{module.name}.{best}")
                return

    @staticmethod
    def _classes(module: Module) -> list[str]:
        return [node.name for node in module.outline.classes]

    def _best(self, module: Module, name: str) -> str:
        """Return a class, or one beside it where it is that of production."""
        if not _PRODUCTION.search(name):
            return name
        names = [one for one in self._classes(module) if _KIND.match(one)]
        fitting = (one for order in _ORDER for one in names if order.search(one))
        return next((one for one in fitting if not _PRODUCTION.search(one)), name)
