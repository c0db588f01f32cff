"""The three truth values of SQL: predicates of a row that are true, false or NULL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from test_harness.factories.functions import UndecidableError, arithmetic, compare

Row = Mapping[str, Any]
Node = Callable[[Row], Any]


def both(left: Node, right: Node) -> Node:
    def node(row: Row) -> Any:
        results = _sides(left, right, row, decides=False)
        return False if False in results else None if None in results else True

    return node


def either(left: Node, right: Node) -> Node:
    def node(row: Row) -> Any:
        results = _sides(left, right, row, decides=True)
        return True if True in results else None if None in results else False

    return node


def _sides(left: Node, right: Node, row: Row, *, decides: bool) -> list[bool | None]:
    """Return both truth values; one that decides the matter excuses one that cannot be told."""
    results: list[bool | None] = []
    failure: UndecidableError | None = None
    for side in (left, right):
        try:
            value = side(row)
            results.append(None if value is None else bool(value))
        except UndecidableError as error:  # noqa: PERF203 - two of them
            failure = error
    if failure is not None and decides not in results:
        raise failure
    return results


def negated(inner: Node) -> Node:
    def node(row: Row) -> Any:
        value = inner(row)
        return None if value is None else not value

    return node


def compared(sign: str, left: Node, right: Node) -> Node:
    return lambda row: compare(sign, left(row), right(row))


def calculated(sign: str, left: Node, right: Node) -> Node:
    return lambda row: arithmetic(sign, left(row), right(row))


def is_value(inner: Node, value: bool | None, *, negate: bool) -> Node:
    def node(row: Row) -> bool:
        found = inner(row)
        same = found is None if value is None else found is not None and bool(found) is value
        return same is not negate

    return node


def among(inner: Node, choices: list[Node]) -> Node:
    """Tell whether a value is one of several."""

    def node(row: Row) -> bool | None:
        results = [compare("=", inner(row), choice(row)) for choice in choices]
        return True if True in results else None if None in results else False

    return node


def matched(inner: Node, matches: Callable[[str], bool]) -> Node:
    """Tell whether a text matches a pattern."""

    def node(row: Row) -> bool | None:
        value = inner(row)
        return None if value is None else matches(str(value))

    return node


def quantified(sign: str, left: Node, choices: Node, *, every: bool) -> Node:
    def node(row: Row) -> bool | None:
        results = [compare(sign, left(row), choice) for choice in choices(row)]
        decides = not every
        return decides if decides in results else None if None in results else every

    return node
