"""What is checked of factories: that there is one for each class, and that its rows are saved."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from sqlalchemy import Table
from sqlalchemy.exc import (
    DBAPIError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from test_harness.errors import HarnessError, first_line
from test_harness.factories.base import every_factory, factory_for, written_factories
from test_harness.factories.defaults import refused_default
from test_harness.factories.mapped import factory_name, is_view, mapped_classes
from test_harness.factories.missing import missing_of, place_of_class
from test_harness.factories.plan import attributes_of, plan_of, renamed_by
from test_harness.factories.reading import read
from test_harness.factories.references import missing_references
from test_harness.factories.values import values
from test_harness.known import Seen
from test_harness.lock.callers import fault_of_the_harness, raised_at, said_with_place
from test_harness.project import suite_dir
from test_harness.runtime.process import runtime
from test_harness.settings import settings

ROWS = 20
# A class that can have only few rows is not saved among all others, whose parent it may be.
FEW = 500
_NOT_NULL = re.compile(r"(?i)not[- ]null|cannot be null|doesn't have a default value")


class FactoryError(HarnessError):
    """A factory makes rows that cannot be saved, or are read back as something else."""

    seen: Seen | None = None
    is_of_the_application = False


def classes_with_factories() -> list[type[Any]]:
    """Return the mapped classes whose factories are checked.

    Raises:
        pytest.Collector.CollectError: A class has no factory, or a factory names what is not there.
    """
    models: tuple[type[Any], ...] = ()
    try:
        runtime().application()
        models = mapped_classes()
        problems = [*_missing(), *_gone(), *missing_references()]
    except HarnessError as error:
        problems = [error]
    if problems:
        raise pytest.Collector.CollectError("\n".join(map(str, problems)))
    left_out = {made._meta.model for made in every_factory() if made._meta.abstract}
    return [model for model in models if model not in left_out and not is_view(model)]


def rows_of(model: type[Any]) -> int:
    """Return how many rows of a class are saved: fewer where a unique column has fewer values."""
    capacity = plan_of(model).capacity
    return ROWS if capacity is None else min(ROWS, capacity)


def has_many_rows(model: type[Any]) -> bool:
    """Tell whether a class can have as many rows as children of it need."""
    capacity = plan_of(model).capacity
    return capacity is None or capacity >= FEW


def models_without_factory() -> list[type[Any]]:
    """Return the mapped classes that have no factory, where any has one that somebody wrote."""
    if not written_factories():
        return []
    known = {made._meta.model for made in every_factory()}
    # What a class that cannot be read lacks is said by its own test.
    return [it for it in mapped_classes() if it not in known and not plan_of(it).unread]


def _missing() -> Iterator[HarnessError]:
    for model in models_without_factory():
        name = factory_name(model)
        yield FactoryError(
            f"There is no factory for {model.__module__}:{model.__name__}.",
            f"Run `make factories`, or write `class {name}(ModelFactory):` with "
            f"`class Meta: model = {model.__name__}`.",
        )


def _gone() -> Iterator[HarnessError]:
    for model, made in written_factories().items():
        known = {*dir(model), *model.__mapper__.all_orm_descriptors.keys()}
        options: Any = made._meta
        renamed = renamed_by(made)
        for name in options.base_declarations:
            if renamed.get(name, name) not in known and name not in options.parameters:
                near = difflib.get_close_matches(name, plan_of(model).declarations, n=1)
                instead = f"Rename it to `{near[0]}`, or delete" if near else "Delete"
                yield FactoryError(
                    f"{made.__name__} declares `{name}`, which {model.__name__} does not have.",
                    f"{instead} the line in {made.__module__.replace('.', '/')}.py.",
                )


# --------------------------------------------------------------------------------------- saved rows


def fail(error: HarnessError) -> NoReturn:
    """Fail the test with a message alone: where the harness noticed tells nothing."""
    failure = pytest.fail.Exception(str(error), pytrace=False)
    if getattr(error, "is_of_the_application", False):
        failure.seen = error.seen  # type: ignore[attr-defined]
    raise failure from None


@contextmanager
def explained(model: type[Any]) -> Iterator[None]:
    """Have an error of the database say which factory, model and column are behind it.

    Raises:
        pytest.fail.Exception: The block failed.
    """
    failure: HarnessError | None = None
    try:
        yield
    except HarnessError as error:
        failure = error
    except SQLAlchemyError as error:
        failure = _missing_of(model, error)
        failure = failure or _of_a_default(_owner(model, error), _said(error)[1])
        failure = failure or _explanation(model, error)
        is_told = isinstance(failure, FactoryError) and failure.is_of_the_application
        if not is_told and fault_of_the_harness(error) and not _is_declared(model, error):
            raise
    except Exception as error:
        failure = _of_a_default(model, error)
        if failure is None and fault_of_the_harness(error):
            raise
        failure = failure or _not_made(model, error)
    if failure is not None:
        fail(failure)


def _of_a_default(model: type[Any], error: BaseException) -> FactoryError | None:
    """Return what to say where the model's own default is why there is no row."""
    refused = refused_default(model, str(error))
    if refused is None or refused.attribute in attributes_of(factory_for(model)):
        return None
    failure = FactoryError(f"{refused.problem}.", refused.fix)
    place = place_of_class(model)
    failure.seen = Seen.of_exception(error, "", place)
    failure.is_of_the_application = bool(place)
    return failure


def _not_made(model: type[Any], error: Exception) -> FactoryError:
    failure = FactoryError(
        f"{factory_for(model).__name__} cannot make a {model.__name__}: {said_with_place(error)}",
        "; ".join(map(str, plan_of(model).undecided)) or "Give it what the constructor wants.",
    )
    place = raised_at(error, beside=suite_dir())
    failure.seen = Seen.of_exception(error, "", place)
    # What refuses a value that a factory has made up is right to do so.
    failure.is_of_the_application = bool(place) and not isinstance(error, ValueError)
    return failure


def _owner(model: type[Any], error: SQLAlchemyError) -> type[Any]:
    """Return the class whose row was refused, which may have been one of a parent's."""
    statement = getattr(error, "statement", None) or ""
    into = re.search(r'INSERT INTO\s+(?:\S+\.)?["`\[]?(\w+)', statement)
    owners = [one for one in mapped_classes() if into[1] in _tables(one)] if into else []
    return model if model in owners else next(iter(owners), model)


def _said(error: SQLAlchemyError) -> tuple[str, BaseException]:
    """Return what a database or a type says, and the error that says so."""
    cause = error.orig if isinstance(error, (DBAPIError, StatementError)) and error.orig else error
    return first_line(cause), cause


def _missing_of(model: type[Any], error: SQLAlchemyError) -> HarnessError | None:
    """Return what the schema lacks where that is why a statement was refused."""
    is_of_the_database = isinstance(error, (ProgrammingError, OperationalError))
    return missing_of(_owner(model, error)) if is_of_the_database else None


def _is_declared(model: type[Any], error: SQLAlchemyError) -> bool:
    """Tell whether the value that was refused stands in the factories of the project."""
    owner = _owner(model, error)
    made = written_factories().get(owner)
    declared = attributes_of(made) if made else set()
    return bool(declared.intersection(_culprits(owner, _said(error)[0])))


def _explanation(model: type[Any], error: SQLAlchemyError) -> FactoryError:
    model = _owner(model, error)
    said, cause = _said(error)
    name = factory_for(model).__name__
    if re.search(r"\bview\b|insertable", said):
        return FactoryError(
            f"{model.__name__} is mapped to a view, in which nothing is saved: {said}.",
            f"Write `abstract = True` into `class Meta` of {name}, and its rows into the tables.",
        )
    # PostgreSQL says below which columns a constraint is about that the models do not have.
    key = re.search(r"Key \(.*\)=\(.*\) already exists", str(cause))
    columns = _culprits(model, said) or _culprits(model, key[0] if key else "")
    shown = ", ".join(f"{model.__name__}.{key}" for key in columns) or model.__name__
    if _NOT_NULL.search(said) and (loose := _may_be_empty(model, columns)):
        return _of_a_loose_column(model, loose, error)
    given, missed = plan_of(model).declarations, plan_of(model).undecided
    lines = [f"{one} = {given[one].text}" for one in columns if one in given]
    if re.search(r"(?i)duplicate|unique", said):
        lines = [line for one in columns if (line := line_for(model, one, varies=True))][:1]
    undecided = [str(one) for one in missed if one.attribute in {"", *columns} or not columns]
    fix = "; ".join(undecided) or (f"Write in {name}: {'; '.join(lines)}" if lines else "")
    return FactoryError(
        f"A row of {name} is refused because of {shown}: {said.rstrip('.')}.",
        fix or f"Declare in {name} what the database asks for, and the models do not say.",
    )


def _may_be_empty(model: type[Any], columns: list[str]) -> str:
    """Return the attribute of some that the model lets be empty; nothing where it lets none."""
    fields = read(model).fields
    return next((key for key in columns if key in fields and fields[key].column.nullable), "")


def _of_a_loose_column(model: type[Any], key: str, error: SQLAlchemyError) -> FactoryError:
    """Return what to say of a column that is NOT NULL in the schema, and not in its model."""
    place = place_of_class(model)
    by_migrations = settings().database.migrations
    failure = FactoryError(
        f"{model.__name__}.{key} may be empty by its model ({place}), and is NOT NULL in the "
        f"{'migrated ' if by_migrations else ''}schema.",
        "Write the migration that drops NOT NULL, or `nullable=False` in the model: no row "
        "without it can be saved.",
    )
    failure.seen = Seen.of_exception(error, "", place)
    failure.is_of_the_application = bool(place)
    return failure


def line_for(model: type[Any], attribute: str, *, varies: bool) -> str:
    """Return a declaration of an attribute that fits its type; empty where none is known."""
    known = read(model).fields.get(attribute)
    fitting = (one for one in values(known) if one.varies is varies) if known else iter(())
    return next((f"{attribute} = {one.declaration}" for one in fitting), "")


def _culprits(model: type[Any], said: str) -> list[str]:
    """Return the attributes that a message of a database speaks of."""
    names: dict[str, list[str]] = {}
    for table in model.__mapper__.tables:
        if isinstance(table, Table):
            named: list[Any] = [*table.constraints, *table.indexes]
            names |= {str(one.name): _attributes(model, set(one.columns)) for one in named}
    for check in read(model).checks:
        names |= dict.fromkeys((check.name, check.text), sorted(check.columns))
    # The longest first: one name may be part of another.
    for name in sorted(names, key=len, reverse=True):
        if name not in {"", "None"} and name in said and names[name]:
            return names[name]
    # In quotes, or behind the name of its table; else anywhere.
    words = set(re.findall(r"[\"'`.](\w+)", said)) or set(re.findall(r"\w+", said))
    mentioned = {
        column
        for table in model.__mapper__.tables
        for column in table.columns
        if column.name in words
    }
    return _attributes(model, mentioned)


def _attributes(model: type[Any], columns: set[Any]) -> list[str]:
    return [
        attribute.key
        for attribute in model.__mapper__.column_attrs
        if any(column in columns for column in attribute.columns)
    ]


def _tables(model: type[Any]) -> set[str]:
    return {table.name for table in model.__mapper__.tables if isinstance(table, Table)}
