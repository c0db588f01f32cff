"""What a user shows: made without a login where that is known, otherwise given by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from test_harness.application.own_account import on_own_account
from test_harness.auth.answers import check_opened, is_to_be_proven
from test_harness.auth.login_async import log_in
from test_harness.auth.styles import Credential, style
from test_harness.settings import settings


async def credential_of(
    user: Any, make_client: Callable[..., httpx2.AsyncClient], name: str = ""
) -> Credential:
    """Return what a user shows.

    Args:
        user: The user, whose row is written.
        make_client: Makes clients on the application.
        name: The style; the main one if it is empty.

    Raises:
        LoginError: The application does not log the user in.
    """
    chosen = style(name)
    minted = chosen.mint(user)
    if minted is not None:
        return minted
    with on_own_account():
        response = await log_in(make_client(), user)
    given = chosen.from_login(response)
    if is_to_be_proven(name or settings().auth.style):
        with on_own_account():
            opened = await make_client(given).get(settings().auth.protected_path)
        check_opened(response, opened)
    return given
