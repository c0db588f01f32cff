"""Packages of the harness whose names the application has for modules of its own.

An application may have a module called `factory`, which is what factory_boy calls its package. It
gets its own: the harness loads its packages past the project's folders, and then frees their names.
What the application's module does not have is looked for in the package, so that `from factory
import Sequence` goes on working in tests.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from test_harness.errors import SettingsError
from test_harness.lock.callers import is_of_a_library
from test_harness.project import project_dir, suite_dir

NAMES = ("dotenv", "faker", "factory")
# What of them is asked for later, when the name may be somebody else's.
PARTS = ("dotenv.parser", "factory.alchemy", "factory.builder", "factory.declarations")

_held: dict[str, ModuleType] = {}


def hold() -> None:
    """Load the packages of the harness, whatever modules of the same names the project has.

    Raises:
        SettingsError: One is not installed.
    """
    # pytest takes `..` of `pythonpath` as it is written, and each module would be called so.
    sys.path[:] = [os.path.normpath(entry) if entry else entry for entry in sys.path]
    _search_the_tests_last()
    taken = {name: file for name in NAMES if (file := _module_of_the_project(name)) is not None}
    with _without_the_project():
        for name, file in taken.items():
            if _is_of_the_project(getattr(sys.modules.get(name), "__file__", None) or "/"):
                del sys.modules[name]
            _held[name] = _package(name, file)


def _package(name: str, file: str) -> ModuleType:
    try:
        for part in PARTS:
            if part.startswith(f"{name}."):
                importlib.import_module(part)
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"The package {name!r}, which the harness needs, is not installed here, and {file} is "
            "something else.",
            "Run `make harness-install`.",
        ) from error


def give_back() -> None:
    """Let the application import its own modules of those names from now on."""
    for name in _held:
        sys.modules.pop(name, None)
        for part in [part for part in sys.modules if part.startswith(f"{name}.")]:
            if _module_of_the_project(part) is not None:
                del sys.modules[part]
    if _held and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds modules of the application that have the name of a package of the harness."""

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        package = _held.get(name)
        if package is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            module.__path__ = [*getattr(module, "__path__", ()), *package.__path__]
            module.__getattr__ = lambda attribute: _of_package(package, attribute)  # type: ignore[method-assign]
            run(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _of_package(package: Any, attribute: str) -> Any:
    # Python asks modules for a few of these, and would take the answer for their own.
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return getattr(package, attribute)


def _search_the_tests_last() -> None:
    """Have what the application imports be its own, and not a file of the tests."""
    entries = [entry for entry in sys.path if _is_of_the_project(entry)]
    tests = [entry for entry in entries if Path(entry).resolve() == suite_dir()]
    if not tests or entries[-1] in tests:
        return
    for entry in tests:
        sys.path.remove(entry)
    sys.path.insert(sys.path.index(entries[-1]) + 1, tests[0])


def _module_of_the_project(name: str) -> str | None:
    """Return the file of a module of the project, from the project's folder on."""
    top, _, rest = name.partition(".")
    entries = [entry for entry in sys.path if _is_of_the_project(entry)]
    spec = importlib.machinery.PathFinder.find_spec(top, entries)
    if rest and spec is not None:
        where = spec.submodule_search_locations
        spec = importlib.machinery.PathFinder.find_spec(name, where) if where else None
    # A folder without Python in it stands back behind every package.
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).resolve().relative_to(project_dir()).as_posix()


@contextmanager
def _without_the_project() -> Iterator[None]:
    before = sys.path[:]
    sys.path[:] = [entry for entry in before if not _is_of_the_project(entry)]
    try:
        yield
    finally:
        sys.path[:] = before


def _is_of_the_project(entry: str) -> bool:
    path = Path(entry or ".").resolve()
    return path.is_relative_to(project_dir()) and not is_of_a_library(str(path))
