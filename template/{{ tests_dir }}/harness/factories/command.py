"""The option `--write-factories` of pytest, which `make factories` uses."""

from __future__ import annotations

import pytest

from harness.errors import HarnessError


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--write-factories",
        action="store_true",
        help="write factories for mapped classes that have none, and run nothing",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> bool | None:
    if not session.config.getoption("--write-factories"):
        return None
    from harness.factories.writer import write_factories

    try:
        write_factories(print)
    except HarnessError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
    return True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    ended = session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
    if ended and session.config.getoption("--write-factories"):
        session.exitstatus = pytest.ExitCode.OK
