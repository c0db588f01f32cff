"""Users who have a role: in an attribute of their own, a row of theirs or one of several users."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Integer, inspect, select
from sqlalchemy.orm import RelationshipDirection

from test_harness.application.loading import import_object
from test_harness.errors import SettingsError
from test_harness.factories.base import factory_for, in_async_session, user_factory
from test_harness.isolation.drivers.real import running_loop
from test_harness.settings import settings


@dataclass(frozen=True)
class RolePlace:
    """Where it is said which role a user has.

    Args:
        holder: The class that has the attribute: the one of users, or one whose rows are of users.
        attribute: What says it.
        users: The class of users.
    """

    holder: type[Any]
    attribute: str
    users: type[Any]

    @property
    def shared(self) -> Any:
        """The relationship of a user to rows that others may have as well; None without one."""
        for found in inspect(self.users).relationships:
            is_to_many = found.direction is RelationshipDirection.ONETOMANY
            if found.mapper.class_ is self.holder and not is_to_many:
                return found
        return None


def role_place() -> RolePlace:
    """Return where the roles of the application are.

    Raises:
        SettingsError: harness.toml does not say where.
    """
    name = settings().auth.role_attribute
    if not name:
        raise SettingsError(
            "harness.toml does not say which attribute is the role of a user.",
            'Name it as [auth] role_attribute, such as "role" or "app.models:Membership.role".',
        )
    place, _, attribute = name.rpartition(".")
    users = import_object(settings().auth.user_model)
    return RolePlace(import_object(place) if place else users, attribute, users)


def known_roles(place: RolePlace) -> list[str]:
    """Return the roles that the type of the attribute names, in their order; none of a free text.

    Args:
        place: Where the roles are.
    """
    columns = getattr(inspect(place.holder, raiseerr=False), "columns", {})
    kind = columns[place.attribute].type if place.attribute in columns else None
    names: dict[Any, str] = {}
    for name, value in _known(kind):
        names.setdefault(value, name)
    return [*names.values()]


def user_in_role(role: str | enum.Enum, values: Mapping[str, Any]) -> Any:
    """Return a new user who has a role; in a coroutine, what has to be awaited for it.

    Args:
        role: The name or the value of the role, or a member of its enum.
        values: Further values of the row that says the role.

    Raises:
        SettingsError: There is no such role, or harness.toml does not say where roles are.
    """
    place = role_place()
    holder, users = place.holder, place.users
    wanted = str(role.value) if isinstance(role, enum.Enum) else role
    given = {place.attribute: value_of(holder, place.attribute, wanted), **values}

    def make() -> Any:
        if holder is users:
            return user_factory().create(**given)
        if place.shared is not None:
            user = user_factory().create()
            share_role(user, place, given)
            return user
        key, target = _reference(holder, users)
        user = given.get(key) if not target else None
        user = user or user_factory().create()
        factory_for(holder).create(**{**given, key: getattr(user, target) if target else user})
        return user

    return make() if running_loop() is None else in_async_session(make)


def value_of(holder: type[Any], attribute: str, role: str) -> Any:
    """Return what `attribute` is of somebody who has a role.

    A flag such as `is_superuser` is true of a `superuser`, and of the role of administrators.

    Raises:
        SettingsError: There is no such role.
    """
    columns = getattr(inspect(holder, raiseerr=False), "columns", {})
    if attribute not in columns:
        raise SettingsError(
            f"{holder.__name__} has no column {attribute!r}, which harness.toml says is the role.",
            "Correct [auth] role_attribute there.",
        )
    kind = columns[attribute].type
    if isinstance(kind, Integer):
        if not role.isdecimal():
            raise SettingsError(
                f"{holder.__name__}.{attribute} is a number, and {role!r} is none.",
                "Use the number of the role, here or as [auth] admin_role in harness.toml.",
            )
        return int(role)
    if isinstance(kind, Boolean):
        known = {attribute.removeprefix("is_"): True, settings().auth.admin_role: True}
    else:
        known = dict(_known(kind))
        if not known:  # Any text is a role.
            return role
    for name, value in known.items():
        if name.lower() == role.lower():
            return value
    raise SettingsError(
        f"There is no role {role!r} in {holder.__name__}.{attribute}.",
        f"Use one of {', '.join(known)}, or correct [auth] admin_role in harness.toml.",
    )


def _known(kind: Any) -> Iterator[tuple[str, Any]]:
    enum_class = getattr(kind, "enum_class", None)
    for member in enum_class or ():
        yield str(member.value), member
    for member in enum_class or ():
        yield member.name, member
    if enum_class is None:
        for text in getattr(kind, "enums", ()):
            yield text, text


def share_role(user: Any, place: RolePlace, given: Mapping[str, Any]) -> None:
    """Give a user the row of a role that others may have as well, which is made where it lacks.

    Args:
        user: The user.
        place: Where the roles are.
        given: The values of the row, the role among them.
    """
    session, holder, attribute = inspect(user).session, place.holder, place.attribute
    same = select(holder).where(getattr(holder, attribute) == given[attribute])
    row = session.scalars(same).first() or factory_for(holder).create(**given)
    shared = place.shared
    value = (shared.collection_class or list)([row]) if shared.uselist else row
    setattr(user, shared.key, value)
    session.flush()


def _reference(holder: type[Any], users: type[Any]) -> tuple[str, str]:
    """Return the attribute that a user goes into, and which attribute of the user does if one."""
    mapper = inspect(holder)
    for relationship in mapper.relationships:
        if relationship.mapper.class_ is users and not relationship.uselist:
            return relationship.key, ""
    for column in mapper.columns:
        for foreign in column.foreign_keys:
            if foreign.column.table is inspect(users).local_table:
                target = inspect(users).get_property_by_column(foreign.column).key
                return mapper.get_property_by_column(column).key, target
    raise SettingsError(
        f"Nothing in {holder.__name__} leads to {users.__name__}, so it is the role of nobody.",
        "Correct [auth] role_attribute in harness.toml.",
    )
