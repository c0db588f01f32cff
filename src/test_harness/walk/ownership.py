"""Whose a row is: which classes are tenants, and which rows belong to a user or to a tenant.

All of it is read from foreign keys. What users belong to, by a key of their own or by a membership,
is a tenant; names decide only where keys alone do not tell, as between a role and a team.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from test_harness.factories.mapped import words
from test_harness.walk.links import Link, Model, Path, links_between, way
from test_harness.walk.memberships import Membership, is_attribute, memberships_of

# Tenants that have nothing but users.
_TENANTS = re.compile(
    r"\b(tenant|organi[sz]ation|org|compan(y|ies)|team|workspace|group|account|client)s?\b"
)
# Which of several keys to users says whose a row is: the first does most of all.
_OWNERS = ("owner", "user", "account", "author", "creator", "created", "customer", "member")
_OTHERS = re.compile(
    r"assign|approv|review|updat|modif|edit|delet|archiv|clos|cancel|recipient|receiver|target"
    r"|invited|verifi|resolv|accept|reject|manager|parent|referr|block|bann|revok|contact"
)
_UNKNOWN, _OF_OTHERS, _OPTIONAL = 0.5, 2.0, 0.6


@dataclass(frozen=True)
class Ownership:
    """Whose rows are.

    Args:
        users: The class of those who log in; None without one.
        tenants: What they belong to, the nearest first.
        memberships: How, by tenant, where it is not by a key of the user.
        owners: The way from each class to the user whom a row of it belongs to.
        bound: The way from each class to the tenant that a row of it belongs to.
        links: The foreign keys of each class.
    """

    users: Model | None
    tenants: tuple[Model, ...] = ()
    memberships: Mapping[Model, Membership] = field(default_factory=dict)
    owners: Mapping[Model, Path] = field(default_factory=dict)
    bound: Mapping[Model, Path] = field(default_factory=dict)
    links: Mapping[Model, list[Link]] = field(default_factory=dict)

    @property
    def can_be_left(self) -> bool:
        """Whether who loses all memberships has lost a tenant by that.

        Who takes part in an event of the organisation that their own key leads to belongs to that
        as before, and sees what its people see.
        """
        kept = {one for one in self.tenants if one not in self.memberships}
        return any(
            kept.isdisjoint(link.target for link in self.links.get(tenant, ()))
            for tenant in self.memberships
        )

    def decides(self, link: Link) -> bool:
        """Tell whether a foreign key says whose its row is."""
        return any(path[:1] == (link,) for path in (*self.owners.values(), *self.bound.values()))


def ownership_of(
    classes: Iterable[Model], users: Model | None, roles: Model | None = None
) -> Ownership:
    """Read whose rows are.

    Args:
        classes: The mapped classes.
        users: That of those who log in; None without a login.
        roles: That whose rows say the role of a user.
    """
    links = links_between(classes)
    if users is None or users not in links:
        return Ownership(None, links=links)
    memberships = {one.tenant: one for one in memberships_of(links, users, roles)}
    direct = [it.target for it in links[users] if _is_tenant(it, links, roles)]
    tenants = _outwards([*dict.fromkeys([*direct, *memberships])], users, links)
    apart = {users, *tenants}
    owners = {
        model: path
        for model in links
        if model not in apart and (path := way(model, {users}, links, _cost, without=apart))
    }
    bound = {model: path for model in links if (path := _bound(model, users, tenants, links))}
    return Ownership(users, tenants, memberships, owners, bound, links)


def _is_tenant(link: Link, links: Mapping[Model, list[Link]], roles: Model | None) -> bool:
    """Tell whether a key of users leads to what they belong to."""
    users, target = link.model, link.target
    if target in {users, roles} or is_attribute(target):
        return False
    if not link.required and any(it.target is users and it.required for it in links[target]):
        return False  # One that is the user's own, such as the first of several.
    has_more = any(
        model not in {users, target} and any(it.target is target for it in found)
        for model, found in links.items()
    )
    return link.required or has_more or bool(_TENANTS.search(words(target.__name__)))


def _outwards(
    nearest: list[Model], users: Model, links: Mapping[Model, list[Link]]
) -> tuple[Model, ...]:
    """Return tenants with those that they belong to in their turn."""
    found = [*nearest]
    for model in found:
        found += [
            it.target
            for it in links[model]
            if it.required and it.target not in {*found, users} and not is_attribute(it.target)
        ]
    return tuple(found)


def _bound(
    model: Model, users: Model, tenants: tuple[Model, ...], links: Mapping[Model, list[Link]]
) -> Path:
    """Return the way to the tenant: past users if there is one, otherwise through the owner."""
    if not tenants:
        return ()
    apart = {*tenants} - {model}
    past = way(model, apart, links, _cost, without={users} - {model})
    return past or way(model, apart, links, _cost)


def _cost(link: Link, is_last: bool) -> float | None:
    """Return how far it is along a key; None for one that says nothing of whose a row is."""
    name = "_".join(link.keys).lower()
    cost = 1.0 if link.required else 1.0 + _OPTIONAL
    if _OTHERS.search(name):
        return cost + _OF_OTHERS if link.required else None
    if is_last:
        ranks = (index for index, word in enumerate(_OWNERS) if word in name)
        cost += min((rank / 20 for rank in ranks), default=_UNKNOWN)
    return cost
