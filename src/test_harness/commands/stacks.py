"""Says why a Python was ended, and where it stood, from what it printed of its threads."""

from __future__ import annotations

import linecache
import re
from pathlib import Path

from test_harness.commands.programs import Ended
from test_harness.lock.callers import HARNESS, is_of_a_library
from test_harness.project import project_dir

# As the module `faulthandler` of Python writes them.
THREAD = re.compile(
    r"^(Current thread|Thread) 0x\w+.*\(most recent call first\):\n((?:  .*(?:\n|$))+)",
    re.MULTILINE,
)
# What `faulthandler` says first that ends the process itself.
ENDED_ITSELF = re.compile(r"^Timeout \(\d+:\d+:[\d.]+\)!$", re.MULTILINE)
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


def said_with_reason(ended: Ended, what: str, seconds: float) -> str:
    """Return what a run of pytest said, and why it was ended, if it was.

    Args:
        ended: How it ended.
        what: What it was, in words that begin a sentence.
        seconds: How long it might take.
    """
    if not (ended.late or ENDED_ITSELF.search(ended.output)):
        return ended.output
    stood = stood_at(ended.output, project_dir())
    if ended.late:
        problem = f"{what} did not end within {seconds:g} seconds"
        fix = "Mend what it waits for, or raise [limits] run in harness.toml."
    else:
        problem = f"{what} stood still, and nothing else of Python ran"
        fix = "Mend the call, which may be a pattern of `re` that tries for ever."
    return f"{ended.output}\n{problem}{stood and f': it stood at {stood}'}.\n  Fix: {fix}\n"
