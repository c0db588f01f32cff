"""Finds or makes the project's environment, looks at every finding in it, and runs the suite.

`copier` runs this after rendering, and looks at the findings only if the suite is red;
`make harness-check` runs it whenever you like. It needs nothing but
Python 3.10. To Copier it reports a red suite and still exits with 0, because a failing task would
have it throw away what it rendered; by hand, or with TEST_HARNESS_STRICT=1, it fails as the suite
does.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from commands import SetupError
from environments import Environment, find_or_make
from explanations import explain
from findings import look
from known import WHY, acceptable, record
from suite import Outcome, run_suite
from update import conflicting_files, lost_edits
from writing import write_factories

TESTS_DIR = Path(__file__).resolve().parents[2]
PROJECT_DIR = TESTS_DIR.parent
STRICT = os.environ.get("TEST_HARNESS_STRICT") == "1"
BASELINE = TESTS_DIR / "migration_baseline.txt"
KNOWN = TESTS_DIR / "known_failures.txt"
AGAIN = "make -f test-harness.mk harness-check"


def main() -> int:
    """Run the check; see the module's docstring for the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, prog="harness-check")
    parser.add_argument(
        "--first-run", action="store_true", help="accept what is wrong with old migrations"
    )
    parser.add_argument(
        "--adoption",
        action="store_true",
        help="the same, and write down which answers of the application fail a check",
    )
    parser.add_argument(
        "--after-update", action="store_true", help="look for conflicts of an update first"
    )
    parser.add_argument(
        "--only-conflicts", action="store_true", help="look for conflicts and run nothing"
    )
    arguments = parser.parse_args()
    os.chdir(PROJECT_DIR)
    updated = arguments.after_update or arguments.only_conflicts
    first_run = arguments.first_run or arguments.adoption
    by_hand = not (first_run or updated)
    try:
        if updated and not update_is_settled():
            status = 1
        elif arguments.only_conflicts:
            status = 0
        else:
            status = check(first_run=first_run, adoption=arguments.adoption, by_hand=by_hand)
    except SetupError as error:
        say(f"\nThe suite was not run: {error}")
        say(f"  Then run `{AGAIN}`.")
        status = 1
    except KeyboardInterrupt:
        say(f"\nInterrupted. Everything that was rendered is there; run `{AGAIN}` to go on.")
        status = 1
    return status if STRICT or by_hand else 0


def update_is_settled() -> bool:
    """Say what an update left to do, and return whether the suite can be run all the same."""
    for name in lost_edits(PROJECT_DIR):
        say(f"The new version has no {name} any more, which you had edited.")
        say(f"  Fix: `git checkout HEAD -- {name}` brings your edit back.")
    conflicts = conflicting_files(PROJECT_DIR)
    if conflicts:
        say("The update met edits of yours in the same lines, and the suite was not run.")
        say(f"  Fix: settle the <<<<<<< marks in {', '.join(conflicts)}, then run `{AGAIN}`.")
    return not conflicts


def check(*, first_run: bool, adoption: bool, by_hand: bool) -> int:
    """Prepare the environment, look at the findings, run the suite, and report.

    Returns:
        The exit status of the suite, 1 where it was not run.
    """
    began = time.perf_counter()
    environment = find_or_make(PROJECT_DIR, say)
    environment = environment.install(TESTS_DIR / "harness" / "requirements.txt", say)
    prepared = time.perf_counter() - began
    if by_hand and not findings_are_right(environment):
        say(f"The suite was not run: mend what is an ERROR, then run `{AGAIN}`.")
        return 1
    if adoption:
        write_factories(environment, PROJECT_DIR, TESTS_DIR, say)
    accept = first_run and not BASELINE.exists()
    variables = {"TEST_HARNESS_MIGRATION_BASELINE": "write"} if accept else {}
    outcome = run_suite(environment, PROJECT_DIR, TESTS_DIR, variables)
    known = outcome.failures if adoption and not KNOWN.exists() else {}
    if acceptable(known):
        record(KNOWN, known)
        outcome = run_suite(environment, PROJECT_DIR, TESTS_DIR, {})
    report(outcome, environment, prepared)
    if not (outcome.green or by_hand):
        findings_are_right(environment)
    if acceptable(known):
        say(f"Expected to fail from now on, {WHY} ({len(known)}):")
        for test, said in known.items():
            say(f"  {test.partition('::')[2]}: {said}")
        say("  Fix: mend the application, or correct harness.toml where it says what is not so,")
        say(f"  then delete their lines in {KNOWN.name}.")
    if accept and BASELINE.exists():
        lines = BASELINE.read_text(encoding="utf-8").splitlines()
        findings = sum(1 for line in lines if line and not line.startswith("#"))
        say(
            f"{findings} findings about migrations that were there before the harness are accepted "
            f"in {BASELINE.relative_to(PROJECT_DIR)}: from now on it may only shrink."
        )
    return outcome.status


def findings_are_right(environment: Environment) -> bool:
    """Show what is true of harness.toml, and return whether nothing of it is wrong."""
    found = look(environment, PROJECT_DIR, TESTS_DIR)
    say("\nWhat harness.toml says, looked at in the application, under the lock:")
    say(found.table or "\n".join(f"  {line}" for line in explain(found.output)))
    return found.right


def report(outcome: Outcome, environment: Environment, prepared: float) -> None:
    """Say how the suite ended, why, and what comes next."""
    phases = f"environment {prepared:.1f} s, suite {outcome.seconds:.1f} s"
    if outcome.green:
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        say(f"\nGreen: {outcome.passed} passed{skipped} ({phases}).")
        if hint := environment.permanent:
            say(f"To keep the test requirements, run `{hint}`.")
        return
    say("\n" + "=" * 78)
    say(f"RED: {outcome.failed} failed, {outcome.passed} passed ({phases}).")
    for line in explain(outcome.output):
        say(f"  {line}")
    say(f"The application was not changed. Run `{AGAIN}` to try again.")
    say("=" * 78)


def say(text: str) -> None:
    """Print a line at once, so that it stands in order with the output of child processes."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
