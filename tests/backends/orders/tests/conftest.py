from collections.abc import Generator

import pytest
from fastapi.testclient import TestClient

from app.api.deps import get_current_user, get_db
from app.main import app
from app.models import User
from tests.fakes import FakeSession


@pytest.fixture
def db() -> FakeSession:
    return FakeSession()


@pytest.fixture
def user() -> User:
    return User(
        id=7,
        email="clerk@orders.example",
        full_name="Clerk",
        hashed_password="!",
        is_active=True,
        is_superuser=False,
    )


@pytest.fixture
def client(db: FakeSession) -> Generator[TestClient, None, None]:
    app.dependency_overrides[get_db] = lambda: db
    with TestClient(app) as test_client:
        yield test_client
    app.dependency_overrides.clear()


@pytest.fixture
def logged_in(client: TestClient, user: User) -> TestClient:
    app.dependency_overrides[get_current_user] = lambda: user
    return client
