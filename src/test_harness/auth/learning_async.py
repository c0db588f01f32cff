"""Learning, once per run, how a credential is made of a user, and proving that it opens as much."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from test_harness.auth import minting
from test_harness.auth.login_async import log_in
from test_harness.auth.styles import Credential, style, styles
from test_harness.factories.base import bound_to
from test_harness.isolation.one_connection import one_connection
from test_harness.seeding import random_values_kept
from test_harness.settings import settings

MakeClient = Callable[..., httpx2.AsyncClient]
MAIN_SLOTS = {
    "jwt_bearer": lambda auth: ("header", auth.token_header),
    "jwt_cookie": lambda auth: ("cookie", auth.access_cookie),
    "session_cookie": lambda auth: ("cookie", auth.session_cookie),
}


async def learn(engine: AsyncEngine, make_client: MakeClient) -> None:
    """Have `mint` of each style work that it can work for; what this writes is undone.

    Args:
        engine: The engine of the tests.
        make_client: Makes clients on the application.
    """
    auth = settings().auth
    for name in styles():
        if name not in MAIN_SLOTS or not auth.protected_path:
            continue
        if not auth.token_key:
            if name != "session_cookie":  # That may be no more than the name of a session.
                minting.give_up(name, minting.UNKNOWN_KEY)
            continue
        session = AsyncSession(engine, expire_on_commit=False)
        try:
            with random_values_kept(), bound_to(session):
                await _learn(name, make_client)
        except Exception as error:  # noqa: BLE001 - each client tells for itself why it is refused
            minting.give_up(name, str(error).partition("\n")[0])
        finally:
            # What the application wrote for these logins is to go as well.
            with one_connection.undoing_all():
                await session.rollback()
            await session.close()


async def _learn(name: str, make_client: MakeClient) -> None:
    from test_harness.factories.base import user_factory

    users = [await user_factory().create_async() for _ in range(2)]
    logins: list[minting.Login] = []
    answers = []
    for user in users:
        credential = style(name).from_login(await log_in(make_client(), user))
        logins.append(minting.Login(minting.attributes_of(user), credential, time.time()))
        answers.append(await _shown(make_client, credential))
    if answers[0] == await _shown(make_client, Credential()):
        raise minting.NotLearnedError(f"{settings().auth.protected_path} opens to nobody")
    recipe = minting.learn(logins[0], logins[1], MAIN_SLOTS[name](settings().auth))
    for user, answer in zip(users, answers, strict=True):
        made = recipe.make(user)
        if made is None or await _shown(make_client, made) != answer:
            raise minting.NotLearnedError("the application knows of each login")
    minting.use(name, recipe)


async def _shown(make_client: MakeClient, credential: Credential) -> tuple[Any, ...]:
    response = await make_client(credential).get(settings().auth.protected_path)
    return response.status_code, response.text
