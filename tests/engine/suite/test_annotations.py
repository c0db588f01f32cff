"""What GitHub is told of failures: the line in the repository that a person can mend."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.worlds import ROOT, build_tree, run

WORLD = {
    "conftest.py": """\
from pathlib import Path

from test_harness.suite.results import annotations

annotations.project_dir = lambda: Path(__file__).parent
pytest_configure = annotations.pytest_configure
""",
    "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider -q\n",
    "app/__init__.py": "",
    "app/prices.py": "def half(price):\n    return price / 0\n",
    "tests/test_prices.py": """\
import json

import pytest
from app.prices import half


def test_of_the_test():
    assert 1 == 2, "100%\\nwrong"


def test_of_the_application():
    half(4)


def test_of_a_library():
    json.loads("{")


@pytest.mark.parametrize("name", ["a:b,c"])
def test_of_a_name(name):
    raise ValueError(name)


@pytest.mark.xfail
def test_that_is_expected():
    half(4)


def test_fine():
    pass
""",
    "tests/test_broken.py": "import no_such_module\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return build_tree(tmp_path / "backend", WORLD)


def annotated(project: Path, *options: str, **variables: str) -> list[str]:
    done = run(
        sys.executable, "-m", "pytest", "--continue-on-collection-errors", *options,
        cwd=project, check=False, PYTHONPATH=f"{ROOT / 'src'}:{project}", **variables,
    )  # fmt: skip
    return re.findall("^::error .*", done.stdout, re.MULTILINE)


def test_each_failure_is_shown_where_it_can_be_mended(project: Path) -> None:
    said = annotated(project, GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(project.parent))
    place = "::error file=backend/tests/test_prices.py,line={},title=tests/test_prices.py%3A%3A{}::"
    assert said[0].startswith(
        "::error file=backend/tests/test_broken.py,line=1,title=tests/test_broken.py::"
    )
    assert said[1].startswith(
        f"{place.format(8, 'test_of_the_test')}AssertionError: 100%25%0A  wrong%0Aassert 1 == 2"
    )
    assert said[2] == (
        "::error file=backend/app/prices.py,line=2,"
        "title=tests/test_prices.py%3A%3Atest_of_the_application::"
        "ZeroDivisionError: division by zero"
    )
    assert said[3].startswith(place.format(16, "test_of_a_library"))
    assert said[4] == f"{place.format(21, 'test_of_a_name[a%3Ab%2Cc]')}ValueError: a:b,c"
    assert len(said) == 5


def test_other_places_are_told_nothing(project: Path) -> None:
    assert annotated(project, GITHUB_ACTIONS="false") == []


def test_a_file_outside_of_the_repository_is_no_place(project: Path) -> None:
    said = annotated(
        project, "tests/test_prices.py", "-k", "of_the_test",
        GITHUB_ACTIONS="true", GITHUB_WORKSPACE=str(project / "app"),
    )  # fmt: skip
    assert [it.partition("::Assertion")[0] for it in said] == [
        "::error title=tests/test_prices.py%3A%3Atest_of_the_test"
    ]
