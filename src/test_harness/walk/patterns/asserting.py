"""The patterns as tests call them: `assert_pages(client, "/items", ItemFactory)`.

The client says in which way it is played: what is returned for an asynchronous one is awaited.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Concatenate, ParamSpec, Protocol, overload

import httpx2

from test_harness.application.clients import name_of
from test_harness.errors import HarnessError
from test_harness.walk.finding import Finding
from test_harness.walk.patterns import not_found, pages, soft_deleted, statements, transitions
from test_harness.walk.patterns import unique as taken
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.steps import Steps

P = ParamSpec("P")


class Pattern(Protocol[P]):
    """What a test calls with a client and a path, in either way."""

    @overload
    def __call__(
        self, client: httpx2.AsyncClient, path: str, *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, None]: ...

    @overload
    def __call__(
        self, client: httpx2.Client, path: str, *args: P.args, **kwargs: P.kwargs
    ) -> None: ...


def pattern(
    steps: Callable[Concatenate[Asked, P], Steps[list[Finding]]],
) -> Pattern[P]:
    """Return what a test calls, which has the steps played by the client that it gives."""

    @functools.wraps(steps)
    def play(client: Any, path: str, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        made = steps(Asked(_who(client), path), *args, **kwargs)
        if isinstance(client, httpx2.AsyncClient):
            from test_harness.walk.patterns.playing_async import play as play_async

            return play_async(client, made)
        from test_harness.walk.patterns.playing_sync import play as play_sync

        return play_sync(client, made)

    return play


def _who(client: Any) -> str:
    if not isinstance(client, (httpx2.AsyncClient, httpx2.Client)):
        raise HarnessError(
            f"A {type(client).__module__}.{type(client).__name__} cannot play a pattern.",
            "Give it the client of a fixture of the harness: client, client_as, make_client.",
        )
    return name_of(client)


@pattern
def assert_not_found(
    asked: Asked,
    row: Any = None,
    *,
    methods: Iterable[str] = ("GET",),
    json: Any = None,
    status: int = 404,
) -> Steps[list[Finding]]:
    """Check that a path is answered 404, and that nothing is shown or changed.

    With a row, which is there and not for this client, also that the answer is the same as for one
    that never was: who asks does not learn that there is one.

    Args:
        asked: The client and the path.
        row: The row that the path ends in; None for a path of nothing.
        methods: What is sent, one after the other.
        json: What POST, PUT and PATCH are sent with; an empty object for nothing.
        status: What is right instead of 404.
    """
    body = {} if json is None else json
    return not_found.not_found(asked, row, methods, body, status)


@pattern
def assert_pages(asked: Asked, rows_of: Any, /, **values: Any) -> Steps[list[Finding]]:
    """Check that the pages of a list together are its rows, once each, and what it says of them.

    Pages that are none must not break it. Five rows are made for that, and undone.

    Args:
        asked: The client and the path.
        rows_of: A factory, or a mapped class, of what is listed.
        values: What the factory is given, so that the rows are of this list.
    """
    return pages.pages(asked, rows_of, values)


@pattern
def assert_statements(asked: Asked, rows_of: Any, /, **values: Any) -> Steps[list[Finding]]:
    """Check that a list asks the database as often for ten rows as for one.

    Args:
        asked: The client and the path.
        rows_of: A factory, or a mapped class, each row of which makes the list longer by one.
        values: What the factory is given for that.
    """
    return statements.statements(asked, rows_of, values)


@pattern
def assert_unique(
    asked: Asked,
    json: Mapping[str, Any],
    /,
    *,
    status: int = 409,
    any_case: bool = False,
    **free: Any,
) -> Steps[list[Finding]]:
    """Check that a payload is granted once, is refused when it is sent again, and writes nothing.

    Args:
        asked: The client and the path that it is sent to, with POST.
        json: The payload.
        status: What is right for what is taken.
        any_case: Whether what is written in capitals is the same.
        free: The field that is unique, or those that are together, with another value for each,
            which must be granted.
    """
    if not free:
        raise HarnessError(
            "assert_unique was not told which field is unique.",
            'Name it with a value that is free: assert_unique(client, path, payload, sku="B").',
        )
    return taken.unique(asked, json, free, status, any_case=any_case)


@pattern
def assert_soft_deleted(asked: Asked, row: Any, *, listed: str = "") -> Steps[list[Finding]]:
    """Check that DELETE keeps a row and marks it, and that no route shows or changes it any more.

    Args:
        asked: The client and the path of the row.
        row: The row.
        listed: The path of a list that has the row now, and must not have it afterwards.
    """
    return soft_deleted.soft_deleted(asked, row, listed)


@pattern
def assert_transitions(
    asked: Asked,
    row: Any,
    field: str,
    allowed: Mapping[Any, Iterable[Any]],
    *,
    method: str = "",
    status: int = 409,
    actions: Mapping[Any, str] | None = None,
) -> Steps[list[Finding]]:
    """Check from each state to each other one that it is granted and written, or refused.

    Args:
        asked: The client and the path that is sent the new state.
        row: The row; it is given each state before.
        field: What the state is called, in the model and in the payload.
        allowed: By each state, those that it may go to; all others are to be refused.
        method: Of the requests; if it is empty, PATCH for a new state, and POST for actions.
        status: What is right for what is refused.
        actions: By each state, the action that leads to it, where none is sent: with
            `{"paid": "pay"}`, `/orders/1/pay`. Only states that have one are asked for then.
    """
    method = method or ("POST" if actions else "PATCH")
    return transitions.transitions(
        asked, row, field, allowed, method=method, status=status, actions=actions or {}
    )
