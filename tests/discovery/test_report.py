"""Discovery tells a person and a program what was found, and what was not."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from extensions.discovery import Facts, discover, message
from extensions.discovery.report.table import report
from tests.discovery.snippets import APP, BASE, proposed
from tests.worlds import ROOT, build_tree, run


def test_the_message_has_a_line_for_each_fact_and_names_what_is_missing(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP, "models.py": BASE})
    lines = message(Facts(tmp_path)).splitlines()
    assert lines[0] == "Read from 2 Python files; `--data NAME=ANSWER` corrects a line."
    assert "  app_path:          main:app  (main.py:3, sure)" in lines
    assert any(line.startswith("  not found:") and "database_engine" in line for line in lines)
    assert len(lines) <= 20


@pytest.mark.parametrize("files", [{}, {"notes.txt": "hello\n"}, {"index.js": "let app = 1\n"}])
def test_without_python_there_is_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    proposals = proposed(tmp_path, files)
    assert proposals["python_files"] == 0
    chosen = {"package_manager", "tests_folder"}
    assert not any(value for key, value in proposals.items() if key not in chosen)


def test_a_missing_folder_has_nothing(tmp_path: Path) -> None:
    assert discover(tmp_path / "missing")["python_files"] == 0


def test_what_was_not_found_is_named_with_what_to_answer(tmp_path: Path) -> None:
    shown = report(Facts(build_tree(tmp_path, {"script.py": "print('hello')\n"})))
    assert "application: write module:name, or module:name() for a function" in shown
    assert "base of the models: write module:name of the base or MetaData" in shown


def test_mapped_classes_that_nothing_imports_are_named(tmp_path: Path) -> None:
    lines = message(Facts(build_tree(tmp_path, {"main.py": APP, "models.py": BASE}))).splitlines()
    line = "  not imported:      models: of what is mapped there nothing is tested"
    assert line in lines
    build_tree(tmp_path, {"main.py": f"import models\n{APP}"})
    assert line not in message(Facts(tmp_path)).splitlines()


def test_runners_up_are_shown(tmp_path: Path) -> None:
    build_tree(tmp_path, {"one.py": APP, "two.py": APP})
    facts = Facts(tmp_path)
    assert facts["app_path"].confidence == "medium"
    assert [value for value, _ in facts["app_path"].others] == ["two:app"]
    assert "or two:app" in report(facts)


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    shown = run(sys.executable, "-m", "extensions.discovery", tmp_path, cwd=ROOT).stdout
    assert re.search(r"^application +main:app +main\.py:3 +high$", shown, re.M)


def test_the_command_prints_json(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    shown = run(sys.executable, "-m", "extensions.discovery", tmp_path, "--json", cwd=ROOT).stdout
    data = json.loads(shown)
    assert data["app"] == {"kind": "object", "path": "main:app", "also": []}
    assert data["findings"]["app"] == {
        "value": data["app"],
        "where": "main.py:3",
        "confidence": "high",
    }
    assert {
        *("framework", "app", "metadata", "session", "sync_async", "db", "auth", "user_model"),
        *("models", "alembic", "dependencies", "python_requires", "existing_tests"),
    } <= data.keys()


def test_the_command_refuses_what_is_no_folder(tmp_path: Path) -> None:
    done = run(
        sys.executable, "-m", "extensions.discovery", tmp_path / "missing", cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert "is not a folder" in done.stdout
