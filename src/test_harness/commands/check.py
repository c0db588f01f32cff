"""See whether what harness.toml says is true, run the suite, and explain what is wrong.

`copier` has this run after rendering, and then the findings are looked at only if the suite is red.
To Copier a red suite is reported with exit status 0, because a failing task would have it throw
away what it rendered; by hand, or with TEST_HARNESS_STRICT=1, the status is that of the suite.
"""

from __future__ import annotations

import argparse
import os
import time
import traceback
from pathlib import Path

from test_harness.commands.changed_answers import left_to_do
from test_harness.commands.conflicts import conflicting_files, lost_edits
from test_harness.commands.environments import find_or_make
from test_harness.commands.explanations import explain
from test_harness.commands.findings import look
from test_harness.commands.installing import Environment
from test_harness.commands.known import entries_of
from test_harness.commands.observing import not_reviewed, observe
from test_harness.commands.own_files import stale_lock
from test_harness.commands.programs import ENGINE_FOLDER, SetupError, called, say
from test_harness.commands.requirements import Requirements, installed_in
from test_harness.commands.suite import Outcome, run_suite
from test_harness.commands.summary import counts, last_lines, not_looked_at, why_red
from test_harness.commands.trying import ready
from test_harness.errors import HarnessError
from test_harness.known import FILE, write_known
from test_harness.migrations.findings import accepted, baseline, is_to_be_recorded
from test_harness.project import OBSERVED_FILE, project_dir, suite_dir

ACCEPTED_IN_SILENCE = ("-W", "ignore::UserWarning:test_harness.migrations.kit")
STRICT = os.environ.get("TEST_HARNESS_STRICT") == "1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for; all of it is for Copier, and a person asks for nothing."""
    occasion = parser.add_mutually_exclusive_group()
    for name, summary in (
        ("--first-run", "accept what is wrong with old migrations"),
        ("--adoption", "the same, and write down which answers of the application fail a check"),
        ("--after-update", "look for conflicts of an update first"),
        ("--only-conflicts", "look for conflicts and run nothing"),
    ):
        occasion.add_argument(name, action="store_true", help=summary)


def run(arguments: argparse.Namespace) -> int:
    """Run the check; see the module's docstring for the exit status."""
    updated = arguments.after_update or arguments.only_conflicts
    first_run = arguments.first_run or arguments.adoption
    by_hand = not (first_run or updated)
    try:
        os.chdir(project_dir())
        if updated and not update_is_settled():
            status = 1
        elif arguments.only_conflicts:
            status = 0
        else:
            status = check(first_run=first_run, adoption=arguments.adoption, by_hand=by_hand)
    except (SetupError, HarnessError) as error:
        say(f"\nThe suite was not run: {error}")
        say(f"  Then run `{again()}`.")
        status = 1
    except Exception:  # noqa: BLE001 - whatever it is, what was rendered has to stay
        say("\nThe suite was not run, for a fault of the harness and not of the application:")
        say(traceback.format_exc().rstrip())
        say(f"  Fix: report the lines above, then run `{again()}`.")
        status = 1
    except KeyboardInterrupt:
        say(f"\nInterrupted. Everything that was rendered is there; run `{again()}` to go on.")
        status = 1
    return status if STRICT or by_hand else 0


def again() -> str:
    """Return how a person runs the check."""
    try:
        return called("check")
    except HarnessError:
        return "test-harness check"


def update_is_settled() -> bool:
    """Say what an update left to do, and return whether the suite can be run all the same."""
    for name in lost_edits(project_dir(), suite_dir().name):
        say(f"The new version has no {name} any more, which you had edited.")
        say(f"  Fix: `git checkout HEAD -- {name}` brings your edit back.")
    for said in left_to_do(project_dir(), suite_dir()):
        say(said)
    conflicts = conflicting_files(project_dir())
    if conflicts:
        say("The update met edits of yours in the same lines, and the suite was not run.")
        say(f"  Fix: settle the <<<<<<< marks in {', '.join(conflicts)}, then run `{again()}`.")
    return not conflicts


def check(*, first_run: bool, adoption: bool, by_hand: bool) -> int:
    """Prepare the environment, look at the findings, run the suite, and report.

    Returns:
        The exit status of the suite, 1 where it was not run.
    """
    began = time.perf_counter()
    environment = find_or_make(project_dir(), say)
    requirements = Requirements(suite_dir() / "requirements.txt")
    environment = environment.install(requirements, say)
    prepared = time.perf_counter() - began
    if by_hand and not findings_are_right(environment):
        say(f"The suite was not run: mend what is an ERROR, then run `{again()}`.")
        return 1
    is_reviewed_later = adoption and not (suite_dir() / OBSERVED_FILE).exists()
    if adoption:
        ready(environment, project_dir(), suite_dir(), say)
        observe(environment, project_dir(), suite_dir(), say)
    known_failures = suite_dir() / FILE
    accepts = first_run and is_to_be_recorded()
    # What is skipped or accepted is summed up below; in a list it would push away what was found.
    options = ["-rfE", *ACCEPTED_IN_SILENCE] if first_run else []
    outcome = run_suite(environment, project_dir(), suite_dir(), options)
    known = entries_of(outcome.failures) if adoption and not known_failures.exists() else []
    if known:
        write_known(known_failures, known)
        outcome = run_suite(environment, project_dir(), suite_dir(), options)
    report(outcome, environment, prepared)
    # Where they were just seen, each was named, with what to do.
    if not is_reviewed_later and (observed := not_reviewed(suite_dir())):
        say(observed)
    say_how_to_keep(environment, requirements, green=outcome.green)
    if not (outcome.green or by_hand):
        findings_are_right(environment)
    if known:
        say(f"Expected to fail from now on with the answer that was seen ({len(known)}):")
        for entry in known:
            say(f"  {entry.test.partition('::')[2]}: {entry.seen}")
        say("  Fix: mend the application, or correct harness.toml where it says what is not so,")
        say(f"  then delete their lines in {known_failures.name}.")
    if accepts and (findings := accepted()):
        what = f"{len(findings)} findings are" if len(findings) > 1 else "1 finding is"
        say(f"Of the migrations that were there before, {what} accepted: read them in")
        say(f"{suite_dir().name}/{baseline().name}, which from now on may only shrink.")
    return outcome.status


def findings_are_right(environment: Environment) -> bool:
    """Show what is true of harness.toml, and return whether nothing of it is wrong."""
    found = look(environment, project_dir(), suite_dir())
    say("\nWhat harness.toml says, looked at in the application, under the lock:")
    unseen = explain(found.output) or last_lines(found.output)
    say(found.table or "\n".join(f"  {line}" for line in unseen))
    return found.right


def report(outcome: Outcome, environment: Environment, prepared: float) -> None:
    """Say how the suite ended, why, what it did not look at, and what comes next."""
    phases = f"environment {prepared:.1f} s, suite {outcome.seconds:.1f} s"
    if outcome.green:
        say(f"\nGreen: {counts(outcome.results, red=False)} ({phases}).")
    else:
        say("\n" + "=" * 78)
        say(f"RED: {counts(outcome.results, red=True)} ({phases}).")
        for line in why_red(outcome):
            say(f"  {line}")
        say(f"The application was not changed. Run `{again()}` to try again.")
        say("=" * 78)
    off = not_looked_at(outcome.results) if outcome.results else []
    if off:
        say("Not looked at, as long as harness.toml does not say:")
    for line in off:
        say(f"  {line}")


def say_how_to_keep(environment: Environment, requirements: Requirements, *, green: bool) -> None:
    """Say which command makes the installation last, and what stands in its way.

    Args:
        environment: Where the tests ran.
        requirements: What was installed for them.
        green: Whether the suite was; while it is red, only what is wrong is said.
    """
    hint = environment.permanent(requirements)
    lock = stale_lock(requirements)
    if lock:
        say(f"{lock} names another version of the engine, and goes back to it when it is synced.")
        say(f"  Fix: run `{hint}`.")
    elif hint and green:
        say(f"To have colleagues install the test requirements too, run `{hint}`.")
    if other := other_engine(environment, suite_dir()):
        say(other)
    url = requirements.engine["url"] if requirements.engine else ""
    if url.startswith("file:"):
        say("The engine was installed from this machine; colleagues and CI need the address of the")
        say("template: `copier copy` from there, or correct the line in requirements.txt.")
    elif url.startswith("git+ssh:") and green:
        say("The engine comes over ssh: CI needs a key of its own that may read it.")


def other_engine(environment: Environment, tests_dir: Path) -> str:
    """Return what is to be said where the project has a copy of the engine, and another besides.

    Args:
        environment: Where the tests ran.
        tests_dir: The folder of the harness.
    """
    copy = tests_dir / ENGINE_FOLDER
    installed = installed_in(environment.python)["engine"]
    if not (copy.is_dir() and installed):
        return ""
    return (
        f"The engine ran from {tests_dir.name}/{ENGINE_FOLDER}; {installed['version']} is installed"
        " too, and nobody uses it.\n  Fix: `pip uninstall test-harness`, or with `uv pip`."
    )
