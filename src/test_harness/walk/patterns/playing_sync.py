"""Plays a pattern with the client of a test."""

from __future__ import annotations

from typing import Any

from test_harness.application.own_account import on_own_account
from test_harness.errors import HarnessError
from test_harness.factories.base import bound_session
from test_harness.runtime.process import runtime
from test_harness.walk.driving_sync import drive
from test_harness.walk.finding import Finding
from test_harness.walk.hands_sync import called
from test_harness.walk.looking import told
from test_harness.walk.patterns.rows import read_again
from test_harness.walk.steps import Steps, undone


def play(client: Any, steps: Steps[list[Finding]]) -> None:
    """Take the steps of a pattern, and undo what they wrote.

    Args:
        client: Sends what is sent.
        steps: The pattern.

    Raises:
        AssertionError: Something is wrong.
        HarnessError: The test has no session, or commits for real, or names what is not there.
    """
    __tracebackhide__ = True
    db = bound_session()
    if not runtime().seam.isolates:
        raise HarnessError(
            "A pattern undoes what it sends, which cannot be in a test marked real_commits.",
            "Call it in a test without that marker.",
        )
    try:
        with on_own_account(told=True):
            found = drive(undone(steps), lambda credential: client, db)
    finally:
        called(read_again, db)
    told(found)
