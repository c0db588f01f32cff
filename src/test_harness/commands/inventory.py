"""Show which tests there are: of which kind, in which state, and what they reach.

Cases of `planned.txt` that have a test by now are taken out of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from test_harness.commands.programs import run_within, seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import suite_command, variables_for
from test_harness.commands.summary import last_lines
from test_harness.errors import HarnessError
from test_harness.project import project_dir, suite_dir

PAGE = "inventory.html"
ON_SCREEN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which tests are shown, where the inventory goes, and in which forms."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH",
        help="tests of your own, which run under your configuration; those of the harness without",
    )  # fmt: skip
    forms = (("html", "a page; without any form it goes into the cache of pytest"),)
    for form, what in (*forms, ("markdown", "a document"), ("json", "for machines")):
        parser.add_argument(f"--{form}", metavar="FILE", help=f"{what}; `-` prints it")


def run(arguments: argparse.Namespace) -> int:
    """Have pytest collect the tests, and write what there is."""
    from test_harness.suite.inventory import planned
    from test_harness.suite.inventory.markdown import document, target_said, totals_said
    from test_harness.suite.inventory.page import inventory_page
    from test_harness.suite.results import keeping, place

    path_of_planned = suite_dir() / planned.FILE
    # First, for a line that is wrong there is soon told.
    planned.read_planned(planned.read_file(path_of_planned))
    inventory = collected(arguments.paths)
    forms = {
        "html": inventory_page,
        "markdown": document,
        "json": lambda found: json.dumps(found, indent=1) + "\n",
    }
    given = {form: file for form in forms if (file := getattr(arguments, form))}
    wanted = given or {"html": place.kept_in() / PAGE}
    is_on_screen = ON_SCREEN in given.values()
    if not is_on_screen:
        print(f"{totals_said(inventory)}.")
        for target in inventory["targets"]:
            print(f"  {target_said(target)}")
        for problem in inventory["problems"]:
            print(f"  {problem}")
    for form, file in wanted.items():
        if file == ON_SCREEN:
            sys.stdout.write(forms[form](inventory))
            continue
        path = Path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        keeping.write(path, forms[form](inventory))
        if not is_on_screen:
            print(f"{path.resolve().as_uri() if form == 'html' else path}")
    for name in planned.take_out(path_of_planned, inventory["built"]):
        print(f"Taken out of {planned.FILE}, for there is a test: {name}", file=sys.stderr)
    return 0


def collected(paths: Sequence[str] = ()) -> Any:
    """Return what pytest finds under the configuration of the harness.

    Args:
        paths: Tests of a team's own, found under its own configuration.

    Raises:
        HarnessError: It did not come to an end.
    """
    tests_dir, project = suite_dir(), project_dir()
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "inventory.json"
        command = suite_command(Path(sys.executable), tests_dir)
        if paths:
            command = [sys.executable, "-m", "pytest", "-q", "--no-header"]
            command += ["-p", "test_harness.plugin", *paths]
        command += ["-p", "test_harness.suite.inventory.plugin", f"--inventory={path}"]
        # Those too that a usual run leaves out.
        command += ["--collect-only", "-m", ""]
        limit = seconds_for("run")
        ended = run_within(
            command,
            limit,
            folder=project,
            variables=variables_for(project, tests_dir),
        )
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    said = last_lines(said_with_reason(ended, "The collection of the tests", limit))
    raise HarnessError(
        "The tests could not be collected: " + "\n  ".join(said),
        "See `test-harness check`, which explains it.",
    )
