"""What speaks for a database beside its engines: settings, examples, packages, literals."""

from __future__ import annotations

import ast
import configparser
from collections.abc import Collection, Iterator

from ..code.evaluation import Evaluator
from ..code.nodes import FunctionNode, keyword
from ..code.source import Source
from ..project.env_examples import Examples
from ..project.packages import Packages
from ..project.settings import Settings
from .drivers import DIALECTS, DRIVERS, IMAGES, KEYS, KIND, LITERAL, Use, uses_in

_WITHOUT_DRIVER = ("sqlalchemy", "sqlmodel", "flask-sqlalchemy", "advanced-alchemy")


class Evidence:
    """Reads uses of databases off everything but the calls that make engines.

    Attributes:
        is_chosen: Whether a setting chooses one of several databases.
    """

    def __init__(
        self, source: Source, evaluator: Evaluator, *, packages: Packages, examples: Examples,
        settings: Settings,
    ) -> None:  # fmt: skip
        self.source = source
        self.evaluator = evaluator
        self.packages = packages
        self.examples = examples
        self.settings = settings
        self.is_chosen = False

    def from_kinds(self) -> Iterator[Use]:
        """A setting that chooses one of several databases, by what it is without being set."""
        for variable in self.settings.variables.values():
            if KIND.search(variable.name):
                said = self.examples.values.get(variable.name) or str(variable.default or "")
                dialect = DIALECTS.get(said.lower().rpartition(".")[2])
                if dialect:
                    self.is_chosen = True
                    yield Use(dialect, "", variable.where, 14, "settings")

    def from_examples(self, leading: Collection[str]) -> Iterator[Use]:
        """What files of examples and compose files set and run.

        Args:
            leading: The variables that engines get their addresses from, whatever they are called.
        """
        for key, value in self.examples.values.items():
            if "TEST" not in key and (KEYS.search(key) or key in leading):
                yield from uses_in(value, self.examples.places[key], 6, "example")
        for key, value in self.examples.for_tests.items():
            # Many test on SQLite what they run on something else.
            if KEYS.search(key) and not value.startswith("sqlite"):
                yield from uses_in(value, "", 2, "alembic")
        for image, where in self.examples.images:
            for name, dialect in IMAGES.items():
                if name in image:
                    yield Use(dialect, "", where, 3, "compose")

    def from_arguments(self) -> Iterator[Use]:
        """What only one kind of database is given, whatever its address is."""
        for module, call in self.source.live_calls("create_engine", "create_async_engine"):
            given = keyword(call, "connect_args")
            keys = given.keys if isinstance(given, ast.Dict) else []
            if any(isinstance(k, ast.Constant) and k.value == "check_same_thread" for k in keys):
                yield Use("sqlite", "", module.where(call), 4, "engine")

    def from_nothing(self) -> Iterator[Use]:
        """The database that needs no driver, where no package of any other is asked for."""
        for name in _WITHOUT_DRIVER:
            if name in self.packages.names:
                yield Use("sqlite", "", self.packages.names[name], 1, "package")
                return

    def from_surroundings(self) -> Iterator[Use]:
        """Drivers that are installed, names of databases in the code, and `alembic.ini`."""
        for name, (dialect, driver, _) in DRIVERS.items():
            if name in self.packages.names:
                yield Use(dialect, driver, self.packages.names[name], 0.5, "package")
        for extra, place in self._extras():
            yield Use("postgresql", extra, place, 0.5, "package")
        # Code that asks which database it is on does so in many places: each counts once.
        written: dict[tuple[str, str], str] = {}
        for module in self.source.live_with(*(name.encode() for name in DIALECTS)):
            for match in LITERAL.finditer(module.data):
                dialect = DIALECTS[match.group(1).decode()]
                driver = (match.group(2) or b"").decode()
                written.setdefault((dialect, driver), module.at(match.start()))
        for (dialect, driver), where in written.items():
            yield Use(dialect, driver, where, 2, "literal")
        yield from self._from_ini()

    def _extras(self) -> Iterator[tuple[str, str]]:
        for extra in self.packages.extras:
            package, _, name = extra.rstrip("]").partition("[")
            if package == "sqlalchemy" and "postgresql-" in name:
                yield name.partition("-")[2].removesuffix("binary"), self.packages.names[package]

    def _from_ini(self) -> Iterator[Use]:
        for name in self.source.tree.named(r"([^/]+/){0,2}alembic\.ini"):
            parser = configparser.RawConfigParser(strict=False)
            try:
                parser.read_string(self.source.tree.text(name))
                url = parser.get("alembic", "sqlalchemy.url", fallback="")
            except configparser.Error:
                continue
            yield from uses_in(url, f"{name}:1", 1.5, "alembic")

    def from_settings(self) -> Iterator[Use]:
        """Settings that are called like a database URL, when no engine says anything."""
        for variable in self.settings.variables.values():
            if isinstance(variable.default, str) and KEYS.search(variable.name):
                yield from uses_in(variable.default, variable.where, 5, "settings")
            elif "PostgresDsn" in variable.type:
                yield Use("postgresql", "", variable.where, 5, "settings")
        for symbol in self.settings.classes:
            assert symbol.module is not None
            assert isinstance(symbol.node, ast.ClassDef)
            for statement in symbol.node.body:
                if isinstance(statement, FunctionNode) and KEYS.search(statement.name.upper()):
                    for url in self.evaluator.returned(symbol.module, statement):
                        if isinstance(url, str):
                            where = symbol.module.where(statement)
                            yield from uses_in(url, where, 5, "settings")
