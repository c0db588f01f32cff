"""What a run of pytest is to play, and how each of its tests ended: what both sides read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

# Which variables name the file that the score is in, and the one that it is noted in.
SCORE, NOTES = "_TEST_HARNESS_SCORE", "_TEST_HARNESS_NOTES"
# How a test ends of which no end was heard.
UNENDED = "unended"


@dataclass(frozen=True)
class Score:
    """What is played.

    Args:
        tests: Which tests, in this order; as they are written, and all of them, when None.
        seed: What random values are drawn from.
        hash_seed: What the order of sets is drawn from.
        clock: The moment at which the run begins, in ISO 8601; nothing for the real one.
        zone: The time zone, such as `Europe/Berlin`; nothing for that of the machine.
        is_hurried: Whether threads take turns after every few instructions, and the process lets
            others go first.
        stops: Whether the run ends with the first test that fails.
    """

    tests: tuple[str, ...] | None = None
    seed: int = 0
    hash_seed: int = 0
    clock: str = ""
    zone: str = ""
    is_hurried: bool = False
    stops: bool = False

    def write(self, path: Path) -> None:
        """Write it where the plugin is told to look."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Score:
        """Read what was written."""
        found = json.loads(path.read_text(encoding="utf-8"))
        tests = found.pop("tests")
        return cls(tests=None if tests is None else tuple(tests), **found)


@dataclass(frozen=True)
class End:
    """How a test ended.

    Args:
        outcome: `passed`, `failed`, `skipped`, `xfailed`, `xpassed`, or `unended` for one that the
            process ended in.
        said: What it failed with, in one line.
    """

    outcome: str
    said: str = ""

    @property
    def failed(self) -> bool:
        """Whether it went wrong."""
        return self.outcome in ("failed", UNENDED)


@dataclass(frozen=True)
class Played:
    """What was played.

    Args:
        tests: The tests in the order in which they were to run.
        ends: How they ended, those that were begun.
        broken: What could not be collected, and why.
        reruns: The plugins that would have run a test again until it passes, and were kept from it.
        output: What pytest printed.
    """

    tests: tuple[str, ...] = ()
    ends: Mapping[str, End] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    reruns: tuple[str, ...] = ()
    output: str = ""

    def failed(self, test: str) -> bool:
        """Tell whether a test ran and went wrong."""
        return test in self.ends and self.ends[test].failed


def read_played(path: Path, output: str) -> Played:
    """Return what the plugin noted, as far as it came.

    Args:
        path: The file it noted it in.
        output: What pytest printed.
    """
    tests: tuple[str, ...] = ()
    reruns: tuple[str, ...] = ()
    ends: dict[str, End] = {}
    broken: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        note = json.loads(line)
        if "tests" in note:
            tests = tuple(note["tests"])
        elif "reruns" in note:
            reruns = tuple(note["reruns"])
        elif "broken" in note:
            broken[note["broken"]] = note["said"]
        else:
            ends[note["test"]] = End(note["outcome"], note["said"])
    return Played(tests, ends, broken, reruns, output)
