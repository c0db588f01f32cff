"""The further databases of an application: `[databases.NAME]` in harness.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from test_harness.errors import SettingsError


@dataclass(frozen=True)
class OtherDatabaseSettings:
    """A database that has tables of its own, beside the one of `[database]`.

    NAME is what the application calls it: the database, or the file without its suffix, in the
    address of its engine; `*` stands for any text, and each name that fits has a database then.
    `engine_object` is the import path of the engine where its address does not tell, or several
    of them with blanks between. `metadata`
    and `migrations` are as in `[database]`, and so are `engine` and `driver`, which are left out
    where they are the same.
    """

    metadata: str
    migrations: str = ""
    engine: str = ""
    driver: str = ""
    engine_object: str = ""


def tables_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name of each database, that of its section, and its table below that.

    Args:
        document: What harness.toml says.

    Raises:
        SettingsError: A key stands where a table is to be.
    """
    for name, table in document.get("databases", {}).items():
        if not isinstance(table, dict):
            raise SettingsError(
                f"harness.toml has the key {name!r} in [databases], which has tables only.",
                "Write it below [databases.NAME], or below [database].",
            )
        key = f"databases.{name}"
        yield name, key, {key: table}
