"""One failure of an import or a start-up, as data: what was asked for, and what may be given."""

from __future__ import annotations

import os
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

from test_harness.demands import fields
from test_harness.demands.blame import Blamed, blamed, may_come_of_a_value
from test_harness.demands.examples import example_of, examples
from test_harness.demands.libraries import wanted_by_a_library
from test_harness.demands.reads import Read, Reads, frames_of, is_of_the_project, shown
from test_harness.demands.shapes import shape_of
from test_harness.demands.statements import texts_in
from test_harness.demands.values import values_for
from test_harness.demands.wording import said_of
from test_harness.errors import DatabaseLockedError, HarnessError, first_line

# Nobody's value mends these.
_MISTAKES = (NameError, SyntaxError)


def describe(error: BaseException, reads: Reads) -> dict[str, Any]:
    """Return what a failure is: plain data, for another process.

    Args:
        error: What ended the import or the start-up.
        reads: What was read from the environment until then.

    Returns:
        `error` and `place` of what was raised at first, `said` with its `fix`, and `wants`: the
        variables behind it, each with its `name`, the `place` that asked, whether it is `missing`
        and the harness is `sure` of it, what it `must` be, and the `values` to try.
    """
    chain = chain_of(error)
    found: dict[str, Any] = {"wants": [], **_told(error, chain)}
    if any(isinstance(one, _MISTAKES) for one in chain):
        return found
    likely: list[dict[str, Any]] = []
    for one in chain:
        try:
            wants = _wants(one, reads)
        except Exception:  # noqa: BLE001, S112 - objects of others are looked at, which may do anything
            continue
        if any(want["sure"] for want in wants):
            found["wants"] = wants
            return found
        likely = likely or wants
    likely = likely or _of_a_new_developer(chain, reads)
    found["wants"] = likely
    if not likely and chain and isinstance(chain[0], FileNotFoundError):
        found["fix"] = _how_to_have(str(chain[0].filename)) or found["fix"]
    return found


def _of_a_new_developer(chain: list[BaseException], reads: Reads) -> list[dict[str, Any]]:
    """Return what was not set and has an example, where an error comes of nothing that is known."""
    if not any(may_come_of_a_value(one, frames_of(one)) and place_of(one) for one in chain):
        return []
    declared = [field.read for field in fields.declared()]
    lacking = {
        read.name: read
        for read in [*reads.all, *declared]
        if read.missing and not read.own and read.name in examples()
    }
    wants = [_want(Blamed(read, sure=False), {}) for read in lacking.values()]
    return [{**want, "values": want["values"][:1]} for want in wants]


def _how_to_have(file: str) -> str:
    """Say where a file of settings comes from that every developer has a copy of."""
    example = example_of(Path(file).name)
    return example and f"copy {example} to {Path(file).name}, as a new developer does."


def chain_of(error: BaseException) -> list[BaseException]:
    """Return the errors that one comes from, the first that was raised at the beginning."""
    chain = [error]
    while (below := _below(chain[-1])) is not None and below not in chain:
        chain.append(below)
    for one in [*chain]:
        # What several tasks raised together.
        parts = getattr(one, "exceptions", ())
        chain += [it for it in parts if isinstance(it, BaseException)] if parts else []
    # The lock speaks of an address that the application has from somewhere.
    plain = [
        one
        for one in chain
        if not isinstance(one, HarnessError) or isinstance(one, DatabaseLockedError)
    ]
    return plain[::-1]


def _below(error: BaseException) -> BaseException | None:
    if error.__suppress_context__ and not isinstance(error, HarnessError):
        return error.__cause__
    return error.__cause__ or error.__context__


def place_of(error: BaseException) -> str:
    """Return `file:line` of the innermost line of the project that an error came through."""
    if isinstance(error, SyntaxError) and error.filename and is_of_the_project(error.filename):
        return shown(error.filename, error.lineno or 1)
    walked = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
    return next((shown(*it) for it in reversed(walked) if is_of_the_project(it[0])), "")


def _told(error: BaseException, chain: list[BaseException]) -> dict[str, str]:
    first = chain[0] if chain else error
    text = first_line(first)
    return {
        "raised": type(error).__name__,
        "error": type(first).__name__,
        "place": next(filter(None, map(place_of, chain)), ""),
        "text": "" if _tells_a_secret(text) else text,
        "said": getattr(error, "problem", f"{type(error).__name__}: {text}"),
        "fix": getattr(error, "fix", "mend the line that is named."),
    }


def _wants(error: BaseException, reads: Reads) -> list[dict[str, Any]]:
    frames = frames_of(error)
    if fields.is_about_the_code(error, frames):
        return []
    if refused := fields.refused(error, frames):
        return [_want(Blamed(field.read), field.shape) for field in refused]
    if named := wanted_by_a_library(error, frames, reads.all):
        return [_want(Blamed(read), shape) for read, shape in named]
    known = {field.variable: field for field in fields.declared()}
    found = blamed(error, frames, reads.all, [field.read for field in known.values()])
    # Of several that stand together in one text, what the whole has to be is true of none.
    shape = shape_of(error, frames) if len(found) == 1 else {}
    if "choices" in shape and isinstance(error, KeyError):
        found, shape = _looked_up(error, found, shape)
    declared = {name: field.shape for name, field in known.items()}
    return [
        _want(
            # An error that is known says what it is about.
            replace(one, sure=one.sure or bool(shape)),
            {**declared.get(one.read.name, {}), **shape},
        )
        for one in found
    ]


def _looked_up(
    error: KeyError, found: list[Blamed], shape: dict[str, Any]
) -> tuple[list[Blamed], dict[str, Any]]:
    """Tell a value that is no key from a mapping that lies in the file which a value names."""
    value = os.environ.get(found[0].read.name)
    if value is None or value == error.args[0]:
        return found, shape
    return (found, {"kind": "file"}) if Path(value).is_file() else ([], {})


def _want(blame: Blamed, shape: dict[str, Any]) -> dict[str, Any]:
    read = blame.read
    return {
        "name": read.name,
        "place": _asked_at(read),
        "missing": read.missing,
        "sure": blame.sure,
        "must": said_of(shape),
        # That of now was refused.
        "values": [it for it in values_for(read.name, shape) if it != os.environ.get(read.name)],
    }


def _asked_at(read: Read) -> str:
    """Return the line that asked for a variable: not that of a function which reads any."""
    places = [(read.file, read.line), *read.calls]
    said = (place for place in places[:-1] if read.name in texts_in(*place))
    return shown(*next(said, places[min(1, len(places) - 1)])) if read.file else ""


def _tells_a_secret(text: str) -> bool:
    """Tell whether a message has the value of a variable in it that somebody may have exported."""
    return any(len(value) > 5 and value in text for value in os.environ.values())
