"""A plugin of pytest that writes down how each test ended, under what CI is like."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from test_harness.watch.order.shuffle import shuffled

SEED = 1
MEMORY = 4 * 1024**3  # bytes of addresses; a runner of CI has more, a container often less
HERE = {"localhost", "127.0.0.1", "::1", "0.0.0.0", ""}  # noqa: S104 - what is on this machine
WORST = ("failed", "error", "skipped", "xfailed", "xpassed", "passed")

_ended: dict[str, list[str]] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("test harness")
    group.addoption("--ci-record", type=Path, help="write how each test ended into a file")
    group.addoption("--ci-like", default="", help="what is as in CI: order, network, limits")


def pytest_configure(config: pytest.Config) -> None:
    like = config.getoption("--ci-like").split(",")
    if "limits" in like:
        _limit()
    if "network" in like:
        _shut()


def _limit() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        import resource
    except ImportError:  # Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _shut() -> None:
    """Let no socket of Python connect to another machine."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in HERE and not str(host).startswith("127."):
            raise OSError(f"no network: {host} was asked for")
        connect(self, address)

    socket.socket.connect = only_here  # type: ignore[method-assign, assignment]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "order" in config.getoption("--ci-like").split(","):
        items[:] = shuffled(items, SEED, lambda item: item.nodeid)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    outcome: str = "error" if report.failed and report.when != "call" else report.outcome
    if hasattr(report, "wasxfail"):
        outcome = "xpassed" if report.passed else "xfailed"
    said = ""
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        said = str(getattr(crash, "message", report.longrepr)).strip().splitlines()[0]
    before = _ended.get(report.nodeid)
    if before is None or WORST.index(outcome) < WORST.index(before[0]):
        _ended[report.nodeid] = [outcome, said]


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        lines = str(report.longrepr).strip().splitlines()
        _ended[report.nodeid] = ["error", lines[-1] if lines else ""]


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    result = yield
    if not hasattr(session.config, "workerinput"):
        path: Path = session.config.getoption("--ci-record")
        path.write_text(json.dumps(_ended), encoding="utf-8")
    return result
