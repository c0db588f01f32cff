"""/auth: logging in, staying logged in, logging out."""

import pytest
from test_harness import assert_status

from factories import UserFactory
from logins import log_in

INVALID_TOKEN = {"detail": "The token is not valid."}
ENDED = {"detail": "The session has ended."}


async def refresh(client, token):
    return await client.post("/auth/refresh", json={"refresh_token": token})


async def who_am_i(client, token):
    return await client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def user(db):
    return await UserFactory.create_async()


@pytest.fixture
async def tokens(client, user):
    return assert_status(await log_in(client, user.email), 200)


async def test_a_caller_without_a_token_is_told_which_kind_is_needed(client):
    response = await client.get("/auth/me")

    assert assert_status(response, 401) == {"detail": "You are not logged in."}
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_neither_token_is_accepted_in_place_of_the_other(client, tokens):
    as_access = await who_am_i(client, tokens["refresh_token"])
    as_refresh = await refresh(client, tokens["access_token"])

    assert assert_status(as_access, 401) == INVALID_TOKEN
    assert assert_status(as_refresh, 401) == INVALID_TOKEN


async def test_a_refresh_token_is_traded_for_a_new_pair(client, user, tokens):
    fresh = assert_status(await refresh(client, tokens["refresh_token"]), 200)

    assert fresh["refresh_token"] != tokens["refresh_token"]
    me = assert_status(await who_am_i(client, fresh["access_token"]), 200)
    assert me == {"id": str(user.id), "email": user.email}


async def test_a_refresh_token_used_twice_ends_the_session(client, tokens):
    fresh = assert_status(await refresh(client, tokens["refresh_token"]), 200)

    assert assert_status(await refresh(client, tokens["refresh_token"]), 401) == ENDED

    assert assert_status(await refresh(client, fresh["refresh_token"]), 401) == ENDED
    assert assert_status(await who_am_i(client, fresh["access_token"]), 401) == ENDED


async def test_a_logout_ends_both_tokens_of_this_session_only(client, user, tokens):
    other = assert_status(await log_in(client, user.email), 200)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert assert_status(await client.post("/auth/logout", headers=headers), 204) is None

    assert assert_status(await who_am_i(client, tokens["access_token"]), 401) == ENDED
    assert assert_status(await refresh(client, tokens["refresh_token"]), 401) == ENDED
    me = assert_status(await who_am_i(client, other["access_token"]), 200)
    assert me["id"] == str(user.id)


async def test_deactivating_a_user_ends_their_sessions(client, db, user, tokens):
    user.is_active = False
    await db.flush()

    assert assert_status(await who_am_i(client, tokens["access_token"]), 401) == ENDED
    assert assert_status(await refresh(client, tokens["refresh_token"]), 401) == ENDED
