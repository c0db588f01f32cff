"""Install the packages of the application and of its tests into the project's environment.

The environment is made where there is none: as a colleague does who has just cloned the project.
"""

from __future__ import annotations

import argparse
import os

from test_harness.commands.environments import find_or_make
from test_harness.commands.programs import SetupError, say
from test_harness.commands.requirements import Requirements
from test_harness.project import project_dir, suite_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There is nothing to say."""


def run(arguments: argparse.Namespace) -> int:
    """Install, and return 0 where that went well."""
    os.chdir(project_dir())
    try:
        environment = find_or_make(project_dir(), say)
        requirements = Requirements(suite_dir() / "requirements.txt")
        environment = environment.install(requirements, say, application=True)
    except SetupError as error:
        say(f"\nThe environment is not complete: {error}")
        return 1
    say(f"Everything is in {environment.python.parents[1]}.")
    return 0
