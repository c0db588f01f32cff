"""Alembic's side of a schema: its configuration, what is around `env.py`, the way to the head."""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine

from test_harness.application.loading import import_object, in_project_folder, surroundings
from test_harness.application.same_files import one_module_per_file
from test_harness.errors import HarnessError, HistoryError, ProvisioningError, first_line
from test_harness.isolation.waits import IN_VAIN
from test_harness.lock.callers import place_of
from test_harness.project import project_dir
from test_harness.runtime.colours import leave_out_colours
from test_harness.runtime.event_loops import loop_at_hand
from test_harness.runtime.loggers import logging_kept
from test_harness.settings import settings

if TYPE_CHECKING:
    from alembic.config import Config

_LOCATION = "script_location"


def upgrade(ini: str) -> None:
    """Run the project's own Alembic environment up to its newest revisions."""
    leave_out_colours()
    from alembic import command

    try:
        config = alembic_config(ini)
        with alembic_surroundings(config):
            command.upgrade(config, "heads")
    except HarnessError:
        raise
    except Exception as error:
        kind = HistoryError if _is_of_a_revision(error, ini) else ProvisioningError
        raise kind(
            f"The migrations of {ini} do not reach their head: "
            f"{type(error).__name__}: {first_line(error)}{place_of(error)}",
            _fix_of(error),
        ) from error


def _fix_of(error: Exception) -> str:
    if IN_VAIN in str(error):
        return (
            "If the two engines are for two databases, name the second one in [databases.NAME] of "
            "harness.toml; else have env.py end one transaction before the other begins."
        )
    if isinstance(error, ModuleNotFoundError):
        return f"Install the package that has {error.name} into this environment."
    return "Run `alembic upgrade head` on an empty database, and mend what it complains of."


def _is_of_a_revision(error: BaseException, ini: str) -> bool:
    """Tell whether a revision was running, and not only what is around them."""
    _, *versions = (Path(folder) for folder in script_folders(ini))
    folders = versions or [Path(folder, "versions") for folder in script_folders(ini)]
    walked = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(Path(it).resolve().is_relative_to(folder) for it in walked for folder in folders)


def alembic_config(ini: str) -> Config:
    """Return the Alembic configuration of the project, quiet, with absolute paths.

    Args:
        ini: Its file, and after a colon the section that `alembic -n` would name.

    Raises:
        ProvisioningError: It leads to no `env.py`.
    """
    leave_out_colours()
    from alembic.config import Config

    name, _, section = ini.partition(":")
    path = project_dir() / name
    if not path.exists():
        raise ProvisioningError(
            f"{name} does not exist.", "Correct [database] migrations in harness.toml."
        )
    key = "toml_file" if path.suffix == ".toml" else "file_"
    named: dict[str, Any] = {key: str(path), "stdout": io.StringIO()}
    if section:
        named["ini_section"] = section
    config = Config(**named)
    is_there = key == "toml_file" or config.file_config.has_section(config.config_ini_section)
    location = (config.get_main_option(_LOCATION) if is_there else None) or ""
    if (
        key == "file_"
        and ":" not in location
        and not (project_dir() / location / "env.py").is_file()
    ):
        # It counts from another folder, or Flask-Migrate names on its command line the one that
        # alembic.ini lies in.
        beside = path.parent / location
        folder = beside if (beside / "env.py").is_file() else path.parent
        if not (folder / "env.py").is_file():
            sections = (
                it for it in config.file_config if config.file_config.has_option(it, _LOCATION)
            )
            raise ProvisioningError(
                f"[{config.config_ini_section}] of {name} leads to no env.py.",
                f"Correct its {_LOCATION}, or name another section in [database] migrations of "
                f"harness.toml: {', '.join(f'{name}:{it}' for it in sections) or 'there is none'}.",
            )
        config.set_main_option(_LOCATION, str(folder).replace("%", "%%"))
    if "config.db_url" not in _env_py(config):
        return config
    made = _advanced_alchemy_config(named)
    if location:
        found = config.get_main_option(_LOCATION, location)
        made.set_main_option(_LOCATION, found.replace("%", "%%"))
    return made


def _env_py(config: Config) -> str:
    from alembic.script import ScriptDirectory

    with in_project_folder():
        script = Path(ScriptDirectory.from_config(config).dir, "env.py")
        return script.read_text(encoding="utf-8") if script.is_file() else ""


def _advanced_alchemy_config(named: dict[str, Any]) -> Config:
    """Return what Advanced Alchemy's own command line gives an `env.py` of its making."""
    from sqlalchemy.ext.asyncio import create_async_engine

    database = settings().database
    make = create_engine if settings().application.mode == "sync" else create_async_engine
    # The seam leads it to the test database, wherever it points.
    engine = make(f"{database.engine}+{database.driver}:///app")
    config_of = import_object("advanced_alchemy.alembic.commands:AlembicCommandConfig")
    config: Config = config_of(engine, "alembic_version", **named)
    return config


@contextlib.contextmanager
def alembic_surroundings(config: Config) -> Iterator[None]:
    """Have around `env.py` what it has when Alembic or Flask-Migrate is run by hand."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(in_project_folder())
        stack.enter_context(one_module_per_file(project_dir()))
        stack.enter_context(logging_kept())
        stack.enter_context(loop_at_hand())
        if "current_app" in _env_py(config):
            stack.enter_context(surroundings())
        yield


def script_folders(ini: str) -> list[str]:
    """Return the folder of the scripts, and after it those of the revisions if they are others."""
    leave_out_colours()
    from alembic.script import ScriptDirectory

    with in_project_folder():
        script = ScriptDirectory.from_config(alembic_config(ini))
        locations = script.version_locations or ()
        return [str(Path(folder).resolve()) for folder in (script.dir, *locations)]
