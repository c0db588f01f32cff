"""A short way to the values of a row, where none of them depends on another.

factory_boy resolves each value on demand, which takes longer than everything else about a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from factory.declarations import SKIP, LazyFunction, Sequence, SubFactory
from factory.enums import get_builder_phase

Values = dict[str, Any]

# Methods that say something about how a row is made.
HOOKS = ("_adjust_kwargs", "_after_postgeneration", "_create", "_generate", "create")


def plain_values(factory: Any, given: Mapping[str, Any]) -> Values | None:
    """Return the values of a new row.

    Args:
        factory: Its factory.
        given: Values that take the place of what is declared.

    Returns:
        None where factory_boy has to be asked, because a value depends on others.
    """
    steps = _steps(factory)
    if steps is None or any("__" in key or get_builder_phase(given[key]) for key in given):
        return None
    number = factory._meta.next_sequence()
    values = {key: make(number) for key, make in steps if key not in given}
    return {**values, **{key: value for key, value in given.items() if value is not SKIP}}


@cache
def _steps(factory: Any) -> list[tuple[str, Callable[[int], Any]]] | None:
    """Return what makes each value from the number of a row."""
    meta = factory._meta
    special = (meta.parameters, meta.post_declarations.declarations, meta.exclude, meta.rename)
    base = next(
        made for made in factory.__mro__ if made.__module__ == "test_harness.factories.base"
    )
    own = any(getattr(factory, hook).__func__ is not getattr(base, hook).__func__ for hook in HOOKS)
    if own or any(special) or meta.inline_args:
        return None
    steps = [(key, _step(value)) for key, value in meta.pre_declarations.as_dict().items()]
    if any(step is None or "__" in key for key, step in steps):
        return None
    return [(key, step) for key, step in steps if step is not None]


def _step(value: Any) -> Callable[[int], Any] | None:
    if get_builder_phase(value) is None:
        return lambda number: value
    evaluate = type(value).evaluate
    if evaluate is Sequence.evaluate:
        return value.function  # type: ignore[no-any-return]
    if evaluate is LazyFunction.evaluate:
        return lambda number: value.function()
    if evaluate is SubFactory.evaluate and not value._defaults:
        # What it makes may look at who asked for it, which only factory_boy can show it.
        parent = value.get_factory()
        return (lambda number: parent.create()) if _steps(parent) is not None else None
    return None
