"""Which files are the project's, which of them are tests, and which lines say a thing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, ModuleType

from test_harness.lock.callers import HARNESS, LIBRARIES, is_of_a_library, shown_place
from test_harness.project import project_dir, suite_dir

WORD = r"[^\W\d]\w*"
SET = re.compile(r"""([^\W\d]\w*)\s*=(?!=)|["'](?:\w+\.)*([^\W\d]\w*)["']""")
STANDARD = tuple(path for path in LIBRARIES if not path.endswith("-packages"))


@cache
def is_of_the_project(file: str) -> bool:
    """Tell whether a file is the project's own, a test of it included."""
    if not file or is_of_a_library(file) or file.startswith(str(HARNESS)):
        return False
    return Path(os.path.normpath(file)).is_relative_to(project_dir())


class OwnModules:
    """The modules of the project that have been imported, and which of its files say a word."""

    def __init__(self) -> None:
        self._number = 0
        self._found: dict[str, ModuleType] = {}
        self._says: dict[bytes, bool] = {}
        self._words: set[str] = set()
        self._set: set[str] = set()

    def all(self) -> dict[str, ModuleType]:
        """Return them by their names, found anew where something has been imported.

        It is the same dictionary each time.
        """
        if len(sys.modules) != self._number:
            self._number = len(sys.modules)
            self._says.clear()
            self._words.clear()
            self._set.clear()
            self._found.clear()
            for name, module in sys.modules.copy().items():
                if is_of_the_project(getattr(module, "__file__", None) or ""):
                    self._found[name] = module
        return self._found

    def words(self) -> set[str]:
        """Return every word of their sources."""
        found = self.all()
        if not self._words:
            files = (getattr(module, "__file__", None) or "" for module in found.values())
            self._words.update(*(re.findall(WORD, _text(it)) for it in files))
        return self._words

    def names_that_are_set(self) -> set[str]:
        """Return what their sources may put something in the place of: `x.name =`, `"x.name"`."""
        found = self.all()
        if not self._set:
            files = (getattr(module, "__file__", None) or "" for module in found.values())
            self._set.update(
                it for file in files for pair in SET.findall(_text(file)) for it in pair
            )
        return self._set

    def say(self, word: bytes) -> bool:
        """Tell whether the source of any of them has a word; one that cannot be read may have."""
        found = self.all()
        known = self._says.get(word)
        if known is None:
            files = (getattr(module, "__file__", None) or "" for module in found.values())
            known = self._says[word] = any(_has(file, word) for file in files)
        return known


own_modules = OwnModules()
"""Of this process."""


def _text(file: str) -> str:
    return "\n".join(text for _, text in _lines(file))


@cache
def _has(file: str, word: bytes) -> bool:
    try:
        return word in Path(file).read_bytes()
    except OSError:
        return True


@cache
def is_of_tests(file: str) -> bool:
    """Tell whether a file is of the tests, wherever in the project they lie."""
    path = Path(os.path.normpath(file))
    named = path.name.startswith(("test_", "conftest")) or path.name == "tests.py"
    named = named or path.stem.endswith("_test")
    return is_of_the_project(file) and (named or path.is_relative_to(suite_dir()))


@cache
def is_standard(file: str) -> bool:
    """Tell whether a file is of Python's standard library."""
    in_packages = "site-packages" in file or "dist-packages" in file
    return file.startswith((*STANDARD, "<")) and not in_packages


def line_behind(frame: FrameType | None) -> str:
    """Return `file:line` of the project that a call is made by, at most through Python's library.

    What an installed library does, when it likes to, is its own business: empty.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if is_of_the_project(file):
            return shown_place(file, frame.f_lineno)
        if not is_standard(file):
            return ""
        frame = frame.f_back
    return ""


def line_of(code: CodeType) -> str:
    """Return `file:line` of a function."""
    return shown_place(code.co_filename, code.co_firstlineno)


def lines_of(code: CodeType) -> Iterator[tuple[int, str]]:
    """Return the numbered lines of a function, those of functions in it included."""
    last = max((line for *_, line in _all_lines(code)), default=code.co_firstlineno)
    yield from _lines(code.co_filename)[code.co_firstlineno - 1 : last]


def _all_lines(code: CodeType) -> Iterator[tuple[int, int, int]]:
    for start, end, line in code.co_lines():
        if line is not None:
            yield start, end, line
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_lines(constant)


def first_line_with(pattern: str, places: Iterable[CodeType | str]) -> str:
    """Return `file:line` of the first line that has a pattern; empty without one.

    Args:
        pattern: A regular expression.
        places: Functions or whole files, in the order in which they are looked through.
    """
    wanted = re.compile(pattern)
    for place in places:
        is_file = isinstance(place, str)
        file = place if isinstance(place, str) else place.co_filename
        for number, text in _lines(file) if is_file else lines_of(place):  # type: ignore[arg-type]
            if wanted.search(text):
                return shown_place(file, number)
    return ""


@cache
def _lines(file: str) -> list[tuple[int, str]]:
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [*enumerate(text.splitlines(), 1)]
