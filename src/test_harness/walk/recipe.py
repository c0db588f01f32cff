"""A request that can be sent in any world: rows, days and answers stand in it by their names."""

from __future__ import annotations

import base64
import enum
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from urllib.parse import quote

from test_harness.errors import HarnessError
from test_harness.walk.operation import Operation
from test_harness.walk.visit import Request

# What a file holds whose name is in a recipe.
CONTENTS = {
    "png": (
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
        ),
        "image/png",
    ),
    "txt": (b"A text.\n", "text/plain"),
    "csv": (b"name\nText\n", "text/csv"),
    "json": (b"{}\n", "application/json"),
    "pdf": (b"%PDF-1.4\n%%EOF\n", "application/pdf"),
    "zip": (b"PK\x05\x06" + bytes(18), "application/zip"),
}


@dataclass(frozen=True)
class Symbol:
    """What stands in a recipe for a value that each world has its own of.

    Args:
        kind: `row`, `theirs` or `new` for a column of a row of ours, of the other side or of one
            that is made for the request; `user` for one of a principal, `basic` for what shows
            who asks to HTTP Basic, `made` for what the scenario returned; `answer`, `bearer`,
            `cookie`, `header` or `input` for what the request before answered; `mail` for the token
            in a mail; `days` and `moment` for so many days from now; `text` for itself.
        of: Which: `tasks.id`, `member.email`, `access_token`, the address of a mail, `7`.
    """

    kind: str
    of: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.of}"


KINDS = {
    **dict.fromkeys(
        (
            "row",
            "theirs",
            "new",
            "basic",
            "user",
            "made",
            "answer",
            "bearer",
            "cookie",
            "header",
            "input",
            "mail",
            "text",
        ),
        str,
    ),
    **dict.fromkeys(("days", "moment"), int),
}


@dataclass(frozen=True)
class Recipe:
    """How to get an answer of an operation.

    Args:
        principal: The name of who asks.
        path: The value of each parameter of the path.
        query: What the query says.
        headers: Besides those of the credential.
        json: A payload that is sent as JSON; None for none.
        form: One that is sent as a form.
        files: By field, the name of a file whose end says what is in it: `picture.png`.
        content: A payload that is sent as it is.
        rows: By table, the columns of our row that are to be others before.
        scenario: The name of one that is played before.
        after: Operations that are sent before, by their names.
        status: What was answered.
        skip: Why it is never to be sent; empty if it is.
        where: `file:line` of who says so; empty if nobody has written it.
    """

    principal: str = "anonymous"
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    files: Mapping[str, str] | None = None
    content: str | None = None
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenario: str = ""
    after: tuple[str, ...] = ()
    status: int = 0
    skip: str = ""
    where: str = ""

    @property
    def tables_in_path(self) -> list[str]:
        """The tables whose rows the path names, in its order."""
        return [symbol.of.rpartition(".")[0] for symbol in symbols_in(self.path)]

    @property
    def shown(self) -> dict[str, Symbol]:
        """The headers that show who asks: not what the principal shows elsewhere."""
        return {
            name: one
            for name, one in self.headers.items()
            if isinstance(one, Symbol) and one.kind in {"basic", "bearer"}
        }

    def but(self, **changed: Any) -> Recipe:
        """Return the same recipe with something else in it."""
        return replace(self, **changed)

    def asked_as(self, principal: str) -> Recipe:
        """Return the same request of somebody else: nobody shows nothing.

        Args:
            principal: The name of who asks.
        """
        is_ours = principal != "anonymous" or self.principal == "anonymous"
        return self.but(principal=principal) if is_ours else self.unshown().but(principal=principal)

    def unshown(self) -> Recipe:
        """Return the same request without the headers that show who asks."""
        shown = self.shown
        return self.but(headers={key: it for key, it in self.headers.items() if key not in shown})

    def request(self, operation: Operation, value_of: Callable[[Symbol], Any]) -> Request:
        """Return what is sent.

        Args:
            operation: What it is a recipe of.
            value_of: Returns what a symbol stands for.

        Raises:
            HarnessError: A parameter of the path has no value.
        """

        def filled(value: Any) -> Any:
            return resolved(value, value_of)

        path = {name: segment(filled(value)) for name, value in self.path.items()}
        for name in re.findall(r"\{(\w*)\}", operation.path):
            if not path.get(name):
                raise HarnessError(
                    f"{self.where or operation} gives no value to {{{name}}} in the path.",
                    f'Add it: path = {{ {name} = "table.column" }}.',
                )
        return Request(
            method=operation.method,
            path=re.sub(r"\{(\w*)\}", lambda found: path[found[1]], operation.path),
            query={name: in_text(filled(value)) for name, value in self.query.items()},
            headers={name: str(in_text(filled(value))) for name, value in self.headers.items()},
            json=None if self.json is None else filled(self.json),
            form=None if self.form is None else fields_of(filled(self.form)),
            files=None if self.files is None else {n: file(it) for n, it in self.files.items()},
            content=None if self.content is None else self.content.encode(),
        )


def resolved(value: Any, value_of: Callable[[Symbol], Any]) -> Any:
    """Return a value as it is sent, with what its symbols stand for.

    Args:
        value: Of a recipe.
        value_of: Returns what a symbol stands for.
    """
    if isinstance(value, Symbol):
        if value.kind in {"days", "moment"}:
            now = now_plus(value.of)
            return plain(now.date() if value.kind == "days" else now)
        return plain(value_of(value))
    if isinstance(value, Mapping):
        return {name: resolved(one, value_of) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolved(one, value_of) for one in value]
    return plain(value)


def symbols_in(value: Any) -> Iterator[Symbol]:
    """Yield the symbols in a value of a recipe."""
    if isinstance(value, Symbol):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from symbols_in(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from symbols_in(one)


def plain(value: Any) -> Any:
    """Return a value of Python as JSON has it."""
    if value is None or isinstance(value, (bool, str, int, float)):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def in_text(value: Any) -> Any:
    """Return a value as a query says it: of a list each of its values, and no text for None."""
    if isinstance(value, (list, tuple)):
        return [in_text(one) for one in value]
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def segment(value: Any) -> str:
    """Return a value as it stands in a path."""
    return quote(str(in_text(value)), safe="/:@")


def fields_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a form; those that have no value are left out, as browsers do."""
    return {name: in_text(value) for name, value in values.items() if value is not None}


def file(name: str) -> tuple[str, bytes, str]:
    """Return the name, the content and the type of a file, by the end of its name."""
    return (name, *CONTENTS.get(name.rpartition(".")[2].lower(), CONTENTS["txt"]))


def now_plus(days: int) -> datetime:
    """Return the moment so many days from now, in UTC and without a fraction of a second."""
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=days)
