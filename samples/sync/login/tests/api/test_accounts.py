"""/auth: opening an account, proving whose it is, and getting back in."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from test_harness import PASSWORD, assert_status

from app.models import FailedLogin, OneTimeToken
from app.models.base import utc_now
from factories import UserFactory
from logins import log_in

STRONG = "plum-orbit-kettle"
SENT = {"detail": "A mail was sent."}
WRONG_CREDENTIALS = {"detail": "Wrong email address or password."}
WRONG_TOKEN = {"detail": "The token is not valid, or no longer."}


@pytest.fixture
def user(db):
    return UserFactory.create()


def test_who_signed_up_and_verified_the_address_can_log_in(client, outbox):
    signup = {"email": "Ada@Example.com", "password": PASSWORD}

    assert assert_status(client.post("/auth/signup", json=signup), 202) == SENT
    assert outbox.subjects() == [("ada@example.com", "Verify your address")]
    assert assert_status(log_in(client, "ada@example.com"), 401) == WRONG_CREDENTIALS

    token = {"token": outbox.token()}
    assert_status(client.post("/auth/verify", json=token), 204)
    assert_status(log_in(client, "ada@example.com"), 200)
    assert assert_status(client.post("/auth/verify", json=token), 400) == WRONG_TOKEN


def test_signing_up_twice_changes_nothing_and_tells_only_the_mailbox(client, outbox, user):
    signup = {"email": user.email, "password": STRONG}

    assert assert_status(client.post("/auth/signup", json=signup), 202) == SENT

    assert outbox.subjects() == [(user.email, "You have an account")]
    assert_status(log_in(client, user.email), 200)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "ada", "must have an @-sign"),
        ("password", "my-name-is-ada", "contains the name in the email address"),
        ("password", "plum-orbit!" * 12, "at most 128"),
    ],
)
def test_an_invalid_signup_is_refused_without_repeating_it(client, field, value, message):
    signup = {"email": "ada@example.com", "password": STRONG, field: value}

    response = client.post("/auth/signup", json=signup)

    [error] = assert_status(response, 422)["detail"]
    assert error["loc"] == ["body", field]
    assert message in error["msg"]
    assert signup["password"] not in response.text


def test_a_forgotten_password_is_replaced_once(client, outbox, user):
    forgotten = {"email": user.email}
    assert assert_status(client.post("/auth/password/forgot", json=forgotten), 202) == SENT
    reset = {"token": outbox.token(), "password": STRONG}

    assert_status(client.post("/auth/password/reset", json=reset), 204)

    assert_status(log_in(client, user.email, STRONG), 200)
    assert_status(log_in(client, user.email), 401)
    again = client.post("/auth/password/reset", json=reset)
    assert assert_status(again, 400) == WRONG_TOKEN


def test_a_reset_ends_what_was_begun_with_the_old_password(client, client_as, outbox, user):
    logged_in = client_as(user)
    assert_status(logged_in.get("/auth/me"), 200)

    client.post("/auth/password/forgot", json={"email": user.email})
    reset = {"token": outbox.token(), "password": STRONG}
    assert_status(client.post("/auth/password/reset", json=reset), 204)

    assert_status(logged_in.get("/auth/me"), 401)


def test_a_late_token_is_refused(client, db, outbox, user):
    client.post("/auth/password/forgot", json={"email": user.email})
    db.execute(update(OneTimeToken).values(expires_at=utc_now()))
    reset = {"token": outbox.token(), "password": STRONG}

    refused = client.post("/auth/password/reset", json=reset)

    assert assert_status(refused, 400) == WRONG_TOKEN


def test_an_unknown_address_is_told_so_by_mail_only(client, outbox):
    forgotten = {"email": "nobody@example.com"}

    assert assert_status(client.post("/auth/password/forgot", json=forgotten), 202) == SENT

    assert outbox.subjects() == [("nobody@example.com", "You have no account")]


@pytest.mark.parametrize("state", ["is_active", "is_verified"])
def test_who_may_not_log_in_is_refused_like_a_wrong_password(client, db, state):
    user = UserFactory.create(**{state: False})

    assert assert_status(log_in(client, user.email), 401) == WRONG_CREDENTIALS


def test_after_five_failed_logins_an_address_has_to_wait(client, db, user):
    for _ in range(5):
        refused = log_in(client, user.email, "wrong")
        assert assert_status(refused, 401) == WRONG_CREDENTIALS

    assert_status(log_in(client, user.email), 429)

    db.execute(update(FailedLogin).values(failed_at=utc_now() - timedelta(minutes=16)))
    assert_status(log_in(client, user.email), 200)


def test_the_user_is_known_after_the_login(client_as, user):
    client = client_as(user)

    body = assert_status(client.get("/auth/me"), 200)

    assert body == {"id": str(user.id), "email": user.email}
