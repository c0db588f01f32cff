"""What an update left to do: marks to settle, and edits that went with a dropped file."""

from __future__ import annotations

import subprocess
import sys
import tempfile
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
    with tempfile.TemporaryDirectory() as folder:
        _render_again(project, Path(folder))
        return [it for it in dropped if _committed(project, it) != _content(Path(folder, it))]


def _render_again(project: Path, folder: Path) -> None:
    """Render what the project was rendered to by the version that it comes from.

    Its history does not tell: an edit may have been committed with an update, or before one.
    """
    Path(folder, ANSWERS_FILE).write_bytes(_committed(project, ANSWERS_FILE) or b"")
    subprocess.run(
        [
            *(sys.executable, "-m", "copier", "recopy", "--answers-file", ANSWERS_FILE),
            *("--vcs-ref", ":current:", "--trust", "--skip-tasks", "--defaults", "--overwrite"),
            "--quiet",
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )


def _committed(project: Path, name: str) -> bytes | None:
    done = subprocess.run(
        ["git", "show", f"HEAD:./{name}"], cwd=project, capture_output=True, check=False
    )
    return None if done.returncode else done.stdout


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _has_marks(path: Path) -> bool:
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return b"\n<<<<<<< " in b"\n" + content and b"\n>>>>>>> " in content


def _git(project: Path, *arguments: str) -> list[str]:
    return git(project, *arguments).stdout.splitlines()
