"""What an update left to do: marks to settle, and edits that went with a dropped file."""

from __future__ import annotations

from pathlib import Path

from test_harness.git import git

ANSWERS_FILE = ".copier-answers.test-harness.yml"


def conflicting_files(project: Path) -> list[str]:
    """Return the files that the update left with conflict marks, or as `.rej` beside others."""
    changed = _git(project, "diff", "--name-only", "--relative", "HEAD")
    changed += _git(project, "ls-files", "--others", "--exclude-standard")
    # Compiled, this module holds the marks that it looks for.
    changed = [name for name in changed if not name.endswith(".pyc")]
    return sorted(name for name in changed if name.endswith(".rej") or _has_marks(project / name))


def lost_edits(project: Path, tests: str) -> list[str]:
    """Return the files that you had edited and that the new version does not have any more.

    Args:
        project: The folder of the project.
        tests: The name of the folder of its tests.
    """
    # The machinery of before the engine; what takes its place names the edits that it had.
    others = f":(exclude){tests}/harness"
    dropped = _git(
        project, "diff", "--name-only", "--relative", "--diff-filter=D", "HEAD", "--", ".", others
    )
    if not dropped:
        return []
    [rendered] = _git(project, "log", "-1", "--format=%H", "--", ANSWERS_FILE)
    return _git(project, "diff", "--name-only", "--relative", rendered, "HEAD", "--", *dropped)


def _has_marks(path: Path) -> bool:
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return b"\n<<<<<<< " in b"\n" + content and b"\n>>>>>>> " in content


def _git(project: Path, *arguments: str) -> list[str]:
    return git(project, *arguments).stdout.splitlines()
