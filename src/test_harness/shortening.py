"""What a failure shows, unless all of it is asked for: the lines of the project, and few of SQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import Any

import pytest

from test_harness.lock.callers import only_passes_on

LONGEST_STATEMENT = 200
MOST_PARAMETERS = 5
LONGEST_PARAMETER = 80
ALL_OF_IT = 2


def wants_all(config: pytest.Config) -> bool:
    """Tell whether somebody asked for everything: `-vv` or `--tb=long`."""
    return config.get_verbosity() >= ALL_OF_IT or config.option.tbstyle == "long"


def shortened(
    excinfo: pytest.ExceptionInfo[BaseException], *, through_the_application: bool
) -> pytest.ExceptionInfo[BaseException]:
    """Leave out what libraries do between the lines of the project, and most of a statement.

    Args:
        excinfo: What a test failed with; its error keeps its own traceback.
        through_the_application: Whether it came out of a request.
    """
    error = excinfo.value
    is_of_sql = hasattr(error, "statement") and type(error).__module__ == "sqlalchemy.exc"
    if is_of_sql:
        _shorten_statement(error)
    if not (is_of_sql or through_the_application):
        return excinfo
    short: TracebackType | None = None
    for trace in reversed(list(_links(excinfo.tb))):
        if not only_passes_on(trace.tb_frame.f_code.co_filename):
            short = TracebackType(short, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
    if short is None:
        return excinfo
    return pytest.ExceptionInfo.from_exc_info((type(error), error, short))


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
