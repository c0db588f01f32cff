"""Has pytest look at what tests patch, in the running code."""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from test_harness.commands.programs import run_within, seconds_for
from test_harness.commands.suite import with_engine, without_traces
from test_harness.suite.lint.finding import File, Finding
from test_harness.suite.lint.patches import findings_of, patches_of
from test_harness.suite.reading.configuration import Configuration

PLUGIN = "test_harness.suite.lint.looking"


def look(
    files: Mapping[str, File], configuration: Configuration
) -> tuple[list[Finding], list[str]]:
    """Return patches of what is no longer there, and what could not be looked at, in words.

    Args:
        files: What was read of the tests.
        configuration: That of pytest.
    """
    patches = {path: [*patches_of(file)] for path, file in files.items()}
    asked = [patch.asked() for of in patches.values() for patch in of]
    if not asked:
        return [], []
    with tempfile.TemporaryDirectory() as scratch:
        exchange = Path(scratch) / "patches.json"
        exchange.write_text(json.dumps(asked), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", PLUGIN]
        command += [f"--look-at-patches={exchange}"]
        if configuration.file is not None:
            command += ["-c", str(configuration.file), "--rootdir", str(configuration.root)]
        # The folder of the tests, whose conftest.py sets what the application asks for.
        command += sorted({str(file.module.path.parent) for file in files.values()})
        limit = seconds_for("run")
        folder = configuration.root
        ended = run_within(
            command, limit, folder=folder, variables={**without_traces(folder), **with_engine()}
        )
        answers = json.loads(exchange.read_text(encoding="utf-8"))
    if answers == asked:
        last = next(iter(reversed(ended.output.strip().splitlines())), "it said nothing")
        return [], [f"What tests patch was not looked at: pytest did not start ({last})."]
    unknown = Counter(answer["unknown"] for answer in answers if "unknown" in answer)
    notes = [
        f"{times} patch{'es were' if times > 1 else ' was'} not looked at: {why}"
        for why, times in unknown.items()
    ]
    return findings_of(patches, files, answers), notes
