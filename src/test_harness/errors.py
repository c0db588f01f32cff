"""Errors of the harness itself: what is wrong in one sentence, how to mend it in the next."""


class HarnessError(Exception):
    """Base of every error the harness raises on its own account.

    Args:
        problem: One sentence that says what is wrong.
        fix: One sentence that says what to do about it.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}\n  Fix: {fix}")
        self.problem = problem
        self.fix = fix


class SettingsError(HarnessError):
    """`harness.toml`, `test.env` or an override in the environment cannot be used."""


class ApplicationError(HarnessError):
    """The application cannot be imported, or is not what the settings say it is."""


class DatabaseLockedError(HarnessError):
    """Something tried to reach a database that is not the test database."""


class NetworkBlockedError(HarnessError, OSError):
    """Something tried to reach the network; to what handles errors, there is none.

    Args:
        who: Who tried.
        where: What it wanted to reach.
        offered: What would answer in its place, as a sentence without its end; may be empty.
    """

    def __init__(self, who: str, where: str, offered: str = "") -> None:
        replace = f"{offered}; or replace" if offered else "Replace"
        super().__init__(
            f"{who} tried to reach {where}, which is not on this machine.",
            f"{replace} the call in the test, name the host in [application] allowed_hosts of "
            "harness.toml, or mark the test with @pytest.mark.network.",
        )


class ProvisioningError(HarnessError):
    """The test database could not be created, or its schema could not be built."""


class HistoryError(ProvisioningError):
    """A revision fails on the way up from an empty database."""


class IsolationError(HarnessError):
    """A test did something that cannot be rolled back."""


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
    """Return what an error of a driver says, in one line."""
    # Those of MySQL come with a number before what they say.
    said = error.args[1] if [type(part) for part in error.args] == [int, str] else error
    lines = str(said).strip().splitlines()
    return lines[0].removeprefix("connection failed: ") if lines else type(error).__name__
