"""Have tests answered by doubles of services: `test-harness double redis mail`.

A double is named in conftest.py, which is yours: no update changes it. What it needs is added to
requirements.txt and installed.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
from pathlib import Path

from test_harness.commands.environments import find_or_make
from test_harness.commands.programs import SetupError, say
from test_harness.commands.requirements import Requirements
from test_harness.endings import write_text
from test_harness.lock.services import DOUBLES, NAME, assigned, chosen, doubles
from test_harness.project import project_dir, suite_dir

WHY = "# Of which services tests have doubles: `test-harness double NAME` adds one.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    known = ", ".join(f"{name} ({double.what})" for name, double in DOUBLES.items())
    parser.add_argument("name", nargs="+", choices=[*DOUBLES], metavar="NAME", help=known)


def run(arguments: argparse.Namespace) -> int:
    """Install what the doubles need, name them, and return 0; 1 where that cannot be installed."""
    names = [*dict.fromkeys(arguments.name)]
    conftest, requirements = (suite_dir() / name for name in ("conftest.py", "requirements.txt"))
    rewrite(requirements, with_requirements(Requirements(requirements), names))
    try:
        find_or_make(project_dir(), lambda text: None).install(Requirements(requirements), say)
    except SetupError as error:
        say(f"Tests have no double of that, for what it needs was not installed: {error}")
        return 1
    missing = [name for name in names if name not in doubles()]
    rewrite(conftest, with_doubles(conftest.read_text(encoding="utf-8"), missing))
    for name in names:
        double = DOUBLES[name]
        say(f"Tests have a double of {double.what}; its fixture is `{double.fixture}`.")
    return 0


def with_doubles(text: str, names: list[str]) -> str:
    """Return what conftest.py says once it names doubles besides those that it does.

    Args:
        text: What it says.
        names: The doubles to add.
    """
    if not names:
        return text
    found = assigned(text)
    have = chosen(suite_dir()) if found else []
    line = f"{NAME} = {json.dumps([*have, *names])}\n"
    if found is None:
        return f"{text.rstrip()}\n\n\n{WHY}{line}"
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: found.lineno - 1], line, *lines[found.end_lineno or found.lineno :]])


def with_requirements(requirements: Requirements, names: list[str]) -> str:
    """Return what requirements.txt says once it asks for what doubles need."""
    asked = {_package(line) for line in requirements.lines}
    needed = {_package(line): line for name in names for _, line in DOUBLES[name].packages}
    added = [
        f"{line}\n"
        for package, line in needed.items()
        if package not in asked and not requirements.ask_for(package)
    ]
    return "".join([requirements.text, *added])


def _package(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower()


def rewrite(path: Path, text: str) -> None:
    """Write a file, if it is to say something else, and show what became different."""
    before = path.read_text(encoding="utf-8")
    if text == before:
        return
    write_text(path, text)
    name = path.relative_to(project_dir()).as_posix()
    lines = before.splitlines(), text.splitlines()
    say("\n".join(difflib.unified_diff(*lines, name, name, n=1, lineterm="")))
