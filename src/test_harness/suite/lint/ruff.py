"""Rules of ruff that are about tests: asked of ruff itself, and not written a second time."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from test_harness.suite.lint.finding import File, Finding

# What each means for a test.
RULES = {
    "B012": "a `return` in `finally`, which swallows a failed assertion",
    "B015": "a comparison that nobody asserts",
    "F811": "a test that a later one of the same name replaces, and that never runs",
    "F821": "a name that exists nowhere",
    "PGH005": "a method of a mock that is not called, or is none",
    "PT010": "`pytest.raises` without the exception",
    "PT014": "the same case twice",
    "PT031": "`pytest.warns` around several statements",
}
REDEFINED, UNDEFINED = "F811", "F821"
LIMIT = 60.0  # seconds; it takes milliseconds


def find_ruff() -> list[str]:
    """Return how ruff is started; nothing where there is none."""
    if importlib.util.find_spec("ruff") is not None:
        return [sys.executable, "-m", "ruff"]
    found = shutil.which("ruff")
    return [found] if found else []


class Ruff:
    """A run of ruff, beside what is done in the meantime.

    Args:
        command: How it is started.
        files: What it reads.
    """

    def __init__(self, command: Sequence[str], files: Sequence[Path]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        listed = Path(self._folder.name) / "files.txt"
        listed.write_text("\n".join(str(path.absolute()) for path in files), encoding="utf-8")
        self._run = subprocess.Popen(
            [
                *command, "check", "--isolated", "--no-cache", "--quiet", "--exit-zero",
                "--no-preview", "--output-format=json", f"--select={','.join(RULES)}",
                f"@{listed}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )  # fmt: skip

    def findings(self, files: Mapping[str, File]) -> tuple[list[Finding], str]:
        """Return what it found, and why it could not look; that is empty where it did.

        Args:
            files: What was read of ours, by the paths that are shown.
        """
        try:
            out, said = self._run.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            self._run.kill()
            self._run.communicate()
            out, said = "", f"it did not end within {LIMIT:g} s"
        finally:
            self._folder.cleanup()
        if self._run.returncode or not out:
            return [], next(
                iter(said.strip().splitlines()), f"it ended with {self._run.returncode}"
            )
        paths = {file.module.path.absolute(): shown for shown, file in files.items()}
        found = []
        for one in json.loads(out):
            shown = paths.get(Path(one["filename"]))
            if shown is not None and one["code"] in RULES and _counts(one, files[shown]):
                found.append(_finding(one, shown, files[shown]))
        return found, ""


def _finding(one: Mapping[str, Any], path: str, file: File) -> Finding:
    row, column = one["location"]["row"], one["location"]["column"]
    fix = (one.get("fix") or {}).get("message") or f"This is {RULES[one['code']]}."
    message = one["message"] if one["message"].endswith(".") else f"{one['message']}."
    return Finding(path, row, column, one["code"], message, fix, _test_at(file, row))


def _test_at(file: File, row: int) -> str:
    for case in file.cases:
        node: Any = case.scope.node
        if node.lineno <= row <= (node.end_lineno or node.lineno):
            return case.name
    return ""


def _counts(one: Mapping[str, Any], file: File) -> bool:
    """Tell whether it is about what runs.

    To ask for a fixture that is imported redefines nothing; nobody looks up a type in quotes.
    """
    row, column = one["location"]["row"], one["location"]["column"]
    if one["code"] == UNDEFINED:
        before = file.module.text.splitlines()[row - 1][: column - 1]
        return not before.endswith(("'", '"'))
    if one["code"] != REDEFINED:
        return True
    return any(
        f"`{scope.name}`" in one["message"] and getattr(scope.node, "lineno", 0) == row
        for scope in file.module.functions
    )
