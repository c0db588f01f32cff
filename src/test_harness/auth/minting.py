"""Making what a user shows without a login: learned from two logins, proven once, then repeated.

Of two users who logged in, what they show is compared with what they are. A claim is then an
attribute of its user, a moment, the same for everybody, or new each time; with the key of the
application the rest can be made. Where anything is left that this does not explain, or where the
application refuses what was made, clients log in each time.
"""

from __future__ import annotations

import enum
import re
import secrets
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect

from test_harness.application.clients import Credential
from test_harness.auth.keys import Signer, signer_of
from test_harness.settings import settings

Rule = Callable[[Mapping[str, Any]], Any]
Slot = tuple[str, str]

UNKNOWN_KEY = "the key is not known ([auth] token_key in harness.toml)"

# What must follow the user, and cannot be told from two users who are alike.
RIGHTS = re.compile(r"(?i)role|scope|perm|group|admin|super|staff|tenant|org|right|level|plan")

RENDERINGS: tuple[Callable[[Any], Any], ...] = (
    lambda value: value,
    str,
    lambda value: value.value if isinstance(value, enum.Enum) else None,
    lambda value: value.name if isinstance(value, enum.Enum) else None,
    lambda value: value.hex if isinstance(value, uuid.UUID) else None,
)


class NotLearnedError(Exception):
    """What a user shows cannot be made of what the user is."""


@dataclass(frozen=True)
class Login:
    """One login of a user.

    Args:
        user: The attributes of the user.
        credential: What the login gave.
        moment: When it had ended, in seconds of Unix time: no claim that says when a credential was
            made is later, so that none which is made after it comes from the future.
    """

    user: Mapping[str, Any]
    credential: Credential
    moment: float


@dataclass
class Recipe:
    """How a credential is made of a user's attributes.

    Args:
        paths: Of the cookies.
    """

    paths: Mapping[str, str]
    constants: dict[Slot, str] = field(default_factory=dict)
    signed: dict[Slot, tuple[str, Signer, dict[tuple[str, ...], Rule]]] = field(
        default_factory=dict
    )
    repeated: dict[Slot, tuple[Slot, tuple[str, ...]]] = field(default_factory=dict)

    def make(self, user: Any) -> Credential | None:
        """Return what `user` shows; None when an attribute that it takes is not loaded."""
        attributes = attributes_of(user)
        slots = dict(self.constants)
        claims: dict[Slot, dict[tuple[str, ...], Any]] = {}
        try:
            for slot, (prefix, signer, rules) in self.signed.items():
                claims[slot] = {path: rule(attributes) for path, rule in rules.items()}
                slots[slot] = prefix + signer.sign(_nested(claims[slot]))
        except KeyError:
            return None
        for slot, (source, path) in self.repeated.items():
            slots[slot] = claims[source][path]
        return Credential(
            headers={name: value for (kind, name), value in slots.items() if kind == "header"},
            cookies={name: value for (kind, name), value in slots.items() if kind == "cookie"},
            paths=dict(self.paths),
        )


_recipes: dict[str, Recipe] = {}
_reasons: dict[str, str] = {}


def made(style: str, user: Any) -> Credential | None:
    """Return what `user` shows in a style, None where it has to log in for it."""
    recipe = _recipes.get(style)
    return recipe.make(user) if recipe else None


def use(style: str, recipe: Recipe) -> None:
    """Have `made` follow a recipe from now on, because it was proven."""
    _recipes[style] = recipe


def give_up(style: str, reason: str) -> None:
    """Have clients log in each time, and remember why."""
    _reasons[style] = reason


def reasons() -> dict[str, str]:
    """Return for each style without a recipe why clients log in each time."""
    return dict(_reasons)


def attributes_of(user: Any) -> dict[str, Any]:
    """Return the columns of a user that are loaded."""
    loaded = vars(user)
    names = inspect(type(user)).column_attrs.keys()
    return {name: loaded[name] for name in names if name in loaded}


def learn(first: Login, second: Login, main: Slot) -> Recipe:
    """Return how what both logins gave is made of their users.

    Args:
        first: A login.
        second: The login of another user.
        main: The header or cookie that the style is about.

    Raises:
        NotLearnedError: It is not explained by them; the message says what is not.
    """
    recipe = Recipe(paths=first.credential.paths)
    given, also_given = _slots(first.credential), _slots(second.credential)
    unexplained = []
    for slot in given.keys() & also_given.keys():
        if given[slot] == also_given[slot]:
            recipe.constants[slot] = given[slot]
            continue
        prefix, _, token = given[slot].rpartition(" ")
        signer = signer_of(token)
        if signer is None:
            unexplained.append(slot)
            continue
        other = signer.read(also_given[slot].rpartition(" ")[2])
        rules = dict(_rules(dict(_flat(signer.read(token))), dict(_flat(other)), first, second))
        recipe.signed[slot] = (f"{prefix} " if prefix else "", signer, rules)
    for slot in unexplained:
        # Good enough for what a client only has to repeat.
        recipe.constants[slot] = given[slot]
        for source, (_, signer, _) in recipe.signed.items():
            token = given[source].rpartition(" ")[2]
            for path, value in _flat(signer.read(token)):
                if value == given[slot]:
                    recipe.repeated[slot] = (source, path)
    if main not in recipe.signed:
        raise NotLearnedError(f"{UNKNOWN_KEY}: it signs {main[1]}")
    return recipe


def _slots(credential: Credential) -> dict[Slot, str]:
    return {
        **{("header", name): value for name, value in credential.headers.items()},
        **{("cookie", name): value for name, value in credential.cookies.items()},
    }


def _rules(
    mine: dict[tuple[str, ...], Any],
    theirs: dict[tuple[str, ...], Any],
    first: Login,
    second: Login,
) -> Iterator[tuple[tuple[str, ...], Rule]]:
    if mine.keys() != theirs.keys():
        raise NotLearnedError("two users have other claims")
    for path, value in mine.items():
        yield path, _rule(path[-1], value, theirs[path], first, second)


def _rule(name: str, mine: Any, theirs: Any, first: Login, second: Login) -> Rule:
    for attribute in _in_order(name, first.user, same=mine == theirs):
        for render in RENDERINGS:
            shown, also_shown = render(first.user[attribute]), render(second.user.get(attribute))
            if shown == mine and also_shown == theirs and type(shown) is type(mine):
                return lambda user: render(user[attribute])
    if _is_moment(mine, first.moment) and _is_moment(theirs, second.moment):
        since = mine - first.moment
        return lambda _: type(mine)(time.time() + since)
    if mine == theirs:
        if RIGHTS.search(name) and mine not in (None, [], {}, ""):
            raise NotLearnedError(f"what {name!r} is taken from is not seen")
        return lambda _: mine
    if isinstance(mine, str) and isinstance(theirs, str):
        return lambda _: _another(mine)
    raise NotLearnedError(f"what {name!r} is made of is not seen")


def _in_order(name: str, user: Mapping[str, Any], *, same: bool) -> list[str]:
    """Return the attributes that a claim may be, the likeliest first."""
    alike = [attribute for attribute in user if attribute == name or name.endswith(f"_{attribute}")]
    if same:
        return alike
    likely = [*alike, "id", settings().auth.user_login_attribute]
    return list(dict.fromkeys([found for found in likely if found in user] + list(user)))


def _is_moment(value: Any, moment: float) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value - moment) < 3650 * 24 * 3600 and value > 10**9


def _another(text: str) -> str:
    try:
        known = uuid.UUID(text)
    except ValueError:
        return secrets.token_hex(len(text))[: len(text)]
    new = uuid.uuid4()
    return new.hex if known.hex == text else str(new)


def _flat(
    data: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in data.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, (*above, name))
        else:
            yield (*above, name), value


def _nested(flat: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for path, value in flat.items():
        holder = data
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = value
    return data
