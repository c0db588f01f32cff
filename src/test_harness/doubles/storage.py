"""A double of object storage (S3), in the memory of the process, by the package `moto`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

REGION = "us-east-1"
# Before the application makes a client; moto answers whatever the address.
for _name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
    os.environ[_name] = "testing"
os.environ.setdefault("AWS_DEFAULT_REGION", REGION)


@pytest.fixture(autouse=True)
def object_storage() -> Iterator[Any]:
    """A client of the double, which is empty: `object_storage.create_bucket(Bucket="avatars")`."""
    import boto3

    with mock_aws():
        yield boto3.client("s3", region_name=REGION)
