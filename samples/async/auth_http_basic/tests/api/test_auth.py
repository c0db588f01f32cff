"""Each request shows the password."""

from test_harness import assert_status

from factories import UserFactory
from logins import log_in


async def test_the_address_may_be_written_in_capitals(client, db):
    user = await UserFactory.create_async(email="ada@example.com")

    me = assert_status(await log_in(client, "Ada@Example.com"), 200)

    assert me["id"] == str(user.id)


async def test_a_caller_without_a_password_is_asked_for_one(client):
    response = await client.get("/auth/me")

    assert assert_status(response, 401) == {"detail": "You are not logged in."}
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Catalogue", charset="UTF-8"'
