"""What is reported of each test: known failures by their answer, faults of ours, and evidence."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from test_harness.application import exchanges
from test_harness.application.evidence import evidence_of
from test_harness.errors import HarnessError
from test_harness.isolation.one_connection import one_connection
from test_harness.known import (
    EVIDENCE,
    FILE,
    PASSED_ALTHOUGH,
    SAID,
    SECURITY,
    Entry,
    Seen,
    block_of,
)
from test_harness.limits.clock import NotEnded
from test_harness.lock.callers import FAULT, FAULT_SAID, fault_of_the_harness, is_check
from test_harness.markers import markers_of
from test_harness.shortening import say_once, shortened, wants_all
from test_harness.suite.results.kinds import KIND, kind_of
from test_harness.watch.notes import attach, note

SUFFIXES_OF_MAILS = {".html", ".htm", ".txt", ".mjml", ".j2", ".jinja", ".jinja2", ".mako"}
UNBOUND = "test_harness_unbound"
SECTION = "one connection"
# pytest shortens longer ones, from 9.2 on.
WHOLE_MESSAGE = 400
known_failure = pytest.StashKey[Entry]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    exchanges.forget()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    is_short = call.excinfo is not None and not wants_all(item.config)
    broke = is_short and (last := exchanges.latest()) is not None and last.broke
    if call.excinfo is not None and is_short:
        call.excinfo = shortened(call.excinfo, through_the_application=broke)
    report = yield
    if call.excinfo is not None and is_short and report.failed:
        is_said = broke or isinstance(call.excinfo.value, HarnessError)
        say_once(item.config, report, call.excinfo, is_cause=is_said)
    if call.when == "teardown":
        note(item, KIND, kind_of(marker.name for marker in markers_of(item)))
        attach(item, report)
    if report.failed and call.when == "call":
        _tell_of_one_connection(report)
    entry = item.stash.get(known_failure, None)
    if call.excinfo is None and entry is None and not hasattr(report, "wasxfail"):
        return report  # As nearly all are.
    if report.failed and call.excinfo is not None and "mailbox" in _fixtures(item):
        _skip_where_a_mail_is_not_built(item, report, call.excinfo.value)
    if report.failed and call.excinfo is not None:
        _note_what_is_said(item, report)
        _note_failure(item, report, call.excinfo.value, entry)
    elif entry is not None and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value) if call.excinfo else ""
        _fail(report, entry, f"it is skipped: {reason}", _DELETE)
    elif entry is not None and report.passed and call.when == "call":
        _fail(report, entry, "it passes", _DELETE)
    if report.passed and hasattr(report, "wasxfail"):
        _note(item, report, PASSED_ALTHOUGH, "")
    return report


def pytest_exception_interact(
    call: pytest.CallInfo[Any], report: pytest.CollectReport | pytest.TestReport
) -> None:
    # Of a module that could not be collected there is no test to note anything about.
    if isinstance(report, pytest.CollectReport) and call.excinfo is not None:
        error = call.excinfo.value
        if fault := fault_of_the_harness(error.__cause__ or error):
            report.longrepr = f"{FAULT_SAID}{fault}\n{report.longrepr}"


_DELETE = f"Delete its entry in {FILE}."


def _tell_of_one_connection(report: pytest.TestReport) -> None:
    asked = one_connection.asked
    # What is certain has been warned of.
    if asked is not None and not asked.is_certain:
        fix = "Fix: if that is why it fails, mark it with @pytest.mark.real_commits."
        report.sections.append((SECTION, f"{asked.said}.\n{fix}"))


def _note_what_is_said(item: pytest.Item, report: pytest.TestReport) -> None:
    """Note a message that pytest cuts in the file of results, where the fix stands at its end."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and len(crash.message) > WHOLE_MESSAGE:
        _note(item, report, f"{SAID}_{report.when}", crash.message)


def _note_failure(
    item: pytest.Item, report: pytest.TestReport, error: BaseException, entry: Entry | None
) -> None:
    seen, fault = evidence_of(error), fault_of_the_harness(error)
    if fault:
        _note(item, report, FAULT, fault)
        return
    if report.when == "teardown":
        return
    security = item.get_closest_marker("security") is not None
    # What the harness says of itself is mended: a login that does not work is never known, nor
    # what takes too long.
    is_an_answer = seen is not None and not isinstance(error, (HarnessError, NotEnded))
    if seen is not None and is_an_answer:
        _note(item, report, EVIDENCE, seen.to_json())
    if security:
        _note(item, report, SECURITY, "")
    if entry is not None:
        _compare(item, report, entry, seen)
    elif seen is not None and is_an_answer and is_check(str(item.path)):
        title = f"if {'a person accepts this' if security else 'this is known'}: what {FILE} says"
        report.sections.append((title, block_of(name_of(item), seen, is_of_security=security)))


def _compare(item: pytest.Item, report: pytest.TestReport, entry: Entry, seen: Seen | None) -> None:
    if entry.seen is None:
        is_of_security = item.get_closest_marker("security") is not None
        block = block_of(entry.test, seen, is_of_security=is_of_security) if seen else entry.test
        _note(item, report, UNBOUND, block)
        _expect(report, entry.where)
    elif entry.expects(seen):
        _expect(report, f"{entry.where}: {seen}")
    else:
        now = f"seen now is {seen}" if seen else "it fails in another way, which is shown below"
        fix = "Mend the application, or delete the entry"
        report.sections.append(("the failure of now", str(report.longrepr)))
        _fail(report, entry, now, f"{fix} in {FILE} where what is seen now is right.")


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def _skip_where_a_mail_is_not_built(
    item: pytest.Item, report: pytest.TestReport, error: BaseException
) -> None:
    """Skip a test whose mail the application makes of a file that something else builds."""
    last = exchanges.latest()
    # The first is Jinja's, which the application may be without.
    is_missing = type(error).__name__ == "TemplateNotFound" or isinstance(error, FileNotFoundError)
    if last is None or not last.broke or not is_missing:
        return
    name = getattr(error, "filename", None) or getattr(error, "name", None) or str(error)
    if Path(name).suffix not in SUFFIXES_OF_MAILS:
        return
    reason = f"{last.route} makes a mail of {name}, which is not there and has to be built first"
    report.outcome = "skipped"
    report.longrepr = (str(item.path), (item.location[1] or 0) + 1, f"Skipped: {reason}")


def _expect(report: pytest.TestReport, reason: str) -> None:
    report.outcome = "skipped"
    report.wasxfail = reason


def _fail(report: pytest.TestReport, entry: Entry, now: str, fix: str) -> None:
    known = f"known is {entry.seen}" if entry.seen else "it is known to fail"
    report.outcome = "failed"
    report.longrepr = f"{entry.where}: {known}; {now}.\n  Fix: {fix}"


def _note(item: pytest.Item, report: pytest.TestReport, name: str, value: str) -> None:
    # The report has a copy of its own already.
    item.user_properties.append((name, value))
    report.user_properties.append((name, value))


def name_of(item: pytest.Item) -> str:
    """Return how a test is called in `known_failures.txt`."""
    return f"{item.path.stem}::{item.name}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    unbound = [
        value
        for report in terminalreporter.stats.get("xfailed", ())
        for name, value in report.user_properties
        if name == UNBOUND
    ]
    if not unbound:
        return
    say = terminalreporter.write_line
    say(f"{FILE} is bound to no answer for {len(unbound)} of its tests: whatever they see counts.")
    say("  Fix: write what was seen below the name of each, if it is to be known:")
    for block in unbound:
        say(block)
