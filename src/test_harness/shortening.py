"""What a failure shows, unless all of it is asked for: the lines of the project, and few of SQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import Any

import pytest

from test_harness.errors import HarnessError
from test_harness.known import steady
from test_harness.lock.callers import is_of_the_harness, only_passes_on

LONGEST_STATEMENT = 200
MOST_PARAMETERS = 5
LONGEST_PARAMETER = 80
ALL_OF_IT = 2
# Of what was captured; the end says how it ended.
MOST_LINES = 40

_told = pytest.StashKey[set[str]]()


def wants_all(config: pytest.Config) -> bool:
    """Tell whether somebody asked for everything: `-vv` or `--tb=long`."""
    return config.get_verbosity() >= ALL_OF_IT or config.option.tbstyle == "long"


def shortened(
    excinfo: pytest.ExceptionInfo[BaseException], *, through_the_application: bool
) -> pytest.ExceptionInfo[BaseException]:
    """Leave out what libraries do between the lines of the project, and most of a statement.

    Of an error of the harness its message says what is to be known, and no line of the harness.

    Args:
        excinfo: What a test failed with; its error keeps its own traceback.
        through_the_application: Whether it came out of a request.
    """
    error = excinfo.value
    is_of_sql = hasattr(error, "statement") and type(error).__module__ == "sqlalchemy.exc"
    if is_of_sql:
        _shorten_statement(error)
    is_said = isinstance(error, HarnessError)
    if not (is_of_sql or through_the_application or is_said):
        return excinfo
    short: TracebackType | None = None
    for trace in reversed(list(_links(excinfo.tb))):
        file = trace.tb_frame.f_code.co_filename
        if not (only_passes_on(file) or (is_said and is_of_the_harness(file))):
            short = TracebackType(short, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    if short is None:
        return excinfo
    return pytest.ExceptionInfo.from_exc_info((type(error), error, short))


def say_once(
    config: pytest.Config,
    report: pytest.TestReport,
    excinfo: pytest.ExceptionInfo[BaseException],
    *,
    is_cause: bool,
) -> None:
    """Show of what was captured its end, and of a cause that was shown before only its line.

    Args:
        config: Of the run.
        report: Of a test that failed.
        excinfo: What it failed with.
        is_cause: Whether its message is all there is to know, in each test that it hits.
    """
    report.sections = [(title, _end_of(text)) for title, text in report.sections]
    if not is_cause:
        return
    told = config.stash.setdefault(_told, set())
    said = f"{type(excinfo.value).__name__}: {steady(str(excinfo.value))}"
    if said in told:
        *_, last = _links(excinfo.tb)
        kind, error = type(excinfo.value), excinfo.value
        report.longrepr = pytest.ExceptionInfo.from_exc_info((kind, error, last)).getrepr(
            style="short"
        )
        report.sections = [one for one in report.sections if not one[0].startswith("Captured")]
    told.add(said)


def _end_of(text: str) -> str:
    lines = text.splitlines()
    left_out = len(lines) - MOST_LINES
    if left_out <= 1:
        return text
    return "\n".join([f"... {left_out} lines before these: -vv shows them", *lines[left_out:], ""])


def _links(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _shorten_statement(error: Any) -> None:
    statement = str(error.statement or "")
    if len(statement) > LONGEST_STATEMENT:
        error.statement = f"{statement[:LONGEST_STATEMENT]} ..."
    error.params = _few(error.params)
    if error.__cause__ is getattr(error, "orig", None):
        # It says the same, from within the driver.
        error.__cause__, error.__suppress_context__ = None, True


def _few(parameters: Any) -> Any:
    if isinstance(parameters, dict):
        return dict(islice(parameters.items(), MOST_PARAMETERS))
    if isinstance(parameters, (list, tuple)):
        return [_few(one) for one in parameters[:MOST_PARAMETERS]]
    is_long = isinstance(parameters, (str, bytes)) and len(parameters) > LONGEST_PARAMETER
    return parameters[:LONGEST_PARAMETER] if is_long else parameters
