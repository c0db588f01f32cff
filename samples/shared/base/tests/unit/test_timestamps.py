"""Moments are aware of their time zone, whatever the database keeps."""

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.engine.default import DefaultDialect

from app.models.base import UtcDateTime

NOON_IN_PARIS = datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1)))
NAIVE_NOON = datetime(2026, 11, 20, 12)


def test_a_moment_is_stored_in_utc():
    stored = UtcDateTime().process_bind_param(NOON_IN_PARIS, DefaultDialect())

    assert stored.isoformat() == "2026-11-20T12:00:00+00:00"


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        UtcDateTime().process_bind_param(NAIVE_NOON, DefaultDialect())


@pytest.mark.parametrize("stored", [NAIVE_NOON, NOON_IN_PARIS])
def test_a_moment_is_read_in_utc(stored):
    read = UtcDateTime().process_result_value(stored, DefaultDialect())

    assert read.isoformat() == "2026-11-20T12:00:00+00:00"
