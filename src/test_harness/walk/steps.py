"""How the walk is written once for both modes: steps are generators that somebody drives.

What a step yields is done by who drives it (`driving_sync`, `driving_async`), and what came of it
is sent back in: a callable is called where factories and the session of the tests can be used, a
`Sending` is sent. What fails is raised where the step was yielded. Objects of the session are not
to be kept from before an `Aside`, or a `Sending` that is undone, until after it: rows are.

Source of the technique: Cory Benfield, "Building Protocol Libraries The Right Way" (sans-IO),
https://sans-io.readthedocs.io/how-to-sans-io.html
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from test_harness.application.clients import ANONYMOUS, Credential
from test_harness.walk.visit import Request

T = TypeVar("T")


@dataclass(frozen=True)
class Sending:
    """A request that is to be sent; the `Visit` that came of it is sent back.

    Args:
        request: What is sent.
        principal: The name of who sends it.
        credential: What is shown.
        undone: Whether all that was written since is undone, once the rows were compared.
    """

    request: Request
    principal: str = "anonymous"
    credential: Credential = ANONYMOUS
    undone: bool = True


@dataclass(frozen=True)
class LoggingIn:
    """A user whose `Credential` is made, by a login where there is no other way; it is sent back.

    Args:
        user: A row that the session of the tests has written.
    """

    user: Any


@dataclass(frozen=True)
class Aside:
    """Steps whose writes are undone after the last of them; what they return is sent back.

    Args:
        steps: What is done.
    """

    steps: Generator[Any, Any, Any]


Step = Sending | LoggingIn | Aside | Callable[[], Any]
Steps = Generator[Step, Any, T]


def undone(steps: Steps[T]) -> Steps[T]:
    """Take steps, and undo what they wrote.

    Args:
        steps: What is done.
    """
    came: T = yield Aside(steps)
    return came
