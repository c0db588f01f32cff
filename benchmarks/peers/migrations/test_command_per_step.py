"""The usual recipe: up, down and up, one command of Alembic for each step."""

from __future__ import annotations

import io

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def test_up_down_up(alembic_engine: Engine) -> None:
    config = Config("alembic.ini", stdout=io.StringIO())
    config.set_main_option(
        "sqlalchemy.url", alembic_engine.url.render_as_string(hide_password=False)
    )
    for revision in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
        command.upgrade(config, revision.revision)
        command.downgrade(config, "-1")
        command.upgrade(config, revision.revision)
