"""Which files the application writes while a request is on its way."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_noting: list[list[str]] = []


@contextmanager
def written_files() -> Iterator[list[str]]:
    """Within the block the paths of files that are opened to be written are added to a list.

    Yields:
        The list: each path as the application has named it.
    """
    _look_on()
    paths: list[str] = []
    _noting.append(paths)
    try:
        yield paths
    finally:
        _noting.remove(paths)


@cache
def _look_on() -> None:
    # It cannot be removed, and costs next to nothing while nobody notes.
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _noting:
        return
    path = None
    if event == "open" and (arguments[2] or 0) & _WRITING:
        path = arguments[0]
    elif event in {"os.rename", "shutil.move", "shutil.copyfile"}:
        path = arguments[1]
    if isinstance(path, (str, bytes, os.PathLike)):
        for paths in _noting:
            paths.append(os.fsdecode(path))
