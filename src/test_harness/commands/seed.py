"""Write a scenario of scenarios.py into a development database that is empty or was seeded before.

Its address is given here and nowhere else, so that nobody names one by mistake.
"""

from __future__ import annotations

import argparse
import os
import sys

from test_harness.errors import HarnessError
from test_harness.project import import_roots


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("address", nargs="?", default="", help="the address of the database")
    parser.add_argument("scenario", nargs="?", default="", help="a function of scenarios.py")


def run(arguments: argparse.Namespace) -> int:
    """Write the scenario and return the exit status."""
    sys.path[:0] = import_roots()
    if os.environ.get("DATABASE_URL") == arguments.address:
        # make hands its variables on, and the application may want another driver there.
        del os.environ["DATABASE_URL"]
    try:
        from test_harness.application.own_packages import hold

        hold()
        from test_harness.scenarios.seed import seed

        for line in seed(arguments.address, arguments.scenario):
            print(line)
    except HarnessError as error:
        print(f"make seed: {error}", file=sys.stderr)
        return 1
    return 0
