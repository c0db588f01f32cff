"""One operation of the application: a method of a path, with what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from test_harness.lock.callers import defined_at

Schema = Mapping[str, Any]
"""A JSON schema in which no reference is left; empty where nothing is known.

Besides the words of JSON schema it may have `x-column` (the column that the value is kept in, as
`table.column`), `x-same-as` (the field whose value is sent again) and `x-endings` (of files)."""

SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Parameter:
    """What a request says beside its body.

    Args:
        name: As it is sent.
        place: `path`, `query`, `header` or `cookie`.
        schema: Of its value.
        required: Whether a request is refused without it.
    """

    name: str
    place: str
    schema: Schema = field(default_factory=dict)
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Args:
        method: Such as `GET`.
        path: With `{name}` for each parameter.
        parameters: All of them, those of the path first.
        body: The schema of the payload; None for no payload.
        encoding: How it is sent: `json`, `form`, `multipart`, `text`, `content` for bytes of
            another kind, or nothing.
        answers: The schema of each status that is documented, by the status.
        endpoint: What answers; None where the framework does not tell.
        summary: What is known of it besides: `deprecated`, `secured` (its document asks for a
            credential), `streams`, `automatic` (a HEAD or OPTIONS that the framework adds),
            `framework` (it serves documentation or files of its own), `twin` (there is the same
            path with or without a slash at its end), `host:NAME` (it only answers there).
        in_front: The names of what stands in front of it, such as dependencies, guards and
            decorators, the outermost first.
    """

    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    encoding: str = ""
    answers: Mapping[str, Schema] = field(default_factory=dict)
    endpoint: Callable[..., Any] | None = None
    summary: frozenset[str] = frozenset()
    in_front: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def where(self) -> str:
        """`file:line` of what answers; empty if unknown."""
        return defined_at(self.endpoint) if self.endpoint else ""

    @property
    def writes(self) -> bool:
        """Whether the method is one that is meant to change something."""
        return self.method not in SAFE

    def parameters_in(self, place: str) -> list[Parameter]:
        """Return those of one place."""
        return [one for one in self.parameters if one.place == place]
