"""What makes users members of a tenant: a class, or a table, with a key of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, UniqueConstraint, inspect

from test_harness.factories.mapped import words
from test_harness.walk.links import Link, Model

# A pair of keys that makes nobody a member: it is what users did, or what they were sent.
_DEEDS = re.compile(
    r"\b(like|follow|favou?rite|vote|star|bookmark|wish|watch|reaction|rating|review|view|read|seen"
    r"|block|mute|report|comment|message|invit|request|share|grant|token|session|cart|order|log|save)"
)
_MEMBERS = re.compile(r"\b(member|participa|collaborat|employ|staff|affiliat|belong|roster)")
_RIGHTS = re.compile(r"(^|_)(role|permission|right|level|rank)s?($|_)|^is_(admin|owner|manager)")
# What a user has, and does not belong to.
_ATTRIBUTES = re.compile(
    r"\b(role|permission|countr|language|locale|currenc|time ?zone|status|categor|types?$|level"
    r"|tier|plans?$|image|file|avatar|photo|picture|media|upload|attachment|address|city|cities|region"
    r"|states?$|tags?$|gender|skill|setting|preference|profile|wallet|cart|theme|badge)"
)


@dataclass(frozen=True)
class Membership:
    """What makes a user a member of a tenant.

    Args:
        tenant: The class of the tenants.
        model: The class of the memberships; None for a table that no class is mapped to.
        table: Their table.
        user: What holds the user's key there, attributes of the class or columns of the table, each
            with the attribute of the user that it is.
        group: What holds the tenant's.
    """

    tenant: Model
    model: Model | None
    table: Table
    user: tuple[tuple[str, str], ...]
    group: tuple[tuple[str, str], ...]


def is_attribute(model: Model) -> bool:
    """Tell whether rows of a class are what users have, and not what they belong to."""
    return bool(_ATTRIBUTES.search(words(model.__name__)))


def memberships_of(
    links: Mapping[Model, list[Link]], users: Model, roles: Model | None
) -> Iterator[Membership]:
    """Yield the memberships of users; of several for one tenant the last says most.

    Args:
        links: The foreign keys of each class.
        users: The class of those who log in.
        roles: That whose rows say the role of a user.
    """
    for one in pairs_of(links, users):
        if one.tenant in {users, roles} or is_attribute(one.tenant):
            continue
        if one.model is roles is not None or _makes_members(one, links, users):
            yield one


def pairs_of(links: Mapping[Model, list[Link]], users: Model) -> Iterator[Membership]:
    """Yield all that stands between users and something else, whether it makes members or not.

    Args:
        links: The foreign keys of each class.
        users: The class of those who log in.
    """
    yield from _of_tables(links, users)
    yield from _of_classes(links, users)


def _of_classes(links: Mapping[Model, list[Link]], users: Model) -> Iterator[Membership]:
    for model, found in links.items():
        of_users = [it for it in found if it.target is users and it.required]
        # Beside the member there may be who invited them.
        of_users.sort(key=lambda it: not re.search("user|member", it.keys[0]))
        for group in found if model is not users and of_users else ():
            if group.target is not users:
                user, table = of_users[0], inspect(model).local_table
                yield Membership(group.target, model, table, _pairs(user), _pairs(group))


def _pairs(link: Link) -> tuple[tuple[str, str], ...]:
    return tuple(zip(link.keys, link.referred, strict=True))


def _of_tables(links: Mapping[Model, list[Link]], users: Model) -> Iterator[Membership]:
    """Yield those of tables that stand between two classes, and have none of their own."""
    mapped = {table for model in links for table in inspect(model).tables}
    for model in links:
        for one in inspect(model).relationships:
            ends = {
                model: one.synchronize_pairs,
                one.mapper.class_: one.secondary_synchronize_pairs,
            }
            table = one.secondary
            if isinstance(table, Table) and table not in mapped and len(ends) > 1 and users in ends:
                other = next(end for end in ends if end is not users)
                user, group = (_columns(end, ends[end] or []) for end in (users, other))
                yield Membership(other, None, table, user, group)


def _columns(model: Model, pairs: Sequence[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    mapper = inspect(model)
    return tuple((own.name, mapper.get_property_by_column(key).key) for key, own in pairs)


def _makes_members(one: Membership, links: Mapping[Model, list[Link]], users: Model) -> bool:
    name = words(f"{one.model.__name__ if one.model else ''} {one.table.name}")
    if _DEEDS.search(name):
        return False
    if _MEMBERS.search(name):
        return True
    if not _is_pair(one):
        return False
    if any(_RIGHTS.search(column.name) for column in one.table.columns):
        return True
    has_more = any(
        model not in {users, one.model} and any(it.target is one.tenant for it in found)
        for model, found in links.items()
    )
    is_owned = any(it.target is users and it.required for it in links[one.tenant])
    return has_more and not is_owned


def _is_pair(one: Membership) -> bool:
    """Tell whether there is one row at most for a user and a tenant."""
    if one.model is None:
        return True
    columns = inspect(one.model).columns
    pair = {columns[key] for key, _ in (*one.user, *one.group)}
    unique = [one.table.primary_key.columns]
    unique += [it.columns for it in one.table.constraints if isinstance(it, UniqueConstraint)]
    unique += [it.columns for it in one.table.indexes if it.unique]
    return any({*group} == pair for group in unique)
