"""Says where row-level security is not tested, because no policy binds the role of the tests.

A superuser passes by every policy, and the owner of a table by those that are not forced: a backend
whose policies are missing would be as green as one that has them.
Source: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from test_harness.runtime.process import runtime

# What is noted about the first test that had a database.
PROPERTY = "test_harness_policies"
_looked = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    if runtime().has_database and not item.config.stash.get(_looked, False):
        item.config.stash[_looked] = True
        role, tables = runtime().database.unbound_policies()
        if tables:
            item.user_properties.append((PROPERTY, json.dumps([role, tables])))
    return result


def pytest_terminal_summary(terminalreporter: Any) -> None:
    noted = {
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == PROPERTY
    }
    for one in sorted(noted):
        role, tables = json.loads(one)
        terminalreporter.write_line(
            "test harness: row-level security is not tested: the tests connect as the role "
            f"{role!r}, which the policies of {', '.join(tables)} do not bind unless the "
            "application takes another one.\n"
            "  Fix: name a role in TEST_DATABASE_URL that may create databases and no more, "
            "and FORCE ROW LEVEL SECURITY on the tables, for that role owns them."
        )
