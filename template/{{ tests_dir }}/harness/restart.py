"""Has the tests run in an environment of their own, where they have one.

`harness-check` makes it when packages of the project are too old for the test requirements.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def interpreter_of_the_tests() -> Path | None:
    """Return the interpreter of `.venv` beside the harness, None when it runs or there is none."""
    folder = Path(__file__).resolve().parent.parent / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return None if not python.exists() or Path(sys.prefix).resolve() == folder else python


def in_the_environment_of_the_tests(plugins: Any) -> None:
    """Start the same command again with the interpreter of the tests, if they have one.

    Args:
        plugins: pytest's plugin manager.
    """
    python = interpreter_of_the_tests()
    if python is None:
        return
    capture = plugins.get_plugin("capturemanager")
    if capture is not None:
        # What the new process prints would end in the files that capture output here.
        capture.stop_global_capturing()
    command = [str(python), "-m", "pytest", *sys.argv[1:]]
    os._exit(subprocess.run(command, check=False).returncode)
