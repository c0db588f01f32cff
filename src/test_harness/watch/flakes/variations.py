"""What is changed, one thing at a time, to see whether a test minds."""

from __future__ import annotations

import calendar
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from test_harness.watch.order.score import Score
from test_harness.watch.order.shuffle import shuffled

SEED, HASHES, ORDER = "seed", "hash seed", "order"
ZONE, CLOCK, CLOCK_CHANGE, LOAD = "time zone", "clock", "clock change", "load"
# Where one explains another, the first does.
KINDS = (SEED, ORDER, ZONE, CLOCK, CLOCK_CHANGE, LOAD)
MONDAY_TO_SUNDAY = 6

# As POSIX writes them, for machines without the database of time zones. In one of the first two it
# is another day than in UTC, at each hour.
ZONES = {
    "Pacific/Kiritimati": "<+14>-14",
    "Pacific/Pago_Pago": "SST11",
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
}
PLACES = (Path("/usr/share/zoneinfo"), Path("/usr/lib/zoneinfo"), Path("/usr/share/lib/zoneinfo"))


@dataclass(frozen=True)
class Variation:
    """One way to run the same tests.

    Args:
        kind: What is changed, one of `KINDS`.
        name: To what.
        score: What is played.
        is_busy: Whether the cores have much else to do.
    """

    kind: str
    name: str
    score: Score
    is_busy: bool = False


def variations(plain: Score, tests: Sequence[str], now: datetime) -> Iterator[Variation]:
    """Yield each run that differs in one thing.

    Args:
        plain: The run that they differ from.
        tests: The tests, as they are written.
        now: The time, in UTC.
    """
    for seed in range(plain.seed + 1, plain.seed + 4):
        # Which of both it is, is asked where a test minds.
        yield Variation(SEED, str(seed), replace(plain, seed=seed, hash_seed=seed % 2**32))
    if len(tests) > 1:
        orders = {"reversed": tuple(tests[::-1])}
        for seed in (plain.seed + 1, plain.seed + 2):
            orders[f"by seed {seed}"] = tuple(shuffled(tests, seed))
        for name, order in orders.items():
            yield Variation(ORDER, name, replace(plain, tests=order))
    if hasattr(time, "tzset"):
        for name in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            yield Variation(ZONE, name, replace(plain, zone=zone(name)))
    for name, moment in moments(now).items():
        yield Variation(CLOCK, f"{name}, {_shown(moment)}", replace(plain, clock=_iso(moment)))
    if hasattr(time, "tzset"):
        berlin = replace(plain, zone=zone("Europe/Berlin"))
        for name, moment in changes(now).items():
            score = replace(berlin, clock=_iso(moment))
            yield Variation(CLOCK_CHANGE, f"{name}, {_shown(moment)} in Europe/Berlin", score)
    hurried = replace(plain, is_hurried=True)
    for count in (1, 2):
        yield Variation(LOAD, f"busy cores, run {count}", hurried, is_busy=True)


def moments(now: datetime) -> dict[str, datetime]:
    """Return moments that dates go wrong at, the next of each.

    Args:
        now: The time, in UTC.
    """
    leap = next(year for year in range(now.year, now.year + 9) if calendar.isleap(year))
    if datetime(leap, 2, 29, tzinfo=timezone.utc) <= now:
        leap = next(year for year in range(leap + 1, leap + 9) if calendar.isleap(year))
    # The months before and after it are shorter.
    month = datetime(now.year, 5, 31, 12, tzinfo=timezone.utc)
    return {
        "end of the month": month if month > now else month.replace(year=now.year + 1),
        "end of the year": datetime(now.year, 12, 31, 23, 59, 30, tzinfo=timezone.utc),
        "leap day": datetime(leap, 2, 29, 12, tzinfo=timezone.utc),
    }


def changes(now: datetime) -> dict[str, datetime]:
    """Return moments around the next changes between winter and summer time in Berlin.

    Args:
        now: The time, in UTC.
    """
    spring, autumn = (_last_sunday(now, month) for month in (3, 10))
    return {
        "the day before the clock goes forward": spring - timedelta(hours=13),
        "as the clock goes forward": spring - timedelta(seconds=1),
        "in the hour that comes twice": autumn - timedelta(minutes=30),
    }


def _last_sunday(now: datetime, month: int) -> datetime:
    """Return when clocks in Europe change in the next month of a kind, in UTC."""
    for year in (now.year, now.year + 1):
        last = calendar.monthrange(year, month)[1]
        day = datetime(year, month, last, 1, tzinfo=timezone.utc)
        day -= timedelta(days=(day.weekday() - MONDAY_TO_SUNDAY) % 7)
        if day > now + timedelta(days=1):
            break
    return day


def zone(name: str) -> str:
    """Return what TZ is to say for a time zone.

    Args:
        name: One of `ZONES`.
    """
    known = (Path(os.environ["PYTHONTZPATH"]),) if "PYTHONTZPATH" in os.environ else PLACES
    return name if any((place / name).is_file() for place in known) else ZONES[name]


def _iso(moment: datetime) -> str:
    return moment.isoformat()


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
