"""Modules with two names: the application imports `models`, and `env.py` imports `src.models`."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType


@contextmanager
def one_module_per_file(folder: Path) -> Iterator[None]:
    """Within the block, a file that is a module already is not made another one by another name.

    What `alembic` or a script imports runs in a process of its own when a person calls it. Here it
    runs beside the application, and a second copy of a model maps the same table again.

    Args:
        folder: Where such files lie.
    """
    finder = _Finder(folder.resolve())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is None or not found.has_location or found.origin is None:
            return None
        file = Path(found.origin).resolve()
        if not file.is_relative_to(self._folder) or "site-packages" in file.parts:
            return None
        for name, module in list(sys.modules.items()):
            known = getattr(module, "__file__", None) or ""
            # What runs as a script is no module that anybody could mean.
            if name == "__main__" or not known.endswith(file.name):
                continue
            if Path(known).resolve() == file:
                spec = ModuleSpec(fullname, _Loaded(module), origin=found.origin)
                spec.submodule_search_locations = found.submodule_search_locations
                return spec
        return None


class _Loaded(Loader):
    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has put the other name there.
        module.__spec__ = self._spec
