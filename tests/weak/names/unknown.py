"""TH8. Each line that ends in a code is reported with it, and no other line with any."""

import pytest

from .conftest import PATHS, make_changed_order, make_order
from .factories import Post, UserFactory, announce, check_in, require_name
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


# Keys of what lies in a dictionary, and of what a helper returns.


def test_a_key_of_somebody(people):
    assert people["ada"]["name"] == "Ada"  # TH801


async def test_a_key_that_may_be_there(people):
    assert people["bob"]["name"] == "Bob"
    assert people["ada"]["mail"] == "ada@example.com"


def test_a_key_that_a_helper_does_not_return():
    assert make_order(3)["total"] == 0  # TH801


def test_a_key_of_what_a_helper_returned(client):
    order = make_order()
    assert client.post("/orders", json=order).json()["number"] == order["id"]  # TH801


def test_a_key_that_a_helper_may_return():
    order = make_changed_order(total=0)
    assert order["total"] == 0
    changed = make_order()
    changed["total"] = 0
    assert changed["total"] == 0


def test_a_key_that_is_added_within(people):
    people["ada"]["name"] = "Ada"
    assert people["ada"]["name"] == "Ada"


def test_a_key_that_an_update_adds_within(people):
    people["ada"].update(name="Ada")
    assert people["ada"]["name"] == "Ada"


def test_a_key_that_others_may_replace(renamed):
    assert renamed["ada"]["name"] == "Ada"


def test_a_key_that_is_added_where_it_is_handed_to(service):
    order = make_order()
    service.add_total(order)
    assert order["total"] == 0


# What other files of the project say about what is called.


def test_a_coroutine_of_another_file():
    assert announce("Ada")  # TH104


def test_a_fixture_of_that_name(announce):
    assert announce("Ada")


class TestPost:
    async def test_a_coroutine_of_an_instance(self):
        post = Post()
        assert post.send("Ada")  # TH104

    async def test_an_awaited_one(self):
        post = Post()
        assert await post.send("Ada")
        assert not check_in("")


def test_cases_that_are_asserted_at_once():
    for name in ("Ada", "Bob"):  # TH201
        assert check_in(name) == name


def test_parts_of_one_answer(client):
    body = client.get("/users/1").json()
    for key in ("name", "mail"):
        assert body.get(key) == key
