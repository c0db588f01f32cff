"""/auth: logging in and out."""

import pytest
from sqlalchemy import update
from test_harness import assert_status

from app.models import Login
from app.models.base import utc_now
from factories import UserFactory
from logins import log_in

ENDED = {"detail": "The session has ended."}
FORGED = {"detail": "The header X-CSRF-Token has to repeat the cookie csrf_token."}


@pytest.fixture
async def user(db):
    return await UserFactory.create_async()


async def test_a_login_gives_a_new_session_and_shows_no_script_its_secret(client, user):
    client.cookies.set("session_id", "planted")

    response = await log_in(client, user.email)

    assert assert_status(response, 200) == {"id": str(user.id), "email": user.email}
    session, csrf = response.headers.get_list("Set-Cookie")
    assert "planted" not in session
    assert session.startswith("session_id=")
    assert {"HttpOnly", "Secure", "Path=/"} <= set(session.split("; "))
    assert "samesite=lax" in session.lower()
    assert csrf.startswith("csrf_token=")
    assert "HttpOnly" not in csrf


async def test_a_logout_ends_this_session_only(make_client, credential_of, user):
    credential, other = await credential_of(user), await credential_of(user)

    client = make_client(credential)
    assert_status(await client.post("/auth/logout"), 204)

    assert "session_id" not in client.cookies
    # The cookies may have been copied before.
    assert assert_status(await make_client(credential).get("/auth/me"), 401) == ENDED
    assert_status(await make_client(other).get("/auth/me"), 200)


async def test_a_session_ends_when_it_expires(client_as, db, user):
    client = await client_as(user)

    await db.execute(update(Login).values(expires_at=utc_now()))

    assert assert_status(await client.get("/auth/me"), 401) == ENDED


async def test_deactivating_a_user_ends_their_sessions(client_as, db, user):
    client = await client_as(user)

    user.is_active = False
    await db.flush()

    assert assert_status(await client.get("/auth/me"), 401) == ENDED


async def test_another_site_changes_nothing(client_as, user):
    client = await client_as(user)
    del client.headers["X-CSRF-Token"]

    body = assert_status(await client.post("/organisations", json={"name": "Forged"}), 403)

    assert body == FORGED
