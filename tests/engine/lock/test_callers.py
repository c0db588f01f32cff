"""A failure is a fault of the harness only where nothing of the project can be behind it."""

from __future__ import annotations

import sqlite3
import sysconfig
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from test_harness import project
from test_harness.auth.sockets.opening import SocketClosed
from test_harness.errors import LoginError
from test_harness.lock.callers import HARNESS, defined_at, fault_of_the_harness, raised_at

FACTORIES, DOOR = HARNESS / "factories" / "base.py", HARNESS / "application" / "exchanges.py"
LIBRARY = Path(pytest.__file__)


@pytest.fixture(autouse=True)
def suite(tmp_path: Path) -> Iterator[Path]:
    project.use(tmp_path / "tests")
    yield tmp_path / "tests"
    project.forget()


def code(text: str, file: Path, **names: Any) -> Callable[..., Any]:
    """Return the function `go` of a text, as if it stood in a file."""
    space: dict[str, Any] = dict(names)
    exec(compile(text, str(file), "exec"), space)  # noqa: S102
    go: Callable[..., Any] = space["go"]
    return go


def through(go: Callable[[], Any], *files: Path) -> Callable[[], Any]:
    """Return what calls `go` by way of these files, the outermost first."""
    for file in reversed(files):
        go = partial(code("def go(inner):\n    return inner()\n", file), go)
    return go


def raising(error: Exception) -> Callable[[], Any]:
    return code("def go():\n    raise error\n", LIBRARY, error=error)


def fault_through(go: Callable[[], Any], *files: Path) -> str:
    """Return what there is to report of an error that passes through these files."""
    with pytest.raises(Exception) as raised:  # noqa: PT011
        through(go, *files)()
    # Without the frame of this module, which is none of the project.
    trace = raised.value.__traceback__
    assert trace is not None
    return fault_of_the_harness(raised.value.with_traceback(trace.tb_next))


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), ValueError("x"), TypeError("x"), ZeroDivisionError("x"), AssertionError()],
    ids=repr,
)
def test_what_a_library_says_to_a_factory_is_our_fault(error: Exception) -> None:
    fault = fault_through(raising(error), FACTORIES)
    assert fault.startswith(f"{type(error).__name__}: ")
    assert "pytest/__init__.py:2" in fault


@pytest.mark.parametrize(
    "error",
    [
        LoginError("It was refused.", "Compare."),
        SocketClosed(1008),
        ConnectionRefusedError("refused"),
        TimeoutError("late"),
        ModuleNotFoundError("no argon2"),
        DeprecationWarning("old"),
        AssertionError("the answer tells who has an account"),
        sqlite3.IntegrityError("UNIQUE constraint failed"),
        IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_the_machine_a_database_or_an_answer_says_is_not(error: Exception) -> None:
    assert fault_through(raising(error), FACTORIES) == ""


def test_an_error_of_the_application_is_its_own(tmp_path: Path) -> None:
    application = tmp_path / "app" / "models.py"
    assert fault_through(raising(KeyError("x")), FACTORIES, application) == ""
    assert fault_through(raising(KeyError("x")), FACTORIES, application, LIBRARY) == ""


def test_what_is_imported_by_way_of_the_tests_is_the_application_all_the_same(
    suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = KeyError("x")
    with pytest.raises(KeyError):
        through(raising(error), suite / ".." / "app" / "models.py")()
    assert raised_at(error, beside=suite) == "app/models.py:2"


def test_an_error_of_ours_that_the_application_runs_into_is_ours(tmp_path: Path) -> None:
    application, double = tmp_path / "app" / "mails.py", HARNESS / "doubles" / "mail.py"
    assert fault_through(raising(KeyError("x")), application, double) != ""


def test_what_only_passes_on_is_not_behind_it(tmp_path: Path) -> None:
    seam, application = HARNESS / "isolation" / "seam.py", tmp_path / "app" / "models.py"
    assert fault_through(raising(KeyError("x")), application, seam) == ""
    assert fault_through(raising(KeyError("x")), FACTORIES, seam) != ""


def test_a_check_that_breaks_is_ours_and_a_test_of_the_project_is_not(suite: Path) -> None:
    check, own = suite / "checks" / "test_flow_login_sync.py", suite / "api" / "test_orders.py"
    assert fault_through(raising(KeyError("x")), check) != ""
    assert fault_through(raising(KeyError("x")), own) == ""


def test_what_a_test_of_the_project_calls_it_may_call_wrongly(suite: Path) -> None:
    own, written = suite / "api" / "test_orders.py", suite / "factories.py"
    assert fault_through(raising(TypeError("x")), own, FACTORIES) == ""
    assert fault_through(raising(TypeError("x")), FACTORIES, written, FACTORIES) == ""


def test_behind_a_request_is_the_application(suite: Path) -> None:
    check = suite / "checks" / "test_flow_login_sync.py"
    assert fault_through(raising(KeyError("x")), check, DOOR) == ""
    assert fault_through(raising(KeyError("x")), check, DOOR, LIBRARY) == ""


BIND = """\
def go():
    try:
        inner()
    except LookupError as error:
        raise StatementError("it does not fit", "INSERT", {}, error) from error
"""


def test_a_value_of_ours_that_does_not_fit_a_type_is_our_fault(tmp_path: Path) -> None:
    refusal = raising(LookupError("'x' is not among the defined enum values"))
    of_a_library, of_the_application = (
        code(BIND, LIBRARY, inner=through(refusal, file), StatementError=StatementError)
        for file in (LIBRARY, tmp_path / "app" / "types.py")
    )
    assert fault_through(of_a_library, FACTORIES).startswith("LookupError: 'x' is not among ")
    assert fault_through(of_the_application, FACTORIES) == ""


DECORATOR = """\
def decorate(function):
    def inner():
        return function()

    return inner


def plain():
    pass
"""


def test_a_function_is_named_below_a_decorator_that_leaves_no_trace() -> None:
    library: dict[str, Any] = {}
    file = f"{sysconfig.get_path('purelib')}/injecting/base.py"
    exec(compile(DECORATOR, file, "exec"), library)  # noqa: S102 - a library of its own
    own = test_a_function_is_named_below_a_decorator_that_leaves_no_trace
    decorated = library["decorate"](library["decorate"](own))
    assert defined_at(decorated) == defined_at(own)
    assert defined_at(library["plain"]) == "injecting/base.py:8"
    assert defined_at(library["decorate"](library["plain"])) == "injecting/base.py:2"
