"""A file is one module, whichever of its names it is imported by."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from test_harness.application.same_files import one_module_per_file
from tests.worlds import build_tree

FILES = {
    "harbour_root/quays/__init__.py": "",
    "harbour_root/quays/models.py": "TABLES = []\nTABLES.append('quays')\n",
    "harbour_root/quays/later.py": "from harbour_root.quays.models import TABLES\n",
}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project whose folder and whose `harbour_root` both lead to its modules."""
    build_tree(tmp_path, FILES)
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "harbour_root"), *sys.path])
    importlib.invalidate_caches()
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(("quays", "harbour_root"))]:
        del sys.modules[name]


def test_the_other_name_leads_to_what_is_there(world: Path) -> None:
    models = importlib.import_module("quays.models")
    with one_module_per_file(world):
        again = importlib.import_module("harbour_root.quays.models")
        later = importlib.import_module("harbour_root.quays.later")
    assert again is models
    assert later.TABLES is models.TABLES
    assert models.__name__ == "quays.models"
    assert models.__spec__ is not None
    assert models.__spec__.name == "quays.models"


def test_outside_of_the_block_they_are_two(world: Path) -> None:
    models = importlib.import_module("quays.models")
    with one_module_per_file(world):
        pass
    assert importlib.import_module("harbour_root.quays.models") is not models
