"""The command `test-harness`: what it can do, and which module does it."""

from __future__ import annotations

import argparse
import importlib
import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from test_harness import project
from test_harness.commands import requirements
from test_harness.commands.programs import ENGINE_FOLDER
from test_harness.errors import HarnessError, SettingsError
from test_harness.version import __version__

COMMANDS = {
    "check": "see whether what harness.toml says is true, run the suite, explain what is wrong",
    "install": "install the packages of the application and of its tests into its environment",
    "factories": "write factories for models that have none, and show what is out of date",
    "routes": "find a request for each route that is granted, and remember it in requests.toml",
    "double": "have tests answered by doubles of services: Redis, mail, HTTP APIs and others",
    "seed": "write a scenario of scenarios.py into a development database",
    "serve": "serve the application on a test database, with scenarios, for end-to-end tests",
    "audit": "say what each file of tests is, which are alike, and arrange them otherwise",
    "lint": "find weak tests: what asserts nothing, cannot fail, swallows, sleeps",
    "inventory": "show which tests there are, in which state, and what they reach; as a page too",
    "coverage": "say what tests reach of each layer, and which lines of it they miss",
    "performance": "show what the tests of the last run cost, as lines and as a page with plots",
    "shards": "prove that the shards of a run lost no test, and make one run of them",
    "durations": "write down how long tests take, so that shards have alike much to do",
    "ci-check": "run the suite as CI would, and say what works only on this machine",
    "leaks": "run the suite in several orders, and name the tests that depend on others",
    "flakes": "repeat new and changed tests, and name those that do not always end alike",
    "sabotage": "break the application in memory, and say which faults no test notices",
    "update": "bring the harness to the newest version of its template",
    "adopt": "give a project a harness: `copier copy` with all that it needs",
}

# What needs no harness: a folder of tests is enough, or a folder alone.
ANYWHERE = {"lint", "audit", "ci-check"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: What follows the name of the program; those of this process if nothing is given.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A letter that a pipe of Windows lacks is no reason to end.
            stream.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(
        prog="test-harness",
        description="The test harness of this project; see README.md in the folder of its tests.",
    )
    parser.add_argument("--version", action="version", version=f"test-harness {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    names = {name: f"test_harness.commands.{name.replace('-', '_')}" for name in COMMANDS}
    modules = {name: importlib.import_module(module) for name, module in names.items()}
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
        if options.command != "adopt" and (engine := _engine_of_the_project(options.command)):
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


def _engine_of_the_project(command: str) -> Path | None:
    """Return the copy of the engine in the project, unless it is what runs: its tests use it."""
    try:
        engine = project.suite_dir() / ENGINE_FOLDER
    except SettingsError:
        if command in ANYWHERE:
            return None
        raise
    is_copy = (engine / "__main__.py").is_file() and not requirements.checkout()
    return engine if is_copy and engine.resolve() != requirements.PACKAGE else None
