"""Which database servers tests may use: those of this machine, unless somebody says otherwise."""

from __future__ import annotations

import ipaddress
import os
import re

from sqlalchemy.engine import URL

from harness.errors import ProvisioningError, SettingsError


def refuse_foreign(url: URL) -> None:
    """See to it that an address does not lead away from this machine by mistake.

    Raises:
        SettingsError: It does, and ALLOW_REMOTE_DB does not say that it shall.
    """
    foreign = [host for host in _hosts(url) if not is_local(host)]
    if foreign and os.environ.get("ALLOW_REMOTE_DB") != "1":
        raise SettingsError(
            f"TEST_DATABASE_URL names the server {foreign[0]}, which is not on this machine.",
            "Name a local server or a container, or set ALLOW_REMOTE_DB=1 to let tests use it.",
        )


def refused(server: str, reason: str) -> ProvisioningError:
    """Return the error for a server that was asked for and does not let the tests in."""
    full = re.search("too many|connection slots|max_user_connections", reason, re.IGNORECASE)
    return ProvisioningError(
        f"{server} does not let the tests in: {reason}.",
        "Let the server, or this user, have more connections, or run fewer workers with -n."
        if full
        else "Start the server (`docker compose -f docker-compose.test.yml up -d --wait`), or "
        "correct TEST_DATABASE_URL.",
    )


def refuse_unmarked(shown: str) -> None:
    """See to it that a database without the harness's mark is not dropped by mistake.

    Args:
        shown: The database, whose name the harness needs.

    Raises:
        ProvisioningError: ALLOW_DB_DROP does not say that it shall be dropped.
    """
    if os.environ.get("ALLOW_DB_DROP") != "1":
        raise ProvisioningError(
            f"The database {shown} is in the way of the tests, and does not carry the harness's "
            "mark.",
            "Look at what it is and rename it, or set ALLOW_DB_DROP=1 to have it dropped.",
        )


def is_local(host: str) -> bool:
    """Loopback, a socket folder, or a name without a dot, as compose and CI give their services."""
    if host.startswith("/") or "." not in host.replace(":", "."):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.endswith(".localhost") or host == "host.docker.internal"


def _hosts(url: URL) -> list[str]:
    hosts = [url.host]
    # Drivers prefer a host of the query to the one before the path.
    for key in ("host", "hostaddr"):
        given = url.query.get(key, ())
        hosts += [given] if isinstance(given, str) else given
    return [host for host in hosts if host]
