"""What is sent to the application, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Row = Mapping[str, Any]
"""A row by the names of its columns."""


@dataclass(frozen=True)
class Request:
    """What is sent, whoever sends it.

    Args:
        method: Such as `POST`.
        path: With its parameters filled in.
        query: Further parameters; a list for one that is sent several times.
        headers: Besides those of a credential.
        json: A payload that is sent as JSON; None for none.
        form: One that is sent as the fields of a form; None for none.
        files: By field: the name, the content and the type of each.
        content: A payload that is sent as it is; None for none.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    content: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def but(self, **changed: Any) -> Request:
        """Return the same request with something else in it."""
        return replace(self, **changed)


@dataclass(frozen=True)
class Statement:
    """One statement of SQL that a request sent.

    Args:
        sql: As the driver got it.
        parameters: As the driver got them.
        where: `file:line` of the application that sent it; empty if unknown.
    """

    sql: str
    parameters: Any = None
    where: str = ""

    def __str__(self) -> str:
        return f"{' '.join(self.sql.split())[:160]}{self.where and f' ({self.where})'}"


@dataclass(frozen=True)
class Logged:
    """What the application told a log, or printed, during a request.

    Args:
        text: What it said.
        where: `file:line` of who said it.
    """

    text: str
    where: str


@dataclass(frozen=True)
class Change:
    """What became of one row.

    Args:
        table: Its name.
        key: Its primary key.
        before: The row as it was; None for one that is new.
        after: The row as it is; None for one that is gone.
    """

    table: str
    key: tuple[Any, ...]
    before: Row | None
    after: Row | None

    def __str__(self) -> str:
        key = ", ".join(map(str, self.key))
        if self.before is None:
            return f"{self.table}({key}) was added"
        if self.after is None:
            return f"{self.table}({key}) was deleted"
        columns = [name for name in self.after if self.after[name] != self.before.get(name)]
        said = ", ".join(f"{n}: {self.before.get(n)!r} -> {self.after[n]!r}" for n in columns)
        return f"{self.table}({key}) was changed: {said}"


@dataclass(frozen=True)
class Visit:
    """One request of one principal, and what came of it; all of it is undone afterwards.

    Args:
        principal: The name of who asked.
        request: What was sent.
        status: What was answered; 0 for what did not answer.
        headers: Of the answer, whatever the case of their names is.
        text: Its body.
        statements: What the application asked its databases.
        changes: Rows that were not afterwards what they were before.
        error: What the application raised instead of answering, as `Type: text`; empty for nothing.
        seconds: How long it took.
        ended: Whether it ended by itself; a stream is cut off, and so is what takes too long.
        logs: What the application logged, from the level of INFO on, and printed.
        warnings: What the harness has to say of how the application used its databases.
        lost: Why what was written before the request is gone as well, and with it the world that it
            was sent in; empty if that is as it was.
    """

    principal: str
    request: Request
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    statements: tuple[Statement, ...] = ()
    changes: tuple[Change, ...] = ()
    error: str = ""
    seconds: float = 0.0
    ended: bool = True
    logs: tuple[Logged, ...] = ()
    warnings: tuple[str, ...] = ()
    lost: str = ""

    @property
    def opens(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.status < 300

    @property
    def refuses(self) -> bool:
        """Whether it was refused, or failed."""
        return self.status >= 400 or bool(self.error)

    @property
    def breaks(self) -> bool:
        """Whether the application could not answer."""
        return bool(self.error) or self.status >= 500

    @property
    def json(self) -> Any:
        """The body, if it is JSON; None otherwise."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def is_empty_list(self) -> bool:
        """Whether the answer is a list of no rows, alone or as the one list of an object."""
        held = self.json
        values = held.values() if isinstance(held, Mapping) else (held,)
        return self.opens and [one for one in values if isinstance(one, list)] == [[]]

    def __str__(self) -> str:
        answered = f"answered {self.status}" if self.status else f"raised {self.error}"
        return f"{self.request} as {self.principal} {answered}"
