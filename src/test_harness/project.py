"""Where the project is that is tested, and the folder in it that the harness was rendered into."""

from __future__ import annotations

import configparser
from functools import cache
from pathlib import Path

from test_harness.errors import SettingsError

SETTINGS_FILE = "harness.toml"
OBSERVED_FILE = "observed.toml"
FACTORIES = "factories"

_found: list[Path] = []


def use(folder: Path) -> None:
    """Say which folder of tests is meant, before anybody asks.

    Args:
        folder: The one that `harness.toml` lies in.
    """
    _found[:] = [folder.resolve()]
    _look_again()


def forget() -> None:
    """Look for the folder of tests again when it is asked for."""
    _found.clear()
    _look_again()


def _look_again() -> None:
    for answer in (suite_dir, project_dir, factories_module, factories_of_the_application):
        answer.cache_clear()


@cache
def suite_dir() -> Path:
    """Return the folder of the tests: the one that was named, or else the nearest one.

    Raises:
        SettingsError: No folder on the way up from the current one has `harness.toml`.
    """
    return _found[0] if _found else nearest(Path.cwd())


@cache
def project_dir() -> Path:
    """Return the folder of the project, which imports and relative paths start from."""
    return suite_dir().parent


def import_roots() -> list[str]:
    """Return the folders that imports start from in the suite, as pytest.ini names them."""
    found = [folder / "pytest.ini" for folder in (suite_dir(), project_dir())]
    ini = next((path for path in found if path.exists()), None)
    if ini is None:
        return [str(suite_dir()), str(project_dir())]
    return [str((ini.parent / folder).resolve()) for folder in _folders_in(ini, "pythonpath")]


def collected_folders(tests_dir: Path) -> list[str]:
    """Return the folders of a suite beside whose conftest.py its pytest.ini lies.

    They are named to pytest, which reads `testpaths` where it starts in the folder of the file.

    Args:
        tests_dir: The folder of the harness.
    """
    base = tests_dir.parent.resolve()
    wanted = [
        (tests_dir / it).resolve() for it in _folders_in(tests_dir / "pytest.ini", "testpaths")
    ]
    inside = [it.relative_to(base).as_posix() for it in wanted if it.is_relative_to(base)]
    return inside or [tests_dir.name]


def _folders_in(ini: Path, key: str) -> list[str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ini, encoding="utf-8")
    return parser.get("pytest", key, fallback="").split()


@cache
def factories_module() -> str:
    """Return what the factories of the tests are called: never as a module of the application."""
    other = f"harness_{FACTORIES}"
    if _module_in(suite_dir(), other):
        return other
    mine = _module_in(suite_dir(), FACTORIES)
    return other if not mine and factories_of_the_application() else FACTORIES


@cache
def factories_of_the_application() -> str:
    """Return the file of a module `factories` that the application has; empty without one."""
    roots = (Path(root) for root in import_roots())
    found = (_module_in(root, FACTORIES) for root in roots if root != suite_dir())
    return next(filter(None, found), "")


def _module_in(folder: Path, name: str) -> str:
    candidates = (folder / f"{name}.py", folder / name / "__init__.py")
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        return ""
    base = project_dir()
    return (path.relative_to(base) if path.is_relative_to(base) else path).as_posix()


def nearest(start: Path) -> Path:
    """Return the folder of tests of the project that a folder belongs to.

    Args:
        start: Where to begin: a folder of the project, or one in it.

    Raises:
        SettingsError: There is none, or there are two to choose from.
    """
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
        below = sorted(path.parent for path in folder.glob(f"*/{SETTINGS_FILE}"))
        # Further up several are of projects beside this folder, which belongs to none of them.
        if len(below) > 1 and folder == start:
            raise SettingsError(
                f"{folder} has two test harnesses: {', '.join(path.name for path in below)}.",
                "Call the command in the folder of the one that is meant.",
            )
        if len(below) == 1:
            return below[0]
    raise SettingsError(
        f"{start} belongs to no project with a test harness: there is no {SETTINGS_FILE}.",
        "Go to the project's folder, or give it a harness with `test-harness adopt .`.",
    )
