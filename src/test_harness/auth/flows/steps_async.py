"""The steps around a login, as a client takes them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from test_harness.application.assertions import assert_status
from test_harness.auth.flows.account import Account, logout_request, refresh_credential, request
from test_harness.auth.login_async import log_in
from test_harness.auth.styles import PASSWORD, Credential, style
from test_harness.doubles.mail import Mailbox
from test_harness.factories.base import user_factory
from test_harness.settings import settings

MakeClient = Callable[..., httpx2.AsyncClient]


async def enter(make_client: MakeClient, user: Any, password: str = PASSWORD) -> httpx2.Response:
    """Log in, whichever way there is, and return the answer, whatever it is."""
    auth = settings().auth
    if auth.style != "http_basic":
        return await log_in(make_client(), user, password)
    pair = f"{getattr(user, auth.user_login_attribute)}:{password}"
    shown = style().with_token(Credential(), base64.b64encode(pair.encode()).decode())
    return await get_in(make_client, shown)


async def assert_enters(make_client: MakeClient, user: Any, password: str = PASSWORD) -> None:
    """See that somebody can log in, and is somebody then."""
    response = await enter(make_client, user, password)
    if settings().auth.style != "http_basic":
        response = await get_in(make_client, style().from_login(response))
    assert_status(response, settings().auth.opened_status)


async def assert_stays_out(
    make_client: MakeClient, user: Any, password: str = PASSWORD, status: int = 0
) -> None:
    """See that somebody is refused, and nobody then: a page answers both with a redirect."""
    auth = settings().auth
    status = status or auth.login_refused_status
    if auth.style == "http_basic":
        assert_status(await enter(make_client, user, password), status)
        return
    client = make_client()
    login = await log_in(client, user, password)
    assert_status(login, status)
    page = await client.get(auth.protected_path)
    if page.status_code != auth.no_token_status:
        pytest.fail(
            f"{login.request.method} {login.request.url.path} let in who was to be refused: "
            f"GET {auth.protected_path} answered {page.status_code} then, not "
            f"{auth.no_token_status}."
        )


async def log_in_as(make_client: MakeClient, user: Any) -> Credential:
    """Return what a user shows who has logged in, for tests of what ends a login."""
    credential, _ = await open_session(make_client, user)
    return credential


async def open_session(
    make_client: MakeClient, user: Any
) -> tuple[Credential, httpx2.Response | None]:
    """Return what a user shows who has logged in, and the answer to that where there is one."""
    chosen = style()
    if settings().auth.style in {"api_key", "http_basic"}:
        return chosen.mint(user) or Credential(), None
    login = await log_in(make_client(), user)
    return chosen.from_login(login), login


async def get_in(make_client: MakeClient, credential: Credential) -> httpx2.Response:
    """Ask for what only a logged-in user gets."""
    return await make_client(credential).get(settings().auth.protected_path)


async def sign_up(make_client: MakeClient, account: Account) -> httpx2.Response:
    """Open an account."""
    return await make_client().request(**request("signup", account))


async def count_users(db: AsyncSession) -> int:
    """Return how many there are by now, whatever the session has seen before."""
    await db.commit()
    return await db.scalar(select(func.count()).select_from(user_factory()._meta.model)) or 0


async def verify(make_client: MakeClient, mailbox: Mailbox, account: Account) -> None:
    """Follow the link in the mail after a signup, where the application sends one."""
    if settings().flows.verify_path:
        token = mailbox.token_for(account.email)
        response = await make_client().request(**request("verify", account, token))
        assert response.status_code == settings().flows.verify_status, response.text


async def refresh(make_client: MakeClient, credential: Credential, token: str) -> httpx2.Response:
    """Trade a refresh token."""
    client = make_client(refresh_credential(credential, token))
    access = style().token(credential)
    return await client.request(**request("refresh", token=token, access=access))


async def log_out(
    make_client: MakeClient, credential: Credential, login: httpx2.Response | None = None
) -> httpx2.Response:
    """End a session, which began with the answer to a login."""
    return await make_client(credential).request(**logout_request(credential, login))
