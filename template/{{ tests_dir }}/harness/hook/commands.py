"""Runs the programs that make environments, and tells in one message why one failed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class SetupError(Exception):
    """The environment cannot be made; the message says why and how to mend it."""


def run(command: list[str], extra: dict[str, str] | None = None) -> None:
    """Run a program quietly; `extra` are environment variables for it.

    Raises:
        SetupError: It cannot be run, or failed; the message has the end of what it printed.
    """
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(extra or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error}\n  Fix: install it.") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        shown = "\n    ".join(lines[-12:])
        raise SetupError(
            f"`{' '.join(command[:3])} ...` failed:\n    {shown}\n"
            "  Fix: mend what it names, or activate an environment that has the packages."
        )


def declared_dependencies(pyproject: Path, python: Path) -> list[str]:
    """Return `[project] dependencies`; read by pip's own TOML parser, since 3.10 has none."""
    code = (
        "import sys\n"
        "try: import tomllib\n"
        "except ModuleNotFoundError: from pip._vendor import tomli as tomllib\n"
        "project = tomllib.load(open(sys.argv[1], 'rb')).get('project', {})\n"
        "print(*project.get('dependencies', []), sep='\\n')"
    )
    found = subprocess.run(
        [python, "-c", code, str(pyproject)], capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SetupError(
            f"{pyproject.name} cannot be read: {found.stderr.strip().splitlines()[-1]}\n"
            "  Fix: correct the file."
        )
    return found.stdout.split("\n")[:-1] if found.stdout.strip() else []
