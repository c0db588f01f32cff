"""A plugin of pytest that writes how long each test took, setup to teardown, in microseconds.

With CLOCK_OF=processor it is for how long it kept the processor.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

DURATIONS: list[float] = []
OF_PROCESSOR = os.environ.get("CLOCK_OF") == "processor"
now = time.process_time_ns if OF_PROCESSOR else time.perf_counter_ns


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol() -> Generator[None, bool, bool]:
    began = now()
    result = yield
    DURATIONS.append((now() - began) / 1000)
    return result


def pytest_sessionfinish() -> None:
    Path(os.environ["CLOCK_FILE"]).write_text(json.dumps(DURATIONS), encoding="utf-8")
