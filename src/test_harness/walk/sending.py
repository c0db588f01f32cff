"""What is handed to a client of a request, and what a visit says of its outcome."""

from __future__ import annotations

from typing import Any

from test_harness.application import exchanges
from test_harness.errors import first_line
from test_harness.lock.callers import raised_at
from test_harness.project import suite_dir
from test_harness.walk.outcome import Outcome
from test_harness.walk.steps import Sending
from test_harness.walk.visit import Change, Request, Visit
from test_harness.walk.watch import Watch


def arguments_of(request: Request) -> dict[str, Any]:
    """Return what a client's `request` takes."""
    given = {
        "params": dict(request.query) or None,
        "headers": dict(request.headers) or None,
        "json": request.json,
        "data": None if request.form is None else dict(request.form),
        "files": None if request.files is None else dict(request.files),
        "content": request.content,
    }
    given = {name: value for name, value in given.items() if value is not None}
    return {"method": request.method, "url": request.path, **given}


def visit_of(
    sending: Sending,
    outcome: Outcome,
    seconds: float,
    watch: Watch,
    *,
    changes: tuple[Change, ...],
    lost: str,
) -> Visit:
    """Return what there is to say of a request.

    Args:
        sending: What was sent.
        outcome: What came of it.
        seconds: How long it took.
        watch: What it asked the databases.
        changes: Which rows it changed.
        lost: Why the world is gone, empty if it is not.
    """
    response = outcome.response
    return Visit(
        sending.principal,
        sending.request,
        _status(outcome),
        headers={} if response is None else response.headers,
        text="" if response is None else response.text,
        statements=watch.statements,
        changes=changes,
        error=_error(outcome, seconds),
        seconds=seconds,
        ended=outcome.late is None,
        logs=watch.logs,
        warnings=watch.warnings,
        lost=lost,
    )


def _status(outcome: Outcome) -> int:
    if outcome.response is not None:
        return int(outcome.response.status_code)
    if outcome.late is not None and (latest := exchanges.latest()):
        # It has begun to answer.
        return int(latest.answer) if latest.answer.isdecimal() else 0
    return 0


def _error(outcome: Outcome, seconds: float) -> str:
    if outcome.late is not None:
        where = outcome.late and f": {outcome.late}"
        return f"NotEnded: was cut off after {seconds:.1f} seconds{where}"
    error = outcome.error
    if error is None:
        return ""
    place = raised_at(error, beside=suite_dir())
    return f"{type(error).__name__}: {first_line(error)}" + (f" ({place})" if place else "")
