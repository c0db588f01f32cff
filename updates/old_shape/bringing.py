"""Does what an update from the old shape needs beyond what Copier does, and says what was done.

Copier removes the old machinery and writes what is rendered now. What belongs to the user it leaves
alone, and that imports a package which is not there any more: it is rewritten here where that is
certain, and named line by line where it is not. Nothing of the application's own is touched that
has nothing to do with the harness, and a second time there is nothing left to do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from test_harness.commands.conflicts import ANSWERS_FILE
from updates.old_shape import git
from updates.old_shape.edits import carry
from updates.old_shape.mentions import OldProject
from updates.old_shape.user_files import TEMPLATE, rewrite

NOT_OF_THE_PROJECT = {
    ".git",
    ".pytest_cache",
    ".tox",
    ".venv",
    "node_modules",
    "site-packages",
    "venv",
}

Say = Callable[[str], None]


def bring_over(root: Path, tests: str, say: Say) -> None:
    """Bring a project of the old shape over.

    Args:
        root: The folder of the project, after Copier's part of the update.
        tests: The name of the folder of the tests.
        say: Is given each line for the person.
    """
    _remove_compiled(root / tests / "harness")
    known = ("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    names = {name for name in git.lines(root, *known, separator="\0") if _counts(name)}
    old = OldProject(root, tests, tuple(sorted(names)))
    _bring_rules(old)
    edits = carry(old)
    rewritten, left = rewrite(old)
    say(f"\nThe machinery in {old.folder} is installed from now on, as the package test_harness.")
    if (root / old.folder).is_dir():
        say(f"What you put into {old.folder} yourself was left there.")
    _list("Your files that used it were rewritten", rewritten, say)
    _list("Files with edits of yours, which they have here too", edits.carried, say)
    _list("Checks that you had deleted stay deleted", edits.deleted, say)
    for text in edits.lost:
        say(text)
    if left:
        say(f"Lines whose meaning is not certain now were left to you ({len(left)}):")
        for name, one in left:
            say(f"  {name}:{one.line}: {one.text}\n    {one.reason}\n    Fix: {one.fix}")
    say("")


def _counts(name: str) -> bool:
    return name != ANSWERS_FILE and not NOT_OF_THE_PROJECT & set(Path(name).parts)


def _remove_compiled(folder: Path) -> None:
    """Remove what Python compiled from the machinery, and folders that hold nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
        if path.name == "__pycache__":
            shutil.rmtree(path)
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _bring_rules(old: OldProject) -> None:
    """Write the rules of our folder alone: what to lint there and what to keep out of git.

    They are the user's once they are written, so that no update brings them.
    """
    answers = old.root / ANSWERS_FILE
    is_sample = "\nsample_application: true\n" in answers.read_text(encoding="utf-8")
    for name in () if is_sample else (".gitignore", "ruff.toml"):
        rules = old.root / old.tests / name
        if not rules.exists():
            shutil.copy(TEMPLATE / name, rules)


def _list(title: str, names: Sequence[str], say: Say) -> None:
    if names:
        say(f"{title} ({len(names)}):")
        for name in names:
            say(f"  {name}")
