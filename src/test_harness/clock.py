"""Moments as tests need them: aware of their time zone, whatever the machine's is."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> datetime:
    """Return the current time."""
    return datetime.now(timezone.utc)


def moment(seconds: float) -> datetime:
    """Return a moment from the number that a token has for it (RFC 7519, NumericDate)."""
    return datetime.fromtimestamp(seconds, timezone.utc)
