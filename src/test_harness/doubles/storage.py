"""A double of object storage (S3), by the server of the package `moto` in this process.

Clients are led there whatever address they are given, and what they sign can be asked for by any.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

REGION = "us-east-1"
# Before the application makes a client.
for _name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
    os.environ[_name] = "testing"
os.environ.setdefault("AWS_DEFAULT_REGION", REGION)


@cache
def address() -> str:
    """Return where the server listens, which is started for the first who asks."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    return f"127.0.0.1:{port}"


def _take_over(owner: Any, name: str, given: Any) -> None:
    """Have a function called with other values of some arguments."""
    original = getattr(owner, name)
    signature = inspect.signature(original)

    def led(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        if "kwargs" in signature.parameters:  # It only passes on what it is called with.
            return original(*args, **{**kwargs, **given()})
        bound.arguments.update(given())
        return original(*bound.args, **bound.kwargs)

    setattr(owner, name, led)


def _of_boto() -> dict[str, Any]:
    return {"endpoint_url": f"http://{address()}"}


def _of_minio() -> dict[str, Any]:
    return {"endpoint": address(), "secure": False}


# At import, because the application may make its client while it is imported.
_take_over(botocore.session.Session, "create_client", _of_boto)
for _module, _name, _given in (
    ("aiobotocore.session", "AioSession._create_client", _of_boto),
    ("minio", "Minio.__init__", _of_minio),
    ("miniopy_async", "Minio.__init__", _of_minio),
):
    if importlib.util.find_spec(_module.partition(".")[0]):
        _class, _, _function = _name.partition(".")
        _take_over(getattr(importlib.import_module(_module), _class), _function, _given)


@pytest.fixture(autouse=True)
def _empty_storage() -> Iterator[None]:
    yield
    if address.cache_info().currsize:
        urlopen(Request(f"http://{address()}/moto-api/reset", method="POST")).close()


@pytest.fixture
def object_storage() -> Any:
    """A client of the double, which is empty: `object_storage.create_bucket(Bucket="avatars")`."""
    import boto3

    return boto3.client("s3", region_name=REGION)
