"""Errors of the harness itself: what is wrong in one sentence, how to mend it in the next."""

from __future__ import annotations

import os
import re
from typing import Any


class HarnessError(Exception):
    """Base of every error the harness raises on its own account.

    Args:
        problem: One sentence that says what is wrong.
        fix: One sentence that says what to do about it.
    """

    service = ""
    """What it is about besides the project: a database, a host; empty for nothing."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}\n  Fix: {fix}")
        self.problem = problem
        self.fix = fix
        self.test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
        """The test that ran when it was raised; empty between tests."""

    def __reduce__(self) -> tuple[Any, ...]:
        # A pool of processes waits for ever for an error that it cannot put together again.
        return _put_together, (type(self), self.args, self.__dict__)

    @property
    def cause(self) -> BaseException | None:
        """What it was raised from, or while handling what."""
        return self.__cause__ or self.__context__


def _put_together(
    kind: type[HarnessError], args: tuple[Any, ...], state: dict[str, Any]
) -> HarnessError:
    made = kind.__new__(kind, *args)
    made.args = args
    made.__dict__.update(state)
    return made


class SettingsError(HarnessError):
    """`harness.toml`, `test.env` or an override in the environment cannot be used."""


class ApplicationError(HarnessError):
    """The application cannot be imported, or is not what the settings say it is."""


class DatabaseLockedError(HarnessError):
    """Something tried to reach a database that is not the test database."""

    service = "a database"


class NetworkBlockedError(HarnessError, OSError):
    """Something tried to reach the network; to what handles errors, there is none.

    Args:
        who: Who tried.
        where: What it wanted to reach.
        offered: What would answer in its place, as a sentence without its end; may be empty.
        what: What is there, if it is a service on this machine.
    """

    def __init__(self, who: str, where: str, offered: str = "", what: str = "") -> None:
        replace = f"{offered}; or replace" if offered else "Replace"
        wanted = f"{what} at {where}, which is" if what else f"{where}, which is"
        super().__init__(
            f"{who} tried to reach {wanted} not {'of the tests' if what else 'on this machine'}.",
            f"{replace} the call in the test, name the host in [application] allowed_hosts of "
            "harness.toml, or mark the test with @pytest.mark.network.",
        )
        self.service = where


class ProvisioningError(HarnessError):
    """The test database could not be created, or its schema could not be built."""

    service = "the test database"


class HistoryError(ProvisioningError):
    """A revision fails on the way up from an empty database."""


class IsolationError(HarnessError):
    """A test did something that cannot be rolled back."""

    service = "the test database"


class SecondLoopError(IsolationError):
    """A driver was used in another event loop than the one that the tests run in."""

    def __init__(self, who: str, driver: str) -> None:
        super().__init__(
            f"{who} used the {driver} driver in a second event loop.",
            "Drive the application in the test's own loop (the `client` fixture does), not through "
            "a synchronous TestClient.",
        )


class ConnectionLostError(IsolationError):
    """The connection that tests share ended before its test did."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            "The test ended with its connection to the database lost: "
            f"{first_line(error).rstrip('.')}.",
            "Mark a test that ends sessions on the server with @pytest.mark.real_commits.",
        )


class BrokenRowsError(IsolationError):
    """A test left rows that break a deferred constraint."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            f"The test leaves rows that no commit would accept: {first_line(error).rstrip('.')}.",
            "Complete the rows, or commit where the error is expected.",
        )


class CommittedError(IsolationError):
    """A test ended the outer transaction, which nothing can bring back."""

    def __init__(self) -> None:
        super().__init__(
            "The test ended the transaction that it is to be rolled back with: it sent COMMIT or "
            "ROLLBACK through the driver's own cursor, or a statement that commits. The test "
            "database is made anew, without what fixtures for several tests wrote.",
            "Call commit() of the connection, or mark the test with @pytest.mark.real_commits.",
        )


class NoConnectionError(HarnessError):
    """The test database gives no further connection, or is gone.

    Args:
        who: Who wanted one.
        shown: The test database.
        reason: What its driver says.
    """

    def __init__(self, who: str, shown: str, reason: str) -> None:
        super().__init__(
            f"{who} got no connection to the test database {shown}: {reason.rstrip('.')}.",
            "See to it that the server runs and takes one more connection.",
        )
        self.reason = reason
        self.service = shown


class CleanUpError(HarnessError):
    """Something of a run could not be removed at its end.

    Args:
        shown: What it is.
        error: What came in between.
    """

    def __init__(self, shown: str, error: BaseException) -> None:
        said = getattr(error, "problem", None) or f"{type(error).__name__}: {first_line(error)}"
        super().__init__(
            f"{shown} could not be removed: {said.rstrip('.')}.",
            "See to it that its server runs and nobody holds it; the next run removes what is "
            "left there.",
        )
        self.service = shown


class LoginError(HarnessError):
    """The application refused credentials that the harness made for it."""


class IsolationWarning(UserWarning):
    """The application did something that ends differently than on connections of its own."""


class SessionWarning(IsolationWarning):
    """A test changed the session of the tests to come, and it could not be replaced.

    Args:
        statement: What changed it.
    """

    def __init__(self, statement: str) -> None:
        super().__init__(
            f"The test sent `{statement}`, which outlives a rollback, on the connection that also "
            "has what a fixture wrote for several tests, and so cannot be replaced. Fix: mark the "
            "test with @pytest.mark.real_commits."
        )


def first_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    # Those of MySQL come with a number before what they say.
    said = error.args[1] if [type(part) for part in error.args] == [int, str] else error
    return first_said(str(said)).removeprefix("connection failed: ") or type(error).__name__


# Pydantic says on the next two lines which field it is, and what is wrong with it.
_OF_FIELDS = re.compile(r"\d+ validation errors? for ")


def first_said(text: str) -> str:
    """Return the first line of what an error says, with what belongs to it; empty for nothing.

    Args:
        text: All that it says.
    """
    first, *more = text.strip().splitlines() or [""]
    if len(more) > 1 and _OF_FIELDS.search(first):
        return ": ".join((first, more[0].strip(), more[1].strip()))
    return first
