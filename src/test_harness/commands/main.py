"""The command `test-harness`: what it can do, and which module does it."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from test_harness import project
from test_harness.commands import requirements
from test_harness.commands.programs import ENGINE_FOLDER
from test_harness.errors import HarnessError
from test_harness.version import __version__

COMMANDS = {
    "check": "see whether what harness.toml says is true, run the suite, explain what is wrong",
    "install": "install the packages of the application and of its tests into its environment",
    "factories": "write factories for models that have none, and show what is out of date",
    "double": "have tests answered by doubles of services: Redis, mail, HTTP APIs and others",
    "seed": "write a scenario of scenarios.py into a development database",
    "update": "bring the harness to the newest version of its template",
    "adopt": "give a project a harness: `copier copy` with all that it needs",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: What follows the name of the program; those of this process if nothing is given.
    """
    parser = argparse.ArgumentParser(
        prog="test-harness",
        description="The test harness of this project; see README.md in the folder of its tests.",
    )
    parser.add_argument("--version", action="version", version=f"test-harness {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = {name: importlib.import_module(f"test_harness.commands.{name}") for name in COMMANDS}
    for name, summary in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=modules[name].__doc__)
        subparser.add_argument("--tests", type=Path, help=argparse.SUPPRESS)
        modules[name].add_arguments(subparser)
    given = sys.argv[1:] if arguments is None else list(arguments)
    own, passed_on = _split(given)
    options = parser.parse_args(own)
    options.passed_on = passed_on
    try:
        if options.tests is not None:
            project.use(options.tests)
        if options.command != "adopt" and (engine := _engine_of_the_project()):
            return subprocess.run([sys.executable, str(engine), *given], check=False).returncode
        return int(modules[options.command].run(options))
    except HarnessError as error:
        print(f"test-harness {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


def _split(given: list[str]) -> tuple[list[str], list[str]]:
    """Part what is for the command from what follows `--`, which Pythons do in different ways."""
    at = given.index("--") if "--" in given else len(given)
    return given[:at], given[at + 1 :]


def _engine_of_the_project() -> Path | None:
    """Return the copy of the engine in the project, unless it is what runs: its tests use it."""
    engine = project.suite_dir() / ENGINE_FOLDER
    is_copy = (engine / "__main__.py").is_file() and not requirements.checkout()
    return engine if is_copy and engine.resolve() != requirements.PACKAGE else None
