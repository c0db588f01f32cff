"""What the tests beside this ask for."""

import pytest

from names.factories import ItemFactory, UserFactory

PATHS = {"users": "/users", "items": "/items"}


@pytest.fixture
def factories():
    return {"user": UserFactory, "item": ItemFactory}


@pytest.fixture
def tokens():
    found = {"admin": "a", "member": "m"}
    yield found


@pytest.fixture
def open_to_all(request):
    found = {"admin": "a"}
    found.update(request.param)
    return found
