"""Sees whether a project is of the old shape, and reports what went wrong with one that is.

To Copier that is exit status 0, because a failure of this would end an update half way; with
TEST_HARNESS_STRICT=1 it is 1.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

from updates.old_shape import git


def main(tests: Path) -> int:
    """Bring a project over if it is of the old shape, and return an exit status.

    Args:
        tests: The folder of its tests, which Copier has updated.
    """
    folder = f"{tests.name}/harness"
    try:
        project = tests.resolve().parent
        if git.lines(project, "ls-tree", "--name-only", "HEAD", f"{folder}/plugin.py"):
            # Most projects have no use for the rest, and whatever is wrong with it is reported.
            from updates.old_shape.bringing import bring_over

            bring_over(project, tests.name, say)
    except Exception:  # noqa: BLE001 - whatever it is, Copier has to end what it began
        say("\nYour files were not all rewritten, for a fault of the update and not of yours:")
        say(traceback.format_exc().rstrip())
        say("  Fix: report the lines above, and let what still imports `harness` import from")
        say(f"  `test_harness`. `git log -p -- {folder}` shows what you had edited there.")
        return 1 if os.environ.get("TEST_HARNESS_STRICT") == "1" else 0
    return 0


def say(text: str) -> None:
    """Print a line at once, so that it stands in order with what Copier prints."""
    print(text, flush=True)
