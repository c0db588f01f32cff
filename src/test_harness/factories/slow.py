"""Defaults of columns that take long, such as an RSA key: made once, and not for every row."""

from __future__ import annotations

import functools
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from test_harness.application.loading import surroundings
from test_harness.factories.constructors import default_factory
from test_harness.factories.declaring import Declaration, Plan
from test_harness.factories.reading import read

# As many seconds a row are felt where a suite makes hundreds of them.
SLOW = 0.1


def make_slow_defaults_once(plan: Plan) -> Iterator[str]:
    """Call each default of a class that is a function, and declare those that take long.

    Args:
        plan: What the factory declares; a default that can be shared by rows is added.

    Yields:
        What there is to say of each that takes long.
    """
    for key, one in read(plan.model).fields.items():
        column: Any = one.column.default
        default = column.arg if column is not None and column.is_callable else None
        made = default or default_factory(plan.model, key)
        took = _seconds(made) if made is not None and key not in plan.declarations else 0.0
        if made is None or took < SLOW:
            continue
        # The first call may be the one that imports, or that a busy machine holds up.
        took = min(took, _seconds(made))
        if took < SLOW:
            continue
        name = f"{plan.model.__name__}.{key}"
        function = _importable(made)
        if function is None or any(key in group for group in one.groups):
            plan.miss(key, f"has a default that takes {took:.1f} s for every row")
            continue
        top = function.__qualname__
        text = f"LazyFunction(cache({top}))"
        plan.declarations[key] = Declaration(key, text, {"cache": functools.cache, top: function})
        yield f"{name} has a default that takes {took:.1f} s: its factory calls it once."


def _seconds(make: Callable[..., Any]) -> float:
    began = time.perf_counter()
    try:
        with surroundings():
            make(None) if _asks_for_the_context(make) else make()
    except Exception:  # noqa: BLE001 - what it needs, it has when a row is written
        return 0.0
    return time.perf_counter() - began


def _asks_for_the_context(make: Callable[..., Any]) -> bool:
    return any(
        parameter.default is parameter.empty
        and parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
        for parameter in inspect.signature(make, follow_wrapped=False).parameters.values()
    )


def _importable(make: Any) -> Any:
    """Return the function of a module that a default is, None where no module has it."""
    module = sys.modules.get(getattr(make, "__module__", None) or "")
    function = getattr(module, getattr(make, "__qualname__", ""), None)
    return function if callable(function) and not _asks_for_the_context(function) else None
