"""The seam holds on every engine, driver and mode; `make canaries` has every version as well."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from extensions.questions.support import DRIVERS
from tests.conftest import folder_for_all
from tests.worlds import ROOT
from tools.canaries import CANARIES, CELLS, FEW, SUITES, TESTS, Cell, Cells, ways_of
from tools.canary_faults import FAULTS, CanaryFault
from tools.canary_list import EXPECTED, OUTCOMES, UNDONE, canaries, different

WAYS = 120


@pytest.fixture(scope="module")
def cells(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Cells:
    return Cells(template, folder_for_all(tmp_path_factory, "canaries"))


def mysql_answers() -> bool:
    host = os.environ.get("MYSQL_HOST", "127.0.0.1")
    try:
        socket.create_connection((host, int(os.environ.get("MYSQL_TCP_PORT", "3306")))).close()
    except OSError:
        return False
    return True


@pytest.mark.runs
@pytest.mark.parametrize("cell", FEW, ids=str)
def test_what_one_test_leaves_behind_no_other_finds(cells: Cells, cell: Cell) -> None:
    # PostgreSQL comes with a wheel where no server answers.
    if cell.suite.engine == "mysql" and not mysql_answers():
        pytest.skip("no MySQL or MariaDB server answers on this machine")
    try:
        held, output = cells.run(cell)
    except LookupError as error:
        pytest.skip(str(error))
    assert held == cell.suite.tests, output


def test_every_driver_has_a_cell() -> None:
    promised = {
        (engine, mode, driver)
        for (engine, mode), drivers in DRIVERS.items()
        for driver in drivers
        if mode != "both"
    }
    assert {(suite.engine, suite.mode, suite.driver) for suite in SUITES} == promised
    assert {cell.suite for cell in FEW} == set(SUITES)
    assert {cell.versions for cell in FEW} < {cell.versions for cell in CELLS}


def test_the_catalogue_says_what_is_expected_of_each_way() -> None:
    known = {canary.name: canary.outcome for canary in canaries(CANARIES)}
    assert EXPECTED.keys() - known.keys() == set()
    assert {*known.values()} == {UNDONE, *OUTCOMES}
    assert different({file: ways_of(file) for file in TESTS}) >= WAYS
    # Whoever expects a refusal says so in the list.
    refused = {name for name in known if re.search(r"_(is|are)_refused", name)}
    assert refused == {name for name, outcome in known.items() if outcome == "refused"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_what_is_broken_on_purpose_is_there_to_be_broken(fault: CanaryFault) -> None:
    text = (ROOT / "src" / "test_harness" / fault.file).read_text(encoding="utf-8")
    assert text.count(fault.old) == 1
    compile(text.replace(fault.old, fault.new), fault.file, "exec")


def test_every_canary_is_run() -> None:
    assert {path.name for path in CANARIES.glob("test_*.py")} == TESTS.keys()
    assert {file for suite in SUITES for file in suite.files} == TESTS.keys()
