"""Asks git about a project, in one way."""

from __future__ import annotations

import subprocess
from pathlib import Path

PATIENCE = 300.0
NOT_FOUND = 127


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, for at most five minutes.

    Args:
        folder: Where.
        arguments: The command and its options; names are printed as they are, without quotes.

    Returns:
        What it printed, and its exit status: 127 as a shell has it where there is no git, or where
        it came to no end.
    """
    command = ["git", "-c", "core.quotePath=false", *arguments]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, NOT_FOUND, "", str(error))


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last thing that git said about what went wrong."""
    return (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
