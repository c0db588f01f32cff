"""What the configuration of pytest says about which files, classes and functions are tests."""

from __future__ import annotations

import configparser
import importlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from test_harness.errors import HarnessError
from test_harness.project import SETTINGS_FILE

# The file, and the section of it that makes it a configuration of pytest.
INI = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"))
CFG = ("setup.cfg", "tool:pytest")
TOML = "pyproject.toml"


class ConfigurationError(HarnessError):
    """A file of configuration cannot be read."""


@dataclass(frozen=True)
class Configuration:
    """What decides which tests there are.

    Args:
        root: The folder of the file it stands in, or of the project where there is none.
        file: That file.
        testpaths: Where tests are looked for where no path is given.
        python_files: What files of tests are called.
        python_classes: How the names of classes with tests begin, or patterns of them.
        python_functions: The same of functions.
        pythonpath: Folders that imports start from, beside `root`.
        options: The rest, as it is written.
        has_harness: Whether the tests are run by the harness, which seeds random values.
    """

    root: Path
    file: Path | None = None
    testpaths: tuple[str, ...] = ()
    python_files: tuple[str, ...] = ("test_*.py", "*_test.py")
    python_classes: tuple[str, ...] = ("Test",)
    python_functions: tuple[str, ...] = ("test",)
    pythonpath: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    has_harness: bool = False

    def is_function(self, name: str) -> bool:
        """Tell whether a function of that name is a test."""
        return _fits(name, self.python_functions)

    def is_class(self, name: str) -> bool:
        """Tell whether a class of that name has tests."""
        return _fits(name, self.python_classes)

    def is_file(self, name: str) -> bool:
        """Tell whether a file of that name has tests."""
        return any(fnmatch(name, pattern) for pattern in self.python_files)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    return any(
        name.startswith(one) or (any(c in one for c in "*?[") and fnmatch(name, one))
        for one in patterns
    )


def configuration(start: Path) -> Configuration:
    """Return the configuration that pytest would take for a path.

    Args:
        start: A file of tests, or a folder.

    Raises:
        ConfigurationError: A file that may be one cannot be read.
    """
    folder = start if start.is_dir() else start.parent
    project = None
    for above in (folder, *folder.parents):
        for path, section in _candidates(above):
            values = _section(path, section)
            if values is not None:
                return _made(above, path, values)
        if project is None and any((above / name).exists() for name in (TOML, "setup.py")):
            project = above
        if (above / ".git").exists():
            break
    return _made(project or folder, None, {})


def _candidates(folder: Path) -> list[tuple[Path, str]]:
    named = [*INI[:2], (TOML, ""), *INI[2:], CFG]
    return [(folder / name, section) for name, section in named if (folder / name).is_file()]


def _section(path: Path, section: str) -> dict[str, str] | None:
    if path.suffix == ".toml":
        return _of_toml(path)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {str(error).splitlines()[0]}.", "Mend it, as pytest needs it."
        ) from None
    if parser.has_section(section):
        return dict(parser.items(section))
    # An empty pytest.ini is one as well.
    return {} if path.name.endswith("pytest.ini") else None


def _of_toml(path: Path) -> dict[str, str] | None:
    text = path.read_text(encoding="utf-8", errors="replace")
    if "tool.pytest" not in text:
        return None
    try:
        toml: Any = importlib.import_module("tomllib")
    except ModuleNotFoundError:  # before Python 3.11
        toml = importlib.import_module("tomli")
    try:
        found = toml.loads(text).get("tool", {}).get("pytest", {})
    except ValueError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.", "Mend it.") from None
    values = found.get(
        "ini_options", {key: it for key, it in found.items() if key != "ini_options"}
    )
    return {
        key: "\n".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in values.items()
    }


def _made(root: Path, file: Path | None, values: Mapping[str, str]) -> Configuration:
    given: dict[str, Any] = {
        key: tuple(shlex.split(values[key], comments=True))
        for key in ("testpaths", "python_files", "python_classes", "python_functions", "pythonpath")
        if values.get(key, "").strip()
    }
    harness = any(root.glob(f"*/{SETTINGS_FILE}")) or (root / SETTINGS_FILE).exists()
    return Configuration(root, file, options=values, has_harness=harness, **given)
