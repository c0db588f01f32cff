"""The database refuses a second row that has what is unique, whatever a route asks before."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError

from test_harness.errors import HarnessError
from test_harness.factories.base import ModelFactory, bound_session, factory_for, in_async_session
from test_harness.isolation.drivers.real import running_loop


def assert_unique_rows(rows_of: Any, /, *, any_case: bool = False, **values: Any) -> Any:
    """Check that the database takes one row with some values, and no second one.

    All of it is undone. In a coroutine, what is returned is awaited.

    Args:
        rows_of: A factory, or a mapped class.
        any_case: Whether texts are taken in capitals, too.
        values: What is unique together, with what the rows need besides.
    """
    __tracebackhide__ = True
    if not values:
        raise HarnessError(
            "assert_unique_rows was not told what is unique.",
            'Name it with a value: assert_unique_rows(UserFactory, email="ada@example.com").',
        )
    factory = rows_of if issubclass(rows_of, ModelFactory) else factory_for(rows_of)

    def check() -> None:
        __tracebackhide__ = True
        said = _taken_twice(factory, values, any_case=any_case)
        assert not said, said

    return check() if running_loop() is None else in_async_session(check)


def _taken_twice(factory: Any, values: dict[str, Any], *, any_case: bool) -> str:
    """Return what is wrong: a row that was taken though there was one like it."""
    ways = [("the same", values)]
    if any_case:
        cased = {key: it.swapcase() if isinstance(it, str) else it for key, it in values.items()}
        ways.append(("in another case the same", cased))
    session = bound_session()
    outer = session.begin_nested()
    try:
        factory.create(**values)
        session.flush()
        for how, again in ways:
            if _is_taken(session, factory, again):
                names = " and ".join(values)
                return (
                    f"unique: the database takes a second row when {names} is {how} as before.\n"
                    f"  seen: {again}\n"
                    "  Fix: Give the table a unique constraint, or a unique index on lower(...)."
                )
    finally:
        outer.rollback()
    return ""


def _is_taken(session: Any, factory: Any, values: dict[str, Any]) -> bool:
    inner = session.begin_nested()
    try:
        factory.create(**values)
        session.flush()
    except IntegrityError:
        return False
    finally:
        inner.rollback()
    return True
