"""Which of the databases in sight is the one to test on, and with which driver."""

from __future__ import annotations

from collections import defaultdict

from ..findings import Confidence, Finding
from .drivers import DEFAULTS, DRIVERS, KEYS, Use
from .engines import Engines
from .evidence import Evidence

_SOURCES = {
    "engine": "code", "settings": "settings", "example": "environment variable",
    "compose": "compose file", "package": "driver", "literal": "code", "alembic": "alembic.ini",
}  # fmt: skip


class Databases:
    """Weighs what speaks for each database.

    Attributes:
        uses: Everything that says which database is used.
    """

    def __init__(self, engines: Engines, evidence: Evidence) -> None:
        self.evidence = evidence
        self.packages = evidence.packages
        self.examples = evidence.examples
        self.settings = evidence.settings
        self.uses = [
            *engines.uses,
            *evidence.from_kinds(),
            *evidence.from_arguments(),
            *evidence.from_examples(engines.variables),
            *evidence.from_surroundings(),
        ]
        if not any(use.weight >= 5 for use in self.uses):
            self.uses += evidence.from_settings()
        self.uses = self.uses or list(evidence.from_nothing())

    def choose(self, is_async: bool) -> Finding:
        """Return the databases, the one to test on first, and the driver of that one.

        Args:
            is_async: Whether the application talks to it asynchronously.
        """
        weights: dict[str, float] = defaultdict(float)
        best: dict[str, Use] = {}
        strong: set[str] = set()
        for use in self.uses:
            if use.source == "literal" and any(u.source == "engine" for u in self.uses):
                continue
            weights[use.dialect] += use.weight
            if use.source in ("engine", "settings") and use.weight >= 4:
                strong.add(use.dialect)
            if use.dialect not in best or use.weight > best[use.dialect].weight:
                best[use.dialect] = use
        self._weigh_down_without_driver(weights, strong)
        # A database that only a package or a container speaks for is another one's neighbour.
        said = {use.dialect for use in self.uses if use.source in ("engine", "settings", "example")}
        if not weights:
            return Finding()
        ranked = sorted(weights, key=lambda dialect: (-self._rank(dialect, weights, best), dialect))
        first = ranked[0]
        engines = [
            first,
            *(d for d in ranked[1:] if d in strong or (d in said and weights[d] >= 6)),
        ]
        if first == "sqlite" and self._url_is_open():
            # What is only a default where nothing is set; the driver tells what is set elsewhere.
            installed = {use.dialect for use in self.uses if use.source == "package"}
            engines += [d for d in ranked[1:] if d in installed and d not in engines]
        driver = self.driver(first, is_async=is_async)
        sure: Confidence = "high" if best[first].weight >= 5 else "medium"
        if len(engines) > 1:
            sure = "medium"
        if not said:
            sure = "medium" if weights[first] >= 3 else "low"
        others = tuple((d, best[d].where) for d in ranked[1:])
        value = {"engines": engines, "driver": driver, "url_source": _SOURCES[best[first].source]}
        return Finding(value, best[first].where, sure, others[:4])

    def mode(self) -> Finding:
        """Return what the driver in an address says of an application whose sessions are unknown.

        Wrappers that make them have the address and nothing else of it in the code.
        """
        asynchronous = {name: kind for _, name, kind in DRIVERS.values()}
        for use in sorted(self.uses, key=lambda use: -use.weight):
            if use.source != "package" and (kind := asynchronous.get(use.driver)) is not None:
                return Finding("async" if kind else "sync", use.where, "medium")
        return Finding()

    def _weigh_down_without_driver(self, weights: dict[str, float], strong: set[str]) -> None:
        """A database whose driver nobody installs is not the one in use."""
        installed = {DRIVERS[name][0] for name in DRIVERS if name in self.packages.names}
        installed |= {use.dialect for use in self.uses if use.source == "package"}
        strong &= installed | {"sqlite"} | (set() if self.packages.names else strong)
        for dialect in list(weights):
            if self.packages.names and dialect not in installed | strong | {"sqlite"}:
                weights[dialect] *= 0.2

    def _rank(self, dialect: str, weights: dict[str, float], best: dict[str, Use]) -> float:
        """SQLite as what remains when nothing is set gives way to what a deployment sets."""
        if dialect == "sqlite" and self._url_is_open() and not self.evidence.is_chosen:
            deployed = any(
                use.dialect != "sqlite" and use.source in ("example", "compose")
                for use in self.uses
            )
            if deployed:
                return min(weights[dialect], 2.0)
        return weights[dialect]

    def _url_is_open(self) -> bool:
        """Whether the environment can set another database than the one in the code."""
        names = [*self.settings.variables, *self.examples.values]
        return any(KEYS.search(name) or name.startswith(("POSTGRES_", "DB_")) for name in names)

    def driver(self, dialect: str, *, is_async: bool) -> str:
        """Return the driver of one kind of engine.

        It is what an engine says, else what is installed, else what is written anywhere.
        """
        asynchronous = {name: kind for _, name, kind in DRIVERS.values()}
        named = [use for use in self.uses if use.dialect == dialect and use.driver]
        named.sort(key=lambda use: -use.weight)
        said = [use.driver for use in named if use.source in ("engine", "settings", "example")]
        fitting = [name for name in said if asynchronous.get(name) in (None, is_async)]
        installed = [
            name
            for wanted in (is_async, None)
            for package, (of, name, kind) in DRIVERS.items()
            if package in self.packages.names and of == dialect and kind == wanted
        ]
        engines = [use.driver for use in named if use.source == "engine"]
        written = [use.driver for use in named if asynchronous.get(use.driver) in (None, is_async)]
        default = DEFAULTS.get((dialect, is_async), "")
        return next(iter([*fitting, *engines, *installed, *written, default]), "")
