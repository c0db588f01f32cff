"""Levels, handlers and switches of loggers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from test_harness.watch.leaks.kind import Change, Kind, said
from test_harness.watch.leaks.test import Test, is_made_by_tests

SIMPLE = ("level", "disabled", "propagate")
LISTS = ("handlers", "filters")
_simple = attrgetter(*SIMPLE)
_lists = attrgetter(*LISTS)
_all = attrgetter(*SIMPLE, *LISTS)

# What a logger is that nobody has set up.
NEW: tuple[tuple[Any, ...], tuple[list[Any], list[Any]]] = ((logging.NOTSET, False, True), ([], []))
DEFAULTS = {"level": logging.NOTSET, "disabled": False, "propagate": True}
WORDS = {
    "level": r"\bsetLevel\(|\.level\s*=|Config\(",
    "disabled": r"\.disabled\s*=|Config\(",
    "propagate": r"\.propagate\s*=|Config\(",
    "handlers": r"\b(?:add|remove)Handler\(|\.handlers\b|Config\(",
    "filters": r"\b(?:add|remove)Filter\(|\.filters\b",
    "disable": r"\blogging\.disable\(",
}


class Watch(Kind):
    """Compares all there are; those that are new are set up when they are made."""

    what = "changes logging:"
    fix = "Use caplog.at_level or caplog.set_level, and remove in a fixture what is added."

    def __init__(self) -> None:
        self._number = 0
        # Names that only stand above a logger; a test may make loggers of them.
        self._empty: list[str] = []

    def before(self) -> Any:
        loggers = _loggers()
        named = logging.root.manager.loggerDict
        self._number = len(named)
        self._empty = [it for it, one in named.items() if type(one) is logging.PlaceHolder]
        known = [(*_simple(it), [*it.handlers], [*it.filters]) for it in loggers]
        return logging.root.manager.disable, _of_root(), loggers, known

    def after(self, state: Any) -> Sequence[Change]:
        disable, root, loggers, known = state
        if (
            logging.root.manager.disable == disable
            and len(logging.root.manager.loggerDict) == self._number
            and _of_root() == root
            and not self._has_filled()
            and [*map(_all, loggers)] == known
        ):
            return ()
        new = [it for it in _loggers() if it not in {*loggers}]
        states = [(it, one[:3], one[3:]) for it, one in zip(loggers, known, strict=True)]
        states += [(it, *NEW) for it in new]
        values = [
            (logging.root, "disable", disable, logging.root.manager.disable),
            (logging.root, "handlers", root[0], _of_root()[0]),
            (logging.root, "level", root[1], logging.root.level),
        ]
        for logger, before, before_lists in states:
            both = [*zip(SIMPLE, before, _simple(logger), strict=True)]
            both += zip(LISTS, before_lists, _lists(logger), strict=True)
            values += [(logger, *it) for it in both]
        return [_change(*it) for it in values if it[2] != it[3]]

    def _has_filled(self) -> bool:
        named = logging.root.manager.loggerDict
        return any(type(named.get(it)) is not logging.PlaceHolder for it in self._empty)

    def is_leak(self, change: Change, test: Test) -> bool:
        _, key = change.about
        if key in LISTS:
            is_first = not change.before
            by_tests = any(map(is_made_by_tests, change.after))
        else:
            is_first = key in DEFAULTS and change.before == DEFAULTS[key]
            by_tests = False
        # Whoever logs for the first time sets up how that is done.
        return not is_first or by_tests or bool(test.says(change.words))

    def restore(self, state: Any, change: Change) -> bool:
        logger, key = change.about
        if key == "disable":
            logging.disable(change.before)
        elif key == "level":
            logger.setLevel(change.before)
        elif key in LISTS:
            getattr(logger, key)[:] = change.before
        else:
            setattr(logger, key, change.before)
        return True


def _of_root() -> tuple[list[Any], int]:
    """Return its handlers and its level, without what pytest catches records with."""
    handlers = [it for it in logging.root.handlers if type(it).__module__ != "_pytest.logging"]
    return handlers, logging.root.level


def _loggers() -> list[logging.Logger]:
    known = logging.root.manager.loggerDict.values()
    return [it for it in known if isinstance(it, logging.Logger)]


def _change(logger: logging.Logger, key: str, before: Any, after: Any) -> Change:
    shown = ""
    if key in {"level", "disable"}:
        shown = f"{logging.getLevelName(before)} -> {logging.getLevelName(after)}"
    if key in LISTS:
        after = [*after]
        new = [said(it) for it in after if it not in before]
        gone = [said(it) for it in before if it not in after]
        parts = (("has gained", new), ("has lost", gone))
        shown = "; ".join(f"{what} {', '.join(those)}" for what, those in parts if those)
    return Change(f"{logger.name}.{key}", before, after, "", WORDS[key], (logger, key), shown)
