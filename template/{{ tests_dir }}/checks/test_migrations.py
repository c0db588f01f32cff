# mypy: ignore-errors
"""Checks of the migrations, on databases of their own: what they promise, one test for each.

One walk through the history feeds them all. What a project has behind it can be accepted as it is:
`TEST_HARNESS_MIGRATION_BASELINE=write pytest tests/checks/test_migrations.py` writes down
what is found today in migration_baseline.txt, which from then on may only shrink.
"""

from __future__ import annotations

import pytest
from test_harness.databases.database import engine_of
from test_harness.migrations.danger import dangers_of
from test_harness.migrations.kit import Report, examine
from test_harness.runtime.process import runtime

pytestmark = [
    pytest.mark.migration,
    pytest.mark.integration,
    pytest.mark.xdist_group("migrations"),
]


@pytest.fixture(scope="module")
def examined() -> Report:
    return examine(runtime())


@pytest.fixture
def report(examined: Report) -> Report:
    if examined.obstacle:
        pytest.skip("there is no way through the history: see test_the_history_can_be_walked")
    return examined


def expect_nothing(report: Report, *checks: str) -> None:
    __tracebackhide__ = True
    found = report.of(*checks)
    if found:
        pytest.fail("\n\n".join(map(str, found)), pytrace=False)


def test_the_history_can_be_walked(examined: Report) -> None:
    if examined.obstacle:
        pytest.fail(examined.obstacle, pytrace=False)


def test_there_is_one_head(report: Report) -> None:
    expect_nothing(report, "heads")


def test_each_revision_says_what_it_does(report: Report) -> None:
    expect_nothing(report, "description")


def test_each_revision_is_called_as_the_others(report: Report) -> None:
    expect_nothing(report, "name")


def test_no_revision_is_empty(report: Report) -> None:
    expect_nothing(report, "empty")


def test_no_revision_imports_the_models(report: Report) -> None:
    expect_nothing(report, "models-import")


def test_no_operation_is_for_scripts_alone(report: Report) -> None:
    expect_nothing(report, "offline")


def test_each_upgrade_succeeds(report: Report) -> None:
    expect_nothing(report, "upgrade")


def test_each_downgrade_undoes_its_upgrade(report: Report) -> None:
    expect_nothing(report, "downgrade")


def test_migrations_match_the_models(report: Report) -> None:
    if not report.reaches_head:
        pytest.skip("a revision does not go up: see test_each_upgrade_succeeds")
    expect_nothing(report, "models")


def test_no_row_and_no_value_is_lost(report: Report) -> None:
    for table, reason in report.unfilled.items():
        print(f"{table} was empty all the way, because no row could be made for it: {reason}")
    expect_nothing(report, "rows")


def test_data_migrations_do_what_is_expected(report: Report) -> None:
    expect_nothing(report, "data")


def test_no_operation_is_dangerous(report: Report) -> None:
    expect_nothing(report, *dangers_of(engine_of(runtime().settings.database.engine)))


def test_the_baseline_only_shrinks(report: Report) -> None:
    if report.settled:
        lines = "\n  ".join(report.settled)
        pytest.fail(
            f"migration_baseline.txt accepts what is not found any more:\n  {lines}\n"
            "  Fix: delete these lines",
            pytrace=False,
        )
