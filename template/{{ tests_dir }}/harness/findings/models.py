"""Which classes are mapped to the tables of the application, and the factories for them."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType
from typing import Any

from sqlalchemy.orm import registry

from harness.errors import ApplicationError, HarnessError
from harness.schema import load_metadata
from harness.settings import settings


def mapped_classes() -> list[type[Any]]:
    """Return the classes that are mapped to tables of the metadata, parents first."""
    tables = load_metadata(settings().database).sorted_tables
    found = [known for known in gc.get_objects() if issubclass(type(known), registry)]
    classes = {
        mapper.class_: tables.index(mapper.local_table)
        for known in found
        for mapper in known.mappers
        if mapper.local_table in tables
    }
    return sorted(classes, key=lambda model: (classes[model], model.__name__))


def load_factories() -> ModuleType:
    """Return the module of the factories.

    Raises:
        ApplicationError: It cannot be imported.
    """
    try:
        return importlib.import_module("factories")
    except HarnessError:
        raise
    except Exception as error:
        raise ApplicationError(
            f"factories.py cannot be imported: {type(error).__name__}: {error}.",
            "Correct the line that imports the model, or declare its fields as the model has them.",
        ) from error
