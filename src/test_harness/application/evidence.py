"""What a failed test saw of the application: the route, its answer, and the line behind it."""

from __future__ import annotations

from collections.abc import Sequence

from test_harness.application import exchanges
from test_harness.known import Seen
from test_harness.lock.callers import raised_at
from test_harness.project import suite_dir


def evidence_of(error: BaseException) -> Seen | None:
    """Return what an error shows that the application did; None where it shows nothing of it.

    Args:
        error: Of a test. Some carry what they saw: `response`, an answer that was not the one
            that is right, or `seen`.
    """
    error = _only_one_in(error)
    seen: Seen | None = getattr(error, "seen", None)
    if seen is not None:
        return seen
    response = getattr(error, "response", None)
    if response is not None:
        request = response.request
        asked = exchanges.exchange_of(request.method, request.url.path)
        return Seen(asked.route, str(response.status_code), asked.line)
    last = exchanges.latest()
    place = raised_at(error, beside=suite_dir())
    if last is not None and last.broke:
        return Seen.of_exception(error, last.route, place or last.line)
    if place:
        return Seen.of_exception(error, "", place)
    return Seen(last.route, last.answer, last.line) if last is not None and last.answer else None


def _only_one_in(error: BaseException) -> BaseException:
    """Return the error that a group of one was made of, as task groups make them."""
    inner: Sequence[BaseException] = getattr(error, "exceptions", ())
    return _only_one_in(inner[0]) if len(inner) == 1 else error
