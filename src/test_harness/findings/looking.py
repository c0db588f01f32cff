"""The base of plugins whose tests are the harness's own: they look at the application, in order."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from test_harness.project import suite_dir


class Looks(pytest.Collector):
    """The tests that look, as if they lay in the folder of the tests, for its fixtures."""

    paths: list[Path]

    def collect(self) -> Iterator[pytest.Module]:
        """Yield the modules, in their order."""
        for path in self.paths:
            yield pytest.Module.from_parent(self, path=path)


class Looking:
    """Has pytest run modules of the harness, and none of the project's tests.

    Args:
        folder: Where the modules lie.
        modules: Returns their names, in the order in which one depends on the other.
    """

    def __init__(self, folder: Path, modules: Callable[[], list[str]]) -> None:
        self._folder = folder
        self._modules = modules

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, Any, Any]:
        # One process sees everything: pytest-xdist reads this when its turn comes.
        config.option.numprocesses, config.option.dist = 0, "no"
        return (yield)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.args = [str(suite_dir())]
        # One looks at what the other left.
        config.option.randomly_reorganize = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        is_test = collection_path.is_relative_to(suite_dir()) and collection_path != suite_dir()
        return True if is_test and collection_path.name != "conftest.py" else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Looks | None:
        if file_path != suite_dir() / "conftest.py":
            return None
        looks = Looks.from_parent(parent, name=self._folder.name)
        looks.paths = [self._folder / f"{name}.py" for name in self._modules()]
        return looks
