"""Looks at what happens between a login and the next: refreshing and logging out."""

from __future__ import annotations

from typing import Any

import pytest

from test_harness.auth.answers import cookie_flags
from test_harness.auth.flows.account import refresh_token
from test_harness.auth.flows.steps_sync import MakeClient, log_out, open_session, refresh
from test_harness.auth.styles import Credential, style
from test_harness.factories.base import user_factory
from test_harness.observation.answers import (
    json_of,
    lets_see,
    places_of_text,
    refuses,
    went_well,
    with_query,
)
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_sync import mended_step, page_after, shown_to, tried
from test_harness.settings import settings


@pytest.fixture
def session(make_client: MakeClient, notebook: Notebook, db: Any) -> tuple[Credential, Any]:
    """What a user shows who has logged in, and the answer to the login."""
    if not notebook.knows_the_login:
        pytest.skip("how a user gets in was not seen")
    return open_session(make_client, user_factory().create())


def token_in(response: Any) -> str:
    """Return the refresh token of an answer, empty where there is none."""
    try:
        return refresh_token(response)
    except AssertionError:
        return ""


def test_refresh(
    make_client: MakeClient, notebook: Notebook, session: tuple[Credential, Any]
) -> None:
    credential, login = session
    if login is None or not settings().flows.refresh_path:
        return
    places = [settings().flows.refresh_token_field, *places_of_text(json_of(login), refresh=True)]
    for place in places:
        tries = {"flows.refresh_token_field": place}
        with notebook.trying(tries):
            token = token_in(login)
            fresh, payload = mended_step(
                notebook, "refresh", refresh, make_client, credential, token
            )
        if path := with_query(settings().flows.refresh_path, fresh):
            tries["flows.refresh_path"], payload = path, settings().flows.refresh_payload
            with notebook.trying(tries):
                fresh = tried(refresh, make_client, credential, token)
        with notebook.trying(tries):
            if token and went_well(fresh) and lets_see(page_after(make_client, fresh)):
                break
    else:
        return
    if path:
        notebook.saw("flows.refresh_path", path, "what it said was missing", fresh)
    notebook.saw("flows.refresh_token_field", place, "the token that is there", fresh)
    notebook.saw("flows.refresh_payload", payload, "what it said was missing", fresh)
    notebook.saw("flows.refresh_status", fresh.status_code, "a refresh token", fresh)
    answers = {}
    for kind, wrong in (("malformed", "x"), ("with_access", style().token(credential))):
        answer = tried(refresh, make_client, credential, wrong)
        answers[f"refresh_{kind}"] = answer if refuses(answer) else None
    shown = shown_to(make_client, style().with_token(credential, token))
    notebook.saw_refusals(answers)
    notebook.saw_alone("refresh_as_access", shown if refuses(shown) else None)
    saw_reuse(make_client, notebook, credential, token, fresh)


def saw_reuse(
    make_client: MakeClient, notebook: Notebook, credential: Credential, token: str, fresh: Any
) -> None:
    """Note what comes of a refresh token that was traded already.

    Args:
        make_client: Makes clients on the application.
        notebook: Where it is noted.
        credential: What the login gave.
        token: The refresh token that was traded.
        fresh: The answer to that.
    """
    new = token_in(fresh)
    if new in {"", token}:
        what = "a refresh gave no other refresh token"
        notebook.saw("flows.refresh_reuse", "accepted", what)
        return
    again = tried(refresh, make_client, credential, token)
    if went_well(again):
        notebook.saw("flows.refresh_reuse", "accepted", "a refresh token once more", again)
    if not refuses(again):
        return
    flows = settings().flows
    if again.status_code != (flows.refresh_reused_status or flows.refresh_refused_status):
        status = again.status_code
        notebook.saw("flows.refresh_reused_status", status, "a refresh token once more", again)
    later = style().from_login(fresh)
    page = shown_to(make_client, later)
    once_more = tried(refresh, make_client, later, new)
    ends = refuses(page) and refuses(once_more)
    notebook.saw("flows.refresh_reuse", "ends" if ends else "refused", "what came after", once_more)
    if ends:
        notebook.saw_alone("ended_by_reuse", page)
        notebook.saw_alone("refresh_ended", once_more)


def test_logout(
    make_client: MakeClient, notebook: Notebook, session: tuple[Credential, Any]
) -> None:
    credential, login = session
    if not settings().flows.logout_path:
        return
    gone, payload = mended_step(notebook, "logout", log_out, make_client, credential, login)
    if not went_well(gone):
        return
    notebook.saw("flows.logout_payload", payload, "what it said was missing", gone)
    notebook.saw("flows.logout_status", gone.status_code, "a credential", gone)
    page = shown_to(make_client, credential)
    if refuses(page):
        notebook.saw("flows.ended_status", page.status_code, "what was shown before a logout", page)
    elif lets_see(page):
        # As it is wherever the server keeps nothing of a session: signed cookies, most tokens.
        notebook.saw("flows.logout_reuse", "accepted", "what was shown before a logout", page)
    token = token_in(login) if settings().flows.refresh_path and login is not None else ""
    if token:
        answer = tried(refresh, make_client, credential, token)
        notebook.saw_alone("refresh_ended", answer if refuses(answer) else None)


def test_cookies(notebook: Notebook, session: tuple[Credential, Any]) -> None:
    _, login = session
    auth, flows = settings().auth, settings().flows
    found = {} if login is None else cookie_flags(login)
    for key, name, expected in (
        ("cookie_flags", auth.access_cookie or auth.session_cookie, flows.cookie_flags),
        (
            "refresh_cookie_flags",
            auth.refresh_cookie,
            flows.refresh_cookie_flags or flows.cookie_flags,
        ),
    ):
        if name in found and found[name] != set(expected.lower().split()):
            flags = " ".join(sorted(found[name]))
            notebook.saw(f"flows.{key}", flags, "a login", login)
