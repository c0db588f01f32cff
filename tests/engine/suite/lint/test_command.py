"""The command: what it reads, shows, ignores and keeps in a baseline, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from test_harness.commands.main import main
from tests.worlds import build_tree

WEAK = "def test_weak(client):\n    client.get('/users')\n"
SOUND = "def test_sound(client):\n    assert client.get('/users').json() == []\n"
TWICE = WEAK + WEAK.replace("test_weak", "test_too")


class Said(NamedTuple):
    """How the command ended, and what it printed."""

    status: int
    out: str
    notes: str


Lint = Callable[..., Said]


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lint:
    """Run the command in a project that has no harness."""
    monkeypatch.chdir(tmp_path)
    build_tree(tmp_path, {"pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests']\n"})

    def call(*arguments: str) -> Said:
        out, notes = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(notes):
            status = main(["lint", *arguments])
        return Said(status, out.getvalue(), notes.getvalue())

    return call


def test_a_finding_says_where_what_and_how_to_mend_it(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK, "other/test_users.py": WEAK})
    said = lint()
    assert said.status == 1
    assert said.out == (
        "tests/test_users.py:1:1: TH101 test_weak asserts nothing: it passes whatever is answered. "
        "Fix: Assert what should be true at its end; that nothing is raised, say by "
        "`does_not_raise()`.\n"
    )
    assert said.notes == "1 finding in 1 file of tests.\n"


def test_nothing_weak_ends_well(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": SOUND})
    assert lint() == Said(0, "", "Nothing is weak in 1 file of tests.\n")


def test_a_path_that_is_not_there_is_an_error(lint: Lint) -> None:
    said = lint("nowhere")
    assert said.status == 2
    assert "nowhere does not exist.\n  Fix: Name a file or a folder of tests." in said.notes


def test_a_file_stands_for_itself_whatever_it_is_called(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"checks.py": WEAK})
    assert "checks.py:1:1: TH101" in lint("checks.py").out


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\npython_files = check_*.py\npython_functions = checks_*\n"),
        ("tox.ini", "[pytest]\npython_files = check_*.py\npython_functions = checks_*\n"),
        ("setup.cfg", "[tool:pytest]\npython_files = check_*.py\npython_functions = checks_*\n"),
    ],
)
def test_what_tests_are_is_what_pytest_is_told(
    lint: Lint, tmp_path: Path, file: str, text: str
) -> None:
    own = WEAK.replace("test_weak", "checks_weak")
    build_tree(tmp_path, {file: text, "check_users.py": own, "test_users.py": WEAK})
    (tmp_path / "pyproject.toml").unlink()
    assert re.findall(r"^\S+ TH\d+ \w+", lint(".").out, re.M) == [
        "check_users.py:1:1: TH101 checks_weak"
    ]


def test_json_has_the_names_that_ruff_has(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK})
    [found] = json.loads(lint("--format", "json").out)
    assert found["code"] == "TH101"
    assert found["filename"] == "tests/test_users.py"
    assert found["location"] == {"row": 1, "column": 1}
    assert found["test"] == "test_weak"


def test_nothing_weak_is_an_empty_list(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": SOUND})
    assert json.loads(lint("--format", "json").out) == []


def test_sarif_names_the_rule_and_the_place(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": TWICE})
    report = json.loads(lint("--format", "sarif").out)
    assert report["version"] == "2.1.0"
    [run] = report["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["TH101"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert [place["region"]["startLine"] for place in places] == [1, 3]
    assert {place["artifactLocation"]["uri"] for place in places} == {"tests/test_users.py"}


def test_github_shows_it_beside_the_line(lint: Lint, tmp_path: Path) -> None:
    text = "def test_x(client):\n    assert client.get('/').status_code in (200, 404), 'a:b'\n"
    build_tree(tmp_path, {"tests/test_users.py": text})
    start = "::error file=tests/test_users.py,line=2,col=5,title=TH102::The status may be 200 or"
    assert lint("--format", "github").out.startswith(start)


def test_a_line_is_ignored_with_a_reason(lint: Lint, tmp_path: Path) -> None:
    reason = "  # test-harness: ignore[TH101] because it only counts"
    text = WEAK.replace(":\n", f":{reason}\n", 1)
    above = f"#{reason[3:]}\n{WEAK}"
    build_tree(tmp_path, {"tests/test_a.py": text, "tests/test_b.py": above})
    assert lint().status == 0


def test_words_in_a_text_ignore_nothing(lint: Lint, tmp_path: Path) -> None:
    text = 'SAID = """\n# test-harness: ignore[TH101] because of it\n"""\n' + WEAK
    build_tree(tmp_path, {"tests/test_a.py": text})
    assert re.findall(r" (TH\d+) ", lint().out) == ["TH101"]


def test_a_baseline_lets_be_what_was_there_and_nothing_new(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK})
    assert lint("--write-baseline") == Said(0, "", "lint_baseline.txt has 1 finding.\n")
    assert lint().status == 0
    # Lines that move are no matter, and what is new is.
    build_tree(tmp_path, {"tests/test_users.py": f"\n\n{TWICE}"})
    said = lint()
    assert said.status == 1
    assert re.findall(r"^\S+ TH101 \w+", said.out, re.M) == [
        "tests/test_users.py:5:1: TH101 test_too"
    ]


def test_a_baseline_does_not_grow(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK})
    lint("--write-baseline")
    before = (tmp_path / "lint_baseline.txt").read_text(encoding="utf-8")
    build_tree(tmp_path, {"tests/test_users.py": TWICE})
    said = lint("--write-baseline")
    assert said.status == 2
    assert "lint_baseline.txt would grow by 1, TH101 of tests/test_users.py::test_too" in said.notes
    assert (tmp_path / "lint_baseline.txt").read_text(encoding="utf-8") == before


def test_what_is_mended_has_to_leave_the_baseline(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": TWICE, "tests/test_other.py": WEAK})
    lint("--write-baseline")
    build_tree(tmp_path, {"tests/test_users.py": WEAK})
    said = lint("tests/test_users.py")
    assert said.status == 1
    assert "has TH101 of tests/test_users.py::test_too, which is mended" in said.notes
    assert lint("--write-baseline", "tests/test_users.py").status == 0
    kept = (tmp_path / "lint_baseline.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in kept if not line.startswith("#")] == [
        "tests/test_other.py::test_weak TH101",
        "tests/test_users.py::test_weak TH101",
    ]
    assert lint().status == 0


def test_a_baseline_that_says_nothing_is_deleted(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK})
    lint("--write-baseline")
    build_tree(tmp_path, {"tests/test_users.py": SOUND})
    assert lint("--write-baseline").status == 0
    assert not (tmp_path / "lint_baseline.txt").exists()


def test_a_line_of_a_baseline_that_is_none_is_named(lint: Lint, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/test_users.py": WEAK, "lint_baseline.txt": "# Yes.\n\nwhat?\n"})
    said = lint()
    assert said.status == 2
    assert "lint_baseline.txt:3 is no entry: 'what?'." in said.notes


def test_without_ruff_it_says_what_was_not_looked_at(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("test_harness.suite.lint.ruff.find_ruff", list)
    build_tree(tmp_path, {"tests/test_users.py": SOUND})
    said = lint()
    assert said.status == 0
    assert "its rules about tests were not looked at: B012, B015, F811" in said.notes
    assert "Fix: `pip install 'test-harness[lint]'`." in said.notes


def test_what_nobody_looked_for_stays_in_the_baseline(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_tree(tmp_path, {"tests/test_users.py": f"{SOUND}\n\ndef test_x(a):\n    assert a == b\n"})
    baseline = tmp_path / "lint_baseline.txt"
    lint("--write-baseline")
    with baseline.open("a", encoding="utf-8") as file:
        file.write("tests/test_users.py::test_sound TH702\n")
    before = baseline.read_text(encoding="utf-8")
    assert "test_x F821" in before
    monkeypatch.setattr("test_harness.suite.lint.ruff.find_ruff", list)
    assert lint().status == 0
    lint("--write-baseline")
    after = baseline.read_text(encoding="utf-8")
    assert sorted(after.splitlines()) == sorted(before.splitlines())


def test_a_ruff_that_fails_is_named(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "ruff"
    broken.write_text("#!/bin/sh\necho 'unknown rule' >&2\nexit 2\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr("test_harness.suite.lint.ruff.find_ruff", lambda: [os.fspath(broken)])
    build_tree(tmp_path, {"tests/test_users.py": SOUND})
    assert "Rules of ruff were not looked at: unknown rule." in lint().notes


def test_the_entry_for_pre_commit_is_one(lint: Lint) -> None:
    [repository] = yaml.safe_load(lint("--pre-commit").out)
    [hook] = repository["hooks"]
    assert hook["entry"] == "test-harness lint"
    files = re.compile(hook["files"])
    named = ["tests/test_a.py", "test_a.py", "a_test.py", "tests/conftest.py", "app/testing.py"]
    assert [name for name in named if files.search(name)] == named[:-1]


def test_the_codes_are_listed(lint: Lint) -> None:
    lines = lint("--rules").out.splitlines()
    assert "TH101  no-assertion" in lines[3]
    assert lines[-1].startswith("PT031")


def test_a_file_that_imports_itself_ends(lint: Lint, tmp_path: Path) -> None:
    build_tree(
        tmp_path,
        {
            "tests/test_a.py": "from test_b import look\n\n\ndef test_x():\n    look()\n",
            "tests/test_b.py": "from test_a import look\n",
        },
    )
    assert re.findall(r" (TH\d+) ", lint().out) == ["TH101"]
