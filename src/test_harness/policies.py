"""Says whom row-level security binds: nobody, or the application that a test failed of.

A superuser passes by every policy, and the owner of a table by those that are not forced. How the
application gets a role that they bind stands in `databases/postgresql_policies.py`.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest

from test_harness.runtime.process import runtime
from test_harness.watch.notes import noted_properties

# What is noted about the first test that had a database.
PROPERTY = "test_harness_policies"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Look())


class Look:
    """Notes whom policies bind about the first test that has a database, and looks no more."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        if runtime().has_database:
            item.config.pluginmanager.unregister(self)
            found = runtime().database.policies
            if found.tables:
                noted = [found.tests, found.tables, found.role]
                item.user_properties.append((PROPERTY, json.dumps(noted)))
        return result


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for one in sorted(set(noted_properties(terminalreporter, PROPERTY))):
        tests, tables, role = json.loads(one)
        which = f"the policies of {', '.join(tables)}"
        if not role:
            terminalreporter.write_line(
                "test harness: row-level security is not tested: the tests connect as the role "
                f"{tests!r}, which {which} do not bind unless the application takes another one.\n"
                "  Fix: have the tests connect as a role that may make one (`ALTER ROLE "
                f"{tests} CREATEROLE`), or name that of the application in [database] role of "
                "harness.toml."
            )
        elif terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
            terminalreporter.write_line(
                "test harness: the application's connections are those of the role "
                f"{role!r}, which {which} bind; `db` and the factories have {tests!r}.\n"
                "  Fix: if no policy binds the application in production either, write role = "
                '"" under [database] in harness.toml.'
            )
