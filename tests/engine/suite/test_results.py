"""What is kept of runs, and the figures that are told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.settings.budgets import BudgetSettings
from test_harness.suite.results import keeping, summary, targets
from test_harness.suite.results.kinds import EVERY_KIND, kind_of
from test_harness.suite.results.run import new_test, suites, totals
from tests.worlds import ROOT, build_tree

SCHEMA_FILE = ROOT / "docs" / "results.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

# ---------------------------------------------------------------------------------- what is kept


def run_of(*names: str, began: str = "2026-01-01T00:00:00+00:00") -> dict[str, Any]:
    tests = [{**new_test(name), "outcome": "passed"} for name in names]
    return {
        "schema": 1,
        "began": began,
        "seconds": 1.5,
        "exit_status": 0,
        "seed": 7,
        "workers": 0,
        "arguments": [],
        "versions": {"python": "3", "pytest": "9", "test-harness": "1"},
        "totals": totals(tests),
        "targets": [],
        "not_collected": [],
        "suites": suites(tests),
        "tests": tests,
    }


def test_no_more_runs_are_kept_than_are_of_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_RUNS", 3)
    for number in range(5):
        keeping.keep(run_of("a.py::test", began=str(number)), tmp_path)
    assert [it["began"] for it in keeping.read_history(tmp_path)] == ["2", "3", "4"]


def test_large_runs_are_kept_in_smaller_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 1000)
    for number in range(5):
        keeping.keep(run_of(f"{'a' * 200}.py::test", began=str(number)), tmp_path)
    assert [it["began"] for it in keeping.read_history(tmp_path)] == ["3", "4"]


def test_tests_that_are_gone_are_forgotten_at_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_TESTS", 2)
    for names in (("a.py::a", "a.py::b"), ("a.py::c", "a.py::b")):
        keeping.keep(run_of(*names), tmp_path)
    assert [it["id"] for it in keeping.read_last(tmp_path)] == ["a.py::c", "a.py::b"]


def test_files_that_were_cut_short_are_passed_over(tmp_path: Path) -> None:
    build_tree(
        tmp_path, {"last.json": "[{", "history.jsonl": '{"began": "1"}\n{"be', "results.json": ""}
    )
    assert keeping.read_last(tmp_path) == []
    assert keeping.read_history(tmp_path) == [{"began": "1"}]
    with pytest.raises(HarnessError, match="No run has left its results"):
        keeping.read_run(tmp_path)


# ------------------------------------------------------------------------------------- figures


def test_what_was_not_judged_is_in_no_share() -> None:
    outcomes = ("passed", "passed", "passed", "failed", "skipped", "xfailed")
    found = totals({**new_test("a.py::a"), "outcome": it} for it in outcomes)
    assert (found["tests"], found["success_rate"]) == (6, 0.75)
    assert totals([{**new_test("a.py::a"), "outcome": "skipped"}])["success_rate"] is None


def test_time_targets_are_missed_by_name() -> None:
    unit = {
        **new_test("a.py::a"),
        "kind": "unit",
        "seconds": {"setup": 1, "call": 300, "teardown": 0},
    }
    api = {**unit, "kind": "api"}
    found = targets.time_targets([unit, api], 900.0, BudgetSettings())
    assert [it["met"] for it in found] == [False, True]
    [said] = targets.missed(found)
    assert said.startswith("All tests marked unit took 301 seconds, 300 are meant; see which")
    assert targets.time_targets([unit], 10_000, BudgetSettings(unit_run=0, whole_run=0)) == []


def test_the_kind_that_says_most_counts() -> None:
    assert kind_of(["parametrize", "api", "security"]) == "security"
    assert kind_of(["slow"]) == "other"
    assert set(EVERY_KIND) == set(SCHEMA["$defs"]["test"]["properties"]["kind"]["enum"])


def test_a_green_run_has_a_short_summary() -> None:
    lines = summary.markdown(run_of("a.py::a")).splitlines()
    assert lines[:3] == [
        "## Tests: green",
        "",
        "1 passed in 1.5 s, 100.0% of those that ended passed. Replay with `--seed=7`.",
    ]
    assert "| failed | why |" not in lines
