"""What to do about a test that costs more than it may."""

from __future__ import annotations

from collections.abc import Callable

from test_harness.watch.monitor.budget import MARKER, Excess
from test_harness.watch.monitor.meter import Measured

LONGEST_STATEMENT = 120
# From this share on, what is set up is what takes the time.
MOST = 0.5


def advice(excess: Excess, measured: Measured) -> str:
    """Return what took so much, where that can be told, and what to do about it: two sentences."""
    evidence, deed = _ADVICE[excess.what](measured)
    allowed = f"allow it with @pytest.mark.{MARKER}({excess.what}={_rounded(excess.taken)})"
    if excess.what in ("seconds", "megabytes"):
        allowed = f"give the test more with @pytest.mark.{MARKER}({excess.what}=...)"
    return f"{evidence}\n  Fix: {deed}, or {allowed}."


def _rounded(value: float) -> str:
    return f"{value:g}"


def _of_seconds(measured: Measured) -> tuple[str, str]:
    seconds, set_up = measured.cost.seconds, measured.set_up
    if set_up > seconds * MOST:
        return (
            f"its fixtures took {set_up:.3g} seconds of it",
            "have several tests share what takes long (scope), or make less of it",
        )
    return (
        f"its own body took {seconds - set_up:.3g} seconds of it",
        "have it wait for nothing real, such as a pause, a slow hash or another machine",
    )


def _of_megabytes(measured: Measured) -> tuple[str, str]:
    return "that is its peak", "make, load or read less at once, in parts or with fewer rows"


def _of_statements(measured: Measured) -> tuple[str, str]:
    statement, times = max(measured.counts.statements.items(), key=lambda one: one[1])
    shown = " ".join(statement.split())
    if len(shown) > LONGEST_STATEMENT:
        shown = f"{shown[:LONGEST_STATEMENT]} ..."
    where = f" ({measured.counts.line})" if measured.counts.line else ""
    if times == 1:
        return f"no two are the same, the first is `{shown}`{where}", "part the test"
    deed = (
        "write the rows in one batch (`create_batch`, or one `execute` with a list)"
        if shown.upper().startswith("INSERT")
        else "have one query load what the loop asks for one by one (`selectinload`, a join)"
    )
    return f"{times} times `{shown}`{where}", deed


def _of_requests(measured: Measured) -> tuple[str, str]:
    if not measured.counts.paths:
        return "nobody says which", "part the test"
    asked, times = max(measured.counts.paths.items(), key=lambda one: one[1])
    if times == 1:
        addresses = len(measured.counts.paths)
        return (
            f"to {addresses} addresses, {asked} first" if addresses > 1 else asked,
            "make the rows with factories, and part the test into those that ask for one thing",
        )
    return f"{times} times {asked}", "ask once for what it needs, or part the test"


_ADVICE: dict[str, Callable[[Measured], tuple[str, str]]] = {
    "seconds": _of_seconds,
    "megabytes": _of_megabytes,
    "statements": _of_statements,
    "requests": _of_requests,
}
