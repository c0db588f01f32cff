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


class ProvisioningError(HarnessError):
    """The test database could not be created, or its schema could not be built."""


class IsolationError(HarnessError):
    """A test did something that cannot be rolled back."""


class LoginError(HarnessError):
    """The application refused credentials that the harness made for it."""


class IsolationWarning(UserWarning):
    """The application did something that ends differently than on connections of its own."""
