"""Finds by trying which environment variables the application has to have in its tests.

The import and the start are run in a child process, under the lock. What it asked for and refused
comes back as data (`demands/`), the next values are given, and so on, a bounded number of times.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from test_harness.commands.environment_file import EnvironmentFile
from test_harness.commands.installing import Environment
from test_harness.commands.programs import SetupError
from test_harness.commands.suite import run_plugin, suite_command

# How often the application is imported at most, for how many seconds each step may take, and after
# how many no further import is begun.
MOST = 16
SECONDS = 60
LONGEST = 300
STEPS = 2
# How often something is given to a variable that may have nothing to do with it.
GUESSES = 2
# What no value mends.
MISTAKES = ("NameError", "SyntaxError", "UnboundLocalError", "IndentationError", "TabError")

Failure = dict[str, Any]
Try = Callable[[Mapping[str, str]], Failure]
Say = Callable[[str], None]


def ready(environment: Environment, project: Path, tests_dir: Path, say: Say) -> None:
    """See whether the application can be imported and started, and give it what it asks for.

    What was found is written into `test.env` with its reason; a line of a person stays as it is.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        say: Called with what there is to tell.

    Raises:
        SetupError: It cannot be imported, and no variable that can be thought of mends it.
    """

    def attempt(values: Mapping[str, str]) -> Failure:
        return try_once(environment, project, tests_dir, values)

    file = EnvironmentFile(tests_dir / "test.env")
    trying = Trying(attempt, file, f"{tests_dir.name}/test.env", os.environ)
    trying.run()
    if found := trying.found():
        for name, value in found.items():
            file.add(name, value, trying.reasons[name])
        file.write()
        say(
            f"Wrote {', '.join(found)} into {trying.shown}, found by importing the application "
            f"{trying.times} times."
        )
    if trying.problem:
        raise SetupError(trying.problem)
    if trying.note:
        say(trying.note)


def try_once(
    environment: Environment, project: Path, tests_dir: Path, values: Mapping[str, str]
) -> Failure:
    """Import and start the application in a child process, and return how that failed.

    Args:
        environment: Where the application and the test requirements are installed.
        project: The folder pytest starts in.
        tests_dir: The folder of the harness.
        values: Variables beside those of `test.env`.

    Returns:
        See `demands/failure.py`, with the `step` of it; empty where nothing is known.
    """
    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / "failure.json"
        command = suite_command(environment.python, tests_dir)
        command += [f"--trial={written}", f"--trial-seconds={SECONDS}"]
        ended = run_plugin(
            command,
            "demands.trial",
            SECONDS * (STEPS + 1),
            project=project,
            tests_dir=tests_dir,
            variables=values,
        )
        if ended.late or not written.exists():
            return {}
        found: Failure = json.loads(written.read_text(encoding="utf-8"))
        return found


class Trying:
    """Gives the application one value after the other.

    Args:
        attempt: Imports it with some variables and returns how that failed, empty if it did not.
        file: What stands in `test.env`.
        shown: How messages call that.
        exported: What whoever runs this has in the environment, which wins over the file.

    Attributes:
        times: How often it was imported.
        reasons: Why each variable was given a value.
        problem: What is wrong in the end, with its fix, where nothing can be tried any more.
        note: What is to be told besides.
    """

    def __init__(
        self, attempt: Try, file: EnvironmentFile, shown: str, exported: Mapping[str, str]
    ) -> None:
        self._attempt = attempt
        self._file = file
        self._exported = exported
        self._given: dict[str, str] = {}
        self._tried: dict[str, list[str]] = {}
        self._guessed = ""
        self._failure: Failure = {}
        self._out_of_time = False
        self.shown = shown
        self.times = 0
        self.reasons: dict[str, str] = {}
        self.problem = ""
        self.note = ""

    def run(self) -> None:
        """Try until it works or nothing is left to try."""
        before: Failure = {}
        began = time.monotonic()
        while self.times < MOST and time.monotonic() - began < LONGEST:
            self.times += 1
            self._failure = self._attempt(self._given)
            if not self._failure or self._failure.get("fine"):
                return
            if self._guessed and _is_same(self._failure, before):
                # It was not that one.
                self._given.pop(self._guessed, None)
            self._guessed = ""
            before = self._failure
            if not self._give():
                break
        else:
            self._out_of_time = True
        self._conclude()

    def found(self) -> dict[str, str]:
        """Return what was found out, without the values that are refused still."""
        refused = {want["name"] for want in self._failure.get("wants", ())}
        return {name: value for name, value in self._given.items() if name not in refused}

    def _give(self) -> bool:
        """Give each variable that is asked for its next value; False where there is none."""
        wants = self._failure["wants"]
        sure = [want for want in wants if want["sure"]]
        given = False
        for want in sure or wants:
            name = want["name"]
            left = self._left(want)
            if not left:
                continue
            self._given[name] = left[0]
            self._tried.setdefault(name, []).append(left[0])
            must = f": must be {want['must']}" if want["must"] else ""
            known = self.reasons.get(name, "")
            if must or not known:
                self.reasons[name] = f"asked for by {want['place']}{must}"
            given = True
            if not want["sure"]:
                self._guessed = name
                break
        return given

    def _left(self, want: Failure) -> list[str]:
        name = want["name"]
        if name in self._exported or self._file.is_of_a_person(name):
            return []
        tried = self._tried.get(name, [])
        if not want["sure"] and len(tried) >= GUESSES:
            return []
        return [value for value in want["values"] if value not in tried]

    def _conclude(self) -> None:
        failure = self._failure
        if "waited" in failure:
            where = failure["waited"] or "A library"
            self.note = (
                f"{where} was not done after {SECONDS} s while the application was made ready.\n"
                "  Fix: give what it waits for a place on this machine in "
                f"{self.shown}, or replace it in conftest.py."
            )
        elif sure := [want for want in failure["wants"] if want["sure"]]:
            self.problem = self._asks_for(sure[0])
        elif failure["step"] == "import" and failure["raised"] == "ApplicationError":
            said = failure["said"]
            is_mistake = failure["error"] in MISTAKES and failure["place"]
            fix = f"mend {failure['place']}." if is_mistake else failure["fix"]
            if "reached" in failure:
                said = f"{said}\n{failure['reached']}."
            self.problem = f"{said}\n  Fix: {fix}"

    def _asks_for(self, want: Failure) -> str:
        name, place, must = want["name"], want["place"] or "A library", want["must"]
        wanted = f"a value that is {must}" if must else "a value that is safe in tests"
        if name in self._exported:
            return (
                f"{place} refuses the value of {name} that is exported here"
                f"{must and f', which must be {must}'}.\n  Fix: unset it, or export {wanted}."
            )
        if self._file.is_of_a_person(name):
            return (
                f"{place} refuses the value of {name} in {self.shown}:{self._file.line_of(name)}"
                f"{must and f', which must be {must}'}.\n  Fix: give it {wanted}."
            )
        tried = self._tried.get(name, [])
        shown = ", ".join(_short(value) for value in tried)
        text = self._failure["text"]
        said = f" It says: {text.rstrip('.')}." if text else ""
        if self._out_of_time:
            problem = f"{place} asks for {name} still, after {self.times} imports."
        elif tried:
            problem = f"{place} refuses {name} with each value that was tried ({shown}).{said}"
        else:
            problem = f"{place} asks for {name}, and nothing fits that is known here."
        return f"{problem}\n  Fix: give {name} {wanted} in {self.shown}."


def _is_same(failure: Failure, other: Failure) -> bool:
    return all(failure.get(key) == other.get(key) for key in ("error", "place", "text"))


def _short(value: str) -> str:
    line = value.splitlines()[0]
    return repr(line if len(line) <= 40 and line == value else f"{line[:24]}...")
