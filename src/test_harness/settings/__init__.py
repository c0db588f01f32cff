"""Typed settings: `harness.toml`, corrected by `observed.toml` and by variables of this process.

Those are named `TEST_HARNESS_<SECTION>_<KEY>`, and win.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from test_harness.errors import SettingsError
from test_harness.project import OBSERVED_FILE, SETTINGS_FILE, suite_dir
from test_harness.seconds import LimitSettings
from test_harness.settings.budgets import BudgetSettings, FuzzSettings, TargetSettings
from test_harness.settings.databases import OtherDatabaseSettings, tables_of
from test_harness.settings.flows import FlowSettings, RefusalSettings
from test_harness.settings.observed import read_observed, read_toml
from test_harness.settings.watching import WatchSettings
from test_harness.version import __version__

ENVIRONMENT_PREFIX = "TEST_HARNESS_"


@dataclass(frozen=True)
class HarnessSettings:
    """The harness itself: the version whose files these are, which the engine has to be of too."""

    version: str


@dataclass(frozen=True)
class ApplicationSettings:
    """The application under test: where it is and how it is driven.

    `allowed_hosts` are hosts, with blanks between them, that tests may reach besides this machine,
    and `doubles` are the services that have a double, with blanks between them. `base_url` and
    `follow_redirects` are those of every client; how long one may wait is in `[limits]`.
    """

    project: str
    framework: str
    import_path: str
    mode: str
    health_path: str
    base_url: str
    allowed_hosts: str = ""
    doubles: str = ""
    follow_redirects: bool = False


@dataclass(frozen=True)
class DatabaseSettings:
    """The engine and driver of the application, and where its schema comes from.

    `migrations` is the path of alembic.ini relative to the project; empty means that the schema is
    built by `create_all` from `metadata`, and from further bases, `also` with blanks between them.
    `accepted_downgrades` are revisions, with blanks between them, whose downgrade is known not to
    lead back. `schema_dump` is the path of a dump of the real database that the models are compared
    with; empty when there is none. `unit_engine` is the kind of database, with its `unit_driver`,
    that the sessions of tests marked `unit` have; empty when it is the same. `sync_driver` is the
    second driver of an application that is both. `isolation` is `auto` where a test that asks for
    what one connection cannot give is begun anew on real ones, and `shared` where none is. `role`
    is what the application's connections are where tables have policies that do not bind the role
    of the tests: `auto` for one of the harness's own, a role's name, or empty for none. `pragmas`
    are those that the application sets as it connects to SQLite: `foreign_keys=ON` and the like.
    """

    engine: str
    driver: str
    metadata: str
    migrations: str
    also: str = ""
    accepted_downgrades: str = ""
    schema_dump: str = ""
    unit_engine: str = ""
    unit_driver: str = ""
    sync_driver: str = ""
    isolation: str = "auto"
    role: str = "auto"
    pragmas: str = ""

    @property
    def is_none(self) -> bool:
        """Whether the application has no database, so that its tests have an empty one."""
        return self.metadata == "sqlalchemy:MetaData()"

    def of_unit_tests(self) -> DatabaseSettings:
        """Return the settings of the other database, which has its schema from the models."""
        return replace(self, engine=self.unit_engine, driver=self.unit_driver, migrations="")


@dataclass(frozen=True)
class AuthSettings:
    """How a user logs in. Every value is empty when `style` is `none`.

    `also` are further styles, with blanks between them. In `login_path`, `{user.attribute}` stands
    for what the user has there. `login_encoding` is `json`, `form`, `basic` or `query`;
    `login_nested_in` names the object that a JSON payload lies in, `login_extra` further fields as
    `a=1&b=2`.
    `csrf_field` is the field of a form that `csrf_page` (`login_path` when empty) fills in.
    `token_key` is where the key is that the application signs with. `api_key_attribute` is an
    attribute of the user, or `module:Model.attribute` of a model that belongs to one.
    `user_flags` are attributes, with blanks between them, that are true of a user who may log in.
    `role_attribute` is an attribute of the user, or `module:Model.attribute` as above, and
    `admin_role` is what it is of an administrator.
    """

    style: str = "none"
    also: str = ""
    user_model: str = ""
    user_flags: str = ""
    login_path: str = ""
    login_encoding: str = ""
    login_field: str = ""
    password_field: str = ""
    login_nested_in: str = ""
    login_extra: str = ""
    user_login_attribute: str = ""
    user_password_attribute: str = ""
    password_hasher: str = ""
    token_field: str = ""
    token_header: str = "Authorization"  # noqa: S105
    token_prefix: str = "Bearer"  # noqa: S105
    token_key: str = ""
    access_cookie: str = ""
    refresh_cookie: str = ""
    csrf_cookie: str = ""
    csrf_header: str = ""
    csrf_field: str = ""
    csrf_page: str = ""
    session_cookie: str = ""
    api_key_header: str = ""
    api_key_query: str = ""
    api_key_attribute: str = ""
    active_attribute: str = ""
    verified_attribute: str = ""
    role_attribute: str = ""
    admin_role: str = "admin"
    protected_path: str = ""
    opened_status: int = 200
    login_refused_status: int = 401
    no_token_status: int = 401
    bad_token_status: int = 401
    other_scheme_status: int = 401


@dataclass(frozen=True)
class Settings:
    """Everything the harness knows about the project it tests."""

    harness: HarnessSettings
    application: ApplicationSettings
    database: DatabaseSettings
    auth: AuthSettings
    flows: FlowSettings
    limits: LimitSettings = field(default_factory=LimitSettings)
    refusals: RefusalSettings = field(default_factory=RefusalSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    budgets: BudgetSettings = field(default_factory=BudgetSettings)
    targets: TargetSettings = field(default_factory=TargetSettings)
    fuzz: FuzzSettings = field(default_factory=FuzzSettings)
    databases: Mapping[str, OtherDatabaseSettings] = field(default_factory=dict)


# Variables that are not of a setting: for the lock of child processes, and for the first run.
OTHER_VARIABLES = {
    "TEST_HARNESS_HOSTS",
    "TEST_HARNESS_LOCK",
    "TEST_HARNESS_MIGRATION_BASELINE",
    "TEST_HARNESS_STRICT",
}


def _section(kind: Any, name: str, document: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    table = document.get(name, {})
    known = {known.name: known for known in fields(kind)}
    values = {
        key: environ.get(f"{ENVIRONMENT_PREFIX}{name}_{key}".upper(), table.get(key))
        for key in known
    }
    missing = [key for key, one in known.items() if one.default is MISSING and values[key] is None]
    if missing:
        raise SettingsError(
            f"harness.toml lacks {', '.join(missing)} in [{name}].",
            "Add the key, or run `test-harness update` to have the file written again.",
        )
    types = get_type_hints(kind)
    return kind(
        **{
            key: _typed(value, types[key], f"[{name}] {key}")
            for key, value in values.items()
            if value is not None
        }
    )


def _typed(value: Any, wanted: type, where: str) -> Any:
    if wanted is int and isinstance(value, str) and value.isdigit():
        return int(value)
    if wanted is bool and value in ("true", "false"):
        return value == "true"
    if type(value) is not wanted:
        kind = {int: "a whole number", bool: "true or false"}.get(wanted, "text")
        fix = "Put the value in quotes." if kind == "text" else "Write it without quotes."
        raise SettingsError(f"{where} = {value!r} is not {kind}.", fix)
    return value


def read_settings(
    path: Path, environ: Mapping[str, str], corrected: Mapping[str, Any] | None = None
) -> Settings:
    """Read and check a settings file, and what was observed where it says otherwise.

    Args:
        path: The TOML file; what was observed lies beside it.
        environ: Overrides, named `TEST_HARNESS_<SECTION>_<KEY>`.
        corrected: What wins over both files, by `section.key`.

    Raises:
        SettingsError: The file is missing, is not TOML, or holds a key or type that is not known.
    """
    document = read_toml(path)
    if document is None:
        raise SettingsError(
            f"{path} does not exist.", "Run `test-harness update` to have it written again."
        )
    _check_version(document, path)
    _check_keys(document, SETTINGS_FILE)
    _check_variables(environ)
    _lay_over(document, path.with_name(OBSERVED_FILE))
    for name, value in (corrected or {}).items():
        section, _, key = name.partition(".")
        document.setdefault(section, {})[key] = value
    others = tables_of(document)
    made = {it: _section(OtherDatabaseSettings, key, table, {}) for it, key, table in others}
    kinds = ((it, kind) for it, kind in get_type_hints(Settings).items() if is_dataclass(kind))
    known = {name: _section(kind, name, document, environ) for name, kind in kinds}
    return Settings(**known, databases=made)


def _lay_over(document: dict[str, Any], path: Path) -> None:
    """Put into a document what was observed while it said what it still says."""
    for one in read_observed(path):
        _check_keys({one.section: {one.key: one.value}}, path.name)
        kind = get_type_hints(Settings)[one.section]
        default = next(known.default for known in fields(kind) if known.name == one.key)
        table = document.setdefault(one.section, {})
        # Who has written another value since has decided.
        if table.get(one.key, default) == one.instead_of:
            table[one.key] = one.value


def _check_keys(document: Mapping[str, Mapping[str, Any]], file: str) -> None:
    kinds = get_type_hints(Settings)
    for section, table in document.items():
        if section not in kinds:
            raise SettingsError(
                f"{file} has an unknown section [{section}].",
                f"Use one of {', '.join(sorted(kinds))}.",
            )
        if is_dataclass(kinds[section]):
            _check_table(kinds[section], section, table, file)
    for _, section, tables in tables_of(document):
        _check_table(OtherDatabaseSettings, section, tables[section], file)


def _check_table(kind: Any, section: str, table: Mapping[str, Any], file: str) -> None:
    known = [one.name for one in fields(kind)]
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise SettingsError(
                f"{file} has an unknown key {key!r} in [{section}].",
                f"Rename it to {near[0]!r}." if near else "Delete the line.",
            )


def _check_version(document: Mapping[str, Any], path: Path) -> None:
    """Compare versions first: another one may know other keys."""
    rendered = document.get("harness", {}).get("version", "an older version")
    if rendered != __version__:
        raise SettingsError(
            f"The files of the harness are of {rendered}, and the engine that is installed is of "
            f"{__version__}.",
            f"Install the one they ask for, `pip install --force-reinstall --no-deps -r "
            f"{path.parent.name}/requirements.txt` (or with `uv pip`), or bring the files to the "
            "engine's version with `test-harness update`.",
        )


def _check_variables(environ: Mapping[str, str]) -> None:
    known = OTHER_VARIABLES | {
        f"{ENVIRONMENT_PREFIX}{section}_{one.name}".upper()
        for section, kind in get_type_hints(Settings).items()
        if is_dataclass(kind)
        for one in fields(kind)
    }
    for name in environ:
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"{name} in the environment is of no setting of the harness.",
                f"Rename it to {near[0]}." if near else "Unset it.",
            )


_corrected: dict[str, Any] = {}


def correct(values: Mapping[str, Any]) -> None:
    """Have settings be others from now on in this process, which is finding out what they are.

    Args:
        values: All that are, by `section.key`.
    """
    _corrected.clear()
    _corrected.update(values)
    settings.cache_clear()


@cache
def settings() -> Settings:
    """Return the settings of this project, read once per run."""
    return read_settings(suite_dir() / SETTINGS_FILE, os.environ, _corrected)
