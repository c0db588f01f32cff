"""Begins a test anew on connections of its own, where one connection cannot give what it asks for.

What was seen of it until then counts for nothing. What it asked for is said once, at the end of the
run, and remembered in a file, by which later runs begin it there at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import call_and_report, runtestprotocol

from test_harness.collection import REAL_COMMITS, remembered_name, with_real_commits
from test_harness.errors import SettingsError
from test_harness.isolation.one_connection import Asked, one_connection
from test_harness.isolation.remembered import FILE, remember
from test_harness.lock.callers import is_check
from test_harness.markers import markers_of
from test_harness.policies import PROPERTY as POLICIES
from test_harness.project import suite_dir
from test_harness.reports import SECTION
from test_harness.runtime.process import runtime
from test_harness.settings import settings
from test_harness.watch.notes import noted_properties

KINDS = ("auto", "shared")
# What is noted about a test in the results of a run.
PROPERTY = "test_harness_asked"
# Fixtures of tests that have a database of another kind, or share rows with others.
NOT_ALONE = frozenset({"empty_database", "rows_of_class", "rows_of_module", "shared_world"})
# Markers of tests that have a database of their own or none, or that others run again.
NEVER_ANEW = frozenset({*REAL_COMMITS, "unit", "flaky"})
_begins_anew_here = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    if settings().database.isolation not in KINDS:
        error = SettingsError(
            f"[database] isolation = {settings().database.isolation!r} is none of "
            f"{', '.join(KINDS)}.",
            "Write one of them into harness.toml.",
        )
        raise pytest.UsageError(str(error))
    if not hasattr(config, "workeroutput"):
        config.pluginmanager.register(Told(), "test_harness_told")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not _can_begin_anew(item):
        one_connection.begin()
        return None
    assert isinstance(item, pytest.Function)
    ihook = item.ihook
    ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    properties = [*item.user_properties]
    one_connection.begin(lambda: not runtime().seam.rows.kept.has_promised)
    reports = [call_and_report(item, "setup", log=False)]
    before = runtime().seam.running()
    if reports[0].passed:
        reports.append(call_and_report(item, "call", log=False))
    asked = _asked(reports)
    if asked is None or not one_connection.begins_anew():
        for report in reports:
            ihook.pytest_runtest_logreport(report=report)
        is_last = item.session.shouldfail or item.session.shouldstop
        call_and_report(item, "teardown", log=True, nextitem=None if is_last else nextitem)
        _let_go(item)
    else:
        # All but the test itself stays as it is.
        call_and_report(item, "teardown", log=False, nextitem=item.parent)
        _let_go(item)
        runtime().seam.end_left_running(before)
        of_the_run = [one for one in item.user_properties if one[0] == POLICIES]
        item.user_properties[:] = [*properties, *of_the_run]
        _begin_anew(item, nextitem, asked)
    ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _begin_anew(item: pytest.Function, nextitem: pytest.Item | None, asked: Asked) -> None:
    item._report_sections.clear()
    with_real_commits(item)
    one_connection.begin(wish=one_connection.wish)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    is_green = not any(report.failed for report in reports)
    if is_green or asked.is_certain:
        noted = json.dumps([remembered_name(item), asked.said])
        reports[-1].user_properties.append((PROPERTY, noted))
    for report in reports:
        if report.failed and asked.is_certain:
            said = f"{asked.said}: it was begun anew on connections of its own, which this is of."
            report.sections.append((SECTION, said))
        item.ihook.pytest_runtest_logreport(report=report)


def _asked(reports: Sequence[pytest.TestReport]) -> Asked | None:
    """Return why a test is to be begun anew, None where there is no reason to."""
    asked = one_connection.asked
    if asked is None or asked.is_certain:
        return asked
    return asked if any(report.failed for report in reports) else None


def _can_begin_anew(item: pytest.Item) -> bool:
    # Asked before each test: what is the same for many of them is found out once.
    return (
        isinstance(item, pytest.Function)
        and item.parent is not None
        and _begins_anew_in(item.config)
        and _is_of_the_suite(item.path)
        and NEVER_ANEW.isdisjoint([marker.name for marker in markers_of(item)])
        and NOT_ALONE.isdisjoint(item.fixturenames)
    )


def _begins_anew_in(config: pytest.Config) -> bool:
    known = config.stash.get(_begins_anew_here, None)
    if known is None:
        database, option = settings().database, config.getoption
        known = config.stash[_begins_anew_here] = (
            database.isolation == "auto"
            and not database.is_none
            # Who runs tests again by themselves, or shows what would be run.
            and not option("reruns", None)
            and not option("setuponly")
            and not option("setupshow")
        )
    return known


@cache
def _is_of_the_suite(file: Path) -> bool:
    return file.is_relative_to(suite_dir()) and not is_check(str(file))


def _let_go(item: pytest.Function) -> None:
    # As pytest does after each test, and takes it for one that is run again.
    item._request = False  # type: ignore[assignment]
    item.funcargs = None  # type: ignore[assignment]


class Told:
    """Says at the end of a run which tests were begun anew, and remembers them."""

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        asked = dict(json.loads(noted) for noted in noted_properties(terminalreporter, PROPERTY))
        if not asked:
            return
        where = f"remembered in {FILE}"
        try:
            remember(suite_dir() / FILE, asked)
        except OSError as error:
            where = f"not remembered: {error}"
        one = len(asked) == 1
        what = "1 test was" if one else f"{len(asked)} tests were"
        say = terminalreporter.write_line
        say(
            f"test harness: {what} begun anew on connections of {'its' if one else 'their'} own "
            f"({where}):"
        )
        for test, said in sorted(asked.items()):
            say(f"  {test}: {said}")
