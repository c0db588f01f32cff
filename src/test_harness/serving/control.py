"""What a server of the tests answers besides the application: its scenarios, and a new beginning.

GET  /__test__/scenarios         their names
POST /__test__/scenarios/NAME    play one, and say which rows came of it
POST /__test__/reset             be as at the beginning
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from sqlalchemy import inspect

from test_harness.application.passwords import PASSWORD
from test_harness.errors import HarnessError
from test_harness.scenarios.finding import all_scenarios
from test_harness.settings import settings

PREFIX = "/__test__/"
JSON = "application/json"

Result = TypeVar("Result")
Play = Callable[[str], Result]
Reset = Callable[[], Result]
Scope = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """A status, and what is sent as JSON."""

    status: HTTPStatus
    content: Any

    @property
    def body(self) -> bytes:
        """The JSON."""
        return json.dumps(self.content, default=str).encode()


def asked(method: str, path: str) -> tuple[str, str] | Answer:
    """Return what is to be done and with what, or the answer where nothing is.

    Args:
        method: Of the request.
        path: Of the request; it begins with the prefix.
    """
    what, _, name = path.removeprefix(PREFIX).partition("/")
    known = {"scenarios": "POST" if name else "GET", "reset": "POST"}
    if what not in known or (what == "reset" and name):
        return Answer(HTTPStatus.NOT_FOUND, {"detail": f"There is no {path}."})
    if method != known[what]:
        said = f"{path} is asked with {known[what]}."
        return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"detail": said})
    if what == "scenarios" and not name:
        return Answer(HTTPStatus.OK, sorted(all_scenarios()))
    if what == "scenarios" and name not in all_scenarios():
        said = f"scenarios.py has no scenario {name!r}."
        return Answer(HTTPStatus.NOT_FOUND, {"detail": said})
    return what, name


def played(name: str, made: Any) -> Answer:
    """Return the answer after a scenario.

    Args:
        name: What it is called.
        made: What it returned.
    """
    content = {"scenario": name, "made": told(made)}
    if settings().auth.style != "none":
        content["password"] = PASSWORD
    return Answer(HTTPStatus.CREATED, content)


def refused(error: HarnessError) -> Answer:
    """Return the answer where the harness could not do it."""
    content = {"detail": error.problem, "fix": error.fix}
    return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, content)


RESET = Answer(HTTPStatus.OK, {"detail": "As at the beginning."})


def told(made: Any) -> Any:
    """Return what a scenario made as JSON: of a row, its columns without the password."""
    if isinstance(made, Mapping):
        return {str(name): told(one) for name, one in made.items()}
    state = inspect(made, raiseerr=False)
    if hasattr(state, "identity"):
        hidden = settings().auth.user_password_attribute
        loaded = state.dict
        return {
            attribute.key: loaded[attribute.key]
            for attribute in state.mapper.column_attrs
            if attribute.key in loaded and attribute.key != hidden
        }
    if isinstance(made, Iterable) and not isinstance(made, (str, bytes)):
        return [told(one) for one in made]
    return made


def asgi(
    app: Callable[..., Awaitable[None]], play: Play[Awaitable[Any]], reset: Reset[Awaitable[None]]
) -> Callable[..., Awaitable[None]]:
    """Return an ASGI application that answers what is asked of the tests, and hands on all else."""

    async def answer(method: str, path: str) -> Answer:
        todo = asked(method, path)
        if isinstance(todo, Answer):
            return todo
        what, name = todo
        try:
            if what == "reset":
                await reset()
                return RESET
            return played(name, await play(name))
        except HarnessError as error:
            return refused(error)

    async def call(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
            return
        said = await answer(scope["method"], scope["path"])
        headers = [(b"content-type", JSON.encode())]
        await send({"type": "http.response.start", "status": said.status, "headers": headers})
        await send({"type": "http.response.body", "body": said.body})

    return call


def wsgi(app: Callable[..., Any], play: Play[Any], reset: Reset[None]) -> Callable[..., Any]:
    """Return a WSGI application that answers what is asked of the tests, and hands on all else."""

    def answer(method: str, path: str) -> Answer:
        todo = asked(method, path)
        if isinstance(todo, Answer):
            return todo
        what, name = todo
        try:
            if what == "reset":
                reset()
                return RESET
            return played(name, play(name))
        except HarnessError as error:
            return refused(error)

    def call(environ: Mapping[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return app(environ, start_response)
        said = answer(environ["REQUEST_METHOD"], path)
        start_response(f"{said.status.value} {said.status.phrase}", [("Content-Type", JSON)])
        return [said.body]

    return call
