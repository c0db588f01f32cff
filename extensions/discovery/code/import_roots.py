"""Where imports start: the folders that have to be on `sys.path` for the code to be found."""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from functools import lru_cache

from .distance import aside
from .files import Tree

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\w[\w.]*)[ \t]+import|import[ \t]+(\w[\w.]*))", re.M)
# A folder `alembic/` beside the code holds migrations, and is not what `import alembic` finds.
_NEVER_OURS = sys.stdlib_module_names | {
    "alembic", "celery", "fastapi", "flask", "jwt", "litestar", "pydantic", "redis", "sqlalchemy",
    "sqlmodel", "starlette",
}  # fmt: skip
# Imports stand at the top of a file; to search all of thousands of files would be slow.
_SEARCHED = 12_000


class ImportRoots:
    """Folders relative to the destination: `.` and `src`, but also `..` when it is a package.

    Args:
        tree: The files.
        installed: Names of the packages that the project asks for.

    Attributes:
        votes: How many imports of the application start from each folder.
    """

    def __init__(self, tree: Tree, installed: frozenset[str] = frozenset()) -> None:
        self.tree = tree
        self.installed = frozenset(name.replace("-", "_") for name in installed)
        self.package_name = tree.root.resolve().name
        self._files = frozenset(tree.python)
        self._folders: set[str] = set()
        for path in tree.python:
            folder = path.rpartition("/")[0]
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]
        self._holders: dict[str, set[str]] = defaultdict(set)
        for path in (*tree.python, *self._folders):
            folder, _, name = path.rpartition("/")
            self._holders[name.removesuffix(".py")].add(folder)
        self.votes: Counter[str] = Counter()
        self.used: dict[str, Counter[str]] = {}
        self._cached = lru_cache(maxsize=None)(self._locate)
        self._root_of = lru_cache(maxsize=None)(self._find_root)
        self._count()

    def _count(self) -> None:
        for path in self.tree.python:
            if aside(path) > 1:
                continue
            data = self.tree.read(path)[:_SEARCHED]
            for first, second in set(_IMPORT.findall(data)):
                name = (first or second).decode()
                root = self._root_of(name, path.rpartition("/")[0])
                if root is not None:
                    weight = 1 if aside(path) else 3
                    self.votes[root] += weight
                    self.used.setdefault(path, Counter())[root] += 1

    def _find_root(self, name: str, asking: str) -> str | None:
        top = name.partition(".")[0]
        if top in _NEVER_OURS:
            return None
        relative = name.replace(".", "/")
        fitting = [
            folder
            for folder in self._holders.get(top, ())
            if self._is_module(f"{folder}/{relative}" if folder else relative)
            and not self._wraps(f"{folder}/{top}.py")
        ]
        if top in self.installed:
            # `secure.py` beside the file that imports a package of that name is not meant.
            fitting = [folder for folder in fitting if folder == ""]
        if fitting:
            return min(fitting, key=lambda folder: self._distance(folder, asking)) or "."
        if top == self.package_name and "." in name:
            below = name.partition(".")[2].replace(".", "/")
            return ".." if self._is_module(below) else None
        if name == self.package_name and "__init__.py" in self._files:
            return ".."
        return None

    def _wraps(self, path: str) -> bool:
        """Say whether a module imports what has its own name, which then means another one."""
        if path not in self._files:
            return False
        name = path.rpartition("/")[2].removesuffix(".py").encode()
        imported = (first or second for first, second in _IMPORT.findall(self.tree.read(path)))
        return any(it.partition(b".")[0] == name for it in imported)

    def _is_module(self, path: str) -> bool:
        return f"{path}.py" in self._files or path in self._folders

    def is_folder(self, name: str, asking: str = "") -> bool:
        """Say whether a dotted name is a folder of the backend, with an `__init__.py` or not."""
        return self._root_of(name, asking.rpartition("/")[0]) is not None

    def locate(self, name: str, asking: str = "") -> str | None:
        """Return the file of a dotted module name, nearest to the file that asks for it."""
        folder = asking.rpartition("/")[0]
        return self._cached(name, folder)

    def _locate(self, name: str, folder: str) -> str | None:
        root = self._root_of(name, folder)
        if root is None:
            return None
        relative = name.replace(".", "/")
        if root == "..":
            relative = name.partition(".")[2].replace(".", "/")
            root = "."
        base = relative if root == "." else f"{root}/{relative}"
        for path in (f"{base}/__init__.py" if base else "__init__.py", f"{base}.py"):
            if path in self._files:
                return path
        return None

    def module_name(self, path: str) -> str:
        """Return the dotted name that the application itself would import a file by."""
        root, base = self.root_for(path), path.removesuffix(".py")
        if root == "..":
            base = f"{self.package_name}/{base}"
        elif root != ".":
            base = base[len(root) + 1 :]
        parts = base.split("/")
        if parts[-1] == "__init__":
            parts = parts[:-1]
        return ".".join(parts)

    def root_for(self, path: str) -> str:
        """Return the folder that imports of a file start from."""
        holding = [
            root for root in self.votes if root in (".", "..") or path.startswith(f"{root}/")
        ]
        # A script that imports its neighbour does not make a root of a folder inside a package.
        if holding:
            best = max(holding, key=lambda root: (self.votes[root], -len(root)))
            deeper = [
                r for r in holding if r != best and best in (".", "..") and r not in (".", "..")
            ]
            for root in sorted(deeper, key=len):
                if not self._inside_package(root) and self.votes[root] >= 6:
                    return root
            return best
        folder = path.rpartition("/")[0]
        while folder and f"{folder}/__init__.py" in self._files:
            folder = folder.rpartition("/")[0]
        top = folder.partition("/")[0]
        outside = f"{top}/__init__.py" not in self._files
        return top if top == "src" and folder and outside else "."

    def _inside_package(self, folder: str) -> bool:
        return f"{folder}/__init__.py" in self._files

    def _distance(self, folder: str, asking: str) -> tuple[bool, bool, int, str]:
        """Order folders by how near they are: those that hold the other first, deepest first."""
        holds = not folder or f"{asking}/".startswith(f"{folder}/")
        # What lies inside a package is found by its full name, unless it is run as a script.
        return (
            not holds,
            bool(folder) and self._inside_package(folder),
            -len(folder) if holds else folder.count("/"),
            folder,
        )

    def needed(self, paths: list[str]) -> list[str]:
        """Return the folders that imports of some files start from, the most used first."""
        counted: Counter[str] = Counter()
        for path in paths:
            counted.update(self.used.get(path, {}))
            counted[self.root_for(path)] += 1
        return [root for root, _ in counted.most_common() if self._starts_modules(root)]

    def _starts_modules(self, root: str) -> bool:
        """Whether modules below a folder are named from there, and not from one above it."""
        if root in (".", ".."):
            return True
        below = next((path for path in self.tree.python if path.startswith(f"{root}/")), None)
        return below is not None and self.root_for(below) == root
