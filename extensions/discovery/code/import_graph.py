"""Which modules of a backend import which, read off their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .modules import Module
from .source import Source

_FROM = re.compile(
    rb"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]*(\([^)]*\)|[^\n;#]*)"
    rb"|^[ \t]*import[ \t]+([\w., \t]+)", re.M
)  # fmt: skip

_DYNAMIC = (b"pkgutil", b"import_module", b"iter_modules", b"__import__", b"import_string",
            b"find_modules", b"rglob", b"glob(")  # fmt: skip


def imported_from(source: Source, start: Iterable[Module]) -> set[str]:
    """Return the paths of all modules that some modules import, however far away.

    Imports are read off the bytes: inside of functions they count as well, and nothing has to
    be parsed. What finds modules by their files imports everything below its folder.
    """
    pending, seen = list(start), set()
    while pending:
        module = pending.pop()
        if module.path in seen:
            continue
        seen.add(module.path)
        pending += (found for found in imports(source, module) if found.path not in seen)
    return seen


def imports(source: Source, module: Module) -> Iterator[Module]:
    """Return the modules of the backend that a module imports itself, some more than once."""
    for base_name, names, plain in set(_FROM.findall(module.data)):
        targets = []
        if plain:
            targets = [part.split()[0].decode() for part in plain.split(b",") if part.split()]
        else:
            text = base_name.decode()
            level = len(text) - len(text.lstrip("."))
            base = module.absolute(text[level:], level)
            imported = re.findall(r"(\w+)(?:\s+as\s+\w+)?", names.decode("utf-8", "replace"))
            targets = [base, *(f"{base}.{name}" for name in imported)]
        for target in targets:
            found = source.find(target, module)
            if found is not None:
                yield found
                yield from _packages_of(source, found)
    if module.has(*_DYNAMIC):
        folder = module.path.rpartition("/")[0]
        if folder:
            yield from (
                m for m in source.modules if m.path.startswith(f"{folder}/") and m.aside < 2
            )
    if module.has(*_DYNAMIC, b"from_object("):
        for name in re.findall(rb"[\"']([a-z_]\w*(?:\.\w+)+)[\"']", module.data):
            found = source.find(name.decode(), module)
            if found is not None:
                yield found


def _packages_of(source: Source, module: Module) -> Iterator[Module]:
    """Packages are imported before what lies in them."""
    folder = module.path.rpartition("/")[0]
    while folder:
        package = source.by_path.get(f"{folder}/__init__.py")
        if package is not None:
            yield package
        folder = folder.rpartition("/")[0]
