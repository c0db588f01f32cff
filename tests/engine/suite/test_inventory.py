"""Planned cases, what tests reach, and targets, in worlds as small as they come."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from test_harness.application.routes import Route
from test_harness.commands import inventory
from test_harness.settings.budgets import TargetSettings
from test_harness.suite.inventory.cases import case_of, in_words, planned_case
from test_harness.suite.inventory.covered import targets_of
from test_harness.suite.inventory.planned import (
    Planned,
    PlannedCasesError,
    read_planned,
    take_out,
)
from test_harness.suite.inventory.reach import models_by_kind, routes_by_kind
from test_harness.suite.results.run import new_test
from tests.engine.suite.test_coverage import SETTINGS
from tests.projects import project_in
from tests.worlds import ROOT, build_tree, run

TWO = """\
# First.
test_a::test_one
  kind: unit
  what: one

# Second.
test_b::test_two
  route: GET /items/{id}
"""


def test_planned_cases_are_read() -> None:
    assert read_planned(TWO) == [
        Planned("test_a::test_one", (1, 4), kind="unit", what="one"),
        Planned("test_b::test_two", (6, 8), route="GET /items/{id}"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("test_a test_one\n", "planned.txt:1 is no name of a test: 'test_a test_one'."),
        ("  kind: unit\n", "planned.txt:1 is of no case."),
        ("test_a::b\n  kind: fast\n", "planned.txt:2 names no kind: 'fast'."),
        ("test_a::b\n  route: /items\n", "planned.txt:2 is no route: '/items'."),
        ("test_a::b\n  who: me\n", "planned.txt:2 is nothing that is known of a case: 'who: me'."),
        ("test_a::b\n  what: a\n  what: b\n", "planned.txt:3 gives `what` a second time."),
        ("test_a::b\n\ntest_a::b\n", "planned.txt:3 names test_a::b once more, as planned.txt:1."),
    ],
)
def test_a_line_that_says_something_else_is_named(text: str, said: str) -> None:
    with pytest.raises(PlannedCasesError) as refused:
        read_planned(text)
    assert refused.value.problem == said


def test_the_command_tells_of_such_a_line_before_it_collects_anything(tmp_path: Path) -> None:
    suite = (
        build_tree(tmp_path, {"tests/harness.toml": "", "tests/planned.txt": "what\n"}) / "tests"
    )
    with project_in(suite), pytest.raises(PlannedCasesError, match=r"planned\.txt:1 is no name"):
        inventory.run(argparse.Namespace(html=None, markdown=None, json=None))


def test_what_is_built_is_taken_out_and_all_else_stays_byte_for_byte(tmp_path: Path) -> None:
    path = build_tree(tmp_path, {"planned.txt": ""}) / "planned.txt"
    path.write_bytes(TWO.replace("\n", "\r\n").encode())
    assert take_out(path, ["test_a::test_one", "test_c::test_three"]) == ["test_a::test_one"]
    left = TWO.replace("test_a::test_one\n  kind: unit\n  what: one\n\n", "")
    assert path.read_bytes() == left.replace("\n", "\r\n").encode()


def test_a_file_of_which_nothing_is_built_is_not_written(tmp_path: Path) -> None:
    path = build_tree(tmp_path, {"planned.txt": TWO}) / "planned.txt"
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    assert take_out(path, []) == []
    assert path.stat().st_mtime_ns == before
    assert take_out(tmp_path / "nothing.txt", ["test_a::test_one"]) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_a_user_logs_in", "A user logs in"),
        ("TestItems::test_total[3-EUR]", "Total (3-EUR)"),
    ],
)
def test_a_name_is_read_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("passed", "passing"),
        ("xpassed", "passing"),
        ("failed", "failing"),
        ("error", "failing"),
        ("skipped", "skipped"),
        ("xfailed", "xfail"),
    ],
)
def test_a_case_is_in_the_state_that_its_last_run_left_it_in(outcome: str, state: str) -> None:
    assert case_of({}, {**new_test("a.py::a"), "outcome": outcome})["state"] == state
    assert case_of({}, None)["state"] == "not run"


def ran(name: str, *asked: str, **tables: str) -> dict[str, Any]:
    cost = {"asked": [*asked], "tables": tables}
    return {name: {**new_test(name), "cost": cost}}


def test_routes_are_counted_by_the_tests_that_ask_for_them() -> None:
    routes = [
        Route("GET", "/items/{item_id}"),
        Route("HEAD", "/items/{item_id}"),
        Route("GET", "/items/new"),
        Route("POST", "/items"),
    ]
    tests = {
        **ran("a", "GET /items/1", "GET /items/2", "GET /items/new"),
        **ran("b", "GET /items/3", "POST //elsewhere.example/items"),
        **ran("gone", "POST /items"),
    }
    planned = [
        Planned("t::a", (0, 1), route="POST /items"),
        Planned("t::b", (0, 1), route="GET /items/{id}"),
        Planned("t::c", (0, 1), route="GET /carts/{id}"),
        Planned("t::d", (0, 1), route="GET /carts/{cart}"),
    ]
    rows = routes_by_kind(routes, tests, {"a": "api", "b": "security", "c": "unit"}, planned)
    assert [(row["route"], row["kinds"], row["planned"]) for row in rows] == [
        ("GET /items/{item_id}", {"api": 1, "security": 1}, 1),
        ("GET /items/new", {"api": 1}, 0),
        ("POST /items", {}, 1),
        ("GET /carts/{id}", {}, 2),
    ]


def test_models_are_counted_by_the_tests_that_reach_their_table() -> None:
    tests = {**ran("a", items="writes", other="reads"), **ran("b", items="reads")}
    planned = [Planned("t::a", (0, 1), model="Cart"), Planned("t::b", (0, 1), model="Item")]
    rows = models_by_kind(
        [("Item", "items"), ("User", "users")], tests, {"a": "api", "b": "api"}, planned
    )
    assert [(row["model"], row["kinds"], row["writes"], row["planned"]) for row in rows] == [
        ("Item", {"api": 2}, 1, 1),
        ("User", {}, 0, 0),
        ("Cart", {}, 0, 1),
    ]


COVERAGE = """\
<coverage line-rate="0.75" lines-valid="4" branch-rate="0" branches-valid="0">
<packages><package><classes>
<class filename="app/payments.py"><lines>
<line number="1" hits="1"/><line number="2" hits="0"/>
</lines></class>
<class filename="app/other.py"><lines>
<line number="1" hits="1"/><line number="2" hits="1"/>
</lines></class>
</classes></package></packages></coverage>
"""


OWN = '''
import unittest

import pytest


@pytest.mark.parametrize("number", [1, 2])
def test_counts(number):
    assert number


@pytest.mark.integration
def test_is_marked():
    assert True


class TestRoutes:
    def test_asks(self, client):
        """The list is empty."""
        assert client.get("/items").json() == []


class OldCase(unittest.TestCase):
    def test_of_unittest(self):
        self.assertEqual(int("1"), 1)
'''


def test_a_teams_own_tests_are_shown_with_what_they_ask_for(tmp_path: Path) -> None:
    project = build_tree(
        tmp_path,
        {
            "tests/harness.toml": SETTINGS,
            "own/test_own.py": OWN,
            "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\nmarkers = integration\n",
        },
    )
    done = run(
        sys.executable, "-m", "test_harness", "inventory", "--json", "-", "own",
        cwd=project, PYTHONPATH=str(ROOT / "src"),
    )  # fmt: skip
    cases = json.loads(done.stdout)["cases"]
    assert {one["id"].partition("::")[2]: (one["kind"], one["what"]) for one in cases} == {
        "test_counts[1]": ("unit", "Counts (1)"),
        "test_counts[2]": ("unit", "Counts (2)"),
        "test_is_marked": ("integration", "Is marked"),
        "TestRoutes::test_asks": ("api", "The list is empty."),
        "OldCase::test_of_unittest": ("unit", "Of unittest"),
    }


def test_targets_are_beside_what_was_reached(tmp_path: Path) -> None:
    path = build_tree(tmp_path, {"coverage.xml": COVERAGE}) / "coverage.xml"
    found = targets_of(path, TargetSettings(critical_paths="app/pay*.py"))
    assert [(it["what"], it["reached"], it["met"]) for it in found] == [
        ("line", 75.0, False),
        ("branch", None, None),
        ("critical", 50.0, False),
    ]
    assert found[1]["why"] == "have coverage.ini measure branches"


def test_a_target_says_what_it_takes_to_be_known(tmp_path: Path) -> None:
    found = targets_of(tmp_path / "coverage.xml", TargetSettings(branch=0))
    assert [(it["what"], it["why"]) for it in found] == [
        ("line", "run `make test-cov`"),
        ("critical", "name the files in [targets] critical_paths of harness.toml"),
    ]


def test_a_planned_case_says_where_it_stands() -> None:
    case = planned_case(read_planned(TWO)[0])
    assert (case["state"], case["reason"], case["what"]) == ("planned", "planned.txt:2", "one")
