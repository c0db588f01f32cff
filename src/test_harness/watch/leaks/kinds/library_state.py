"""What Python's library keeps for the whole process, and seldom anybody changes."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kind import Change, Kind
from test_harness.watch.leaks.test import Test


def _call(module: str, name: str) -> Callable[[], Any]:
    def call() -> Any:
        return getattr(importlib.import_module(module), name)()

    return call


def _held(module: str, name: str) -> Callable[[], Any]:
    return lambda: getattr(sys.modules.get(module), name, None)


def _copy(module: str, name: str) -> Callable[[], Any]:
    return lambda: dict(getattr(importlib.import_module(module), name))


def _umask() -> int:
    os: Any = importlib.import_module("os")
    # For this moment a thread's files are nobody else's, and not everybody's.
    mask: int = os.umask(0o077)
    os.umask(mask)
    return mask


def _limits() -> list[Any]:
    resource: Any = importlib.import_module("resource")
    names = [it for it in dir(resource) if it.startswith("RLIMIT_")]
    return [(it, resource.getrlimit(getattr(resource, it))) for it in names]


def _traps() -> dict[Any, bool]:
    traps: dict[Any, bool] = dict(importlib.import_module("decimal").getcontext().traps)
    return traps


def _builtins() -> set[str]:
    return {it for it in vars(importlib.import_module("builtins")) if not it.startswith("@")}


def _start_method() -> Any:
    return importlib.import_module("multiprocessing").get_start_method(allow_none=True)


def _policy() -> Any:
    """Return the policy that somebody has set; asyncio makes its own when it is asked for one."""
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    is_own = type(policy).__module__.startswith("asyncio.")
    return None if is_own else policy


# By the word that code has to say to change it: what it is, and how it is read.
READERS: dict[str, tuple[str, Callable[[], Any]]] = {
    "umask": ("os.umask()", _umask),
    "setrlimit": ("resource.getrlimit()", _limits),
    "add_type": ("mimetypes.types_map", _copy("mimetypes", "types_map")),
    "install_opener": ("urllib.request's opener", _held("urllib.request", "_opener")),
    "tracemalloc": ("tracemalloc.is_tracing()", _call("tracemalloc", "is_tracing")),
    "set_threshold": ("gc.get_threshold()", _call("gc", "get_threshold")),
    "field_size_limit": ("csv.field_size_limit()", _call("csv", "field_size_limit")),
    "register_dialect": ("csv.list_dialects()", _call("csv", "list_dialects")),
    "set_event_loop_policy": ("asyncio's event loop policy", _policy),
    "settrace": ("threading's trace function", _held("threading", "_trace_hook")),
    "setprofile": ("threading's profile function", _held("threading", "_profile_hook")),
    "sys.settrace": ("sys.gettrace()", sys.gettrace),
    "sys.setprofile": ("sys.getprofile()", sys.getprofile),
    "copyreg": ("copyreg.dispatch_table", _copy("copyreg", "dispatch_table")),
    "atexit": ("the callbacks of atexit", _call("atexit", "_ncallbacks")),
    "setLoggerClass": ("logging.getLoggerClass()", _call("logging", "getLoggerClass")),
    "addLevelName": ("the names of logging's levels", _copy("logging", "_levelToName")),
    "setLogRecordFactory": (
        "logging.getLogRecordFactory()",
        _call("logging", "getLogRecordFactory"),
    ),
    "captureWarnings": ("logging.captureWarnings()", _held("logging", "_warnings_showwarning")),
    "traps": ("decimal.getcontext().traps", _traps),
    "builtins": ("the names in builtins", _builtins),
    "set_start_method": ("multiprocessing.get_start_method()", _start_method),
    "faulthandler": ("faulthandler.is_enabled()", _call("faulthandler", "is_enabled")),
    "set_int_max_str_digits": (
        "sys.get_int_max_str_digits()",
        _call("sys", "get_int_max_str_digits"),
    ),
}


class Watch(Kind):
    """Compares what code of the project says the word for, which is nothing as a rule."""

    what = "changes"
    fix = "Set it back in a fixture, after its `yield`."

    def __init__(self) -> None:
        self._modules = 0
        self._words: list[str] = []

    def before(self) -> list[Any]:
        if len(sys.modules) != self._modules:
            self._words = [it for it in READERS if own_modules.say(it.encode())]
            self._modules = len(sys.modules)
        return [_read(it) for it in self._words]

    def after(self, state: list[Any]) -> Sequence[Change]:
        if not self._words:
            return ()
        now = [_read(it) for it in self._words]
        if now == state:
            return ()
        return [
            Change(READERS[word][0], before, after, words=rf"\b{word}\b", about=word)
            for word, before, after in zip(self._words, state, now, strict=True)
            if before != after
        ]

    def is_leak(self, change: Change, test: Test) -> bool:
        # Libraries register their own when they are imported, or first used.
        return bool(test.says(change.words))


def _read(word: str) -> Any:
    try:
        return READERS[word][1]()
    except (ImportError, AttributeError, OSError, ValueError):
        return None  # It is not to be had on this system, or in this Python.
