"""Tests as a team writes them: some faults they would notice, and some not."""

from __future__ import annotations

from typing import Any

import pytest
from depot.models import Item, User

from test_harness import Credential, assert_status, factory_for


@pytest.fixture
def ada(db: Any) -> Any:
    return factory_for(User).create(name="Ada", role="member")


@pytest.fixture
def client(client_as: Any, ada: Any) -> Any:
    return client_as(ada)


def test_nobody_gets_in(make_client: Any, db: Any) -> None:
    assert_status(make_client().get("/items"), 401)


def test_a_wrong_password_gets_nobody_in(make_client: Any, ada: Any) -> None:
    shown = Credential(headers={"Authorization": "Basic QWRhOndyb25n"})
    assert_status(make_client(shown).get("/me"), 401)


def test_an_item_is_added_and_counted(client: Any) -> None:
    assert_status(client.post("/items", json={"name": "Lamp"}), 201)
    assert assert_status(client.get("/count"), 200) == {"items": 1}


def test_only_own_items_are_listed(client: Any) -> None:
    factory_for(Item).create(name="foreign")
    assert assert_status(client.get("/items"), 200) == []


def test_a_member_clears_nothing(client: Any) -> None:
    assert_status(client.delete("/items"), 403)


def test_an_item_of_another_is_not_deleted(client: Any) -> None:
    item = factory_for(Item).create()
    assert_status(client.delete(f"/items/{item.id}"), 404)


def test_an_item_is_deleted(client: Any, ada: Any) -> None:
    item = factory_for(Item).create(owner=ada)
    assert_status(client.delete(f"/items/{item.id}"), 204)
