"""Numbers as people give them to orders and invoices: `SO-2026-0001`."""

from __future__ import annotations

import datetime

from factory.declarations import Sequence


class Code(Sequence):
    """Counts by a pattern: `number = Code("SO-{date:%Y}-{number:04}")` in a factory.

    Args:
        pattern: A format string. `{number}` begins with 1 in each test; `{date}` is today in UTC,
            on a frozen clock too.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(
            lambda number: pattern.format(
                number=number + 1, date=datetime.datetime.now(datetime.timezone.utc)
            )
        )
