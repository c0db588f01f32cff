"""Asks git about the project as it was before the update."""

from __future__ import annotations

import subprocess
from pathlib import Path


def output(project: Path, *arguments: str | Path) -> str | None:
    """Return what a command of git prints, None where it fails."""
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return None if done.returncode else done.stdout


def lines(project: Path, *arguments: str, separator: str = "\n") -> list[str]:
    """Return what a command of git prints line by line, and nothing where it fails."""
    return [line for line in (output(project, *arguments) or "").split(separator) if line]
