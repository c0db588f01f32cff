"""The base of all factories: factory_boy on the test's own session, in sync and async tests."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from factory.alchemy import SQLAlchemyModelFactory
from factory.declarations import SKIP
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from harness.application import import_object
from harness.errors import HarnessError
from harness.factories.constructors import takes
from harness.factories.mapped import has_rows, inherited, once_for_a_class
from harness.factories.plan import plan_of
from harness.factories.reading import read
from harness.settings import settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

Model = TypeVar("Model")

_bound: list[Session | AsyncSession] = []


@contextmanager
def bound_to(session: Session | AsyncSession) -> Iterator[None]:
    """Within the block factories write through `session`, and their sequences start anew."""
    for made in _all_factories(ModelFactory):
        made.reset_sequence(0, force=True)
    with _also_bound(session):
        yield


class ModelFactory(SQLAlchemyModelFactory):
    """Makes rows of one mapped class and flushes them; name the class in `Meta.model`.

    Columns that have to be given and are not declared get a value that the schema accepts, and a
    required parent is made along with its child. A parent that is given by its key, or by way of
    another parent, is not made again.

    `UserFactory.create(name="Ada")` in a synchronous test,
    `await UserFactory.create_async(name="Ada")` in an asynchronous one.
    """

    class Meta:
        abstract = True
        sqlalchemy_session_factory: ClassVar[Any] = lambda: _sync_session()  # noqa: PLW0108 - later
        sqlalchemy_session_persistence = "flush"

    @classmethod
    async def create_async(cls, **values: Any) -> Any:
        """Make one row in an asynchronous test and return it, with what the database filled in."""
        session = _last_bound(lambda bound: not isinstance(bound, Session))
        if session is None:
            raise HarnessError(
                f"{cls.__name__}.create_async() was called in a synchronous test.",
                f"Call {cls.__name__}.create().",
            )

        def create(sync_session: Session) -> Any:
            with _also_bound(sync_session):
                made = cls.create(**values)
            if inspect(made).expired_attributes:
                sync_session.refresh(made)
            return made

        return await session.run_sync(create)

    @classmethod
    async def create_batch_async(cls, size: int, **values: Any) -> list[Any]:
        """Make several rows in an asynchronous test."""
        return [await cls.create_async(**values) for _ in range(size)]

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> Any:
        try:
            return super()._generate(strategy, {**_completion(cls).of(params), **params})
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
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        later = _completion(cls).set_later(kwargs)
        return super()._create(_Made(model_class, later) if later else model_class, *args, **kwargs)

    @classmethod
    def _build(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        later = _completion(cls).set_later(kwargs)
        return super()._build(_Made(model_class, later) if later else model_class, *args, **kwargs)


class _Made:
    """Calls a class, and sets afterwards what its constructor does not take."""

    def __init__(self, model: type[Any], later: dict[str, Any]) -> None:
        self._model = model
        self._later = later

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        made = self._model(*args, **kwargs)
        for name, value in self._later.items():
            setattr(made, name, value)
        return made


class _Completion:
    """What a factory leaves to the models: declarations that it lacks, and parents that are given.

    Args:
        factory: The factory.
    """

    def __init__(self, factory: type[ModelFactory]) -> None:
        model = factory._meta.model
        plan = plan_of(model)
        declared = set(factory._meta.declarations)
        reading = read(model)
        self._keys = {
            key: name
            for name, relationship in reading.parents.items()
            for key in reading.local_keys(relationship)
            if name in {*plan.declarations, *declared}
        }
        # Nor is a parent made beside a foreign key that the user declares.
        own_keys = {self._keys[key] for key in declared & self._keys.keys()}
        self._missing = {
            name: one.value()
            for name, one in plan.declarations.items()
            if name not in declared and name not in own_keys
        }
        self._hidden = {
            name for name, one in plan.declarations.items() if one.is_parameter
        } - declared
        self._shared = [(path, source) for path, source in plan.shared if len(source) == 1]
        self._takes, _ = takes(model)

    def of(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return declarations to add to those of the factory for one row."""
        if not given:
            return self._missing
        found = dict(self._missing)
        for key in given.keys() & self._keys.keys():
            if self._keys[key] not in given:
                found[self._keys[key]] = SKIP
        for path, (source,) in self._shared:
            if path[0] in given and not _speaks_of(given, source):
                parent = _follow(given[path[0]], path[1:])
                if parent is not None:
                    found[source] = parent
        return found

    def set_later(self, values: dict[str, Any]) -> dict[str, Any]:
        """Take out of `values` what the constructor does not take, and return it."""
        for name in self._hidden:
            values.pop(name, None)
        if self._takes is None:
            return {}
        return {name: values.pop(name) for name in list(values) if name not in self._takes}


@cache
def _completion(factory: type[ModelFactory]) -> _Completion:
    return _Completion(factory)


def _speaks_of(given: dict[str, Any], name: str) -> bool:
    return any(key == name or key.startswith((f"{name}__", f"{name}_id")) for key in given)


def _follow(start: Any, path: tuple[str, ...]) -> Any:
    """Return what attributes lead to, None where one is empty or start is no object yet."""
    if not hasattr(type(start), "__mapper__"):
        return None
    for name in path:
        start = getattr(start, name, None)
    return start


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
    body = {name: one.value() for name, one in plan.declarations.items() if not one.is_parameter}
    hidden = {name: one.value() for name, one in plan.declarations.items() if one.is_parameter}
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
    if importlib.util.find_spec("factories") is None:
        return {}
    try:
        importlib.import_module("factories")
    except Exception as error:
        raise HarnessError(
            f"`factories` cannot be imported: {type(error).__name__}: {error}",
            "Mend the file of the factories that is named.",
        ) from error
    found: dict[type[Any], type[ModelFactory]] = {}
    for made in _all_factories(ModelFactory):
        if made.__module__.split(".")[0] == "factories":
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


@contextmanager
def _also_bound(session: Session | AsyncSession) -> Iterator[None]:
    _bound.append(session)
    try:
        yield
    finally:
        _bound.pop()


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
