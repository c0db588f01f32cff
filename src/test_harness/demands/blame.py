"""Which variables an error comes of: those that its line read, names, or depends on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from test_harness.demands.reads import Read, is_of_the_project, is_stage
from test_harness.demands.shapes import Frames, is_about_nothing, modules_beside
from test_harness.demands.statements import (
    around,
    guards,
    in_one_function,
    is_raised,
    names_in,
    names_set,
    simple,
)
from test_harness.errors import DatabaseLockedError

# What a database, or another service, answers or does not answer is said by no variable.
_OF_A_SERVER = re.compile(r"DBAPI|Database|Postgres|MySQL|Connect|Timeout|Operational|gaierror")
_LIKE_A_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")

Place = tuple[str, int]


@dataclass(frozen=True)
class Blamed:
    """A variable that an error comes of.

    Attributes:
        read: The variable, and where it was read.
        sure: Whether that is known, and not only likely.
    """

    read: Read
    sure: bool = True


def blamed(
    error: BaseException, frames: Frames, reads: Sequence[Read], fields: Iterable[Read]
) -> list[Blamed]:
    """Return the variables that an error comes of; empty where nothing leads to one.

    Args:
        error: What was raised.
        frames: Those that it came through, the innermost first.
        reads: What was read from the environment, in its order.
        fields: The fields of settings classes, which are read all at once.
    """
    places = [(frame.f_code.co_filename, line) for frame, line in frames]
    ours = [place for place in places if is_of_the_project(place[0])]
    if not ours or not may_come_of_a_value(error, frames):
        return []
    all_reads = [*reads, *fields]
    if isinstance(error, KeyError) and _is_of_the_environment(frames):
        return [Blamed(_read_as(str(error.args[0]), ours[0], reads))]
    # The last reading of each is the one that the error may come of.
    numbered = {read.name: number for number, read in enumerate(all_reads)}
    last = [all_reads[number] for number in sorted(numbered.values())]
    named = [read for read in last if _names(message_of(error), read)]
    reads, last = ([read for read in some if not read.own] for some in (reads, last))
    if known := _stage(ours[0], last) or named:
        return [Blamed(read) for read in known]
    gives_up = is_raised(*ours[0])
    if known := _at_the_line(error, ours[0], reads):
        return [Blamed(read, sure=read.missing or gives_up) for read in known]
    if known := _spoken_of(ours, last):
        is_absent = is_about_nothing(error)
        return [Blamed(read, sure=gives_up or (read.missing and is_absent)) for read in known]
    return _likely(message_of(error), ours[0], reads)


def message_of(error: BaseException) -> str:
    """Return what an error says, with what those say that it is a group of."""
    parts = getattr(error, "exceptions", ())
    said = error.code if isinstance(error, SystemExit) else error
    return " ".join([str(said), *map(message_of, parts if isinstance(parts, tuple) else ())])


def may_come_of_a_value(error: BaseException, frames: Frames) -> bool:
    """Tell a value that is missing or wrong from a mistake in the code."""
    if isinstance(error, (TypeError, AttributeError)):
        return is_about_nothing(error)
    if isinstance(error, ImportError):
        names = {str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in frames}
        return bool(modules_beside(error)) or "sqlalchemy" in names
    if isinstance(error, DatabaseLockedError):
        # What goes past SQLAlchemy is not led anywhere, whatever its address.
        return any(frame.f_globals.get("__name__") == "sqlalchemy.pool.base" for frame, _ in frames)
    if is_raised(frames[0][0].f_code.co_filename, frames[0][1]):
        return True
    of_a_server = _OF_A_SERVER.search(" ".join(it.__qualname__ for it in type(error).__mro__))
    return not of_a_server and not isinstance(error, (NameError, SyntaxError, NotImplementedError))


def _is_of_the_environment(frames: Frames) -> bool:
    """Tell whether `os.environ` itself raised it."""
    return any(frame.f_globals.get("__name__") == "os" for frame, _ in frames[:3])


def _read_as(name: str, place: Place, reads: Sequence[Read]) -> Read:
    known = [read for read in reads if read.name == name]
    return known[-1] if known else Read(name, *place, missing=True)


def _stage(place: Place, last: Sequence[Read]) -> list[Read]:
    """Return the stage of production that a refusal depends on, where nobody has set another."""
    words = set[str]().union(*map(names_in, guards(*place))) if is_raised(*place) else set[str]()
    known = (read for read in last if read.missing and is_stage(read.name))
    return [read for read in known if _is_called(read, words, place)][:1]


def _names(said: str, read: Read) -> bool:
    return len(read.name) > 2 and bool(re.search(rf"(?<!\w){re.escape(read.name)}(?!\w)", said))


def _at_the_line(error: BaseException, place: Place, reads: Sequence[Read]) -> list[Read]:
    """Return what was read by the very statement that failed, or by what it depends on."""
    file, line = place
    statement = simple(file, line)
    nodes = [
        *([statement] if statement else ()),
        *(guards(file, line) if is_raised(*place) else ()),
    ]
    lines = {line}.union(*(range(one.lineno, (one.end_lineno or line) + 1) for one in nodes))
    here = [
        read
        for read in reads
        if any(at == file and number in lines for at, number in (read_at(read), *read.calls))
    ]
    if statement and line > statement.lineno:
        # Of several that a call is given, each in a line of its own, the error names that of one.
        here = [read for read in here if place in (read_at(read), *read.calls)] or here
    here = [*{read.name: read for read in here}.values()]
    lacking = [read for read in here if read.missing]
    if is_about_nothing(error) or not lacking:
        return lacking or here
    words = set(re.findall(r"[a-z0-9_]+", message_of(error).lower()))
    meant = [read for read in here if read.name.lower() in words]
    ends = [read for read in lacking if any(read.name.lower().endswith(f"_{it}") for it in words)]
    # A library that reads many for one line stops at the one that is not there.
    return meant or ends or lacking[-1:]


def _spoken_of(ours: Sequence[Place], last: Sequence[Read]) -> list[Read]:
    """Return what the lines that an error came through speak of, the innermost of them first."""
    for place in ours:
        words = _words(*place)
        used = [read for read in last if _is_called(read, words, place)]
        used = [read for read in used if read.name.lower() in words] or used
        used = [read for read in used if read.missing] or used
        if used and all(in_one_function(read_at(read), place) for read in used):
            # It is called for one after the other.
            return used[-1:]
        if used:
            return used
    return []


def read_at(read: Read) -> Place:
    """Return where a variable was read."""
    return read.file, read.line


def _words(file: str, line: int) -> set[str]:
    statement = simple(file, line)
    words = names_in(statement) if statement else set[str]()
    return words.union(*map(names_in, guards(file, line)))


def _is_called(read: Read, words: set[str], place: Place) -> bool:
    """Tell whether a statement speaks of what a variable was kept as."""
    names = {read.name.lower(), read.known_as.lower()} - {""}
    if not read.known_as:
        names |= set().union(
            *(names_set(*at) for at in (read_at(read), *read.calls) if at != place)
        )
    return bool(names & words)


def _likely(said: str, place: Place, reads: Sequence[Read]) -> list[Blamed]:
    """Return what may be meant where the application itself gives up."""
    file, line = place
    shouted = _LIKE_A_VARIABLE.findall(said)
    if not is_raised(file, line):
        # Of a mapping that the environment was copied into.
        key = said.strip("'")
        # Flask takes variables of its prefix without it.
        names = [key, *(f"FLASK_{key}" for _ in range("flask" in sys.modules))]
        found = [Read(name, *place, missing=True) for name in names if key in shouted]
        return [Blamed(read, sure=False) for read in found]
    outer = around(file, line)
    first = outer[-1].lineno if outer else line
    lacking = [read for read in reads if read.missing and read.file == file]
    near = [read for read in lacking if first <= read.line <= line]
    if lacking:
        return [Blamed((near or lacking)[-1], sure=False)]
    return [Blamed(Read(name, *place, missing=True), sure=False) for name in shouted[:1]]
