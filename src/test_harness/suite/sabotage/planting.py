"""A pytest plugin that plants a fault: one module is compiled with it, in memory.

No file is written, and none that was compiled before is read.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType

from test_harness.suite.sabotage.fault import PLANTED, changed


class Planted(importlib.machinery.SourceFileLoader):
    """Loads the one module from its changed tree.

    Args:
        name: Of the module.
        path: Its file.
        code: What is run instead of what stands there.
    """

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        """Return the code with the fault."""
        return self._code


class Finder(MetaPathFinder):
    """Finds the one module, wherever it is imported from.

    Args:
        path: Its file.
        tree: What is run.
    """

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self._path = path.resolve()
        ast.fix_missing_locations(tree)
        self._code = compile(tree, str(path), "exec", dont_inherit=True)
        self._is_asked = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, with the fault if it is the one."""
        if fullname.rpartition(".")[2] not in {self._path.stem, self._path.parent.name}:
            return None
        if self._is_asked:
            return None
        self._is_asked = True
        try:
            found = importlib.util.find_spec(fullname) if path is None else _in(fullname, path)
        finally:
            self._is_asked = False
        if found is None or not found.origin or Path(found.origin).resolve() != self._path:
            return None
        found.loader = Planted(fullname, found.origin, self._code)
        return found


def _in(fullname: str, path: Sequence[str]) -> ModuleSpec | None:
    return importlib.machinery.PathFinder.find_spec(fullname, path)


def plant(key: str, project: Path) -> Finder:
    """Have the module of a fault be imported with the fault in it.

    Args:
        key: What names the fault.
        project: The folder of the project.
    """
    path, module = changed(project, key)
    finder = Finder(path, module.tree)
    sys.meta_path.insert(0, finder)
    return finder


if named := os.environ.get(PLANTED):
    plant(named, Path.cwd())
