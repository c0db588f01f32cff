"""What every kind of leak is told apart by, and the change that one of them is."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from test_harness.watch.leaks.test import Test

SECRET = re.compile(r"secret|passw|token|api_?key|private|credential|dsn", re.IGNORECASE)
LONGEST = 60


class Unset:
    """Stands for what is not there."""

    def __repr__(self) -> str:
        return "unset"


UNSET = Unset()


@dataclass
class Change:
    """What is another after a test than before it.

    Args:
        name: What has changed, unique in its kind.
        before: What it was, UNSET where it was not there.
        after: What it is.
        place: `file:line` of what did it, where that is known already.
        words: A pattern for the line of the sources that did it.
        about: What else a kind wants to know when it decides and puts back.
        shown: How the two are told, where their representations are of no use.
    """

    name: str
    before: Any
    after: Any
    place: str = ""
    words: str = ""
    about: Any = None
    shown: str = ""

    def __str__(self) -> str:
        if self.shown:
            return f"{self.name}: {self.shown}"
        values = (self.before, self.after)
        before, after = (masked(self.name, it) for it in values)
        return f"{self.name}: {before} -> {after}"


class Kind:
    """One kind of state that a test may not leave changed: the base of each module's `Watch`.

    `before` and `after` run for every test, and so are quick; what takes longer is done where
    something has changed.
    """

    what = ""
    """What a test does, in words that follow its name and precede that of what it does it to."""
    fix = ""
    """What to do about it, a sentence."""
    is_slow = False
    """Whether `before` takes long enough to be left out where `after` sees no change."""
    is_fresh = False
    """Whether it is looked at before each test too: others change it between two of them."""

    def before(self) -> Any:
        """Return what there is, for `after`."""
        raise NotImplementedError

    def after(self, state: Any) -> Sequence[Change]:
        """Return what is no more as it was; nothing, as a rule.

        Args:
            state: What `before` returned.
        """
        raise NotImplementedError

    def is_leak(self, change: Change, test: Test) -> bool:
        """Tell whether a change is the test's fault, or what happens when a thing is first used.

        Args:
            change: What has changed.
            test: The test that it has changed in.
        """
        return True

    def restore(self, state: Any, change: Change) -> bool:
        """Put back what has changed, where that is safe, and tell whether it was.

        Args:
            state: What `before` returned.
            change: What has changed.
        """
        return False


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two objects are the same or equal, whatever their classes make of `==`."""
    try:
        return one is other or bool(one == other)
    except Exception:  # noqa: BLE001 - it is the project's
        return False


def masked(name: Any, value: Any) -> str:
    """Return a value in few words, without what is secret by its name."""
    is_secret = isinstance(name, str) and SECRET.search(name) and value is not UNSET
    return "***" if is_secret else said(value)


def said(value: Any) -> str:
    """Return a value in few words."""
    if isinstance(value, (FunctionType, type)):
        return f"{value.__module__}.{value.__qualname__}"
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    try:
        text = " ".join(_repr.repr(value).split())
    except Exception:  # noqa: BLE001 - it is the project's
        return f"a {type(value).__name__}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = LONGEST
