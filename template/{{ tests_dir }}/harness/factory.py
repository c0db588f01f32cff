"""The base of all factories: factory_boy on the test's own session, in sync and async tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from harness.columns import required_values
from harness.errors import HarnessError

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

    Columns that have to be given and are not declared get a value that fits their type, and a
    required parent is made along with its child.

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
    def _adjust_kwargs(cls, **values: Any) -> dict[str, Any]:
        return {**required_values(cls._meta.model, values, _sync_session), **values}


def factory_for(model: type[Model]) -> type[ModelFactory]:
    """Return a factory for a mapped class that has no factory written for it."""
    for made in _all_factories(ModelFactory):
        if made._meta.model is model:
            return made
    meta = type("Meta", (), {"model": model})
    return type(f"{model.__name__}Factory", (ModelFactory,), {"Meta": meta})


def _all_factories(base: type[ModelFactory]) -> Iterator[type[ModelFactory]]:
    for made in base.__subclasses__():
        if not made._meta.abstract:
            yield made
        yield from _all_factories(made)


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
