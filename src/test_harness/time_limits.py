"""Gives each phase of a test, and each import of a module of tests, the seconds it may take."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

from test_harness.limits.clock import Limit, clock
from test_harness.markers import markers_of
from test_harness.runtime.process import runtime
from test_harness.settings import settings

_allowed = pytest.StashKey[tuple[str, float, str]]()

MARKER = "timeout(seconds): may take so long, and so may its fixtures; 0 is for as long as it likes"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if sys.version_info >= (3, 12):
        # The thread that looks at the clock is no danger to a child, and not what this warns of.
        config.addinivalue_line(
            "filterwarnings", "ignore:This process .*multi-threaded, use of fork:DeprecationWarning"
        )
    is_free = float(config.getini("faulthandler_timeout") or 0) == 0
    clock.start(
        settings().limits,
        backed=is_free,
        beside=runtime().network.refusals,
        free=runtime().seam.waits.end_statements,
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    limit = Limit(
        f"The import of {collector.nodeid}",
        clock.seconds.start if isinstance(collector, pytest.Module) else 0,
        "Have it begin nothing while it is imported, or raise [limits] start in harness.toml.",
    )
    with clock.within(limit):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    limit = clock.begin(_limit(item, "The set-up of "))
    try:
        return (yield)
    finally:
        clock.end(limit)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    limit = clock.begin(_limit(item, ""))
    try:
        return (yield)
    finally:
        clock.end(limit)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    limit = clock.begin(_limit(item, "The teardown of "))
    try:
        return (yield)
    finally:
        clock.end(limit)


def _limit(item: pytest.Item, phase: str) -> Limit:
    # There are three phases of each test, so that what is the same for them is asked once.
    allowed = item.stash.get(_allowed, None)
    if allowed is None:
        allowed = item.stash[_allowed] = (str(item.nodeid), *_allowance(item))
    name, seconds, fix = allowed
    return Limit(phase + name, seconds, fix)


def _allowance(item: pytest.Item) -> tuple[float, str]:
    """Return the seconds that each phase of a test has, and how it gets others."""
    marker, key = None, "test"
    for found in markers_of(item):
        if found.name == "migration":
            key = "prepare"
        elif found.name == "timeout" and marker is None:
            marker = found
    seconds = getattr(clock.seconds, key)
    if marker is not None:
        # As pytest-timeout has it.
        seconds = marker.args[0] if marker.args else marker.kwargs.get("timeout", seconds)
    return seconds, (
        "Mend what it waits for, or give it the time with @pytest.mark.timeout(seconds) or with "
        f"[limits] {key} in harness.toml."
    )


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    result = yield
    clock.status = int(session.exitstatus)
    return result
