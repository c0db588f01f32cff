"""Every promise is proven by breaking it: the right test turns red and names the cause."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import folder_for_all
from tools.fault import Fault
from tools.faults import FAULTS, FEW
from tools.sabotage import catches, check_healthy, environment_of_cells, render_projects
from tools.warm import WarmPython

pytestmark = pytest.mark.runs


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment_of_cells(folder_for_all(tmp_path_factory, "environment-of-cells"))


@pytest.fixture(scope="module")
def healthy(
    template: Path, python: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    projects = render_projects(template, tmp_path_factory.mktemp("healthy"), FEW)
    check_healthy(python, projects, FEW)
    return projects


@pytest.fixture(scope="module")
def warm(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmPython]:
    with WarmPython(python, tmp_path_factory.mktemp("warm") / "output") as warm:
        yield warm


@pytest.mark.parametrize("fault", FEW, ids=lambda fault: f"{fault.cell}: {fault.what}")
def test_a_fault_is_caught_by_the_test_meant_for_it(
    healthy: dict[str, Path], warm: WarmPython, tmp_path: Path, fault: Fault
) -> None:
    assert catches(warm, healthy[fault.project], fault, tmp_path / "broken")


def test_each_promise_is_among_the_few() -> None:
    assert {fault.promise for fault in FEW} == {fault.promise for fault in FAULTS}
