"""Those who ask besides the owner: strangers, members, roles, and who lost the right to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, inspect

from test_harness.auth.roles import RolePlace, known_roles, role_place, value_of
from test_harness.errors import SettingsError
from test_harness.factories.base import bound_session
from test_harness.settings import settings
from test_harness.walk.ownership import Ownership
from test_harness.walk.sides import Maker, Side

# From those who may do most on; who is none of them stands in the middle.
_STRENGTH = (
    r"owner|founder",
    r"super|root|god|system|platform",
    r"admin",
    r"manager|lead|head|chief|director|boss|maintainer",
    r"moderator|editor|organi[sz]er|staff",
    "",
    r"contributor|author|writer|speaker|agent",
    r"member|user|employee|customer|client|student|attendee|basic|regular",
    r"viewer|reader|read|observer|follower|subscriber",
    r"guest|anonymous|external|pending|none",
)
# Roles of those who run the application, and belong to no tenant.
_ABOVE_TENANTS = re.compile(r"(?i)super|root|god|system|platform|global|site")


Wanted = Callable[[str], bool]


@dataclass(frozen=True)
class Person:
    """A user who asks.

    Args:
        name: Of the principal.
        side: What is made for it.
        ends: Takes the right away from the user again, once there is a credential; None leaves it.
    """

    name: str
    side: Side
    ends: Callable[[Any, Ownership], None] | None = None


@dataclass(frozen=True)
class Roles:
    """The roles of the application.

    Args:
        place: Where it is said which role a user has; None where that is not known.
        names: All that are known, from those who may do most on.
    """

    place: RolePlace | None = None
    names: tuple[str, ...] = ()

    def of_owner(self, ownership: Ownership) -> str:
        """Return the strongest one of a tenant; empty where roles are of no tenant."""
        if self.place is None or not ownership.tenants:
            return ""
        members = (one.model for one in ownership.memberships.values())
        if self.place.holder not in {ownership.users, *members}:
            return ""
        return next((name for name in self.names if not _ABOVE_TENANTS.search(name)), "")


def roles_of_application() -> Roles:
    """Return the roles of the application, as harness.toml and the models say."""
    auth = settings().auth
    if not auth.role_attribute:
        return Roles()
    place = role_place()
    names = known_roles(place)
    try:
        value_of(place.holder, place.attribute, auth.admin_role)
    except SettingsError:
        pass  # `admin_client` says so.
    else:
        if not any(name.lower() == auth.admin_role.lower() for name in names):
            names.append(auth.admin_role)
    return Roles(place, tuple(sorted(names, key=_strength)))


def people(
    maker: Maker, ownership: Ownership, roles: Roles, sides: tuple[Side, Side], wanted: Wanted
) -> list[Person]:
    """Return those who ask, whose rows are yet to be made.

    Args:
        maker: Makes them.
        ownership: Whose rows are.
        roles: Those of the application.
        sides: Ours and theirs.
        wanted: Tells by the name of a principal whether it is needed.
    """
    if ownership.users is None:
        return []
    ours, theirs = sides
    found = [Person("owner", ours), Person("stranger", theirs)]
    named = {f"role:{name}": name for name in roles.names}
    if roles.place is not None:
        named["admin"] = settings().auth.admin_role
    if ownership.tenants:
        of_tenant = [it for it in roles.names if ours.role and not _ABOVE_TENANTS.search(it)]
        named["member"] = of_tenant[-1] if len(of_tenant) > 1 else ""
    in_role: dict[str, Side] = {}
    for name, role in named.items():
        if wanted(name):
            side = in_role.setdefault(role.lower(), maker.beside(ours, role))
            found.append(Person(name, side))
    if ownership.can_be_left and wanted("removed"):
        found.append(Person("removed", maker.beside(ours, ours.role), _remove))
    if settings().auth.active_attribute and wanted("inactive"):
        found.append(Person("inactive", maker.beside(ours, ours.role), _deactivate))
    return found


def _remove(user: Any, ownership: Ownership) -> None:
    session = bound_session()
    for one in ownership.memberships.values():
        own = inspect(one.model).columns if one.model is not None else one.table.columns
        of_user = [own[name] == getattr(user, key) for name, key in one.user]
        session.execute(delete(one.table).where(*of_user))


def _deactivate(user: Any, ownership: Ownership) -> None:
    setattr(user, settings().auth.active_attribute, False)
    bound_session().flush()


def _strength(role: str) -> int:
    words = [(index, word) for index, word in enumerate(_STRENGTH) if word]
    middle = _STRENGTH.index("")
    return next((index for index, word in words if re.search(word, role.lower())), middle)
