"""Scenarios of the shop, and some that may not be written."""

from __future__ import annotations

import sqlite3
from typing import Any

from factories import CustomerFactory, OrderFactory


def busy() -> dict[str, Any]:
    """A customer with orders, and another without."""
    ada = CustomerFactory.create(name="Ada")
    return {
        "ada": ada,
        "idle": CustomerFactory.create(),
        "orders": OrderFactory.create_batch(3, customer=ada, lines=2),
    }


def broken() -> None:
    """Fails after its first row."""
    CustomerFactory.create()
    OrderFactory.create(status="lost")


def straying() -> None:
    """Writes somewhere else after its first row."""
    CustomerFactory.create()
    sqlite3.connect("decoy.db").execute("DELETE FROM customers")
