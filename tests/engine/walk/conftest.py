"""What the tests of the walk share."""

from __future__ import annotations

import gc

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import registry


@pytest.fixture(scope="module", autouse=True)
def mappers_of_others() -> None:
    """Let go of mappers of other tests that lack something: all are configured together."""
    for known in [one for one in gc.get_objects() if issubclass(type(one), registry)]:
        if not can_be_configured(known):
            known.dispose(cascade=True)


def can_be_configured(known: registry) -> bool:
    try:
        known.configure(cascade=True)
    except SQLAlchemyError:
        return False
    return True
