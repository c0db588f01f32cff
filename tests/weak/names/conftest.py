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


@pytest.fixture
def people():
    return {"ada": {"mail": "ada@example.com"}, "bob": {"mail": "bob@example.com", **PATHS}}


@pytest.fixture
def renamed():
    return {"ada": {"mail": "ada@example.com"}, **PATHS}


def make_order(number=1):
    order = {"number": number, "lines": []}
    return order


def make_changed_order(**changes):
    order = {"number": 1}
    order.update(changes)
    return order
