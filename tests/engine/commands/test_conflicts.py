"""What an update left to do is named, and nothing is run before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.commands.hooks import AGAIN, check
from tests.worlds import build_tree, git

CONFLICT = "<<<<<<< before updating\nmine\n=======\nyours\n>>>>>>> after updating\n"


@pytest.fixture
def committed(project: Path) -> Path:
    """A project as Copier updates it: it refuses one with uncommitted changes."""
    build_tree(project, {".gitignore": ".venv\n", "docs/merging.md": CONFLICT})
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "State")
    return project


def test_files_with_marks_and_rejects_are_named(committed: Path) -> None:
    build_tree(
        committed,
        {
            "tests/harness.toml.txt": f"x = 1\n{CONFLICT}",
            "test-harness.mk.rej": "@@ -1 +1 @@\n",
            "docs/rulers.md": "Title\n=======\n",
            "docs/quoted.md": "    <<<<<<< before\n    >>>>>>> after\n",
            ".venv/lib/merge.py": CONFLICT,
        },
    )
    done = check(committed, "--after-update")
    assert done.stdout == (
        "The update met edits of yours in the same lines, and the suite was not run.\n"
        "  Fix: settle the <<<<<<< marks in test-harness.mk.rej, tests/harness.toml.txt, "
        f"then run `{AGAIN}`.\n"
    )
    assert done.returncode == 0


def test_conflicts_fail_a_strict_run(committed: Path) -> None:
    build_tree(committed, {"tests/harness.toml.txt": CONFLICT})
    assert check(committed, "--after-update", strict=True).returncode == 1
