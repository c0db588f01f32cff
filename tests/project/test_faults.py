"""What a fault of the engine replaces is looked for in seconds, before projects are rendered."""

from __future__ import annotations

import pytest

from tests.worlds import ROOT
from tools.fault import ENGINE, Fault
from tools.faults import FAULTS

OF_THE_ENGINE = [fault for fault in FAULTS if fault.engine == "vendored"]


@pytest.mark.parametrize("fault", OF_THE_ENGINE, ids=lambda fault: f"{fault.cell}: {fault.what}")
def test_a_fault_of_the_engine_replaces_what_stands_there_once(fault: Fault) -> None:
    file = ROOT / "src" / "test_harness" / fault.file.removeprefix(f"{ENGINE}/")
    assert file.read_text(encoding="utf-8").count(fault.old) == 1
