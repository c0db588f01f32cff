"""Which folders of a project setuptools would put into what it builds; others name theirs.

hatchling, flit, poetry, pdm and uv look for a package of the project's name, and take a folder of
tests only where somebody writes that down.
Source: https://setuptools.pypa.io/en/latest/userguide/package_discovery.html
"""

from __future__ import annotations

import ast
import configparser
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import tomllib

NAMED = ("packages", "py_modules", "ext_modules")
FINDS_FOLDERS = ("find_namespace_packages", "find_namespace:")


def is_packaged(root: Path) -> Callable[[str], bool]:
    """Return what says whether a folder of Python files with no `__init__.py` would be packaged.

    Args:
        root: The project's folder.
    """
    finders = [*_finders(root)]
    if not finders and _chooses_by_itself(root):
        # It refuses to choose between several folders, but for those of these names.
        return lambda folder: not (folder == "tests" or folder.startswith("_"))
    return lambda folder: any(_is_found(folder, finder) for finder in finders)


def _is_found(folder: str, finder: Mapping[str, Any]) -> bool:
    if "." not in _listed(finder.get("where", ".")):
        return False
    included, excluded = (_listed(finder.get(key, ())) for key in ("include", "exclude"))
    names = [folder]
    if not {f"{folder}*", f"{folder}.*"} & set(excluded):
        names.append(f"{folder}.checks")
    return any(
        any(fnmatchcase(name, pattern) for pattern in included or ["*"])
        and not any(fnmatchcase(name, pattern) for pattern in excluded)
        for name in names
    )


def _finders(root: Path) -> Iterator[Mapping[str, Any]]:
    """Yield where and how folders without an `__init__.py` are looked for."""
    tool = _pyproject(root).get("tool", {}).get("setuptools", {})
    packages = tool.get("packages", {})
    if isinstance(packages, dict) and _builds(root):
        finder = packages.get("find", {"namespaces": False})
        if finder.get("namespaces", True):
            yield finder
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read_string(_text(root / "setup.cfg"))
    except configparser.Error:
        return
    if config.get("options", "packages", fallback="").strip() in FINDS_FOLDERS:
        section = "options.packages.find"
        yield dict(config[section]) if section in config else {}
    yield from _in_setup_py(root)


def _in_setup_py(root: Path) -> Iterator[dict[str, Any]]:
    try:
        tree = ast.parse(_text(root / "setup.py"))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in FINDS_FOLDERS or (name == "find" and "PEP420" in ast.unparse(node.func)):
            values = dict(zip(("where", "exclude", "include"), node.args, strict=False))
            values |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            yield {key: _constant(value) for key, value in values.items()}


def _constant(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ()


def _listed(value: Any) -> list[str]:
    """Return what is given as a list, or in lines or with commas as setup.cfg has it."""
    if isinstance(value, str):
        return [part.strip() for part in value.replace(",", "\n").splitlines() if part.strip()]
    return [str(part) for part in value]


def _chooses_by_itself(root: Path) -> bool:
    """Say whether nobody names the packages, so that setuptools takes each folder for one."""
    if any(name in _text(root / file) for file in ("setup.py", "setup.cfg") for name in NAMED):
        return False
    tool = _pyproject(root).get("tool", {}).get("setuptools", {})
    named = {"packages", "py-modules", "package-dir", "ext-modules"} & tool.keys()
    return _builds(root) and not named and not (root / "src").is_dir()


def _builds(root: Path) -> bool:
    """Say whether setuptools builds the project.

    Without a table of its own nobody does, and pip alone would take setuptools.
    """
    system = _pyproject(root).get("build-system")
    if system is None:
        return (root / "setup.py").is_file()
    return str(system.get("build-backend", "setuptools")).startswith("setuptools")


def _pyproject(root: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(root / "pyproject.toml"))
    except ValueError:
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
