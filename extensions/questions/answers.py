"""What the answers file says of the template, so that an update finds it again."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .engine import local_path


def remembered(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answers to write down.

    A relative path is one from where Copier was called, and an update is called in the project. And
    of a folder with changes Copier renders a commit that it makes for that moment: an update starts
    from the one before it.

    Args:
        given: Copier's answers, and its configuration.
    """
    answers, conf = given
    source = str(answers.get("_src_path") or "")
    local = local_path(source)
    if local is None:
        return dict(answers)
    changed = {}
    destination = Path(conf["dst_path"]).absolute()
    is_relative = not source.startswith(("~", "git+", "file:")) and not Path(source).is_absolute()
    if is_relative and (destination / source).resolve() != local:
        changed["_src_path"] = str(local)
    if answers.get("_commit") and not _has(local, str(conf["vcs_ref_hash"])):
        changed["_commit"] = _git(
            Path(conf["src_path"]), "describe", "--tags", "--always", "HEAD~1"
        )
    return {**answers, **changed}


def _has(repository: Path, commit: str) -> bool:
    return bool(_git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"))


def _git(repository: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=repository,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    ).stdout.strip()
