"""How a driver's connection is set up, which a rollback leaves as it is."""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter
from typing import Any

# What drivers keep of how rows and values are made, each some of it, for whoever uses them next.
NAMES = (
    "row_factory",
    "text_factory",
    "cursor_factory",
    "cursorclass",
    "prepare_threshold",
    "decoders",
    "encoders",
    "string_types",
    "binary_types",
    "_notice_handlers",
    "_notify_handlers",
    # psycopg copies what connections have in common once one of them changes it. Its `_dumpers`
    # change by themselves, where a class is met for the first time.
    "_adapters._loaders",
    "_adapters._dumpers_by_oid",
)


class SetUp:
    """What a connection of a driver is like now, to be compared with what it is later.

    Args:
        native: The driver's connection.
    """

    def __init__(self, native: Any) -> None:
        self._native = native
        self._names = [name for name in NAMES if _has(native, name)]
        # Asked after each test: one call for all of them. With one name it would be no tuple, and
        # of asyncpg there is none.
        self._read = attrgetter("__class__", "__class__", *self._names)
        self._then = tuple(map(_copied, self._read(native)))

    def changed(self) -> str:
        """Return what was set on the connection since, empty if nothing was."""
        now = self._read(self._native)
        if now == self._then:
            return ""
        pairs = zip(self._names, now[2:], self._then[2:], strict=True)
        name = next(name for name, new, old in pairs if new != old)
        return f"connection.{name.partition('.')[0].lstrip('_')} = ..."


def _has(native: Any, name: str) -> bool:
    with suppress(AttributeError):
        attrgetter(name)(native)
        return True
    return False


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    return [_copied(one) for one in value] if isinstance(value, list) else value
