"""The history as it is written: its revisions in order, and its heads."""

from __future__ import annotations

import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError

from test_harness.errors import ProvisioningError
from test_harness.migrations.findings import Finding


@dataclass(frozen=True)
class History:
    """The revisions of one Alembic environment.

    Args:
        config: The configuration that the project gives Alembic.
        script: Alembic's own view of it.
        revisions: Every revision, parents before their children.
    """

    config: Config
    script: ScriptDirectory
    revisions: list[Script]


def load(config: Config) -> History:
    """Return the history, every file of it read.

    Raises:
        ProvisioningError: It cannot be read; the message says which file and why.
    """
    script = ScriptDirectory.from_config(config)
    try:
        with warnings.catch_warnings():
            # Alembic goes on after these with another history than the files tell.
            for problem in ("is present more than once", "referenced from .* is not present"):
                warnings.filterwarnings("error", f"Revision .* {problem}", UserWarning)
            return History(config, script, list(script.walk_revisions())[::-1])
    except (UserWarning, CommandError, RevisionError) as error:
        problem, fix = f"does not hold together: {error}", "the down_revision of one that it names"
    except Exception as error:
        raise ProvisioningError(
            f"A revision cannot be read: {type(error).__name__}: {error} "
            f"({_place(error, script)}).",
            "Correct the file; `alembic history` reads the same ones.",
        ) from error
    raise ProvisioningError(
        f"The history of revisions {problem.rstrip('.')}.",
        f"Correct {fix}; `alembic history` reads the same files.",
    )


def _place(error: Exception, script: ScriptDirectory) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    folders = {str(Path(folder).resolve()) for folder in (script.dir, *script.version_locations)}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if str(Path(frame.filename).resolve().parent) in folders]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno}"


def wrong_heads(history: History) -> list[Finding]:
    """Return a finding when the history ends in more places than its branch labels explain."""
    heads = [history.script.get_revision(head) for head in history.script.get_heads()]
    if not heads:
        problem = f"the history has no revision yet ({history.script.dir})"
        fix = (
            "write the first one with `alembic revision --autogenerate -m ...`, or empty "
            "[database] migrations in harness.toml, so that the models build the schema"
        )
        return [Finding("heads", "none", problem, fix)]
    labels = [frozenset(head.branch_labels) for head in heads]
    if len(heads) == 1 or (all(labels) and len(set(labels)) == len(labels)):
        return []
    names = sorted(head.revision for head in heads)
    forks = ", ".join(
        f"{' and '.join(sorted(script.nextrev))} both follow {script.revision}"
        for script in history.revisions
        if len(script.nextrev) > 1
    )
    problem = f"the history has the heads {names}" + (f": {forks}" if forks else "")
    fix = f'join them with `alembic merge -m "Merge" {" ".join(names)}`'
    return [Finding("heads", " ".join(names), problem, fix)]
