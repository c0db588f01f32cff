"""What the modules of a package import, read off their syntax and held against an order of rooms.

A room is a package, or a single module, that lies directly in the package. The order names every
room, from the top: a room imports only from rooms further down. What lies in the package itself
(`__init__.py`, `__main__.py`) stands above all of them. Imports inside of functions count as much
as those at the top of a module.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Attributes:
        file: The module that imports, relative to the folder above the package.
        line: Where it does.
        importer: Its dotted name, the package's own excluded.
        imported: The dotted name of what is imported, likewise; that of another package in full.
        is_own: Whether that is a module of this package.
    """

    file: str
    line: int
    importer: str
    imported: str
    is_own: bool

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


def imports_of(package: Path, name: str = "") -> list[Import]:
    """Return what every module of a package imports.

    Args:
        package: The folder.
        name: What the package is called where its own modules import each other by their full
            names; without it, only relative imports count as the package's own.
    """
    modules = {_dotted(package, path): path for path in sorted(package.rglob("*.py"))}
    return [
        Import(path.relative_to(package.parent).as_posix(), line, importer, imported, is_own)
        for importer, path in modules.items()
        for line, base, names, is_own in _statements(path, importer, name)
        for imported in _targets(base, names, modules if is_own else {})
    ]


def upward(package: Path, order: Sequence[str], name: str = "") -> list[str]:
    """Name each import of a room that is not below, and each room that the order lacks."""
    found = []
    floors = {"__main__": -2, "": -1, **{room: floor for floor, room in enumerate(order)}}
    for path in sorted(package.rglob("*.py")):
        room = _room(_dotted(package, path))
        if room not in floors:
            floors[room] = len(floors)
            where = path.relative_to(package.parent).as_posix()
            found.append(f"{where}: {room} is no room of the order")
    for one in imports_of(package, name):
        above, below = _room(one.importer), _room(one.imported)
        if one.is_own and above != below and floors[above] >= floors.get(below, -1):
            found.append(f"{one.where}: {above or 'the package'} imports {below or 'the package'}")
    return found


def circles(package: Path, name: str = "") -> list[str]:
    """Name each circle between modules once, with the place of every import in it."""
    places: dict[str, dict[str, str]] = {}
    for one in imports_of(package, name):
        if one.is_own and one.imported != one.importer:
            places.setdefault(one.importer, {}).setdefault(one.imported, one.where)
    found: dict[frozenset[str], str] = {}
    for start in sorted(places):
        way = _way_back(places, start)
        if way:
            steps = (f"{places[a][b]} imports {b or 'the package'}" for a, b in way)
            found.setdefault(frozenset(step for step, _ in way), ", ".join(steps))
    return list(found.values())


def foreign(package: Path, allowed: Collection[str] = (), name: str = "") -> list[str]:
    """Name each import of what is neither the package's own, the standard library's nor allowed."""
    known = sys.stdlib_module_names | set(allowed)
    return [
        f"{one.where}: {one.imported} is not of the standard library"
        for one in imports_of(package, name)
        if not one.is_own and one.imported.partition(".")[0] not in known
    ]


def too_long(package: Path, most: int) -> list[str]:
    """Name each module that has more lines than that."""
    lengths = {
        path.relative_to(package.parent).as_posix(): len(path.read_bytes().splitlines())
        for path in sorted(package.rglob("*.py"))
    }
    return [f"{file}:{most + 1}: {n} lines" for file, n in lengths.items() if n > most]


def _dotted(package: Path, path: Path) -> str:
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return module.partition(".")[0]


def _statements(path: Path, importer: str, name: str) -> Iterator[tuple[int, str, list[str], bool]]:
    """Yield each import: its line, what it starts from, the names and whether that is own."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                base, is_own = _without(alias.name, name)
                yield node.lineno, base, [], is_own
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if node.level:
                parts = importer.split(".") if importer else []
                drop = node.level - (path.name == "__init__.py")
                parts = [*parts[: len(parts) - drop], *filter(None, [node.module])]
                yield node.lineno, ".".join(parts), names, True
            else:
                base, is_own = _without(node.module or "", name)
                yield node.lineno, base, names, is_own


def _without(module: str, name: str) -> tuple[str, bool]:
    if name and f"{module}.".startswith(f"{name}."):
        return module[len(name) + 1 :], True
    return module, False


def _targets(base: str, names: list[str], modules: Collection[str]) -> list[str]:
    """Return the modules behind `from base import names`: some names may be modules themselves."""
    below = {name: f"{base}.{name}" if base else name for name in names}
    found = [below[name] if below[name] in modules else base for name in names]
    return list(dict.fromkeys(found)) or [base]


def _way_back(places: dict[str, dict[str, str]], start: str) -> list[tuple[str, str]]:
    """Return the steps of the shortest way from a module to itself; none when there is none."""
    ways: dict[str, list[tuple[str, str]]] = {start: []}
    pending = [start]
    for module in pending:
        for following in sorted(places.get(module, ())):
            way = [*ways[module], (module, following)]
            if following == start:
                return way
            if following not in ways:
                ways[following] = way
                pending.append(following)
    return []
