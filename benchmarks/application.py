"""The harness around the application that is measured, with none of its checks."""

from __future__ import annotations

from pathlib import Path

from tests.worlds import render


def render_around(
    template: Path,
    folder: Path,
    name: str = "benchmark",
    *,
    engine: str = "sqlite",
    mode: str = "sync",
    driver: str = "pysqlite",
    migrations: str = "",
) -> None:
    """Render the harness into the folder of `peers/app`.

    Args:
        template: The template.
        folder: Where the application lies.
        name: Of the project.
        engine: The kind of its database.
        mode: How it is driven.
        driver: What its sessions go through.
        migrations: Where its alembic.ini is; empty if it has none.
    """
    asked = {"migrations": migrations} if migrations else {}
    render(
        template,
        folder,
        questions="everything",
        project=name,
        framework="fastapi",
        app_path="app.main:app",
        metadata_path="app.models:Base",
        database_engine=engine,
        mode=mode,
        database_driver=driver,
        auth="none",
        suites=[],
        ci_provider="none",
        **asked,
    )
