"""What is another thing in CI than here; a further one is a further entry of `CONDITIONS`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from test_harness.watch.flakes.variations import zone


@dataclass(frozen=True)
class Condition:
    """One thing that differs.

    Args:
        name: What it is called.
        says: What it is in CI, as a phrase behind "fails".
        fix: What to do where a test minds.
        by_plugin: Whether the plugin brings it about in the process of the tests.
        of_all: Whether it shows only where all tests run.
        within: The condition that comes with it, and explains as much.
    """

    name: str
    says: str
    fix: str
    by_plugin: bool = False
    of_all: bool = False
    within: str = ""


CHECKOUT = Condition(
    "checkout",
    "in a clean checkout",
    "commit what it reads, or have the test write it; git does not have ignored files",
)
ENVIRONMENT = Condition(
    "environment",
    "without the variables of this shell",
    "set the variable in test.env, in conftest.py or with monkeypatch, or in the CI workflow",
)
FOLDER = Condition(
    "folder",
    "when pytest is called from another folder",
    "build paths from `Path(__file__)` or from `rootpath`, not from the current folder",
)
ZONE = Condition(
    "zone",
    "in another time zone and locale",
    "use aware moments, name the encoding of files, and format numbers without the locale",
)
ORDER = Condition(
    "order",
    "in another order",
    "have each test make what it needs and undo what it changes",
    by_plugin=True,
    of_all=True,
)
NETWORK = Condition(
    "network",
    "without a network",
    "have the call answered by a double, or mark the test and leave it out of CI",
    by_plugin=True,
)
LIMITS = Condition(
    "limits",
    "on one core with little memory",
    "wait for what is to happen, not for a time; load no more than the test looks at",
    by_plugin=True,
)
WORKERS = Condition(
    "workers",
    "with two workers at once",
    "give each test files, ports and rows of its own (`tmp_path`, port 0)",
    of_all=True,
)
READONLY = Condition(
    "read-only",
    "where the source cannot be written to",
    "write into `tmp_path`, not beside the code",
    # Rights are taken in a checkout, never here.
    within=CHECKOUT.name,
)
CONDITIONS = (CHECKOUT, ENVIRONMENT, FOLDER, ZONE, NETWORK, LIMITS, READONLY, WORKERS, ORDER)

# What a runner of CI has set as well, and what names the databases of tests.
KEPT = ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")
KEPT_BEGINNINGS = ("TEST_",)
FAR_AWAY = "Pacific/Kiritimati"


def known_here() -> tuple[Condition, ...]:
    """Return the conditions that can be brought about on this machine."""
    has_workers = importlib.util.find_spec("xdist") is not None
    return tuple(one for one in CONDITIONS if one is not WORKERS or has_workers)


def environment_of(conditions: tuple[Condition, ...], home: Path) -> dict[str, str]:
    """Return the environment for a run.

    Args:
        conditions: What differs.
        home: A folder without settings.
    """
    variables: Mapping[str, str] = os.environ
    found = dict(variables)
    if ENVIRONMENT in conditions:
        found = {
            name: value
            for name, value in variables.items()
            if name.upper() in KEPT or name.startswith(KEPT_BEGINNINGS)
        }
        found |= {"HOME": str(home), "CI": "true"}
    if ZONE in conditions:
        found |= {"TZ": zone(FAR_AWAY), "LC_ALL": "C", "LANG": "C"}
    return found
