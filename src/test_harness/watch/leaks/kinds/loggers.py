"""Levels, handlers and switches of loggers."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from test_harness.watch.leaks.files import own_modules
from test_harness.watch.leaks.kind import Change, Kind, said
from test_harness.watch.leaks.test import Test, is_made_by_tests

SIMPLE = ("level", "disabled", "propagate")
LISTS = ("handlers", "filters")
_simple = attrgetter(*SIMPLE)

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
# Without which code changes none of them, but by what `_may_differ` notices.
SAID = {
    "level": (b".level",),
    "disabled": (b"disabled",),
    "propagate": (b"propagate",),
    "handlers": (b"handlers", b"Handler("),
    "filters": (b".filters", b"Filter("),
}
# Stands among what the root logger knows of levels, until it is to forget that.
MARK = "test_harness"


class Watch(Kind):
    """Compares all there are; those that are new are set up when they are made."""

    what = "changes logging:"
    fix = "Use caplog.at_level or caplog.set_level, and remove in a fixture what is added."

    def __init__(self) -> None:
        self._modules = self._number = 0
        self._made: tuple[int, Any] = (0, None)
        self._columns: list[tuple[Any, ...]] = []
        # What of a logger the project calls by its name, with where it stands in what is known.
        self._named: list[tuple[Callable[[Any], Any], int]] = []
        # Names that only stand above a logger; a test may make loggers of them.
        self._empty: list[str] = []

    def before(self) -> Any:
        loggers = _loggers()
        named = logging.root.manager.loggerDict
        self._number = len(named)
        self._empty = [it for it, one in named.items() if type(one) is logging.PlaceHolder]
        _levels()[MARK] = True
        self._made = _handlers_made()
        known = _known(loggers)
        self._columns = [*zip(*known, strict=True)]
        return logging.root.manager.disable, _of_root(), loggers, known

    def after(self, state: Any) -> Sequence[Change]:
        disable, root, loggers, known = state
        if (
            logging.root.manager.disable == disable
            and len(logging.root.manager.loggerDict) == self._number
            and _of_root() == root
            and not self._has_filled()
            and (not self._may_differ(loggers) or _known(loggers) == known)
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
            both += zip(LISTS, before_lists, (_handlers(logger), logger.filters), strict=True)
            values += [(logger, *it) for it in both]
        return [_change(*it) for it in values if it[2] != it[3]]

    def _may_differ(self, loggers: list[logging.Logger]) -> bool:
        """Tell whether any may be another, without a look at each of them.

        Whoever sets a level, and each configuration, has all loggers forget what they know of
        levels. A new handler is noted by `logging`. What else there is the project calls by its
        name, or it is not the project's.
        """
        made = _handlers_made()
        if MARK not in _levels() or made != self._made:
            _levels()[MARK] = True
            self._made = made
            return True
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            self._named = [
                (attrgetter(name), index)
                for index, name in enumerate((*SIMPLE, *LISTS))
                if any(own_modules.say(word) for word in SAID[name])
            ]
        return any((*map(get, loggers),) != self._columns[index] for get, index in self._named)

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
            of_pytest = [it for it in getattr(logger, key) if _is_of_pytest(it)]
            getattr(logger, key)[:] = [*change.before, *of_pytest]
        else:
            setattr(logger, key, change.before)
        return True


def _levels() -> dict[Any, Any]:
    known: dict[Any, Any] = logging.root._cache  # type: ignore[attr-defined]
    return known


def _handlers_made() -> tuple[int, Any]:
    made = logging._handlerList  # type: ignore[attr-defined]
    return len(made), made[-1] if made else None


def _of_root() -> tuple[list[Any], int]:
    return _handlers(logging.root), logging.root.level


def _known(loggers: list[logging.Logger]) -> list[Any]:
    return [(*_simple(it), _handlers(it), [*it.filters]) for it in loggers]


def _handlers(logger: logging.Logger) -> list[Any]:
    """Return them without what pytest catches records with, where they would not reach the root."""
    return [it for it in logger.handlers if not _is_of_pytest(it)]


def _is_of_pytest(handler: Any) -> bool:
    return type(handler).__module__ == "_pytest.logging"


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
