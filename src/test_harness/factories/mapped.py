"""The mapped classes of the application that have rows, and what their factories are called."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, configure_mappers

from test_harness.errors import ApplicationError, first_line
from test_harness.factories import database_facts
from test_harness.living import living
from test_harness.runtime.schema import every_metadata
from test_harness.settings import settings

Result = TypeVar("Result")


def once_for_a_class(function: Callable[[type[Any]], Result]) -> Callable[[type[Any]], Result]:
    """Remember what a function of a mapped class returns."""
    return cache(function)  # type: ignore[return-value]  # mypy: a type[Any] is not Hashable


@cache
def suite_dialect() -> Dialect:
    """Return the dialect of the application's engine and driver, without connecting."""
    database = settings().database
    kind: Any = make_url(f"{database.engine}+{database.driver}://").get_dialect()
    made: Dialect = kind(dbapi=kind.import_dbapi())
    return made


@cache
def mapped_classes() -> tuple[type[Any], ...]:
    """Return every class of the application's metadata that can have rows, by module and name.

    Left out are classes that only others inherit from, those that are mapped to a query instead of
    a table, and those that no module has under their name.

    Raises:
        ApplicationError: The application, or one of its mappers, cannot be used.
    """
    known = [metadata for every in every_metadata().values() for metadata in every]
    try:
        configure_mappers()
    except SQLAlchemyError as error:
        raise ApplicationError(
            f"The mapped classes do not fit together: {first_line(error)}",
            "Mend the relationship or the class that is named.",
        ) from error
    # Whichever registry they are in.
    mappers: list[Mapper[Any]] = living(Mapper)
    classes = {
        mapper.class_
        for mapper in mappers
        if isinstance(mapper.local_table, Table)
        and any(mapper.local_table.metadata is metadata for metadata in known)
        and has_rows(mapper)
        and _is_named(mapper.class_)
    }
    return tuple(sorted(classes, key=lambda model: (model.__module__, model.__qualname__)))


def has_rows(mapper: Mapper[Any]) -> bool:
    """Tell whether a class is saved under its own name; a base that others inherit from is not."""
    if not isinstance(mapper.local_table, Table) or mapper.polymorphic_abstract:
        return False
    is_bare_base = mapper.polymorphic_on is not None and mapper.polymorphic_identity is None
    return not (is_bare_base and len(list(mapper.self_and_descendants)) > 1)


def inherited(model: type[Any]) -> type[Any] | None:
    """Return the mapped class whose table `model` shares or joins, None where there is none."""
    mapper = model.__mapper__
    return None if mapper.inherits is None or mapper.concrete else mapper.inherits.class_


def concrete(model: type[Any]) -> type[Any]:
    """Return the class whose rows stand for `model`: itself, or the first that inherits from it."""
    mapper: Mapper[Any] = model.__mapper__
    return next((one.class_ for one in mapper.self_and_descendants if has_rows(one)), model)


def is_view(model: type[Any]) -> bool:
    """Tell whether the table of a class is a view, in which no rows are written."""
    return database_facts.is_view(model.__mapper__.local_table)


def counted_column(table: Any) -> Any:
    """Return the column that the database counts up in a table, None where it counts none.

    Args:
        table: A table; any other selectable counts none.
    """
    # What is public since SQLAlchemy 2.0.4 was private before.
    private = getattr(table, "_autoincrement_column", None)
    return getattr(table, "autoincrement_column", private)


def factory_name(model: type[Any]) -> str:
    """Return what a factory is called; of two classes of one name each has its module in front."""
    names = Counter(known.__name__ for known in mapped_classes())
    if names[model.__name__] < 2:
        return f"{model.__name__}Factory"
    module = model.__module__.rpartition(".")[2]
    return f"{''.join(part.title() for part in module.split('_'))}{model.__name__}Factory"


def words(name: str) -> str:
    """Return `OrderLine` as `order line`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower().strip()


def _is_named(model: type[Any]) -> bool:
    owner: Any = sys.modules.get(model.__module__)
    for part in model.__qualname__.split("."):
        owner = getattr(owner, part, None)
    return owner is model
