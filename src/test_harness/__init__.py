"""The engine of the test harness: what tests, factories and scenarios of a project may import.

These names are the contract that versions keep; docs/api.md says what each is for. What else lies
in this package may change with every version. They are loaded when they are asked for, so that the
hook, which runs before anything is installed, can import this package.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from test_harness.version import __version__

if TYPE_CHECKING:
    from test_harness.application.assertions import (
        assert_error,
        assert_invalid,
        assert_json,
        assert_status,
    )
    from test_harness.application.clients import ANONYMOUS, Credential
    from test_harness.application.passwords import PASSWORD, hashed_password
    from test_harness.auth.sockets.opening import ConnectionRefused, SocketClosed
    from test_harness.auth.styles import credential_from
    from test_harness.errors import (
        ApplicationError,
        DatabaseLockedError,
        HarnessError,
        IsolationError,
        IsolationWarning,
        NetworkBlockedError,
    )
    from test_harness.factories.base import ModelFactory, factory_for, user_factory
    from test_harness.factories.codes import Code
    from test_harness.factories.mapped import mapped_classes
    from test_harness.factories.patterns import letters
    from test_harness.walk.patterns.asserting import (
        assert_not_found,
        assert_pages,
        assert_soft_deleted,
        assert_statements,
        assert_transitions,
        assert_unique,
    )
    from test_harness.walk.patterns.unique_rows import assert_unique_rows

__all__ = [
    "ANONYMOUS",
    "PASSWORD",
    "ApplicationError",
    "Code",
    "ConnectionRefused",
    "Credential",
    "DatabaseLockedError",
    "HarnessError",
    "IsolationError",
    "IsolationWarning",
    "ModelFactory",
    "NetworkBlockedError",
    "SocketClosed",
    "__version__",
    "assert_error",
    "assert_invalid",
    "assert_json",
    "assert_not_found",
    "assert_pages",
    "assert_soft_deleted",
    "assert_statements",
    "assert_status",
    "assert_transitions",
    "assert_unique",
    "assert_unique_rows",
    "credential_from",
    "factory_for",
    "hashed_password",
    "letters",
    "mapped_classes",
    "user_factory",
]

_HOMES = {
    "application.assertions": ("assert_error", "assert_invalid", "assert_json", "assert_status"),
    "application.clients": ("ANONYMOUS", "Credential"),
    "application.passwords": ("PASSWORD", "hashed_password"),
    "auth.sockets.opening": ("ConnectionRefused", "SocketClosed"),
    "auth.styles": ("credential_from",),
    "errors": (
        "ApplicationError",
        "DatabaseLockedError",
        "HarnessError",
        "IsolationError",
        "IsolationWarning",
        "NetworkBlockedError",
    ),
    "factories.base": ("ModelFactory", "factory_for", "user_factory"),
    "factories.codes": ("Code",),
    "factories.mapped": ("mapped_classes",),
    "factories.patterns": ("letters",),
    "walk.patterns.asserting": (
        "assert_not_found",
        "assert_pages",
        "assert_soft_deleted",
        "assert_statements",
        "assert_transitions",
        "assert_unique",
    ),
    "walk.patterns.unique_rows": ("assert_unique_rows",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"test_harness.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
