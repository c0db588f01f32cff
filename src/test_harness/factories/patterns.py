"""A text for a regular expression, with a place in it where a number makes it another each time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from test_harness.factories.functions import python_pattern

_ANY = "a0"
_CLASSES = {"d": "0123456789", "w": "a0", "s": " ", "D": "a", "W": "-", "S": "a"}
_DIGITS = frozenset("0123456789")
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]])*\]|.", re.DOTALL)
_TIMES = re.compile(r"([?*+]|\{(\d+)(,?)(\d*)\})[?+]?")


@dataclass(frozen=True)
class _Unit:
    """One character: the ones it may be, and how often it stands there (`high` None: no limit)."""

    letters: str
    low: int
    high: int | None


def template_of(pattern: str) -> str | None:
    """Return the inside of an f-string of `n` that a regular expression matches, None if unknown.

    The last run of digits becomes the number; without one, and with letters that vary, a call of
    `letters(n, width)` does. What neither has is the same each time.
    """
    units = _units(python_pattern(pattern).removeprefix("(?i)"))
    if units is None or any(unit.letters[:1] in {"{", "}"} for unit in units):
        return None
    return _with_number(units) or _with_letters(units) or "".join(map(_fixed, units))


def _units(pattern: str) -> list[_Unit] | None:
    """Return what a pattern consists of: the first of alternatives, the fewest of repetitions."""
    units: list[_Unit] = []
    place = 0
    while place < len(pattern):
        found = _PIECE.match(pattern, place)
        assert found is not None
        piece = found[0]
        place = found.end()
        if piece in "^$" or piece in {r"\A", r"\Z", r"\b", r"\m", r"\M", r"\y"}:
            continue
        if piece == "|":
            return units
        if piece == "(":
            end = _end_of_group(pattern, place)
            inner = pattern[place:end]
            if re.match(r"\?[=!<]", inner):
                return None
            group = _units(re.sub(r"^\?:", "", inner))
            if group is None:
                return None
            low, _, place = _times(pattern, end + 1)
            units += group * low
            continue
        low, high, place = _times(pattern, place)
        units.append(_Unit(_letters_of(piece), low, high))
    return units


def _end_of_group(pattern: str, place: int) -> int:
    depth = 1
    while depth and place < len(pattern):
        found = _PIECE.match(pattern, place)
        assert found is not None
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        place = found.end()
    return place - 1


def _times(pattern: str, place: int) -> tuple[int, int | None, int]:
    found = _TIMES.match(pattern, place)
    if found is None:
        return 1, 1, place
    if found[1] in "?*+":
        low, high = {"?": (0, 1), "*": (0, None), "+": (1, None)}[found[1]]
    else:
        low = int(found[2])
        high = (int(found[4]) if found[4] else None) if found[3] else low
    return low, high, found.end()


def _letters_of(piece: str) -> str:
    if piece.startswith("[") and len(piece) > 2:
        return _of_class(piece[1:-1])
    if piece == ".":
        return _ANY
    if piece.startswith("\\"):
        return _CLASSES.get(piece[1], piece[1])
    return piece


def _of_class(inner: str) -> str:
    if inner.startswith("^"):
        excluded = set(_of_class(inner[1:]))
        return next((letter for letter in "a0-_.~" if letter not in excluded), "")
    letters = ""
    for found in re.finditer(r"(\\.|[^\\])(?:-(\\.|[^\\\]]))?", inner):
        first, last = found[1], found[2]
        if first.startswith("\\"):
            letters += _CLASSES.get(first[1], first[1])
        elif last:
            last = last.removeprefix("\\")
            letters += "".join(chr(code) for code in range(ord(first), ord(last) + 1))
        else:
            letters += first
    return letters


def _fixed(unit: _Unit) -> str:
    return unit.letters[:1] * unit.low


def _with_number(units: list[_Unit]) -> str | None:
    end = len(units)
    while end and not set(units[end - 1].letters) >= _DIGITS:
        end -= 1
    start = end
    while start and set(units[start - 1].letters) >= _DIGITS:
        start -= 1
    if start == end:
        return None
    width = sum(unit.low for unit in units[start:end])
    open_ended = any(unit.high is None or unit.high > unit.low for unit in units[start:end])
    if width == 0 and not open_ended:
        return None
    before, after = ("".join(map(_fixed, part)) for part in (units[:start], units[end:]))
    return before + number(width) + after


def _with_letters(units: list[_Unit]) -> str | None:
    for index, unit in reversed(list(enumerate(units))):
        for call, alphabet in (
            ("letters(n, {})", "abcdefghij"),
            ("letters(n, {}).upper()", "ABCDEFGHIJ"),
        ):
            if set(alphabet) <= set(unit.letters) and unit.low:
                before, after = units[:index], units[index + 1 :]
                counted = "{" + call.format(unit.low) + "}"
                return "".join(map(_fixed, before)) + counted + "".join(map(_fixed, after))
    return None


def number(width: int = 1) -> str:
    """Return the place of `n` in an f-string, filled up with noughts to a width."""
    return "{n}" if width < 2 else "{n:0" + str(width) + "}"


def letters(n: int, width: int) -> str:
    """Return the number `n` in small letters, `width` of them: aaa, aab, ... aba."""
    text = ""
    for _ in range(width):
        n, rest = divmod(n, 26)
        text = chr(ord("a") + rest) + text
    return text


def sample_of(pattern: str) -> str | None:
    """Return a text that a regular expression matches from its beginning to its end.

    None where that cannot be told.
    """
    try:
        units = _units(python_pattern(pattern).removeprefix("(?i)"))
        text = None if units is None else "".join(map(_fixed, units))
        return text if text is not None and re.fullmatch(pattern, text) else None
    except (re.error, AssertionError):
        return None
