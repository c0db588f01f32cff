"""Tests as a team writes them: some faults they would notice, and some not."""

from __future__ import annotations

from typing import Any

import pytest
from depot.models import Item, User

from test_harness import PASSWORD, assert_status, factory_for


@pytest.fixture
def ada(db: Any) -> Any:
    return factory_for(User).create(name="Ada", role="member")


@pytest.fixture
def client(client_as: Any, ada: Any) -> Any:
    return client_as(ada)


def test_nobody_gets_in(make_client: Any) -> None:
    assert_status(make_client().get("/items"), 401)
    assert_status(make_client().get("/report"), 401)


def test_a_token_of_another_key_gets_nobody_in(refused_client: Any, ada: Any) -> None:
    assert_status(refused_client("foreign_key", ada).get("/me"), 401)


def test_a_login(make_client: Any, ada: Any) -> None:
    wrong = {"name": "Ada", "password": "wrong"}
    assert_status(make_client().post("/login", json=wrong), 401)
    right = {"name": "Ada", "password": PASSWORD}
    assert assert_status(make_client().post("/login", json=right), 200)["token"]


def test_an_item_is_added_and_listed(client: Any) -> None:
    assert_status(client.post("/items", json={"name": "Lamp"}), 201)
    assert assert_status(client.get("/items"), 200) == ["Lamp"]


def test_a_long_name_is_refused(client: Any) -> None:
    assert_status(client.post("/items", json={"name": "x" * 11}), 422)


def test_only_own_items_are_listed(client: Any, db: Any) -> None:
    factory_for(Item).create(name="foreign")
    assert assert_status(client.get("/items"), 200) == []


def test_one_status_is_listed(client: Any, ada: Any) -> None:
    factory_for(Item).create(owner=ada, name="old", status="sold")
    assert assert_status(client.get("/items", params={"status": "sold"}), 200) == ["old"]


def test_an_item_of_another_is_not_changed(client: Any, db: Any) -> None:
    item = factory_for(Item).create(status="draft")
    assert_status(client.patch(f"/items/{item.id}", json={"status": "sold"}), 403)


def test_an_item_is_sold(client: Any, ada: Any) -> None:
    item = factory_for(Item).create(owner=ada, status="draft")
    body = assert_status(client.patch(f"/items/{item.id}", json={"status": "sold"}), 200)
    assert body == {"status": "sold"}


def test_an_admin_clears(client_as: Any, db: Any) -> None:
    admin = factory_for(User).create(role="admin")
    assert_status(client_as(admin).delete("/items"), 204)
