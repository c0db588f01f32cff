"""Has pytest start again in the environment of the tests, where they have one of their own.

`harness-check` makes it when packages of the project are too old for the test requirements.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def in_the_environment_of_the_tests(plugins: Any) -> None:
    """Start the same command again with the interpreter of `.venv` beside the harness, if any.

    Args:
        plugins: pytest's plugin manager.
    """
    folder = Path(__file__).resolve().parent.parent / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists() or Path(sys.prefix).resolve() == folder:
        return
    capture = plugins.get_plugin("capturemanager")
    if capture is not None:
        # What the new process prints would end in the files that capture output here.
        capture.stop_global_capturing()
    command = [str(python), "-m", "pytest", *sys.argv[1:]]
    os._exit(subprocess.run(command, check=False).returncode)
