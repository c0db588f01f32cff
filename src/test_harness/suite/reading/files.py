"""Which files of a project hold tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from test_harness.errors import HarnessError
from test_harness.suite.reading.configuration import Configuration

# What pytest passes by, and what is nobody's tests.
LEFT_OUT = {
    "__pycache__", "build", "dist", "node_modules", "site-packages", "venv", "CVS", "_darcs",
}  # fmt: skip
# What pytest loads for others, and what unittest runs by its name.
OTHERS = ("conftest.py", "tests.py")


class NoTestsError(HarnessError):
    """There is no such path."""


def files_of_tests(paths: Iterable[Path], configuration: Configuration) -> list[Path]:
    """Return the files of tests, and `conftest.py`, in some folders; a file stands for itself.

    Args:
        paths: Files and folders; without any, those of the configuration.
        configuration: That of pytest.

    Raises:
        NoTestsError: A path does not exist.
    """
    given = list(paths) or [configuration.root / path for path in configuration.testpaths or (".",)]
    found: dict[Path, None] = {}
    for path in given:
        if path.is_file():
            found[path] = None
        elif path.is_dir():
            for file in python_files(path):
                if configuration.is_file(file.name) or file.name in OTHERS:
                    found[file] = None
        else:
            raise NoTestsError(f"{path} does not exist.", "Name a file or a folder of tests.")
    return list(found)


def python_files(folder: Path) -> Iterator[Path]:
    """Yield the files of Python in a folder, sorted, without environments and the like."""
    for above, folders, names in os.walk(folder):
        here = Path(above)
        folders[:] = sorted(
            name
            for name in folders
            if name not in LEFT_OUT
            and not name.startswith(".")
            and not (here / name / "pyvenv.cfg").exists()
        )
        for name in sorted(names):
            if name.endswith(".py"):
                yield here / name
