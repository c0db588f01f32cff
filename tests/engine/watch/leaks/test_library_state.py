"""What Python's library keeps, and functions of libraries' classes: found by name, or no leak."""

from __future__ import annotations

from pathlib import Path

from tests.engine.watch.leaks.world import make, run_tests

IMPORTS = """
    import asyncio
    import atexit
    import builtins
    import copyreg
    import csv
    import decimal
    import gc
    import http.client
    import json
    import logging
    import mimetypes
    import os
    import ssl
    import sys
    import threading
    import tracemalloc
    import urllib.request

    from sqlalchemy import create_engine, event
    from sqlalchemy.orm import Session

    from app import store

    engine = create_engine("sqlite://")

    def heard(*_):
        pass

    class Policy(asyncio.DefaultEventLoopPolicy):
        pass
"""
# Each line is left as it is by a test of its own.
LEFT = {
    "os.umask(0o077)": "library_state os.umask()",
    'mimetypes.add_type("x/y", ".zzz")': "library_state mimetypes.types_map",
    "urllib.request.install_opener(urllib.request.build_opener())": (
        "library_state urllib.request's opener"
    ),
    "tracemalloc.start()": "library_state tracemalloc.is_tracing()",
    "gc.set_threshold(900, 9, 9)": "library_state gc.get_threshold()",
    "csv.field_size_limit(10)": "library_state csv.field_size_limit()",
    'csv.register_dialect("mine", delimiter=";")': "library_state csv.list_dialects()",
    "asyncio.set_event_loop_policy(Policy())": "library_state asyncio's event loop policy",
    "sys.setprofile(lambda *_: None)": "library_state sys.getprofile()",
    'event.listen(Session, "after_commit", heard)': "listeners Session, after_commit",
    'event.listen(engine, "connect", heard)': "listeners engine, connect",
    "threading.settrace(print)": "library_state threading's trace function",
    'copyreg.pickle(store.Client, lambda it: "x")': "library_state copyreg.dispatch_table",
    "atexit.register(print)": "library_state the callbacks of atexit",
    'logging.addLevelName(5, "TRACE")': "library_state the names of logging's levels",
    "builtins.open_me = open": "library_state the names in builtins",
    "decimal.getcontext().traps[decimal.Inexact] = True": (
        "library_state decimal.getcontext().traps"
    ),
    "logging.raiseExceptions = False": "patches logging.raiseExceptions",
    "logging.lastResort = None": "patches logging.lastResort",
    "ssl._create_default_https_context = ssl._create_unverified_context": (
        "patches ssl._create_default_https_context"
    ),
    'json.JSONEncoder.default = lambda self, it: "x"': "patches json.encoder.JSONEncoder.default",
    "http.client.HTTPConnection.debuglevel = 1": "patches http.client.HTTPConnection.debuglevel",
    'store.Client.__repr__ = lambda self: "x"': "module_state app.store:Client.__repr__",
}
HEALTHY = """
    def test_of_the_mask():
        before = os.umask(0o077)
        os.umask(before)

    def test_of_the_policy():
        before = asyncio.get_event_loop_policy()
        asyncio.set_event_loop_policy(Policy())
        asyncio.set_event_loop_policy(before)

    def test_of_traces():
        tracemalloc.start()
        tracemalloc.stop()

    def test_of_what_is_asked_only():
        assert csv.list_dialects() and gc.get_threshold() and mimetypes.types_map
        assert decimal.getcontext().traps and builtins.open and copyreg.dispatch_table

    def test_of_a_class(monkeypatch):
        monkeypatch.setattr(json.JSONEncoder, "default", lambda self, it: "x")
        monkeypatch.setattr(store.Client, "__repr__", lambda self: "x")
        monkeypatch.setattr(logging, "raiseExceptions", False)

    def test_of_listeners():
        event.listen(Session, "after_commit", heard)
        event.remove(Session, "after_commit", heard)
        event.listen(create_engine("sqlite://"), "connect", heard)

    def test_of_handlers_beside_pytest():
        logger = logging.getLogger("audit")
        logger.propagate = True
        logger.warning("said")
"""


def test_each_is_found_by_name(tmp_path: Path) -> None:
    tests = "".join(
        f"\n    def test_{number}():\n        {line}\n" for number, line in enumerate(LEFT)
    )

    said, left = run_tests(make(tmp_path / "project", IMPORTS + tests))

    assert f"{len(LEFT)} passed" in said
    assert left == {f"test_{number}": [name] for number, name in enumerate(LEFT.values())}


def test_what_is_set_back_or_asked_only_is_no_leak(tmp_path: Path) -> None:
    said, left = run_tests(make(tmp_path / "project", IMPORTS + HEALTHY))

    assert "7 passed" in said
    assert left == {}


def test_handlers_of_pytest_are_of_no_test(tmp_path: Path) -> None:
    tests = """
    import logging

    import pytest

    @pytest.fixture(scope="module", autouse=True)
    def apart():
        logging.getLogger("audit").propagate = False

    @pytest.fixture(scope="module")
    def later():
        return logging.getLogger("audit").handlers

    def test_logs():
        logging.getLogger("audit").warning("said")

    def test_asks_for_what_is_made_late(later):
        logging.getLogger("audit").warning("said")
    """

    said, left = run_tests(make(tmp_path / "project", tests))

    assert "2 passed" in said
    assert left == {}
