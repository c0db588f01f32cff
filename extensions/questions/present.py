"""The harness that a destination has already: Copier knows one only where it is told so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ANSWERS_FILE = ".copier-answers.test-harness.yml"
SETTINGS_FILE = "harness.toml"


def harness_in(destination: Path | str) -> str:
    """Return the folder in a destination that the harness was rendered into; empty without one."""
    root = Path(destination)
    answers = root / ANSWERS_FILE
    text = answers.read_text(encoding="utf-8") if answers.is_file() else ""
    named = re.findall(r"^tests_dir: (\w+)$", text, re.MULTILINE)
    beside = [
        path.parent.name
        for path in sorted(root.glob(f"*/{SETTINGS_FILE}"))
        if "[harness]\n" in path.read_text(encoding="utf-8", errors="replace")
    ]
    return next((it for it in [*named, *beside] if (root / it / SETTINGS_FILE).is_file()), "")


def rendered_again(conf: Mapping[str, Any]) -> bool:
    """Say whether the harness of the destination is rendered once more, as `copier recopy` does.

    Args:
        conf: Copier's `_copier_conf`.
    """
    return harness_in(conf["dst_path"]) != ""


def answered_otherwise(conf: Mapping[str, Any], question: str, answer: str) -> bool:
    """Say whether the project was rendered with another answer than now.

    Args:
        conf: Copier's `_copier_conf`.
        question: A question whose answer is one word.
        answer: That of now.
    """
    answers = Path(conf["dst_path"], ANSWERS_FILE)
    text = answers.read_text(encoding="utf-8") if answers.is_file() else ""
    return re.findall(rf"^{question}: (\w+)$", text, re.MULTILINE) not in ([], [answer])


def second_copy(destination: Path) -> str:
    """Say what to do instead of a copy into a project that has the harness; empty without one."""
    folder = harness_in(destination)
    if not folder:
        return ""
    here = f"The test harness is here already, in {folder}, and nothing was changed: "
    if not (destination / ANSWERS_FILE).is_file():
        return (
            f"{here}its answers are gone. Bring {ANSWERS_FILE} back with `git checkout`, and "
            "update it with `make -f test-harness.mk harness-update`."
        )
    return (
        f"{here}`make -f test-harness.mk harness-update` brings it to the newest version of its "
        f"template, and `copier recopy --trust -a {ANSWERS_FILE}` asks its questions anew."
    )
