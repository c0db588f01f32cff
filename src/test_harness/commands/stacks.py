"""Reads where a Python stood when it was ended, from what it printed of its threads."""

from __future__ import annotations

import linecache
import re
from pathlib import Path

from test_harness.lock.callers import HARNESS, is_of_a_library

# As the module `faulthandler` of Python writes them.
THREAD = re.compile(
    r"^(Current thread|Thread) 0x\w+.*\(most recent call first\):\n((?:  .*(?:\n|$))+)",
    re.MULTILINE,
)
FRAME = re.compile(r'^  File "(.+)", line (\d+) in ', re.MULTILINE)


def stood_at(output: str, project: Path) -> str:
    """Return which line of the project was run last, and what it says; empty if none is known.

    Args:
        output: What a Python printed that got SIGABRT while `faulthandler` was enabled.
        project: The folder whose files are the project's.
    """
    threads = THREAD.findall(output)
    # The one that got the signal is the main thread, which everything else waits for.
    threads.sort(key=lambda found: not found[0].startswith("Current"))
    for _, frames in threads:
        for file, line in FRAME.findall(frames):
            path = project / file
            is_ours = path.is_relative_to(project) and not path.is_relative_to(HARNESS)
            if is_ours and not is_of_a_library(file):
                place = f"{path.relative_to(project).as_posix()}:{line}"
                text = linecache.getline(str(path), int(line)).strip()
                return f"{place} (`{text}`)" if text else place
    return ""
