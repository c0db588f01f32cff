"""Runs pytest in copies of a process that has imported what takes long, where that can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from test_harness.commands.programs import Ended
from test_harness.commands.suite import Runner, run_plugin, variables_for

PROGRAM = "test_harness.suite.sabotage.nursery"


class Copies:
    """Runs pytest as `run_plugin` does.

    Args:
        process: Makes a copy of itself for each job.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run_plugin(
        self,
        command: Sequence[str],
        plugin: str,
        seconds: float,
        *,
        project: Path,
        tests_dir: Path,
        variables: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run pytest with a plugin of the harness, and keep what it prints.

        Args:
            command: How pytest is started, with the options of the plugin.
            plugin: The plugin, a module of the engine.
            seconds: How long it may take; 0 is for ever.
            project: The folder it starts in, the one that the process was started in.
            tests_dir: The folder of the harness.
            variables: Environment variables for this run.
        """
        at = [*command].index("pytest") + 1
        # What was imported before is not rewritten, and its assertions are no test's.
        quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        with tempfile.TemporaryDirectory(prefix="test-harness-") as folder:
            output = Path(folder) / "output"
            job = {
                "arguments": [*command[at:], *quiet, "-p", f"test_harness.{plugin}"],
                "variables": dict(variables or {}),
                "output": str(output),
                "seconds": seconds,
            }
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{json.dumps(job)}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            said = output.read_text(encoding="utf-8", errors="replace") if output.exists() else ""
        if not answer:
            return Ended(self._process.wait(), said)
        ended = json.loads(answer)
        return Ended(ended["status"], said, ended["late"])


@contextmanager
def copies_of(
    modules: Sequence[str], project: Path, tests_dir: Path, variables: Mapping[str, str]
) -> Iterator[Runner]:
    """Within the block, have what runs pytest: in copies where this system makes them.

    Args:
        modules: What to import before.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        variables: Environment variables that count when Python starts.
    """
    if sys.platform != "linux":
        # Elsewhere a copy may break what its libraries are made of.
        yield run_plugin
        return
    process = subprocess.Popen(
        [sys.executable, "-m", PROGRAM, *modules],
        cwd=project,
        env={
            **os.environ,
            **variables_for(project, tests_dir),
            "PYTHONFAULTHANDLER": "1",
            **variables,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        yield Copies(process).run_plugin
    finally:
        process.communicate()
