"""Runs Copier where the extension is that the template needs, whatever `copier` is on the path."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from test_harness.commands.programs import SetupError, run

COPIER = "copier>=9.19"
EXTENSION = "copier-template-extensions"


def copier(arguments: Sequence[str], cwd: Path, extra: Mapping[str, str] | None = None) -> int:
    """Run Copier, show what it says, and return its exit status.

    Args:
        arguments: What follows its name.
        cwd: The folder it works in.
        extra: Environment variables for it.

    Raises:
        SetupError: There is no Copier with the extension, and none can be installed.
    """
    environ = {**os.environ, **(extra or {})}
    command = [*_command(), *arguments]
    return subprocess.run(command, cwd=cwd, env=environ, check=False).returncode


def _command() -> list[str]:
    if _is_here():
        return [sys.executable, "-I", "-m", "copier"]
    if uvx := shutil.which("uvx"):
        return [uvx, "--quiet", "--from", COPIER, "--with", EXTENSION, "copier"]
    return [str(_installed()), "-I", "-m", "copier"]


def _is_here() -> bool:
    """Say whether both are in this environment: what is there for one user, `-I` does not see."""
    if sys.prefix == sys.base_prefix:
        return False
    try:
        importlib.metadata.version(EXTENSION)
        version = importlib.metadata.version("copier")
    except importlib.metadata.PackageNotFoundError:
        return False
    return [int(part) for part in version.split(".")[:2]] >= [9, 19]


def _installed() -> Path:
    """Return the interpreter of an environment of Copier's own, made at first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "test-harness" / "copier"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        try:
            run([sys.executable, "-I", "-m", "venv", "--clear", str(folder)])
            run([str(python), "-I", "-m", "pip", "install", "--quiet", COPIER, EXTENSION])
        except SetupError as error:
            raise SetupError(f"Copier could not be installed in {folder}: {error}") from None
        ready.touch()
    return python
