"""What was handed to a queue, for doubles of brokers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sent:
    """A task as the application sent it.

    Args:
        name: What the task is called.
        args: Its positional arguments.
        kwargs: Its named arguments.
    """

    name: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Queue:
    """The tasks that a test has the application send, oldest first."""

    sent: list[Sent] = field(default_factory=list)

    def named(self, name: str) -> list[Sent]:
        """Return the tasks of a name; the last part of one with dots is enough."""
        return [it for it in self.sent if it.name == name or it.name.endswith(f".{name}")]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Forget after the block what was sent within it."""
        before = len(self.sent)
        try:
            yield
        finally:
            del self.sent[before:]

    def add(self, name: str, args: Any = (), kwargs: Any = None) -> None:
        """Write a task down."""
        self.sent.append(Sent(name, tuple(args or ()), dict(kwargs or {})))
