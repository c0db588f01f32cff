"""Bring the harness to the newest version of its template; edits of yours are merged.

What follows `--` is handed to `copier update`, for example `-- --vcs-ref v1.2.3`.
"""

from __future__ import annotations

import argparse

from test_harness.commands.conflicts import ANSWERS_FILE
from test_harness.commands.environments import CHOSEN, own_environment
from test_harness.commands.programs import SetupError
from test_harness.commands.templates import copier
from test_harness.project import project_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing to say but what follows `--`."""


def run(arguments: argparse.Namespace) -> int:
    """Update, and return Copier's exit status."""
    given = ["--trust", "--answers-file", ANSWERS_FILE, "--defaults", *arguments.passed_on]
    try:
        chosen = own_environment()
        extra = {CHOSEN: str(chosen)} if chosen else {}
        return copier(["update", *given], project_dir(), extra)
    except SetupError as error:
        print(f"The harness was not updated: {error}")
        return 1
