"""/auth: logging in, staying logged in, logging out."""

import pytest
from test_harness import assert_status, credential_from

from factories import UserFactory
from logins import log_in

ENDED = {"detail": "The session has ended."}
NOT_VALID = {"detail": "The token is not valid."}
FORGED = {"detail": "The header X-CSRF-Token has to repeat the cookie csrf_token."}


@pytest.fixture
def user(db):
    return UserFactory.create()


@pytest.fixture
def credential(client, user):
    return credential_from(log_in(client, user.email))


@pytest.fixture
def client_of_user(make_client, credential):
    return make_client(credential)


def test_a_login_gives_cookies_that_no_script_can_read(client, user):
    response = log_in(client, user.email)

    assert assert_status(response, 200) == {"id": str(user.id), "email": user.email}
    access, refresh, csrf = response.headers.get_list("Set-Cookie")
    for cookie, name, path in [(access, "access_token", "/"), (refresh, "refresh_token", "/auth")]:
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "Secure", f"Path={path}"} <= set(cookie.split("; "))
        assert "samesite=lax" in cookie.lower()
    assert csrf.startswith("csrf_token=")
    assert "HttpOnly" not in csrf


def test_a_refresh_token_is_traded_for_a_new_pair(client_of_user, credential):
    response = client_of_user.post("/auth/refresh")

    assert_status(response, 204)
    assert client_of_user.cookies["refresh_token"] != credential.cookies["refresh_token"]
    client_of_user.headers["X-CSRF-Token"] = client_of_user.cookies["csrf_token"]
    assert_status(client_of_user.post("/auth/refresh"), 204)


def test_a_refresh_token_used_twice_ends_the_session(make_client, client_of_user, credential):
    assert_status(client_of_user.post("/auth/refresh"), 204)

    assert assert_status(make_client(credential).post("/auth/refresh"), 401) == ENDED

    assert assert_status(client_of_user.get("/auth/me"), 401) == ENDED


def test_neither_token_is_accepted_in_place_of_the_other(make_client, credential):
    cookies = credential.cookies
    swapped = make_client(credential)
    swapped.cookies.clear()
    swapped.cookies.update(
        {
            "access_token": cookies["refresh_token"],
            "refresh_token": cookies["access_token"],
            "csrf_token": cookies["csrf_token"],
        }
    )

    assert assert_status(swapped.get("/auth/me"), 401) == NOT_VALID
    assert assert_status(swapped.post("/auth/refresh"), 401) == NOT_VALID


def test_a_logout_ends_both_tokens_of_this_session_only(
    client, make_client, client_of_user, credential, user
):
    other = credential_from(log_in(client, user.email))

    assert_status(client_of_user.post("/auth/logout"), 204)

    assert not client_of_user.cookies
    # The cookies may have been copied before.
    copied = make_client(credential)
    assert assert_status(copied.get("/auth/me"), 401) == ENDED
    assert assert_status(copied.post("/auth/refresh"), 401) == ENDED
    assert_status(make_client(other).get("/auth/me"), 200)


def test_deactivating_a_user_ends_their_sessions(client_of_user, db, user):
    user.is_active = False
    db.flush()

    assert assert_status(client_of_user.get("/auth/me"), 401) == ENDED
    assert assert_status(client_of_user.post("/auth/refresh"), 401) == ENDED


@pytest.mark.parametrize("path", ["/organisations", "/auth/refresh", "/auth/logout"])
def test_another_site_changes_nothing(client_of_user, path):
    del client_of_user.headers["X-CSRF-Token"]

    body = assert_status(client_of_user.post(path, json={"name": "Forged"}), 403)

    assert body == FORGED


def test_without_cookies_nothing_is_refreshed(client, make_client, credential):
    client = make_client(credential)
    client.cookies.delete("refresh_token")

    body = assert_status(client.post("/auth/refresh"), 401)

    assert body == {"detail": "You are not logged in."}
