"""Which changes of objects are leaks, and which are what happens when a thing is first used."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from types import FunctionType, ModuleType
from typing import Any

from test_harness.watch.leaks.files import is_of_tests, is_of_the_project
from test_harness.watch.leaks.kept import Cached, fields_of
from test_harness.watch.leaks.kind import UNSET, Change, is_same
from test_harness.watch.leaks.points import Point, is_private
from test_harness.watch.leaks.test import Test, is_made_by_tests

# How projects call what is filled, or set up, when it is first asked for.
FIRST_USE = re.compile(
    r"cache|memo(?!ry)|lazy|compiled|singleton|initiali[sz]|\binit|_init|loaded|ready|configured"
    r"|setup|set_up|warned|imported|registered|bootstrapped|instance\b",
    re.IGNORECASE,
)
# What reads them can be called once more and does nothing else.
SETTINGS = re.compile(r"settings|config", re.IGNORECASE)
DATA = (bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset)
EMPTY = (list, dict, set, int, float, str)
NOTHING: tuple[Any, ...] = (None, UNSET, False, Ellipsis, 0, "", (), [], {})


def is_leak_in(change: Change, test: Test, caches: Iterable[str]) -> bool:
    """Tell whether a change of an object outlives its test by mistake.

    Args:
        change: What `Points` found.
        test: The test that it has changed in.
        caches: Names of what may be filled when it is first used, as the project says.
    """
    if any(change.name == it or change.name.startswith((f"{it}.", f"{it}[")) for it in caches):
        return False
    point: Point = change.about
    if not point.is_namespace:
        return _is_leak_in_container(change, test, point)
    name = change.name.rpartition(".")[2]
    if (
        (is_private(name) and not _is_put_by_tests(change))
        or isinstance(change.after, ModuleType)
        or _is_set_up(change, name)
    ):
        return False
    if is_made_by_tests(change.after) and not is_of_tests(_file_of(point)):
        return True
    if any(is_same(change.before, it) for it in NOTHING):
        return _is_first_data(change, name, test)
    return not FIRST_USE.search(name)


def _is_put_by_tests(change: Change) -> bool:
    """Tell of what Python itself calls (`__repr__`) whether a function of tests stands for it."""
    return isinstance(change.after, FunctionType) and is_made_by_tests(change.after)


def _is_set_up(change: Change, name: str) -> bool:
    """Tell whether a library completes what it made, or keeps a value that was computed."""
    holder = change.about.holder
    made = getattr(type(holder), name, None)
    if type(made).__name__ == "cached_property" or _is_of_a_base(holder, name):
        return True
    values = (change.before, change.after)
    return isinstance(holder, type) and all(map(_is_of_a_mapper, values))


def _is_of_a_base(holder: Any, name: str) -> bool:
    """Tell whether an attribute is one that a library keeps to itself, in what derives from it."""
    if not name.startswith("_") or isinstance(holder, ModuleType):
        return False
    kind = holder if isinstance(holder, type) else type(holder)
    foreign = (it for it in kind.__mro__ if not is_of_the_project(_file_of_module(it.__module__)))
    members = (getattr(it, "__func__", it) for base in foreign for it in vars(base).values())
    return any(name in getattr(it, "__code__", _NO_CODE).co_names for it in members)


def _is_of_a_mapper(value: Any) -> bool:
    return type(value).__module__.startswith(("sqlalchemy.", "pydantic", "sqlmodel"))


def _is_leak_in_container(change: Change, test: Test, point: Point) -> bool:
    if isinstance(point.live, Cached):
        return _is_leak_in_cache(change, point.live)
    if FIRST_USE.search(change.name.partition(":")[2]):
        return bool(test.says(rf"\b{re.escape(_last_name(change.name))}\b"))
    if isinstance(point.live, defaultdict) and _was_only_asked(change, point.live.default_factory):
        return False
    new = _gained(change.before, change.after)
    is_registered = new and all(isinstance(it, (type, FunctionType)) for it in new)
    # Modules that are imported late register what they define.
    return not (is_registered and test.has_imported and not any(map(is_made_by_tests, new)))


def _was_only_asked(change: Change, factory: Any) -> bool:
    """Tell whether all that a `defaultdict` gained is what it gives for what it does not have."""
    before, after = change.before, change.after
    new = _gained(before, after)
    is_plain = factory in EMPTY and all(type(it) is factory and not it for it in new)
    return is_plain and is_same(before, {key: after[key] for key in before if key in after})


def _is_leak_in_cache(change: Change, cached: Cached) -> bool:
    """Tell whether what a function keeps is of the environment that one test had."""
    if change.after is UNSET:
        return False  # It was emptied.
    if change.before is UNSET:
        is_of_settings = SETTINGS.search(change.name)
        return bool(is_of_settings) and not cached.is_as_made_now(change.after)
    return not is_same(fields_of(change.before), fields_of(change.after))


def _is_first_data(change: Change, name: str, test: Test) -> bool:
    """Tell of what was nothing before whether it is data of this test, or made once for all."""
    if FIRST_USE.search(name):
        return bool(test.says(rf"\b{re.escape(name)}\b"))
    words = rf"\.{re.escape(name)}\s*=[^=]|\bsetattr\(.*{re.escape(name)}"
    return isinstance(change.after, DATA) or bool(test.says(words))


def _file_of(point: Point) -> str:
    holder = point.holder
    if isinstance(holder, ModuleType):
        return holder.__file__ or ""
    return _file_of_module((holder if isinstance(holder, type) else type(holder)).__module__)


def _file_of_module(name: str) -> str:
    return getattr(sys.modules.get(name), "__file__", None) or ""


_NO_CODE = (lambda: None).__code__


def _gained(before: Any, after: Any) -> list[Any]:
    if isinstance(before, dict):
        return [it for key, it in after.items() if key not in before]
    return [it for it in after if not any(it is one for one in before)]


def _last_name(name: str) -> str:
    return str(re.findall(r"\w+", name.partition("[")[0])[-1])
