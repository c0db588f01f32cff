"""The binds of Flask-SQLAlchemy: which databases it has beside the first, and for which models.

A bind without a model of its own is another road to the first database, as one to a replica.
"""

from __future__ import annotations

import sys
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.engine.interfaces import Dialect

from test_harness.application.loading import application, is_loaded, surroundings


def bind(name: str) -> MetaData:
    """Return the metadata of the models that belong to a bind."""
    return metadata_of_binds()[name]


def metadata_of_binds() -> dict[str, MetaData]:
    """Return the metadata of each bind that has models, by its key."""
    known: dict[Any, MetaData] = getattr(_extension(), "metadatas", {})
    return {str(key): metadata for key, metadata in known.items() if key and metadata.tables}


def bind_of(dialect: Dialect) -> str | None:
    """Return the key of the bind that an engine is of, empty for the first database.

    Args:
        dialect: The engine's.

    Returns:
        None for an engine that is of no bind.
    """
    extension = _extension()
    if not hasattr(extension, "metadatas"):
        return None
    with surroundings():
        engines = dict(extension.engines)
    for key, engine in engines.items():
        if engine.dialect is dialect:
            return str(key) if str(key) in metadata_of_binds() else ""
    return None


def _extension() -> Any:
    """Return the extension of the application, of the one that is being made included."""
    flask = sys.modules.get("flask")
    if flask is None or "flask_sqlalchemy" not in sys.modules:
        return None
    if flask.has_app_context():
        app = flask.current_app
    elif is_loaded():
        app = application()
    else:
        return None
    return getattr(app, "extensions", {}).get("sqlalchemy")
