"""/auth: getting a key, and giving it up."""

import pytest
from test_harness import assert_status

from factories import UserFactory
from logins import log_in

NOT_VALID = {"detail": "The key is not valid."}


@pytest.fixture
def user(db):
    return UserFactory.create()


def who_am_i(client, key):
    return client.get("/auth/me", headers={"X-API-Key": key})


def test_a_login_gives_the_key(client, user):
    key = assert_status(log_in(client, user.email), 200)["api_key"]

    me = assert_status(who_am_i(client, key), 200)

    assert me == {"id": str(user.id), "email": user.email}


def test_a_logout_replaces_the_key(client_as, client, user):
    old = user.api_key
    assert_status((client_as(user)).post("/auth/logout"), 204)

    assert assert_status(who_am_i(client, old), 401) == NOT_VALID
    new = assert_status(log_in(client, user.email), 200)["api_key"]
    assert_status(who_am_i(client, new), 200)


@pytest.mark.parametrize("state", ["is_active", "is_verified"])
def test_the_key_of_who_may_not_log_in_is_refused(client, db, state):
    user = UserFactory.create(**{state: False})

    assert assert_status(who_am_i(client, user.api_key), 401) == NOT_VALID


def test_a_key_does_not_fit_another_user(client, user):
    other = UserFactory.create()
    _, signature = user.api_key.split(".")
    forged = f"{other.id.hex}.{signature}"

    assert assert_status(who_am_i(client, forged), 401) == NOT_VALID


@pytest.mark.parametrize("key", ["x", ".", "0.0"])
def test_anything_else_is_no_key(client, key):
    response = client.get("/auth/me", headers={"X-API-Key": key})

    assert assert_status(response, 401) == NOT_VALID
