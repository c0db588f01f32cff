"""Rewrites commands and paths in what is not Python: make files, workflows, configuration."""

from __future__ import annotations

import re

from updates.old_shape.homes import joined, split, successor
from updates.old_shape.mentions import Left, OldProject

# Where a dotted name is the name of a class or a module that a program imports.
CONFIGURATION = (".cfg", ".ini", ".toml")

HOOK = "run `python -m test_harness check` in the environment of the tests."
FIXES = (
    (re.compile(r"harness/hook\b"), HOOK),
    (re.compile(r"harness/requirements"), "the file is in the folder of the tests now."),
    (re.compile(r"harness\.scenarios\b"), "`python -m test_harness seed` is the command now."),
    (re.compile(r"harness/checks\b"), "the checks are in `checks/`, in the folder of the tests."),
    (re.compile(r"[/\\]harness\b"), "leave it out: what was there is installed now."),
)
OTHERWISE = "write what is in its place; the name of the engine is `test_harness`."

# Tools that sort imports are told by name what is the project's own.
OWN_NAME = re.compile(r"[\"']harness(\.\*)?[\"']|^\s*known_.*\bharness\b|\[mypy-harness\b")


def rewritten(text: str, project: OldProject, name: str) -> tuple[str, list[Left]]:
    """Return a file as it has to be for the engine, and the lines that a person has to see to."""
    is_configuration = name.endswith(CONFIGURATION)
    lines: list[str] = []
    left: list[Left] = []
    for number, line in enumerate(text.split("\n"), start=1):
        now = project.put_right(line)
        if is_configuration and not project.has_own_harness:
            now = _imported_names(now, project)
        lines.append(now)
        names_it = is_configuration and OWN_NAME.search(now) and not project.has_own_harness
        if names_it or project.is_mentioned(now):
            fix = next((fix for words, fix in FIXES if words.search(now)), OTHERWISE)
            left.append(Left(number, now.strip(), "It mentions the old machinery.", fix))
    return "\n".join(lines), left


def _imported_names(line: str, project: OldProject) -> str:
    """Return a line of a configuration with the names in it that a program imports from it."""

    def now(found: re.Match[str]) -> str:
        module, names = split(found["rest"])
        if not module or found["object"] or project.is_kept(found["rest"]):
            return found[0]
        home = successor(module, names, public=False)
        return joined(home, names) if home else found[0]

    # After a colon, as the categories of pytest's and Python's filters of warnings are.
    return re.sub(rf"(?<=:){project.dotted.pattern}", now, line)
