"""Objects are found in memory, whatever the application does to spare the collector work."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from test_harness.living import living


class Kettle:
    """Something to look for."""


class Teapot(Kettle):
    """Something that derives from it."""


class Proxy:
    """Claims to be what it is not."""

    __class__ = Kettle  # type: ignore[assignment]


@pytest.fixture
def frozen() -> Iterator[list[object]]:
    """Objects that were there before a server would fork."""
    made = [Kettle(), Teapot(), Proxy()]
    gc.collect()
    gc.freeze()
    yield made
    gc.unfreeze()


def test_objects_are_found_after_the_application_has_frozen_them(frozen: list[object]) -> None:
    found = sorted(living(Kettle), key=lambda it: type(it).__name__)
    assert [*map(id, found)] == [id(it) for it in frozen[:2]]


def test_several_classes_are_found_at_once() -> None:
    kettle, proxy = Kettle(), Proxy()
    assert {id(kettle), id(proxy)} <= {*map(id, living(Kettle, Proxy))}
