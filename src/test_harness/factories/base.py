"""The base of all factories: factory_boy on the test's own session, in sync and async tests."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from factory.alchemy import SQLAlchemyModelFactory, SQLAlchemyOptions
from factory.enums import CREATE_STRATEGY
from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.util import IdentitySet

from test_harness.application.loading import import_object, surroundings
from test_harness.errors import HarnessError
from test_harness.factories.children import add_children, prepare, take_children, with_nested
from test_harness.factories.completion import completion_of
from test_harness.factories.mapped import has_rows, inherited, once_for_a_class
from test_harness.factories.plain import plain_values
from test_harness.factories.plan import plan_of
from test_harness.factories.writing import write, written_together
from test_harness.lock.callers import said_with_place
from test_harness.project import (
    FACTORIES,
    factories_module,
    factories_of_the_application,
    suite_dir,
)
from test_harness.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

Model = TypeVar("Model")
Made = TypeVar("Made")

_bound: list[Session | AsyncSession] = []
_counting: set[Any] = set()
_first_number = 0


@contextmanager
def bound_to(session: Session | AsyncSession) -> Iterator[None]:
    """Within the block factories write through `session`."""
    _bound.append(session)
    try:
        yield
    finally:
        _bound.pop()


def start_sequences(number: int = 0) -> None:
    """Have every factory count from a number on, and forget what it made before."""
    global _first_number  # noqa: PLW0603 - a factory asks for it when it is first used
    _first_number = number
    for made in tuple(_counting):
        made.reset_sequence(force=True)
        made._original_params = None
        vars(made._meta)["sqlalchemy_session"] = None
    _counting.clear()


class CountingOptions(SQLAlchemyOptions):
    """Notes which factories are in use: a test pays for those, not for all there are."""

    def next_sequence(self) -> int:
        """Return the number of the next row."""
        _counting.add(self.factory)
        return int(super().next_sequence())

    def reset_sequence(self, value: int | None = None, force: bool = False) -> None:
        """Have the next row be of another number."""
        _counting.add(self.factory)
        super().reset_sequence(value, force=force)


class ModelFactory(SQLAlchemyModelFactory):
    """Makes rows of one mapped class and flushes them; name the class in `Meta.model`.

    Columns that have to be given and are not declared get a value that the schema accepts, and a
    required parent is made along with its child. A parent that is given by its key, or by way of
    another parent, is not made again.

    `UserFactory.create(name="Ada")` in a synchronous test,
    `await UserFactory.create_async(name="Ada")` in an asynchronous one. A relationship to children
    takes how many there shall be, `lines=3`, or the values of each, `lines=[{"quantity": 5}, {}]`;
    `lines=3, lines__quantity=5` gives all of them a value.
    """

    _options_class = CountingOptions

    class Meta:
        abstract = True
        sqlalchemy_session_factory: ClassVar[Any] = lambda: _sync_session()  # noqa: PLW0108 - later
        sqlalchemy_session_persistence = "flush"

    @classmethod
    def _setup_next_sequence(cls) -> int:
        return _first_number

    @classmethod
    async def create_async(cls, **values: Any) -> Any:
        """Make one row in an asynchronous test and return it, with what the database filled in."""
        return await in_async_session(lambda: cls.create(**values))

    @classmethod
    def create_batch(cls, size: int, **values: Any) -> list[Any]:
        """Make several rows and write them in one flush."""
        with written_together(_sync_session()):
            return [cls.create(**values) for _ in range(size)]

    @classmethod
    async def create_batch_async(cls, size: int, **values: Any) -> list[Any]:
        """Make several rows in an asynchronous test and write them in one flush."""
        return await in_async_session(lambda: cls.create_batch(size, **values))

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        completion = completion_of(cls, factory_for)
        if completion.renamed:
            params = {completion.renamed.get(key, key): one for key, one in params.items()}
        given = with_nested(cls._meta.model, cls._meta.base_declarations, params)
        given = {**completion.of(given), **given}
        try:
            with surroundings():
                plain = plain_values(cls, given) if strategy == CREATE_STRATEGY else None
                if plain is not None:
                    return cls._create(cls._meta.model, **plain)
                return super()._generate(strategy, given)
        except IndexError:
            plan = plan_of(cls._meta.model)
            if plan.capacity is None:
                raise
            raise HarnessError(
                f"{plan.model.__name__}.{plan.limited} is unique and has {plan.capacity} values, "
                f"so {cls.__name__} makes no more rows.",
                f"Give {plan.limited} in the test, or share one row: "
                f"{cls.__name__}({plan.limited}=...).",
            ) from None

    @classmethod
    def _build(cls, model_class: type[Model], *args: Any, **values: Any) -> Model:
        children = take_children(model_class, values)
        made = completion_of(cls, factory_for).construct(args, values)
        prepare(made, children)
        add_children(made, children, lambda model: factory_for(model).build)
        return made  # type: ignore[no-any-return]

    @classmethod
    def _save(
        cls, model_class: type[Model], session: Session, args: Any, values: dict[str, Any]
    ) -> Model:
        # What is declared to happen after a row was made may ask the database for it.
        at_once = bool(cls._meta.post_declarations.declarations)
        children = take_children(model_class, values)
        completion = completion_of(cls, factory_for)
        if any(values.get(key) is not None for key in completion.keys_beside):
            session.flush()
        made = completion.construct(args, values)
        if not children:
            write(session, made, at_once=at_once)
            return made  # type: ignore[no-any-return]
        prepare(made, children)
        with written_together(session):
            write(session, made, at_once=at_once)
            add_children(made, children, lambda model: factory_for(model).create)
        return made  # type: ignore[no-any-return]


def factory_for(model: type[Model]) -> type[ModelFactory]:
    """Return the factory that is written for a mapped class, or one that is made of its columns."""
    for made in (written_factories().get(model), *every_factory()):
        if made is not None and made._meta.model is model:
            return made
    return _made_of_columns(model)


def user_factory() -> type[ModelFactory]:
    """Return the factory of the users who log in."""
    return factory_for(import_object(settings().auth.user_model))


@once_for_a_class
def _made_of_columns(model: type[Any]) -> type[ModelFactory]:
    plan = plan_of(model)
    lines = plan.declared()
    body = {one.name: one.value(factory_for) for one in lines if not one.is_parameter}
    hidden = {one.name: one.value(factory_for) for one in lines if one.is_parameter}
    meta = {"model": model, "abstract": not has_rows(inspect(model))}
    return type(
        f"{model.__name__}Factory",
        (_base_for(model),),
        {"Meta": type("Meta", (), meta), "Params": type("Params", (), hidden), **body},
    )


def _base_for(model: type[Any]) -> type[ModelFactory]:
    """Return the factory of the class whose table `model` shares: they count together."""
    base = inherited(model)
    return ModelFactory if base is None else factory_for(base)


def written_factories() -> dict[type[Any], type[ModelFactory]]:
    """Return the factories of the `factories` module or package by their models.

    Of several for one model the first counts, which the others may inherit from.
    """
    name = factories_module()
    theirs = factories_of_the_application()
    if name == FACTORIES and theirs:
        raise HarnessError(
            f"The factories of the tests have the name of {theirs}, which the application imports.",
            f"Call the file or folder in {suite_dir().name} harness_{name}, and import from there.",
        )
    if importlib.util.find_spec(name) is None:
        return {}
    try:
        importlib.import_module(name)
    except Exception as error:
        raise HarnessError(
            f"`{name}` cannot be imported: {said_with_place(error)}.",
            "Mend the file of the factories that is named.",
        ) from error
    found: dict[type[Any], type[ModelFactory]] = {}
    for made in _all_factories(ModelFactory):
        if made.__module__.split(".")[0] == name:
            found.setdefault(made._meta.model, made)
    return found


def every_factory() -> Iterator[type[ModelFactory]]:
    """Yield every factory that names a model, those that are abstract included."""
    written_factories()
    return (made for made in _descendants(ModelFactory) if made._meta.model is not None)


def _all_factories(base: type[ModelFactory]) -> Iterator[type[ModelFactory]]:
    return (made for made in _descendants(base) if not made._meta.abstract)


def _descendants(base: type[ModelFactory]) -> Iterator[type[ModelFactory]]:
    for made in base.__subclasses__():
        yield made
        yield from _descendants(made)


async def in_async_session(make: Callable[[], Made]) -> Made:
    """Have factories write through the session of an asynchronous test.

    Args:
        make: Calls `create()` of factories, and returns what it made.

    Returns:
        What `make` returned; attributes of new rows can be read without waiting for the database.

    Raises:
        HarnessError: The test is a synchronous one.
    """
    session = bound_async_session()

    def run(sync_session: Session) -> Made:
        before = IdentitySet(sync_session)
        with bound_to(sync_session):
            made = make()
        for row in IdentitySet(sync_session) - before:
            # Only attributes of columns, or the children in memory would be forgotten.
            expired = inspect(row).expired_attributes
            if expired:
                sync_session.refresh(row, expired)
        return made

    return await session.run_sync(run)


def bound_async_session() -> AsyncSession:
    """Return the session of an asynchronous test, which factories write through.

    Raises:
        HarnessError: There is none, or the test is a synchronous one.
    """
    session: AsyncSession | None = _last_bound(lambda bound: not isinstance(bound, Session))
    if session is None:
        raise HarnessError(
            "Rows were asked for in an asynchronous way by a synchronous test.",
            "Call create() or create_batch(), without `await`.",
        )
    return session


def bound_session() -> Session:
    """Return the session that factories write through, where their `create()` can be called.

    Raises:
        HarnessError: There is none, or it is one of an asynchronous test.
    """
    return _sync_session()


def _last_bound(fits: Callable[[Any], bool]) -> Any:
    if not _bound:
        raise HarnessError(
            "A factory was called by a test that has no database session.",
            "Ask for the `db` fixture in the test, or for one that uses it.",
        )
    return next((session for session in reversed(_bound) if fits(session)), None)


def _sync_session() -> Session:
    session = _last_bound(lambda bound: isinstance(bound, Session))
    if session is None:
        raise HarnessError(
            "A factory's create() was called in an asynchronous test.",
            "Write `await SomeFactory.create_async(...)`.",
        )
    assert isinstance(session, Session)
    return session
