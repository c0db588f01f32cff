"""What is done once after an update needs nothing installed, and consists of small parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import imports
from tests.worlds import ROOT

UPDATES = ROOT / "updates"
LONGEST = 340


def test_only_the_standard_library_and_the_engine_are_imported() -> None:
    assert imports.foreign(UPDATES, {"test_harness"}, "updates") == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert imports.circles(UPDATES, "updates") == []


def test_no_module_is_too_long() -> None:
    assert imports.too_long(UPDATES, LONGEST) == []


def test_the_engine_knows_nothing_of_it() -> None:
    engine = imports.imports_of(ROOT / "src" / "test_harness", "test_harness")
    assert [one.where for one in engine if one.imported.partition(".")[0] == "updates"] == []


def test_each_starts_without_anything_installed(tmp_path: Path) -> None:
    folders = [path.parent for path in UPDATES.glob("*/__main__.py")]
    assert folders
    for folder in folders:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", folder, "tests"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), folder
