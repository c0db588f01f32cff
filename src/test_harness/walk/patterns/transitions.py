"""A row goes from one state to those that it may go to, and to no other."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Column, inspect

from test_harness.errors import HarnessError
from test_harness.factories.base import bound_session
from test_harness.walk.finding import Finding
from test_harness.walk.oracles.untouched import touched
from test_harness.walk.patterns.asked import Asked
from test_harness.walk.patterns.rows import change_of, stored, table_of
from test_harness.walk.recipe import plain
from test_harness.walk.steps import Aside, Steps
from test_harness.walk.stored import key_of
from test_harness.walk.visit import Row, Visit


def transitions(
    asked: Asked,
    row: Any,
    field: str,
    allowed: Mapping[Any, Iterable[Any]],
    *,
    method: str,
    status: int,
    actions: Mapping[Any, str],
) -> Steps[list[Finding]]:
    """Have a row go from each state to each other one.

    Args:
        asked: The path that is sent the new state.
        row: The row.
        field: What the state is called, in the model and in the payload.
        allowed: By each state, those that it may go to.
        method: Of the requests.
        status: What is right for what is not allowed.
        actions: By each state, what leads to it from the path: `ship` for `/orders/1/ship`. A state
            that has none is asked for nowhere, where any has one.
    """
    known: Row = yield partial(stored, row)
    ways = {start: [*ends] for start, ends in allowed.items()}
    states = list(dict.fromkeys([*ways, *(end for ends in ways.values() for end in ends)]))
    going = _Going(
        asked, row, known, field, method, actions={_said(end): it for end, it in actions.items()}
    )
    for start in states:
        for end in states:
            if start != end and (not actions or _said(end) in going.actions):
                is_allowed = end in ways.get(start, ())
                right = None if is_allowed else status
                found: list[Finding] = yield Aside(going.from_to(start, end, right))
                if found:
                    return found
    return []


class _Going:
    """Has a row go from one state to another.

    Args:
        asked: The path that is sent the new state.
        row: The object of the test.
        known: What the database has of it.
        field: What the state is called.
        method: Of the requests.
        actions: By each state, what leads to it from the path.
    """

    def __init__(
        self,
        asked: Asked,
        row: Any,
        known: Row,
        field: str,
        method: str,
        *,
        actions: Mapping[str, str],
    ) -> None:
        self._asked, self._known, self._field, self._method = asked, known, field, method
        self.actions = actions
        self._table = table_of(row)
        self._column: Column[Any] = _column(row, field)

    def from_to(self, start: Any, end: Any, refused: int | None) -> Steps[list[Finding]]:
        """Return what is wrong with one step.

        Args:
            start: The state before.
            end: The state that is asked for.
            refused: The status that is right; None for any that grants it.
        """
        yield partial(self._set, start)
        action = self.actions.get(_said(end))
        asked, json = self._asked, {self._field: plain(end)} if action is None else None
        if action is not None:
            asked = Asked(asked.who, f"{asked.path.rstrip('/')}/{action}")
        visit = yield from asked.send(self._method, json=json)
        step = f"{_said(start)} to {_said(end)}"
        if refused is None:
            return self._not_done(asked, visit, step, end)
        if visit.status != refused or visit.error:
            return [
                asked.finding(
                    "transitions",
                    visit,
                    f", not {refused}, to go from {step}.",
                    evidence="; ".join(map(str, visit.changes[:3])),
                    fix="Refuse the step, with the states that there are from here.",
                )
            ]
        return touched(asked.scene(self._method, visit), visit)

    def _not_done(self, asked: Asked, visit: Visit, step: str, end: Any) -> list[Finding]:
        if not visit.opens:
            fix = "Grant the step, or take it out of the test."
            return [asked.finding("transitions", visit, f" to go from {step}.", fix=fix)]
        change = change_of(self._table, self._known, visit.changes)
        after = None if change is None else (change.after or {}).get(self._column.name)
        if after is not None and _said(after) in {_said(end), getattr(end, "name", None)}:
            return []
        return [
            asked.finding(
                "transitions",
                visit,
                f" to go from {step}, and the row does not.",
                evidence=str(change or f"{self._table.fullname}: no row was changed"),
                fix="Write the state, and commit it.",
            )
        ]

    def _set(self, state: Any) -> None:
        changing = self._table.update().values({self._column: self._of_column(state)})
        columns = self._table.primary_key.columns
        for column, value in zip(columns, key_of(self._table, self._known), strict=True):
            changing = changing.where(column == value)
        bound_session().execute(changing)

    def _of_column(self, state: Any) -> Any:
        kind = getattr(self._column.type, "enum_class", None)
        if kind is None or isinstance(state, enum.Enum):
            return state
        return next((one for one in kind if state in {one.value, one.name}), state)


def _column(row: Any, field: str) -> Column[Any]:
    mapper = inspect(type(row))
    found: Column[Any] | None = mapper.columns.get(field)
    if found is None:
        raise HarnessError(
            f"{type(row).__name__} has no column {field!r}.",
            f"Name one of {', '.join(sorted(mapper.columns.keys()))}.",
        )
    return found


def _said(state: Any) -> str:
    return str(plain(state))
