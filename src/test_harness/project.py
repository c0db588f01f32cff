"""Where the project is that is tested, and the folder in it that the harness was rendered into."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from test_harness.errors import SettingsError

SETTINGS_FILE = "harness.toml"

_found: list[Path] = []


def use(folder: Path) -> None:
    """Say which folder of tests is meant, before anybody asks.

    Args:
        folder: The one that `harness.toml` lies in.
    """
    _found[:] = [folder.resolve()]
    suite_dir.cache_clear()


def forget() -> None:
    """Look for the folder of tests again when it is asked for."""
    _found.clear()
    suite_dir.cache_clear()


@cache
def suite_dir() -> Path:
    """Return the folder of the tests: the one that was named, or else the nearest one.

    Raises:
        SettingsError: No folder on the way up from the current one has `harness.toml`.
    """
    return _found[0] if _found else nearest(Path.cwd())


def project_dir() -> Path:
    """Return the folder of the project, which imports and relative paths start from."""
    return suite_dir().parent


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
        if len(below) > 1:
            raise SettingsError(
                f"{folder} has two test harnesses: {', '.join(path.name for path in below)}.",
                "Call the command in the folder of the one that is meant.",
            )
        if below:
            return below[0]
    raise SettingsError(
        f"{start} belongs to no project with a test harness: there is no {SETTINGS_FILE}.",
        "Go to the project's folder, or give it a harness with `test-harness adopt .`.",
    )
