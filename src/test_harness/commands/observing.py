"""Has the harness look at the running application once, and says what was read wrongly."""

from __future__ import annotations

import json
import re
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_harness.commands.explanations import explain
from test_harness.commands.factories import has_factories, say_not_written
from test_harness.commands.installing import Environment
from test_harness.commands.routes import FILE as REQUESTS
from test_harness.commands.routes import read_report, say_what_was_reached
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import run_plugin, suite_command
from test_harness.project import OBSERVED_FILE

# Seconds for all of it: an application that waits for a service would wait in the suite as well.
PATIENCE = 180


def observe(
    environment: Environment, project: Path, tests_dir: Path, say: Callable[[str], None]
) -> None:
    """Write factories, and look at what the application does, in one run of pytest.

    What is there already is left alone: both are written once.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        say: Called with what there is to tell.
    """
    if (tests_dir / OBSERVED_FILE).exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        seen, written = Path(scratch) / "seen.json", Path(scratch) / "written.txt"
        walked = Path(scratch) / "walked.jsonl"
        command = suite_command(environment.python, tests_dir)
        command += [f"--observe={seen}", f"--written={written}"]
        lacking = not has_factories(tests_dir)
        command += ["--write-factories"] if lacking else []
        asks = any((tests_dir / "checks").glob("test_routes_*.py"))
        command += [f"--walk={walked}"] if asks and not (tests_dir / REQUESTS).exists() else []
        ended = run_plugin(
            command, "observation.plugin", PATIENCE, project=project, tests_dir=tests_dir
        )
        output = said_with_reason(ended, "The look at what the application does", PATIENCE)
        if lacking and written.exists():
            say(written.read_text(encoding="utf-8").strip())
        elif lacking:
            say_not_written(output, say)
        if ended.late and (written.exists() or not lacking):
            say("What the application does was not looked at to the end:")
            for line in explain(output):
                say(f"  {line}")
        if seen.exists():
            _say_what_was_seen(json.loads(seen.read_text(encoding="utf-8")), tests_dir, say)
        if walked.exists():
            say_what_was_reached(read_report(walked), tests_dir, say)


def _say_what_was_seen(seen: dict[str, Any], tests_dir: Path, say: Callable[[str], None]) -> None:
    confirmed, corrected = seen["confirmed"], seen["corrected"]
    for fault in seen["faults"]:
        say(f"A fault of the harness while it looked, and not of the application: {fault}.")
        say("  Fix: report the line above; the suite does without what was not seen.")
    if not (confirmed or corrected):
        return
    say(f"Seen in the running application: {len(confirmed)} settings are as they were read:")
    names = ", ".join(name.partition(".")[2] for name in confirmed)
    for line in textwrap.wrap(names, 96):
        say(f"  {line}")
    if not corrected:
        return
    path = f"{tests_dir.name}/{OBSERVED_FILE}"
    say(
        f"{len(corrected)} are not. They count, and are in {path} until a person has reviewed them:"
    )
    for one in corrected:
        place = f" ({one['where']})" if one["where"] else ""
        before = one["instead_of"]
        instead = f"not {before!r}" if before != "" else "of which nothing was read"
        instead = "unlike the rest" if one["section"] == "refusals" else instead
        say(f"  {one['key']} is {one['value']!r}, {instead}: {one['seen']}{place}.")
    say(
        "  Fix: set `reviewed = true` where one is right; where it is not, mend the application and"
    )
    say("  delete the entry.")


def not_reviewed(tests_dir: Path) -> str:
    """Return what is to be said of observations that nobody has reviewed, or nothing.

    Args:
        tests_dir: The folder of the harness.
    """
    path = tests_dir / OBSERVED_FILE
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = re.findall(r"^reviewed *= *(\w+)", text, re.MULTILINE)
    open_ones = entries.count("false")
    if not open_ones:
        return ""
    return (
        f"{open_ones} of {len(entries)} settings in {tests_dir.name}/{OBSERVED_FILE} were observed "
        "and are not reviewed."
    )
