"""A plugin of pytest that writes how long each test took, setup to teardown, in microseconds."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

DURATIONS: list[float] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, bool, bool]:
    began = time.perf_counter_ns()
    result = yield
    DURATIONS.append((time.perf_counter_ns() - began) / 1000)
    return result


def pytest_sessionfinish() -> None:
    Path(os.environ["CLOCK_FILE"]).write_text(json.dumps(DURATIONS), encoding="utf-8")
