"""Objects of the application that nobody has handed over, found in memory."""

from __future__ import annotations

import gc
from typing import Any, TypeVar

Found = TypeVar("Found")


def living(*kinds: type[Found]) -> list[Found]:
    """Return every object of some classes, those that the application hid from collections too.

    Args:
        kinds: The classes; objects of classes that derive from them are found as well.
    """
    # `gc.freeze()`, which servers call before they fork, takes objects out of what is listed.
    if gc.get_freeze_count():
        gc.unfreeze()
    # Not `isinstance`: a proxy answers for what it stands for, where there is anything.
    objects: list[Any] = gc.get_objects()
    return [found for found in objects if issubclass(type(found), kinds)]
