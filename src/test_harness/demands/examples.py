"""What the project's own examples say: `.env.example` and files that settings may lie in.

The real `.env` of a person is not among them: its database and its keys are not for tests.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from test_harness.demands.reads import is_of_the_project
from test_harness.project import project_dir, suite_dir

_EXAMPLE = re.compile(
    r"\.?env[\w.-]*(example|sample|template|dist|default|test)[\w.-]*|(example|sample|template)\.?env"
)
_SETTINGS = {
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".ini",
    ".cfg",
    ".conf",
    ".pem",
    ".key",
    ".crt",
    ".txt",
    ".csv",
}
_OF_TOOLS = re.compile(
    r"pyproject\.toml|.*lock.*|package.*\.json|(docker-)?compose.*|requirements.*|alembic\.ini|"
    r"pytest\.ini|tox\.ini|setup\.cfg|mypy\.ini|\..*|ruff\.toml|tsconfig.*|renovate\.json|LICENSE.*|README.*"
)
_LINE = re.compile(r"""\s*(?:export\s+)?(\w+)\s*=\s*(?:(["'])(.*)\2|([^#\n]*?))\s*(?:\s#.*)?$""")
# Flask's are Python: `instance/testing.py`, `config.cfg`.
_SETTINGS_OF_FLASK = re.compile(r"(?i)(\w*(config|settings)\w*|test(ing)?|dev\w*|local)\.py")
_FOR_TESTS = ("test", "example", "sample", "template", "dist", "ci", "local", "dev", "default")
_PRODUCTION = re.compile(r"(?i)prod|staging|live")
_DEEPEST = 4
_MOST = 4


@cache
def examples() -> dict[str, str]:
    """Return the value of each variable that an example of an environment file gives one."""
    found: dict[str, str] = {}
    for folder in (project_dir(), *project_dir().parents[:2]):
        files = [path for path in _files_in(folder) if _EXAMPLE.fullmatch(path.name)]
        # What is for tests wins over what is for a new developer.
        for path in sorted(files, key=lambda path: ("test" not in path.name, path.name)):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if match := _LINE.match(line):
                    name, value = match[1].upper(), match[3] if match[2] else match[4]
                    found.setdefault(name, value or "")
        if (folder / ".git").exists():
            break
    return {name: value for name, value in found.items() if value and "${" not in value}


def _files_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except OSError:
        return []


def files_like(name: str, *, alike: bool = False) -> Iterator[str]:
    """Return files of the project that a variable may mean, the likeliest first.

    Args:
        name: What the variable is called.
        alike: Whether only those count that share a word with it.
    """
    words = set(re.findall(r"[a-z]+", name.lower())) - {"file", "path", "filename"}

    def rank(path: Path) -> tuple[int, float, str]:
        stem = path.name.lower()
        tests = next(
            (i for i, word in enumerate(_FOR_TESTS) if word in path.as_posix()), len(_FOR_TESTS)
        )
        alike = max(
            (difflib.SequenceMatcher(None, word, stem).ratio() for word in words), default=0
        )
        named = 0 if any(word in path.as_posix().lower() for word in words) else 1
        return (named, tests - alike, path.as_posix())

    found = [path for path in _settings_files() if not _PRODUCTION.search(path.name)]
    if alike:
        found = [path for path in found if any(word in path.name.lower() for word in words)]
    yield from (path.as_posix() for path in sorted(found, key=rank)[:_MOST])


def example_of(name: str) -> str:
    """Return the file of the project that one with this name is copied from; empty without one.

    Args:
        name: Of the file that is not there: `config.yaml` of `config.example.yaml`.
    """
    parts = set(name.lower().strip(".").split("."))
    found = (
        path.as_posix()
        for path in _settings_files()
        if set(re.split(r"[._-]", path.name.lower())) - parts <= {*_FOR_TESTS}
        and parts < set(re.split(r"[._-]", path.name.lower()))
    )
    return min(found, default="", key=len)


@cache
def _settings_files() -> list[Path]:
    base, found = project_dir(), []
    for folder, folders, names in os.walk(base):
        here = Path(folder)
        depth = len(here.relative_to(base).parts)
        folders[:] = [
            name for name in folders
            if depth < _DEEPEST and not name.startswith((".", "node_modules", "__pycache__"))
            and here / name != suite_dir() and is_of_the_project(str(here / name / "x"))
        ]  # fmt: skip
        found += [
            (here / name).relative_to(base)
            for name in names
            if not _OF_TOOLS.fullmatch(name)
            and (
                Path(name).suffix in _SETTINGS
                or ("flask" in sys.modules and _SETTINGS_OF_FLASK.fullmatch(name))
            )
        ]
    return found
