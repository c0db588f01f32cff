"""TH8. Each line that ends in a code is reported with it, and no other line with any."""

import pytest

from .conftest import PATHS
from .factories import UserFactory, check_in, require_name
from .factories import OrderFactory  # TH802
from names.factories import ItemFactory, Nothing  # TH802


def test_a_factory_that_nobody_hands_out(factories):
    order = factories["order"]()  # TH801
    assert order.total == 0


async def test_a_token_that_nobody_has(client, tokens):
    response = await client.get("/", headers={"X-Token": tokens["owner"]})  # TH801
    assert response.json() == []


class TestUnknown:
    def test_a_path(self, client):
        assert client.get(PATHS["orders"]).json() == []  # TH801

    async def test_an_undefined_name(self, client):
        user = OtherFactory()  # F821
        assert (await client.get(f"/users/{user.id}")).json()


@pytest.fixture
def paths():
    return dict(users="/users", items="/items")


def test_a_path_that_a_fixture_has_not(client, paths):
    assert client.get(paths["items"]).text
    assert client.get(paths["orders"]).text  # TH801


@pytest.fixture
def users():
    return {"user": UserFactory, "admin": AdminFactory}  # F821


def test_twice(factories):
    assert factories["user"]().name


def test_twice(factories):  # F811
    assert factories["user"]().email


def test_what_there_is(factories, tokens, open_to_all):
    assert factories["item"]() and tokens["admin"] and open_to_all["guest"]
    assert PATHS["users"] and ItemFactory


def test_gets_past_what_refuses_others():
    require_name("Ada")


def test_asks_what_refuses_nobody():  # TH101
    check_in("Ada")
