"""Runs pytest again and again for the commands that change one thing each time."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from test_harness.commands.explanations import explain
from test_harness.commands.programs import seconds_for
from test_harness.commands.stacks import said_with_reason
from test_harness.commands.suite import Runner, run_plugin, suite_command
from test_harness.commands.summary import last_lines
from test_harness.errors import HarnessError
from test_harness.project import project_dir, suite_dir
from test_harness.watch.order.score import NOTES, SCORE, Played, Score, read_played

PLUGIN = "watch.order.playing"


class Player:
    """Plays scores on the suite, or on what is chosen of it, each in a process of its own.

    Args:
        targets: Files, folders or names of tests, as whoever calls names them; the suite of the
            harness when there are none. Those outside of it are the tests that a team had before,
            which run as `make test-own` has them.
        options: What is given to pytest besides.
        run: Runs pytest.

    Attributes:
        runs: How many runs there were.
    """

    def __init__(
        self, targets: Sequence[str], options: Sequence[str], run: Runner = run_plugin
    ) -> None:
        self.targets = [_in_the_project(target) for target in targets]
        self._options = [*options]
        self.run = run
        self._began = time.monotonic()
        self.runs = 0

    @property
    def seconds(self) -> float:
        """How long it has been at it."""
        return time.monotonic() - self._began

    def play(
        self,
        score: Score,
        files: Iterable[str] | None = None,
        *,
        plugins: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> Played:
        """Run pytest once.

        Args:
            score: What is played.
            files: What is collected; what was chosen when None.
            plugins: Modules of the engine that are plugins of pytest, beside the one that plays.
            variables: Environment variables for this run.
            seconds: How long it may take; 0 is for ever, None what harness.toml says.

        Raises:
            HarnessError: No test came of it, for a reason that is no test's.
        """
        self.runs += 1
        limit = seconds_for("run") if seconds is None else seconds
        named = [part for one in plugins for part in ("-p", f"test_harness.{one}")]
        with tempfile.TemporaryDirectory(prefix="test-harness-") as folder:
            scratch = Path(folder)
            score.write(scratch / "score.json")
            ended = self.run(
                # What pytest would write in the project it writes there.
                [
                    *self.command(files),
                    *named,
                    *self._options,
                    "-o",
                    f"cache_dir={scratch / 'cache'}",
                ],
                PLUGIN,
                limit,
                project=project_dir(),
                tests_dir=suite_dir(),
                variables={
                    SCORE: str(scratch / "score.json"),
                    NOTES: str(scratch / "notes.jsonl"),
                    "COVERAGE_FILE": str(scratch / "coverage"),
                    "GITHUB_STEP_SUMMARY": "",
                    # Who is looked at changes, and a test may be red for what it cost or left.
                    "TEST_HARNESS_WATCH_LEAKS": "off",
                    "TEST_HARNESS_BUDGETS_OVER": "off",
                    "PYTHONHASHSEED": str(score.hash_seed),
                    **(variables or {}),
                },
            )
            output = said_with_reason(ended, "The run", limit)
            played = read_played(scratch / "notes.jsonl", output)
        if not (played.tests or played.ends):
            said = explain(output) or last_lines(output)
            raise HarnessError(
                "pytest came to no test: " + "\n".join(said).replace("\n", "\n    "),
                "Have `pytest` run what was chosen, then run this again.",
            )
        return played

    def command(self, files: Iterable[str] | None = None) -> list[str]:
        """Return how pytest is started.

        Args:
            files: What is collected; what was chosen when None.
        """
        chosen = self.targets if files is None else [*files]
        python = Path(sys.executable)
        if all(
            (project_dir() / it.partition("::")[0]).is_relative_to(suite_dir()) for it in chosen
        ):
            return suite_command(python, suite_dir(), *chosen)
        return [
            str(python),
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "test_harness.plugin",
            *chosen,
        ]

    def again(self, tests: Sequence[str]) -> str:
        """Return how a person runs tests in this order.

        Args:
            tests: Their names.
        """
        _, _, *rest = self.command(tests)
        shown = [part for part in rest if part not in ("-q", "--no-header")]
        return " ".join(
            [*shown[:1], "-p", "no:randomly", *map(_quoted, (*self._options, *shown[1:]))]
        )


def _in_the_project(target: str) -> str:
    path, colons, rest = target.partition("::")
    found = Path(path).resolve()
    if not found.exists():
        raise HarnessError(
            f"There is no {path} here.", "Name a file, a folder, or a test as file.py::test_name."
        )
    if not found.is_relative_to(project_dir()):
        raise HarnessError(f"{path} is not of this project.", f"Name what lies in {project_dir()}.")
    return f"{found.relative_to(project_dir()).as_posix()}{colons}{rest}"


def _quoted(part: str) -> str:
    return f"'{part}'" if set(part) & set(' []()*?$&;|<>"\\`') else part
