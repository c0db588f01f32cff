"""A double of MongoDB, in the memory of the process: clients of pymongo and of motor have it.

mongomock answers (https://github.com/mongomock/mongomock); what it does not know, such as
transactions and most of aggregation, it refuses by name.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import mongomock
import pytest
from mongomock.store import ServerStore
from mongomock_motor import AsyncMongoMockClient

STORE = ServerStore()


class Client(mongomock.MongoClient):  # type: ignore[misc]
    """The client of the double, whichever server the application names."""

    def __init__(self, *args: Any, **options: Any) -> None:
        kept = {key: options[key] for key in ("document_class", "tz_aware") if key in options}
        address = args[0] if args else options.get("host")
        # Of the address only the database counts that it may name; that of a cluster is looked up.
        path = urlsplit(address).path if isinstance(address, str) else ""
        super().__init__(f"mongodb://localhost{path}", connect=False, _store=STORE, **kept)


class AsyncClient(AsyncMongoMockClient):  # type: ignore[misc]
    """The asynchronous client of the double."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(mock_mongo_client=Client(*args, **options))


def _take_over() -> None:
    for module, client, double in (
        ("pymongo", "MongoClient", Client),
        ("pymongo.mongo_client", "MongoClient", Client),
        ("pymongo", "AsyncMongoClient", AsyncClient),
        ("pymongo.asynchronous.mongo_client", "AsyncMongoClient", AsyncClient),
        ("motor.motor_asyncio", "AsyncIOMotorClient", AsyncClient),
    ):
        with suppress(ImportError):  # motor may not be there, nor a pymongo that has both.
            setattr(importlib.import_module(module), client, double)


# At import, because the application may make its client while it is imported.
_take_over()


@pytest.fixture(autouse=True)
def mongodb_double() -> Client:
    """A client of the double, which is empty at first."""
    client = Client()
    for name in client.list_database_names():
        client.drop_database(name)
    return client
