"""Looks at the login: how a user gets in, and what that opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from test_harness.application.clients import ANONYMOUS
from test_harness.application.routes import routes_of
from test_harness.auth.answers import cookies_of
from test_harness.auth.flows.steps_async import MakeClient, get_in, open_session
from test_harness.auth.login_async import log_in
from test_harness.auth.styles import Credential, style
from test_harness.errors import LoginError
from test_harness.factories.base import user_factory
from test_harness.observation.answers import (
    json_of,
    lets_see,
    missing_fields,
    places_of_text,
    refuses,
    went_well,
)
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_async import tried
from test_harness.settings import settings

Way = dict[str, str | int]

# Other ways to send a login, and to show a token, than those that were read.
ENCODINGS = ("json", "form", "basic", "query")
PREFIXES = ("Bearer", "Token", "JWT", "")
# Pages of who is logged in come first; what ends a login, or never ends, is not tried.
LIKELY = re.compile(r"(?i)(^|/)(me|whoami|profile|current\w*|users?|account|self)/?$")
NEVER = re.compile(
    r"(?i)log_?-?out|sign_?-?out|stream|event|export|download|callback|delete|docs?$|openapi|swagger|static"
)
TRIED_PATHS = 30
NOTHING_YET = 404


def test_routes(started_app: Any, notebook: Notebook) -> None:
    notebook.routes = routes_of(started_app)


async def test_login(make_client: MakeClient, notebook: Notebook, db: Any) -> None:
    # The first of all may be more than others are: some take whoever is number 1 for the admin.
    await user_factory().create_async()
    user = await user_factory().create_async()
    auth = settings().auth
    ways: list[tuple[Way, Credential]] = []
    for encoding in dict.fromkeys([auth.login_encoding, *ENCODINGS]):
        found = await ways_in(make_client, notebook, user, encoding)
        for way, credential in found if auth.protected_path else ():
            if await is_opened(make_client, notebook, way, credential):
                return
        ways += found
    read = await tried(get_in, make_client, ANONYMOUS) if auth.protected_path else None
    why = f"a login (GET {auth.protected_path} opens to everybody)" if lets_see(read) else "a login"
    closed = [auth.protected_path] if refuses(read) else []
    for path in other_paths(notebook) if ways else ():
        elsewhere = {"auth.protected_path": path}
        with notebook.trying(elsewhere):
            is_closed = refuses(await tried(get_in, make_client, ANONYMOUS))
        closed += [path] if is_closed else []
        for way, credential in ways if is_closed else ():
            if await is_opened(make_client, notebook, {**way, **elsewhere}, credential, why):
                return
    # Who has just signed up has nothing yet, and some applications answer that there is nothing.
    for path, (way, credential) in product(closed, ways):
        empty = {**way, "auth.protected_path": path, "auth.opened_status": NOTHING_YET}
        if await is_opened(make_client, notebook, empty, credential, why):
            return


async def ways_in(
    make_client: MakeClient, notebook: Notebook, user: Any, encoding: str
) -> list[tuple[Way, Credential]]:
    """Return what a user may have to show after a login, with the settings that lead there."""
    auth = settings().auth
    is_read = encoding == auth.login_encoding
    if auth.style in {"api_key", "http_basic"}:
        session = await tried(open_session, make_client, user) if is_read else None
        return [] if session is None else [({}, session[0])]
    if not auth.login_path:
        return []
    way: Way = {} if is_read else {"auth.login_encoding": encoding}
    with notebook.trying(way):
        response = await tried(log_in, make_client(), user)
    if fields := other_fields(response):
        way = {**way, **fields}
        with notebook.trying(way):
            response = await tried(log_in, make_client(), user)
    found = []
    for places in other_places(response) if went_well(response) else ():
        with notebook.trying({**way, **places}):
            try:
                found.append(({**way, **places}, style().from_login(response)))
            except LoginError:
                continue
    return found


async def is_opened(
    make_client: MakeClient, notebook: Notebook, way: Way, credential: Credential, why: str = ""
) -> bool:
    """Tell whether what a login gave opens the protected path, and nothing does not; note it.

    Args:
        make_client: Makes clients on the application.
        notebook: Where it is noted.
        way: The settings that are others than those read.
        credential: What the login gave.
        why: What is to be said of another protected path.
    """
    with notebook.trying(way):
        page = await tried(get_in, make_client, credential)
        closed = await tried(get_in, make_client, ANONYMOUS)
        is_read = lets_see(page) and refuses(closed) and page.status_code != closed.status_code
    if not is_read:
        return False
    for name, value in way.items():
        what = why if name == "auth.protected_path" else "what a login by it gave"
        notebook.saw(name, value, what, page)
    for name in ("style", "login_path", "protected_path"):
        notebook.saw(f"auth.{name}", getattr(settings().auth, name), "a login")
    notebook.knows_the_login = True
    return True


def other_fields(response: Any) -> Way:
    """Return what the fields of a login are called, where the answer says that they are missing."""
    auth = settings().auth
    found: Way = {}
    for name in missing_fields(response):
        key = "password_field" if re.search(r"(?i)pass|pwd", name) else "login_field"
        if name != getattr(auth, key):
            found[f"auth.{key}"] = name
    return found


def other_places(response: Any) -> Iterator[Way]:
    """Yield where in the answer to a login there may be what its user shows, as read first."""
    auth = settings().auth
    yield {}
    if auth.style == "jwt_bearer":
        prefixes = dict.fromkeys([auth.token_prefix, *PREFIXES])
        for prefix in prefixes:
            for place in places_of_text(json_of(response)):
                yield {"auth.token_field": place, "auth.token_prefix": prefix}
    elif auth.style in {"jwt_cookie", "session_cookie"}:
        key = "access_cookie" if auth.style == "jwt_cookie" else "session_cookie"
        for name in cookies_of(response).cookies:
            yield {f"auth.{key}": name}


def other_paths(notebook: Notebook) -> list[str]:
    """Return the paths that can be asked for without knowing more, the likeliest first."""
    paths = dict.fromkeys(
        route.path
        for route in notebook.routes
        if route.method == "GET" and not route.parameters and not NEVER.search(route.path)
    )
    return sorted(paths, key=lambda path: not LIKELY.search(path))[:TRIED_PATHS]
