"""What reads a backend is laid out in rooms that import only downwards, and nothing foreign."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.imports import circles, foreign, too_long, upward
from tests.worlds import ROOT, build_tree

PACKAGE = ROOT / "extensions" / "discovery"
# From the top: each imports only from those behind it.
ORDER = ("report", "auth", "web", "database", "project", "code", "findings")
# Copier itself brings it, so that it is there wherever the template is rendered.
BROUGHT_ALONG = ("yaml",)
MOST_LINES = 300


def test_every_room_imports_only_from_those_below() -> None:
    assert upward(PACKAGE, ORDER) == []


def test_no_module_imports_itself_over_others() -> None:
    assert circles(PACKAGE) == []


def test_nothing_has_to_be_installed_and_imports_are_relative() -> None:
    assert foreign(PACKAGE, BROUGHT_ALONG) == []


def test_every_module_can_be_read_in_one_go() -> None:
    assert too_long(PACKAGE, MOST_LINES) == []


def test_every_package_says_what_belongs_there() -> None:
    silent = [
        path.parent.name
        for path in PACKAGE.rglob("__init__.py")
        if not path.read_text(encoding="utf-8").startswith('"""')
    ]
    assert silent == []


FILES = {
    "pkg/__init__.py": "from .high.door import open_it\n",
    "pkg/high/__init__.py": "",
    "pkg/high/door.py": "from ..low import floor\nimport pkg.low.floor\n\n\ndef open_it(): ...\n",
    "pkg/low/__init__.py": "",
    "pkg/low/floor.py": "import json\n",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return build_tree(tmp_path, FILES) / "pkg"


def test_a_tree_in_order_has_nothing_to_be_named(package: Path) -> None:
    assert upward(package, ("high", "low"), "pkg") == []
    assert circles(package, "pkg") == []
    assert foreign(package, name="pkg") == []
    assert too_long(package, 5) == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import json\nfrom ..high.door import open_it\n", 2),
        ("from .. import high\n", 1),
        ("from .. import open_it\n", 1),
        ("def late():\n    from ..high import door\n", 2),
        ("import pkg.high.door as door\n", 1),
        ("if False:\n    from pkg.high import door\n", 2),
    ],
)
def test_an_import_upwards_is_named(package: Path, code: str, line: int) -> None:
    (package / "low" / "floor.py").write_text(code, encoding="utf-8")
    (found,) = upward(package, ("high", "low"), "pkg")
    assert found.startswith(f"pkg/low/floor.py:{line}: low imports ")


def test_a_room_that_nobody_put_in_order_is_named(package: Path) -> None:
    assert upward(package, ("high",)) == ["pkg/low/__init__.py: low is no room of the order"]


def test_a_circle_is_named_once_with_every_import_in_it(package: Path) -> None:
    (package / "low" / "floor.py").write_text("from . import wall\n", encoding="utf-8")
    (package / "low" / "wall.py").write_text(
        "def late():\n    from .roof import top\n", encoding="utf-8"
    )
    (package / "low" / "roof.py").write_text("\nfrom .floor import floor\n", encoding="utf-8")
    assert circles(package, "pkg") == [
        "pkg/low/floor.py:1 imports low.wall, pkg/low/wall.py:2 imports low.roof, "
        "pkg/low/roof.py:2 imports low.floor"
    ]


def test_a_module_that_has_to_be_installed_is_named(package: Path) -> None:
    code = "import json\n\n\ndef late():\n    import yaml, os\n"
    (package / "low" / "floor.py").write_text(code, encoding="utf-8")
    expected = "pkg/low/floor.py:5: yaml is not of the standard library"
    assert foreign(package, name="pkg") == [expected]
    assert foreign(package, ["yaml"], "pkg") == []


def test_a_full_name_is_foreign_where_only_relative_ones_are_its_own(package: Path) -> None:
    expected = "pkg/high/door.py:2: pkg.low.floor is not of the standard library"
    assert foreign(package) == [expected]


def test_a_long_module_is_named(package: Path) -> None:
    assert too_long(package, 4) == ["pkg/high/door.py:5: 5 lines"]
