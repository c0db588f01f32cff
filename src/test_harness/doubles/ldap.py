"""A double of a directory, in the memory of the process: every connection of `ldap3` has it.

ldap3's own mock strategy answers (https://ldap3.readthedocs.io/en/latest/mocking.html), with the
schema of OpenLDAP.
"""

from __future__ import annotations

import inspect
from typing import Any

import ldap3
import pytest
from ldap3.core.exceptions import LDAPBindError
from ldap3.utils.ciDict import CaseInsensitiveDict

ENTRIES = CaseInsensitiveDict()


class Directory:
    """What is in the directory: nothing at first."""

    def add(self, name: str, **attributes: Any) -> None:
        """Add an entry, which may bind if it has a `userPassword`.

        Args:
            name: The distinguished name, such as `cn=ada,ou=people,dc=example,dc=com`.
            attributes: Texts, or lists of them; without an `objectClass` it is a person.
        """
        kinds = {"objectClass": ["inetOrgPerson"], **attributes}
        connection = ldap3.Connection(None)
        if not connection.strategy.add_entry(name, kinds):
            raise ValueError(f"{name} is in the directory already, or is no such name")


def _take_over() -> None:
    original = ldap3.Connection.__init__
    signature = inspect.signature(original)

    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807
        given = signature.bind(self, *args, **options)
        binds = given.arguments.get("auto_bind", ldap3.AUTO_BIND_DEFAULT)
        server = ldap3.Server("directory", get_info=ldap3.OFFLINE_SLAPD_2_4)
        server.dit = ENTRIES
        asked = {"server": server, "client_strategy": ldap3.MOCK_SYNC, "auto_bind": False}
        given.arguments.update(asked)
        original(*given.args, **given.kwargs)
        unbound = (False, ldap3.AUTO_BIND_DEFAULT, ldap3.AUTO_BIND_NONE)
        if binds not in unbound and not self.bind():
            raise LDAPBindError(f"automatic bind not successful - {self.result['description']}")

    ldap3.Connection.__init__ = __init__


# At import, because the application may connect while it is imported.
_take_over()


@pytest.fixture(autouse=True)
def ldap_double() -> Directory:
    """The directory: `ldap_double.add("cn=ada,dc=example,dc=com", userPassword="secret")`."""
    ENTRIES.clear()
    return Directory()
