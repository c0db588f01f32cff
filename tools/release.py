"""Release a version: write it, date the changelog, commit, and tag. Nothing leaves the machine.

    python -m tools.release 0.2.0            what is on the branch becomes v0.2.0
    python -m tools.release 0.2.0 --date 2026-12-01

The changelog needs a section of that version, or one called Unreleased. What is to be pushed is
printed at the end.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
# Where the version stands, and what is around it.
PLACES = {
    "pyproject.toml": re.compile(r'(?<=^version = ")[^"]+(?="$)', re.MULTILINE),
    "src/test_harness/version.py": re.compile(r'(?<=^__version__ = ")[^"]+(?="$)', re.MULTILINE),
}
CHANGELOG = "CHANGELOG.md"


class ReleaseError(Exception):
    """Why there is no release; nothing was changed."""


def release(root: Path, version: str, date: str) -> str:
    """Write, commit and tag a version, and return the name of the tag.

    Args:
        root: The repository.
        version: Such as `0.2.0`.
        date: What the changelog says, such as `2026-12-01`.

    Raises:
        ReleaseError: It cannot be released; no file was changed.
    """
    _check(root, version)
    changed = {CHANGELOG: _dated((root / CHANGELOG).read_text(encoding="utf-8"), version, date)}
    for name, pattern in PLACES.items():
        text = (root / name).read_text(encoding="utf-8")
        if len(pattern.findall(text)) != 1:
            raise ReleaseError(f"{name} does not say the version once.")
        changed[name] = pattern.sub(version, text)
    for name, text in changed.items():
        (root / name).write_text(text, encoding="utf-8")
    tag = f"v{version}"
    _git(root, "add", *changed)
    _git(root, "commit", "--quiet", "--message", f"build: Release {version}")
    _git(root, "tag", "--annotate", "--message", f"test-harness {version}", tag)
    return tag


def _check(root: Path, version: str) -> None:
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise ReleaseError(f"{version} is no version: write it as 0.2.0.") from None
    if str(wanted) != version:
        raise ReleaseError(f"{version} is written {wanted}.")
    if _git(root, "status", "--porcelain"):
        raise ReleaseError("There are changes that are not committed: commit them, or put them by.")
    tags = [tag.removeprefix("v") for tag in _git(root, "tag", "--list", "v*").split()]
    if later := [tag for tag in tags if Version(tag) >= wanted]:
        raise ReleaseError(f"There is {max(later, key=Version)} already.")


def _dated(text: str, version: str, date: str) -> str:
    """Return the changelog with the section of the version dated.

    Raises:
        ReleaseError: There is no such section, or nothing in it.
    """
    heading = re.compile(
        rf"^## \[(?:{re.escape(version)}\] - Unreleased|Unreleased\])$", re.MULTILINE
    )
    if not (found := heading.search(text)):
        raise ReleaseError(
            f"{CHANGELOG} has no section `## [{version}] - Unreleased` or `## [Unreleased]`."
        )
    section = re.split(r"^## ", text[found.end() :], maxsplit=1, flags=re.MULTILINE)[0]
    if not re.search(r"^- ", section, re.MULTILINE):
        raise ReleaseError(f"{CHANGELOG} says nothing of {version}.")
    return heading.sub(f"## [{version}] - {date}", text, count=1)


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Release, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("version", help="such as 0.2.0")
    parser.add_argument("--date", default=f"{datetime.now(timezone.utc):%Y-%m-%d}")
    options = parser.parse_args(arguments)
    try:
        tag = release(ROOT, options.version, options.date)
    except ReleaseError as error:
        print(f"Nothing is released: {error}", file=sys.stderr)
        return 1
    print(f"Tagged {tag}. To have everybody get it: git push origin HEAD {tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
