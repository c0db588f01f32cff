"""Which lines and branches the last measured run reached, file by file: from `coverage.xml`.

Source of the format: https://coverage.readthedocs.io/en/latest/cmd.html#xml-reporting-coverage-xml
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

FILE = "coverage.xml"
BRANCHES = re.compile(r"\((\d+)/(\d+)\)")


@dataclass
class Covered:
    """What was reached of one file.

    Args:
        path: The file, from the folder of the project.
        reached: How many of its lines.
        missed: The numbers of the others.
        branches: How many of its branches were reached, and how many there are.
    """

    path: str
    reached: int = 0
    missed: list[int] = field(default_factory=list)
    branches: tuple[int, int] = (0, 0)

    @property
    def lines(self) -> int:
        """How many lines there are to reach."""
        return self.reached + len(self.missed)


def read(path: Path) -> list[Covered] | None:
    """Return what a report says of each file; None where there is no report.

    Args:
        path: The report.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError):
        return None
    return [*_files(root)]


def share(files: list[Covered]) -> float | None:
    """Return how much of the lines of some files was reached, in per cent; None without a line."""
    lines = sum(file.lines for file in files)
    return round(sum(file.reached for file in files) / lines * 100, 1) if lines else None


def share_of_branches(files: list[Covered]) -> float | None:
    """Return the same of their branches; None where nobody measured any."""
    there = sum(file.branches[1] for file in files)
    return round(sum(file.branches[0] for file in files) / there * 100, 1) if there else None


def ranges(numbers: list[int]) -> str:
    """Return line numbers as people write them: `4-7, 12`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("-".join(map(str, part)) for part in parts)


def _files(report: ElementTree.Element) -> Iterator[Covered]:
    sources = [source.text or "" for source in report.iter("source")]
    for found in report.iter("class"):
        file = Covered(_named(found.get("filename", ""), sources))
        reached = there = 0
        for line in found.iter("line"):
            if int(line.get("hits", 0)):
                file.reached += 1
            else:
                file.missed.append(int(line.get("number", 0)))
            if of_line := BRANCHES.search(line.get("condition-coverage", "")):
                reached, there = reached + int(of_line[1]), there + int(of_line[2])
        file.branches = reached, there
        yield file


def _named(name: str, sources: list[str]) -> str:
    # Names start from the folder that was measured, which the report names in full.
    for source in sources:
        if (Path(source) / name).exists():
            return _from_the_project(Path(source) / name) or name
    return name


def _from_the_project(path: Path) -> str:
    from test_harness.project import project_dir

    base = project_dir()
    inside = path.resolve().relative_to(base) if path.resolve().is_relative_to(base) else None
    return PurePosixPath(inside).as_posix() if inside else ""
