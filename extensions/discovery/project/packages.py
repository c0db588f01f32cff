"""Package manager, lock, dependency files and groups, and the range of Pythons."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import Any

import tomllib

from ..code.files import Tree, decode, line_of, parents_of_the_project
from ..findings import Finding

LOCKS = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "pixi.lock": "pixi",
    "pylock.toml": "pip",
}
_REQUIREMENTS = (
    r"(.*/)?(requirements[\w.-]*|[\w.-]*requirements|constraints[\w.-]*)\.(txt|in)"
    r"|(.*/)?requirements/[\w.-]+\.(txt|in)"
)
_NAME = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")


class Packages:
    """What the project installs, and with what.

    Attributes:
        names: Normalised names of all packages it asks for, with the place of each.
        dependencies: `manager`, `files`, `lock` and `groups`.
        python: The range of Pythons it declares.
        manager: `uv`, `poetry` or `pip`, as the questions know them.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.names: dict[str, str] = {}
        self.extras: set[str] = set()
        self.groups: list[str] = []
        self._files: list[str] = []
        self.pyprojects = self._pyprojects()
        self.pyproject = self.pyprojects[0][1] if self.pyprojects else {}
        for name, data in self.pyprojects:
            self._from_pyproject(name, data)
        self._from_requirements()
        self._from_setup()
        self._from_pipfile()
        self.python = self._python()
        self.dependencies = self._dependencies()

    def _pyprojects(self) -> list[tuple[str, dict[str, Any]]]:
        found = []
        for name in self.tree.named(r"([^/]+/){0,2}pyproject\.toml"):
            try:
                found.append((name, tomllib.loads(self.tree.text(name))))
            except (tomllib.TOMLDecodeError, RecursionError):  # noqa: PERF203 - one bad file must not stop the others
                found.append((name, {}))
        return found

    def has(self, *names: str) -> bool:
        """Say whether the project asks for any of some packages."""
        return any(_normal(name) in self.names for name in names)

    def _ask(self, requirement: Any, file: str) -> None:
        if not isinstance(requirement, str):
            return
        match = _NAME.match(requirement)
        if match is None:
            return
        line = self._line(file, match.group(1))
        self.names.setdefault(_normal(match.group(1)), f"{file}:{line}")
        extras = re.search(r"\[([\w\s,.-]+)\]", requirement)
        if extras:
            for extra in extras.group(1).split(","):
                self.extras.add(f"{_normal(match.group(1))}[{_normal(extra)}]")

    def _line(self, file: str, name: str) -> int:
        text = self.tree.text(file)
        match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
        return line_of(text, match.start()) if match else 1

    def _from_pyproject(self, name: str, data: dict[str, Any]) -> None:
        project = _table(data, "project")
        poetry = _table(data, "tool", "poetry")
        lists = [project.get("dependencies")]
        for groups in (_table(project, "optional-dependencies"), _table(data, "dependency-groups")):
            self.groups += groups
            lists += groups.values()
        for listed in lists:
            for requirement in listed if isinstance(listed, list) else ():
                self._ask(requirement, name)
        tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
        for group, table in _table(poetry, "group").items():
            self.groups.append(group)
            tables.append(_table(table, "dependencies") if isinstance(table, dict) else {})
        tables.append(_table(data, "tool", "pdm", "dev-dependencies"))
        for table in tables:
            for package, wanted in table.items():
                extras = wanted.get("extras", []) if isinstance(wanted, dict) else []
                self._ask(f"{package}[{','.join(map(str, extras))}]" if extras else package, name)
        if project.get("dependencies") is not None or poetry or _table(data, "dependency-groups"):
            self._files.append(name)

    def _from_requirements(self) -> None:
        for name in self.tree.named(_REQUIREMENTS):
            if name.count("/") > 2:
                continue
            self._files.append(name)
            for line in self.tree.text(name).splitlines():
                stripped = line.strip().lstrip("﻿")
                if stripped and not stripped.startswith(("#", "-")):
                    self._ask(stripped, name)

    def _from_setup(self) -> None:
        if "setup.cfg" in self.tree:
            parser = configparser.ConfigParser(interpolation=None, strict=False)
            try:
                parser.read_string(self.tree.text("setup.cfg"))
                for line in parser.get("options", "install_requires", fallback="").splitlines():
                    self._ask(line.strip(), "setup.cfg")
                if parser.has_section("options"):
                    self._files.append("setup.cfg")
            except (configparser.Error, ValueError):
                pass
        if "setup.py" in self.tree:
            text = self.tree.text("setup.py")
            self._files.append("setup.py")
            listed = re.search(r"install_requires\s*=\s*\[(.*?)\]", text, re.S)
            for requirement in re.findall(
                r"[\"']([^\"']+)[\"']", listed.group(1) if listed else ""
            ):
                self._ask(requirement, "setup.py")

    def _from_pipfile(self) -> None:
        if "Pipfile" in self.tree:
            self._files.append("Pipfile")
            for section in ("packages", "dev-packages"):
                for package in _table(self._pipfile(), section):
                    self._ask(package, "Pipfile")

    def _pipfile(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.tree.text("Pipfile"))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    def _dependencies(self) -> Finding:
        lock, above = next((name for name in LOCKS if name in self.tree), ""), ""
        if not lock:
            nested = self.tree.named(r"[^/]+/(" + "|".join(map(re.escape, LOCKS)) + ")")
            lock = nested[0] if nested else ""
        if not lock and not self.tree.named(_REQUIREMENTS):
            lock, above = self._lock_above()
        manager, sure = self._manager(lock)
        value = {"manager": manager, "files": self._files, "lock": above or lock or None,
                 "groups": list(dict.fromkeys(self.groups))}  # fmt: skip
        if not self._files and not lock:
            return Finding()
        place = above or lock or self._files[0]
        return Finding(value, f"{place}:1", "high" if sure else "medium")

    def _lock_above(self) -> tuple[str, str]:
        for depth, folder in enumerate(parents_of_the_project(self.tree.root), start=1):
            for name in LOCKS:
                try:
                    if (folder / name).is_file():
                        return name, "../" * depth + name
                except OSError:  # noqa: PERF203 - one bad file must not stop the others
                    continue
        return "", ""

    def _manager(self, lock: str) -> tuple[str, bool]:
        name = lock.rpartition("/")[2]
        requirements = [file for file in self._files if "requirements" in file]
        if name == "Pipfile.lock" and requirements:
            return "pip", False
        if name:
            return LOCKS[name], True
        tools = _table(self.pyproject, "tool")
        for tool in ("poetry", "pdm", "uv", "hatch", "pixi"):
            if tool in tools and (tool != "hatch" or not requirements):
                return tool, tool != "uv"
        if "Pipfile" in self.tree and not requirements:
            return "pipenv", True
        if not requirements and _table(self.pyproject, "project"):
            return "uv", False
        return "pip", bool(requirements)

    def _python(self) -> Finding:
        for name, data in self.pyprojects:
            for found in (
                _table(data, "project").get("requires-python"),
                _table(data, "tool", "poetry", "dependencies").get("python"),
            ):
                value = found.get("version") if isinstance(found, dict) else found
                if isinstance(value, str) and value.strip():
                    key = (
                        "requires-python" if "requires-python" in self.tree.text(name) else "python"
                    )
                    return Finding(value.strip(), f"{name}:{self._line(name, key)}", "high")
        if "setup.py" in self.tree:
            text = self.tree.text("setup.py")
            match = re.search(r"python_requires\s*=\s*[\"']([^\"']+)", text)
            if match:
                return Finding(match.group(1), f"setup.py:{line_of(text, match.start())}", "high")
        for file, pattern in (
            ("setup.cfg", r"python_requires\s*=\s*(\S+)"),
            ("Pipfile", r"python_(?:full_)?version\s*=\s*[\"']([^\"']+)"),
            (".python-version", r"^(?:cpython-)?(\d+\.\d+)[\w.]*\s*$"),
            ("runtime.txt", r"python-(\d+\.\d+)"),
        ):
            text = self.tree.text(file) if file in self.tree else ""
            match = re.search(pattern, text, re.M)
            if match:
                value = match.group(1)
                return Finding(
                    value if file == "setup.cfg" else f"=={value}.*",
                    f"{file}:{line_of(text, match.start())}",
                    "high" if file == "setup.cfg" else "medium",
                )
        return Finding()

    @property
    def asked(self) -> Finding:
        """The names of all packages, as one fact."""
        return Finding(sorted(self.names), next(iter(self.names.values()), ""), "high")


def simple_manager(root: Path) -> str:
    """Return `uv`, `poetry` or `pip`: what the questions offer."""
    if (root / "uv.lock").exists():
        return "uv"
    if (root / "poetry.lock").exists() or "[tool.poetry]" in _read(root / "pyproject.toml"):
        return "poetry"
    of_pip = (root / "requirements.txt").exists() or any(root.glob("requirements/*.txt"))
    if (root / "pyproject.toml").exists() and not of_pip:
        return "uv"
    return "pip"


def _read(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except OSError:
        return ""


def _table(data: Any, *names: str) -> dict[str, Any]:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
