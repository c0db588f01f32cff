"""What can be seen to go wrong before a question is asked or a file is written."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copier.errors import UserMessageError

from .present import ANSWERS_FILE, second_copy

FILES_OF_THE_TEMPLATE = ("test-harness.mk", ".github/workflows/test-harness.yml")


def preflight(conf: Mapping[str, Any]) -> Path:
    """Return the destination, when nothing stands in the way of rendering into it.

    An update and `copier recopy` start from the answers that are there, and ask nothing of this.

    Args:
        conf: Copier's `_copier_conf`.

    Raises:
        UserMessageError: Something does; the message says what, and how to remove it.
    """
    destination = Path(conf["dst_path"]).absolute()
    problem = (
        _unknown_answers(conf["data"] or {}, Path(conf["src_path"]))
        or ("" if _is_an_update(conf) else second_copy(destination))
        or _not_writable(destination)
        or _taken(destination)
        or _uncommitted(destination)
    )
    if problem:
        raise UserMessageError(problem)
    return destination


def _is_an_update(conf: Mapping[str, Any]) -> bool:
    """Say whether answers of another version are passed on, one that did not keep what it found."""
    return "_src_path" in (conf["data"] or {})


def _unknown_answers(answers: Mapping[str, Any], template: Path) -> str:
    if "_src_path" in answers:  # an update passes the answers of other versions on
        return ""
    files = [template / "copier.yml", *(template / "questions").glob("*.yml")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    questions = re.findall(r"^([a-z]\w*):$", text, re.MULTILINE)
    for name in answers:
        if name not in questions and not name.startswith("_"):
            near = difflib.get_close_matches(name, questions, n=1)
            fix = f"did you mean {near[0]!r}?" if near else "delete it."
            return f"There is no question {name!r} that the given answers could answer: {fix}"
    return ""


def _not_writable(destination: Path) -> str:
    folder = next(path for path in (destination, *destination.parents) if path.exists())
    if not folder.is_dir():
        return f"{folder} is a file: name a folder as the destination."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} cannot be written to: change its permissions or name another one."
    return ""


def _taken(destination: Path) -> str:
    """Files that are the template's in every project, and somebody else's in this one."""
    if (destination / ANSWERS_FILE).exists():
        return ""
    taken = [name for name in FILES_OF_THE_TEMPLATE if (destination / name).exists()]
    return f"{taken[0]} is there already and stays as it is: rename it." if taken else ""


def _uncommitted(destination: Path) -> str:
    if not destination.is_dir():
        return ""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no", "--", "."],
            cwd=destination,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return ""
    changed = [line[3:] for line in status.stdout.splitlines()]
    if not changed:
        return ""
    return (
        f"The destination has uncommitted changes ({', '.join(changed[:3])}): commit or stash "
        "them, so that what is added can be told from them."
    )
