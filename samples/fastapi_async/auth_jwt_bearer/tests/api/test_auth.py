"""/auth: signing up, logging in, staying logged in, logging out."""

import pytest

from factories import UserFactory
from harness.assertions import assert_status
from harness.auth import PASSWORD

STRONG = "plum-orbit-kettle"
SIGNED_UP = {"detail": "You can log in, unless the address already had an account."}
WRONG_CREDENTIALS = {"detail": "Wrong email address or password."}
INVALID_TOKEN = {"detail": "The token is not valid."}
ENDED = {"detail": "The session has ended."}


async def log_in(client, email, password=PASSWORD):
    credentials = {"email": email, "password": password}
    return await client.post("/auth/login", json=credentials)


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


async def test_who_signed_up_can_log_in(client):
    signup = {"email": "Ada@Example.com", "password": STRONG}
    assert assert_status(await client.post("/auth/signup", json=signup), 202) == SIGNED_UP

    tokens = assert_status(await log_in(client, "ada@example.com", STRONG), 200)

    assert tokens.keys() == {"access_token", "refresh_token", "token_type"}
    assert {"token_type": "bearer"}.items() <= tokens.items()
    me = assert_status(await who_am_i(client, tokens["access_token"]), 200)
    assert me["email"] == "ada@example.com"


async def test_signing_up_twice_changes_nothing_and_tells_nothing(client, user):
    signup = {"email": user.email, "password": STRONG}
    assert assert_status(await client.post("/auth/signup", json=signup), 202) == SIGNED_UP

    assert assert_status(await log_in(client, user.email, STRONG), 401) == WRONG_CREDENTIALS
    assert_status(await log_in(client, user.email, PASSWORD), 200)


async def test_an_address_with_other_accents_is_somebody_else_s(client):
    for email in ("jose@example.com", "josé@example.com"):
        signup = {"email": email, "password": f"{STRONG}-{email[3]}"}
        assert_status(await client.post("/auth/signup", json=signup), 202)

    refused = await log_in(client, "josé@example.com", f"{STRONG}-e")

    assert assert_status(refused, 401) == WRONG_CREDENTIALS
    assert_status(await log_in(client, "josé@example.com", f"{STRONG}-é"), 200)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "ada", "must have an @-sign"),
        ("password", "my-name-is-ada", "contains the name in the email address"),
        ("password", "plum-orbit!" * 12, "at most 128"),
    ],
)
async def test_an_invalid_signup_is_refused_without_repeating_it(client, field, value, message):
    signup = {"email": "ada@example.com", "password": STRONG, field: value}

    response = await client.post("/auth/signup", json=signup)

    [error] = assert_status(response, 422)["detail"]
    assert error["loc"] == ["body", field]
    assert message in error["msg"]
    assert signup["password"] not in response.text


async def test_a_wrong_password_is_refused(client, user):
    assert assert_status(await log_in(client, user.email, STRONG), 401) == WRONG_CREDENTIALS


async def test_an_unknown_address_is_refused_alike(client):
    body = assert_status(await log_in(client, "nobody@example.com"), 401)

    assert body == WRONG_CREDENTIALS


async def test_an_inactive_user_is_refused_alike(client, db):
    user = await UserFactory.create_async(is_active=False)

    assert assert_status(await log_in(client, user.email), 401) == WRONG_CREDENTIALS


async def test_the_bearer_of_a_token_is_known(client_as, user):
    client = await client_as(user)

    body = assert_status(await client.get("/auth/me"), 200)

    assert body == {"id": str(user.id), "email": user.email}


async def test_a_caller_without_a_token_is_told_which_kind_is_needed(client):
    response = await client.get("/auth/me")

    assert assert_status(response, 401) == {"detail": "A bearer token is needed."}
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
