"""How rows of factories are written: one by one, or many in one flush."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.session import SessionTransactionOrigin

PENDING = "test_harness_pending"
# In the `info` of a session: what factories write through it is committed, for others to see.
COMMITS = "test_harness_commits"


@contextmanager
def written_together(session: Session) -> Iterator[None]:
    """Within the block rows that factories make are not written before its end, in one flush.

    Before that only when somebody reads what only the database knows, such as the id of a parent.
    """
    if PENDING in session.info:
        yield
        return
    session.info[PENDING] = True
    try:
        yield
    finally:
        del session.info[PENDING]
    _flush(session)


def write(session: Session, made: Any, *, at_once: bool) -> None:
    """Add a row to the session and write it, unless it can wait for others.

    Args:
        session: Where to.
        made: The row.
        at_once: Whether it cannot wait.
    """
    session.add(made)
    if at_once or PENDING not in session.info:
        _flush(session)
        return
    _watch(made.__class__)
    for key in _keys(made.__class__):
        # SQLModel sets what the database is to fill in, and would go on saying None.
        if made.__dict__.get(key, ...) is None:
            del made.__dict__[key]


def _flush(session: Session) -> None:
    session.flush()
    transaction = session.get_transaction()
    # One that the test began itself is the test's to end.
    if (
        COMMITS in session.info
        and transaction is not None
        and transaction.origin is SessionTransactionOrigin.AUTOBEGIN
        and not session.in_nested_transaction()
    ):
        session.commit()


@cache
def _keys(model: Any) -> tuple[str, ...]:
    mapper = inspect(model)
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)


@cache
def _watch(model: Any) -> None:
    """Have a row of this class written when one of its attributes is read that has no value."""
    for attribute in inspect(model).column_attrs:
        _watch_attribute(model, attribute.key)


def _watch_attribute(model: type[Any], key: str) -> None:
    def written(target: Any, value: Any, values: dict[str, Any]) -> Any:
        session = object_session(target)
        waits = session is not None and PENDING in session.info and inspect(target).pending
        if session is None or not waits or session._flushing:
            return value
        session.flush()
        return getattr(target, key)

    event.listen(getattr(model, key), "init_scalar", written, retval=True, propagate=True)
