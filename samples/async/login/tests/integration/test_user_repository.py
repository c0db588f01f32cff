"""Users in the database."""

from uuid import uuid4

import pytest

from app.errors import Conflict, NotFound
from app.models import User
from app.repositories.users import UserRepository
from factories import UserFactory

HASH = "not checked here"


async def test_a_stored_user_is_found_by_id_and_by_address(db):
    user = await UserRepository(db).add(User(email="ada@example.com", password_hash=HASH))

    assert await UserRepository(db).get(user.id) is user
    assert await UserRepository(db).find_by_email("ada@example.com") is user
    assert user.is_active is True


async def test_an_unknown_user_is_not_found(db):
    assert await UserRepository(db).find_by_email("nobody@example.com") is None
    with pytest.raises(NotFound, match="No such user"):
        await UserRepository(db).get(uuid4())


async def test_an_address_has_one_account(db):
    user = await UserFactory.create_async()

    with pytest.raises(Conflict, match="The address has an account"):
        await UserRepository(db).add(User(email=user.email, password_hash=HASH))
