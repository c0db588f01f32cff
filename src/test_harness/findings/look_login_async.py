"""Looks at the login: a user that the factory makes gets in."""

from __future__ import annotations

from test_harness.auth import minting
from test_harness.auth.answers import factory_name
from test_harness.errors import LoginError
from test_harness.factories.base import user_factory
from test_harness.findings.table import Finding
from test_harness.fixtures.login_async import ClientAs
from test_harness.settings import settings


async def test_login(client_as: ClientAs, finding: Finding) -> None:
    path = settings().auth.protected_path
    client = await client_as(await user_factory().create_async())
    response = await client.get(path)
    if response.status_code >= 300 and response.status_code != settings().auth.opened_status:
        raise LoginError(
            f"GET {path} answers {response.status_code} to a user who is logged in: "
            f"{response.text[:200]}",
            "Name in [auth] protected_path of harness.toml a path that all users may read, or have "
            f"{factory_name()} make users who may.",
        )
    finding.saw(
        f"A user of {factory_name()} logs in, and GET {path} answers {response.status_code}."
    )
    for style, reason in minting.reasons().items():
        finding.saw(f"Clients log in each time ({style}): {reason}.")
