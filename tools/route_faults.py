"""Faults in the routes of a sample, which the checks of routes must catch."""

from __future__ import annotations

from tools.fault import Fault

CELL = "fastapi-async-sqlite"
FILE = "tests/checks/test_routes_async.py"
ACCESS = "test_only_who_may_is_granted_and_refused_means_untouched"
INPUT = "test_input_is_data_and_no_more_is_written_or_shown_than_meant"
ORGANISATION = "/organisations/{organisation_id}"


def _fault(what: str, file: str, old: str, new: str, test: str, route: str, because: str) -> Fault:  # noqa: PLR0917
    return Fault("routes", what, CELL, file, old, new, f"{FILE}::{test}[{route}]", because)


ROUTE_FAULTS = [
    _fault(
        "the list of items is not of one organisation",
        "app/repositories/items.py",
        "Item.organisation_id == self.organisation_id, Item.deleted_at",
        "Item.deleted_at",
        ACCESS,
        f"GET {ORGANISATION}/items",
        "shows a stranger's row of items",
    ),
    _fault(
        "organisations are listed to everybody",
        "app/access.py",
        "return Organisation.id.in_(own)",
        "return Organisation.id.is_not(None) | Organisation.id.in_(own)",
        ACCESS,
        "GET /organisations",
        "tenancy: ",
    ),
    _fault(
        "an organisation is read by strangers",
        "app/access.py",
        '''any of its members. Raises NotFound."""
        return (await self.member(organisation_id)).organisation''',
        '''any of its members. Raises NotFound."""
        found = await self.session.get(Organisation, organisation_id)
        assert found is not None
        return found''',
        ACCESS,
        f"GET {ORGANISATION}/items",
        "as stranger answered 200, and tests/access.toml",
    ),
    _fault(
        "who may edit may delete",
        "app/routers/items.py",
        "access.to_manage",
        "access.to_edit",
        ACCESS,
        f"DELETE {ORGANISATION}/items/{{item_id}}",
        "as member answered 204, and tests/access.toml",
    ),
    _fault(
        "a refusal writes",
        "app/access.py",
        "            raise Forbidden(",
        "            membership.role = Role.OWNER\n"
        "            await self.session.commit()\n"
        "            raise Forbidden(",
        ACCESS,
        f"PATCH {ORGANISATION}",
        "untouched: ",
    ),
    _fault(
        "a user is shown with the hash of the password",
        "app/schemas/users.py",
        "    email: str",
        "    email: str\n    password_hash: str",
        INPUT,
        "GET /auth/me",
        "private fields: ",
    ),
    _fault(
        "a name becomes part of a statement",
        "app/routers/organisations.py",
        "    return await OrganisationRepository(session).add(",
        "    from sqlalchemy import text\n\n"
        "    await session.execute(text(f\"SELECT '{data.name}'\"))\n"
        "    return await OrganisationRepository(session).add(",
        INPUT,
        "POST /organisations",
        "injection: ",
    ),
]
