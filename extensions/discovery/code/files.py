"""The files of a backend, read as bytes: each at most once, none outside of its folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .left_out import (
    DOUBTFUL,
    ENVIRONMENT,
    NEVER,
    NOT_IMPORTED,
    LeftOut,
    imported,
    is_environment,
)

# Generated code beyond this is nobody's application, and would be slow to parse.
LARGEST = 1_000_000
DEEPEST = 24
# What the folders of a repository have, and a folder of projects has not.
_SIGNS = (".git", ".gitignore", ".pre-commit-config.yaml", "LICENSE", "README.md", "compose.yml",
          "docker-compose.yml", "package.json", "pyproject.toml", "uv.lock")  # fmt: skip


class Tree:
    """Every file of a folder that may be read, by its path relative to the folder.

    Links are followed only when what they name lies in the folder, and never into a folder, so
    that a loop of links has no effect. What a person keeps out of sight (`.venv`, `node_modules`,
    vendored and built code that nothing imports) is not part of it.

    Attributes:
        root: The folder.
        python: The Python files, sorted.
        others: All other files, sorted.
        left_out: The folders that are not read although a person can see them.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.python: list[str] = []
        self.others: list[str] = []
        self.too_large: list[str] = []
        self.left_out: list[LeftOut] = []
        self._data: dict[str, bytes] = {}
        self._python: frozenset[str] = frozenset()
        self._others: frozenset[str] = frozenset()
        self._doubtful: dict[str, list[str]] = {}
        self._take(self._walk(str(root), "", 0))
        self._decide()
        self.left_out.sort(key=lambda one: one.folder)

    def _take(self, names: Iterable[str]) -> None:
        for name in names:
            (self.python if name.endswith(".py") else self.others).append(name)
        self.python.sort()
        self.others.sort()
        self._python = frozenset(self.python)
        self._others = frozenset(self.others)

    def _decide(self) -> None:
        """Take the folders that what is taken already imports, until there is no further one."""
        pending = dict(sorted(self._doubtful.items()))
        package = self.root.resolve().name
        for _ in range(len(pending)):
            found = {
                folder: names
                for folder, names in pending.items()
                if imported(folder, names, self.python, self.read, package)
            }
            if not found:
                break
            self._take(name for names in found.values() for name in names)
            pending = {folder: names for folder, names in pending.items() if folder not in found}
        for folder, names in pending.items():
            files = sum(name.endswith(".py") for name in names)
            # What lies in one that is left out needs no word of its own.
            if files and not any(folder.startswith(f"{other}/") for other in pending):
                self.left_out.append(LeftOut(folder, NOT_IMPORTED, files))

    def _walk(self, folder: str, prefix: str, depth: int) -> Iterator[str]:
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError:
            return
        if depth and is_environment(entry.name for entry in entries):
            self.left_out.append(LeftOut(prefix.rstrip("/"), ENVIRONMENT))
            return
        for entry in entries:
            name = entry.name
            try:
                if entry.is_symlink():
                    if not self._inside(entry.path):
                        continue
                    yield prefix + name
                elif entry.is_dir(follow_symlinks=False):
                    hidden = name.startswith(".") and name != ".github"
                    skipped = name in NEVER or name.endswith((".egg-info", ".dist-info"))
                    if depth < DEEPEST and not hidden and not skipped:
                        below = self._walk(entry.path, f"{prefix}{name}/", depth + 1)
                        if name in DOUBTFUL:
                            self._doubtful[f"{prefix}{name}"] = list(below)
                        else:
                            yield from below
                elif entry.is_file(follow_symlinks=False):
                    yield prefix + name
            except OSError:
                continue

    def _inside(self, path: str) -> bool:
        target = Path(os.path.realpath(path))
        return target.is_file() and target.is_relative_to(os.path.realpath(self.root))

    def __contains__(self, name: object) -> bool:
        return name in self._python or name in self._others

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; none when it cannot be read or is too large."""
        if name not in self._data:
            data = b""
            if name in self:
                try:
                    with open(self.root / name, "rb") as file:  # noqa: PTH123 - a Path for each of thousands is slow
                        data = file.read(LARGEST + 1)
                except (OSError, ValueError):
                    data = b""
            if len(data) > LARGEST:
                self.too_large.append(name)
                data = b""
            self._data[name] = data
        return self._data[name]

    def text(self, name: str) -> str:
        """Return a file as text, whatever its encoding."""
        return decode(self.read(name))

    def named(self, pattern: str) -> list[str]:
        """Return the files beside the code whose path matches, the nearest to the top first."""
        expression = re.compile(pattern)
        found = [name for name in self.others if expression.fullmatch(name)]
        return sorted(found, key=lambda name: (name.count("/"), name))


def decode(data: bytes) -> str:
    """Return bytes as text: UTF-8 and UTF-16 with or without a mark, and anything as Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data[1:8:2] == b"\0\0\0\0"[: len(data[1:8:2])] and len(data) > 3:
        return data.decode("utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def line_of(text: str, offset: int) -> int:
    """Return the number of the line, from 1, that an offset lies on."""
    return text.count("\n", 0, offset) + 1


def parents_of_the_project(root: Path) -> list[Path]:
    """Return the folders above that hold the same repository, the nearest first.

    A backend in a sub-folder has its lock, its `.env.example` or its compose file above it. A
    folder counts while it looks like a part of a repository and up to where that starts.
    """
    found: list[Path] = []
    folder = Path(os.path.abspath(root))  # noqa: PTH100 - links are not followed
    while len(found) < 3 and not (folder / ".git").exists():
        folder = folder.parent
        try:
            if folder == folder.parent or not any((folder / sign).exists() for sign in _SIGNS):
                break
        except OSError:
            break
        found.append(folder)
    return found
