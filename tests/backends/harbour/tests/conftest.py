import asyncio

import pytest
from fakes import ClientOf, MemoryStore
from fastapi import FastAPI
from fastapi.testclient import TestClient

from harbour.config import Settings, get_settings
from harbour.main import create_app
from harbour.models import Role, User
from harbour.repositories import Store
from harbour.security import create_access_token


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://nobody@database.invalid/none")
    monkeypatch.setenv("SECRET_KEY", "only-for-tests-0123456789-0123456789")
    return Settings(_env_file=None)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def app(settings: Settings, store: MemoryStore) -> FastAPI:
    app = create_app()
    app.dependency_overrides[get_settings] = lambda: settings
    app.dependency_overrides[Store] = lambda: store
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


@pytest.fixture
def client_of(app: FastAPI, settings: Settings) -> ClientOf:
    def make(user: User) -> TestClient:
        token = create_access_token(user.id, settings)
        return TestClient(app, headers={"Authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def skipper(store: MemoryStore) -> User:
    return add_user(store, "skipper@example.com", Role.SKIPPER)


@pytest.fixture
def admin(store: MemoryStore) -> User:
    return add_user(store, "admin@example.com", Role.ADMIN)


def add_user(store: MemoryStore, email: str, role: Role) -> User:
    user = User(email=email, password_hash="-", role=role, is_active=True)
    return asyncio.run(store.users.add(user))
