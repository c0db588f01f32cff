"""The tests that a project has already, and their configuration."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from ..code.files import Tree, decode
from ..findings import Finding

CONFIGURATIONS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_ONE_LOOP = re.compile(
    rb"scope *= *[\"'](?:session|package|module)[\"'][^\n]*\)\s*\n(?:async )?def event_loop\("
)
_TEST_FILE = re.compile(r"(^|/)(test_\w*|\w+_test|tests?)\.py$")


class Suites:
    """Reads what is there of tests.

    Attributes:
        tests: `present`, `dir`, `files`, `conftest`, `config`, `options`.
        one_loop: Whether they run in one event loop, which pytest-asyncio had a fixture for once.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.config = pytest_configuration(tree.root)
        self.tests = self._tests()
        self.one_loop = self._one_loop()

    def _tests(self) -> Finding:
        folders: dict[str, int] = {}
        files = [path for path in self.tree.python if _TEST_FILE.search(path)]
        for path in files:
            parts = path.split("/")
            folder = next(
                (
                    "/".join(parts[: i + 1])
                    for i, part in enumerate(parts[:-1])
                    if part in ("tests", "test")
                ),
                "/".join(parts[:-1]) or ".",
            )
            folders[folder] = folders.get(folder, 0) + 1
        conftests = [path for path in self.tree.python if path.rpartition("/")[2] == "conftest.py"]
        if not files and not conftests:
            return Finding(
                {
                    "present": False,
                    "dir": None,
                    "files": 0,
                    "beside": [],
                    "conftest": False,
                    "config": self.config or None,
                },
                "",
                "high",
            )
        for path in conftests:
            folder = path.rpartition("/")[0] or "."
            folders.setdefault(folder, 0)
        best = max(
            folders, key=lambda f: (f.rpartition("/")[2] in ("tests", "test"), folders[f], -len(f))
        )
        if best == "." and "tests.py" in self.tree:
            best = "tests.py"
        value = {
            "present": True,
            "dir": best,
            "files": folders.get(best, 0) or len(files),
            "beside": _folders_of([it for it in folders if folders[it] and not _is_in(it, best)]),
            "conftest": bool(conftests),
            "config": self.config or None,
            "unittest": any(b"unittest.TestCase" in self.tree.read(path) for path in files[:200]),
            "options": self._options(),
        }
        first = next((path for path in files if path.startswith(best)), best)
        return Finding(value, f"{first}:1", "high")

    def _one_loop(self) -> Finding:
        for path in self.tree.python:
            if path.endswith("conftest.py") and _ONE_LOOP.search(self.tree.read(path)):
                return Finding(True, f"{path}:1", "high")
        return Finding()

    def _options(self) -> str:
        text = self.tree.text(self.config) if self.config else ""
        match = re.search(
            r"^addopts\s*=\s*(\[[^\]]*\]|\"\"\".*?\"\"\"|.*(?:\n[ \t]+\S.*)*)",
            text,
            re.M | re.S if '"""' in text else re.M,
        )
        return " ".join(re.sub(r"[\[\]\"',]", " ", match.group(1)).split()) if match else ""


def _is_in(folder: str, other: str) -> bool:
    return other == "." or f"{folder}/".startswith(f"{other}/")


def _folders_of(folders: list[str]) -> list[str]:
    """Return the first parts of the paths of folders, each once; nothing of the root itself."""
    return sorted({folder.partition("/")[0] for folder in folders} - {"."})


def pytest_configuration(root: Path) -> str:
    """Follow pytest's own order: https://docs.pytest.org/en/stable/reference/customize.html"""
    for name in CONFIGURATIONS:
        if (root / name).exists():
            return name
    pyproject = _text(root / "pyproject.toml")
    if "[tool.pytest.ini_options]" in pyproject or "[tool.pytest]" in pyproject:
        return "pyproject.toml"
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(_text(root / name))
        except configparser.Error:
            continue
        if parser.has_section(section):
            return name
    return ""


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except OSError:
        return ""
