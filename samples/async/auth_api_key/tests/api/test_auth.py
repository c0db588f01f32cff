"""/auth: getting a key, and giving it up."""

import pytest
from test_harness import assert_status

from factories import UserFactory
from logins import log_in

NOT_VALID = {"detail": "The key is not valid."}


@pytest.fixture
async def user(db):
    return await UserFactory.create_async()


async def who_am_i(client, key):
    return await client.get("/auth/me", headers={"X-API-Key": key})


async def test_a_login_gives_the_key(client, user):
    key = assert_status(await log_in(client, user.email), 200)["api_key"]

    me = assert_status(await who_am_i(client, key), 200)

    assert me == {"id": str(user.id), "email": user.email}


async def test_a_logout_replaces_the_key(client_as, client, user):
    old = user.api_key
    assert_status(await (await client_as(user)).post("/auth/logout"), 204)

    assert assert_status(await who_am_i(client, old), 401) == NOT_VALID
    new = assert_status(await log_in(client, user.email), 200)["api_key"]
    assert_status(await who_am_i(client, new), 200)


@pytest.mark.parametrize("state", ["is_active", "is_verified"])
async def test_the_key_of_who_may_not_log_in_is_refused(client, db, state):
    user = await UserFactory.create_async(**{state: False})

    assert assert_status(await who_am_i(client, user.api_key), 401) == NOT_VALID


async def test_a_key_does_not_fit_another_user(client, user):
    other = await UserFactory.create_async()
    _, signature = user.api_key.split(".")
    forged = f"{other.id.hex}.{signature}"

    assert assert_status(await who_am_i(client, forged), 401) == NOT_VALID


@pytest.mark.parametrize("key", ["x", ".", "0.0"])
async def test_anything_else_is_no_key(client, key):
    response = await client.get("/auth/me", headers={"X-API-Key": key})

    assert assert_status(response, 401) == NOT_VALID
