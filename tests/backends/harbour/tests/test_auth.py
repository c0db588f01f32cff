from datetime import UTC, datetime, timedelta

import jwt
import pytest
from fakes import ClientOf
from fastapi.testclient import TestClient

from harbour.config import Settings
from harbour.models import User
from harbour.security import ALGORITHM, hash_password, verify_password

CREDENTIALS = {"email": "Ada@example.com", "password": "a long enough one"}


@pytest.mark.slow
def test_hashed_password_can_be_verified() -> None:
    hashed = hash_password("secret")
    assert verify_password("secret", hashed)
    assert not verify_password("Secret", hashed)


@pytest.mark.slow
def test_login_after_registration(client: TestClient) -> None:
    assert client.post("/auth/register", json=CREDENTIALS).status_code == 201
    form = {"username": "ada@example.com", "password": CREDENTIALS["password"]}
    token = client.post("/auth/token", data=form).json()["access_token"]
    assert token.count(".") == 2
    assert client.post("/auth/token", data={**form, "password": "wrong"}).status_code == 401


def test_address_is_registered_once(client: TestClient, skipper: User) -> None:
    answer = client.post("/auth/register", json={**CREDENTIALS, "email": skipper.email.upper()})
    assert (answer.status_code, answer.json()["detail"]) == (409, "This address is taken")


def test_me(client_of: ClientOf, skipper: User) -> None:
    expected = {"id": skipper.id, "email": "skipper@example.com", "role": "skipper"}
    assert client_of(skipper).get("/auth/me").json() == expected


@pytest.mark.parametrize(
    "claims",
    [{"exp": datetime.now(UTC) - timedelta(minutes=1)}, {"sub": "x"}, {"sub": "999"}],
    ids=["expired", "malformed", "deleted"],
)
def test_token_is_refused(
    client: TestClient, settings: Settings, skipper: User, claims: dict[str, object]
) -> None:
    now = datetime.now(UTC)
    good = {"sub": str(skipper.id), "iat": now, "exp": now + timedelta(minutes=1)}
    token = jwt.encode({**good, **claims}, settings.secret_key, algorithm=ALGORITHM)
    answer = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_inactive_user_is_refused(client_of: ClientOf, skipper: User) -> None:
    skipper.is_active = False
    assert client_of(skipper).get("/auth/me").status_code == 401
