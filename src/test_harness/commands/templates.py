"""Runs Copier where the extension is that the template needs, whatever `copier` is on the path."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from test_harness.commands.programs import SetupError, run

EXTENSION = "copier-template-extensions"


def copier(arguments: Sequence[str], cwd: Path) -> int:
    """Run Copier, show what it says, and return its exit status.

    Args:
        arguments: What follows its name.
        cwd: The folder it works in.

    Raises:
        SetupError: There is no Copier with the extension, and none can be installed.
    """
    return subprocess.run([*_command(), *arguments], cwd=cwd, check=False).returncode


def _command() -> list[str]:
    if all(importlib.util.find_spec(it) for it in ("copier", "copier_template_extensions")):
        return [sys.executable, "-m", "copier"]
    if shutil.which("uvx"):
        return ["uvx", "--quiet", "--with", EXTENSION, "copier"]
    return [str(_installed()), "-m", "copier"]


def _installed() -> Path:
    """Return the interpreter of an environment of Copier's own, made at first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "test-harness" / "copier"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        try:
            run([sys.executable, "-m", "venv", "--clear", str(folder)])
            run([str(python), "-m", "pip", "install", "--quiet", "copier", EXTENSION])
        except SetupError as error:
            raise SetupError(f"Copier could not be installed in {folder}: {error}") from None
        ready.touch()
    return python
