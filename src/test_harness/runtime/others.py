"""Which databases the application has beside the first, and which engine is for which of them.

What has tables of its own has a database of its own. An engine that nothing is known about leads
to the first one, as that of a replica, and that of an `env.py` with an address from alembic.ini.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import reduce

from sqlalchemy.engine.interfaces import Dialect

from test_harness.application.binds import bind_of, metadata_of_binds
from test_harness.databases.database import Database, Template, engine_of, make_database
from test_harness.databases.naming import RunName
from test_harness.isolation.leads import led_for
from test_harness.isolation.places import Key
from test_harness.settings import DatabaseSettings, settings


def other_names() -> list[str]:
    """Return the names of the databases that are known to be there, without those by a pattern."""
    declared = (name for name in settings().databases if "*" not in name)
    return list(dict.fromkeys([*declared, *metadata_of_binds()]))


def settings_of(name: str, engine: str = "") -> DatabaseSettings:
    """Return the settings of a database.

    Args:
        name: What the application calls it, empty for its first one.
        engine: Which of two kinds, where tests marked `unit` have another; its own when empty.
    """
    first = settings().database
    if not name:
        return first if engine in {"", engine_of(first.engine)} else first.of_unit_tests()
    main = replace(
        first,
        migrations="",
        also="",
        accepted_downgrades="",
        schema_dump="",
        unit_engine="",
        unit_driver="",
    )
    for pattern, one in settings().databases.items():
        if fnmatchcase(name, pattern):
            return replace(
                main,
                engine=one.engine or main.engine,
                driver=one.driver or main.driver,
                metadata=one.metadata,
                migrations=one.migrations,
            )
    return replace(main, metadata=f"{bind_of.__module__}:bind({name!r})")


class OtherDatabases:
    """Makes the test databases of an application that are not its first, as they are asked for.

    Args:
        run: What this run is called.
        template: Returns what the database of a key is copied from.
    """

    def __init__(self, run: RunName, template: Callable[[Key], Template]) -> None:
        self._run = run
        self._template = template
        self.plans: dict[Database, Callable[[], Template | None]] = {}
        """What each is to be created as, where it is connected to."""

    @property
    def kinds(self) -> set[str]:
        """The engines of those that harness.toml names."""
        return {engine_of(one.engine) for one in settings().databases.values() if one.engine}

    def name_of(self, dialect: Dialect, asked: Callable[[], str]) -> str:
        """Return the name of the database that an engine is for; empty for the first.

        Args:
            dialect: The engine's.
            asked: Returns what its address calls the database.
        """
        return name_of(dialect, asked)

    def key(self, name: str) -> Key:
        """Return the key of the database of a name."""
        return Key(engine_of(settings_of(name).engine), name)

    def test_database(self, key: Key) -> Database:
        """Return the test database of a key, not yet created."""
        return self._planned(key, f"x_{key.name}", lambda: self._template(key))

    def copy(self, key: Key) -> Database:
        """Return a new copy of that of a key, for one test; not yet created."""
        return self._planned(key, f"o_{key.name}", lambda: self._template(key))

    def empty(self, key: Key) -> Database:
        """Return an empty database to stand in for that of a key, not yet created."""
        return self._planned(key, f"e_{key.name}", lambda: None)

    def _planned(self, key: Key, purpose: str, plan: Callable[[], Template | None]) -> Database:
        # TEST_DATABASE_URL is the address of a server for the first one.
        is_elsewhere = key.engine != engine_of(settings().database.engine)
        made = make_database(
            settings_of(key.name, key.engine), self._run, purpose, local=is_elsewhere
        )
        self.plans[made] = plan
        return made


def name_of(dialect: Dialect, asked: Callable[[], str]) -> str:
    """Return the name of the database that an engine is for; empty for the first.

    Args:
        dialect: The engine's.
        asked: Returns what its address calls the database.
    """
    name = led_for(dialect)
    if name is None and settings().databases:
        name = _declared(dialect, asked())
    return bind_of(dialect) or "" if name is None else name


def _declared(dialect: Dialect, asked: str) -> str | None:
    for name, one in settings().databases.items():
        if any(_engine_dialect(path) is dialect for path in one.engine_object.split()):
            return name
    return next((asked for name in settings().databases if fnmatchcase(asked, name)), None)


def _engine_dialect(path: str) -> Dialect | None:
    """Return the dialect of an engine that has been made; its module is not imported for that."""
    module, _, names = path.partition(":")
    with suppress(AttributeError):
        engine = reduce(getattr, names.split("."), sys.modules.get(module))
        return getattr(engine, "dialect", None)
    return None
