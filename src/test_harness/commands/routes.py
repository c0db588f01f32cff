"""Find a request for each route that is granted, and remember it in `requests.toml`.

Each operation of the application is asked in the sandbox, as somebody who may, until it grants
something; what comes of it is undone. What stands in the file already is sent, and never changed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_harness.commands.explanations import explain
from test_harness.commands.programs import run_within, say, seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import suite_command, without_traces
from test_harness.commands.summary import last_lines
from test_harness.project import project_dir, suite_dir

FILE, ACCESS = "requests.toml", "access.toml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Walk, and print what was reached and what was not.

    Returns:
        0, also for routes that were not reached; 1 where the application could not be asked, or
        where the file says what is not so.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "routes.jsonl"
        command = suite_command(Path(sys.executable), suite_dir())
        command += ["-p", "test_harness.observation.routes", f"--routes-report={report}"]
        command += ["--routes-check"] if arguments.check else []
        limit = seconds_for("run")
        variables = {**without_traces(project_dir()), "PYTHONPATH": str(suite_dir())}
        ended = run_within(command, limit, folder=project_dir(), variables=variables)
        lines = read_report(report)
    output = said_with_reason(ended, "The walk over the routes", limit)
    if not lines or ended.status not in (0, 5):
        for line in explain(output) or last_lines(output) or ["Nothing was to be walked over."]:
            say(line)
        if not lines:
            return 1
    summary = summed_up(lines)
    summary["written"] = not arguments.check
    if arguments.json:
        print(json.dumps(summary, indent=2))
    else:
        show(summary)
    return 1 if summary["wrong"] or ended.status else 0


def read_report(report: Path) -> list[dict[str, Any]]:
    """Return the lines of a report; none where there is none.

    Args:
        report: The file that the walk was told to write.
    """
    text = report.read_text(encoding="utf-8") if report.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def say_what_was_reached(
    lines: list[dict[str, Any]], tests_dir: Path, say: Callable[[str], None]
) -> None:
    """Say how many routes were reached at an adoption, and what to look at.

    Args:
        lines: Of the report.
        tests_dir: The folder of the harness.
        say: Called with what there is to tell.
    """
    summary = summed_up(lines) if lines else {}
    if not summary.get("of"):
        return  # It has no routes.
    reached, of = summary["reached"], summary["of"]
    say(f"Of {of} routes {reached} were asked until they were granted ({summary['per_cent']} %).")
    if reached:
        say(f"  Who is answered what is in {tests_dir.name}/{ACCESS}: review it.")
    if reached < of:
        say("  `test-harness routes` says what the others answered, and what to write for them.")


def summed_up(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what was found, with how much of it was reached.

    Args:
        lines: Of the report: what there is, and what became of each operation.
    """
    first = lines[0]
    rest = {one["operation"]: one for one in lines[1:] if "operation" in one}
    order = first["operations"]
    found = [rest[name] for name in order if name in rest]
    counted = [one for one in found if not one["skip"]]
    reached = sum(one["reached"] for one in counted)
    skipped = len(found) - len(counted)
    every = len(order) - skipped
    return {
        "reached": reached,
        "of": every,
        "skipped": skipped,
        "per_cent": 100 * reached // every if every else 100,
        "wrong": [*first["wrong"], *(one["wrong"] for one in found if one["wrong"])],
        "notes": first["notes"],
        "absent": [one["absent"] for one in lines[1:] if "absent" in one],
        "operations": found,
    }


def show(summary: dict[str, Any]) -> None:
    """Print what was not reached, what is wrong, and how much was reached, which comes last."""
    for note in summary["notes"]:
        say(note)
    for sentence in summary["absent"]:
        say(sentence)
    found = summary["operations"]
    for one in found:
        if not (one["reached"] or one["skip"] or one["wrong"]):
            for line in missed(one):
                say(line)
    for one in found:
        for call in one["calls"] if one["reached"] else ():
            say(f"{one['operation']} calls out: {call}")
    for sentence in summary["wrong"]:
        say(sentence)
    tries = sum(one["tries"] for one in found)
    added = sum(one["reached"] and not (one["remembered"] or one["skip"]) for one in found)
    if added:
        new = "are new" if summary["written"] else "would be new"
        say(f"{added} requests {new} in {suite_dir().name}/{FILE}, after {tries} tries.")
    say(
        f"reached {summary['reached']} of {summary['of']} operations ({summary['per_cent']} %)"
        + (f", {summary['skipped']} are skipped" if summary["skipped"] else "")
    )


def missed(one: dict[str, Any]) -> list[str]:
    """Return what is said of an operation that was not reached.

    Args:
        one: Its line of the report.
    """
    place = f" ({one['where']})" if one["where"] else ""
    came = one["answer"] or one["why"]
    lines = [f"not reached: {one['operation']}{place} {came}"]
    lines += [f"  it calls out: {call}" for call in one["calls"]]
    table = "  ".join(one["sent"].splitlines())
    lines.append(f"  Fix: write in {suite_dir().name}/{FILE} what it wants: {table}")
    return lines
