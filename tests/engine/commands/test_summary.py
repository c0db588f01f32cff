"""What is said at the end equals what pytest counted, and names each cause once."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from test_harness.commands.results import Failure, Results, read_results
from test_harness.commands.suite import Outcome
from test_harness.commands.summary import causes_of, counts, not_looked_at, why_red
from test_harness.known import Seen
from test_harness.lock.callers import FAULT_SAID
from tests.worlds import ROOT, build_tree, run

from ..test_settings import SETTINGS

ENDS = """\
import pytest


def test_passes():
    pass


def test_fails():
    assert 1 == 2


def test_is_skipped():
    pytest.skip("not today")


@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail():
    assert 1 == 2


@pytest.mark.xfail(strict=False)
def test_passes_unexpectedly(record_property):
    record_property("test_harness_xpassed", "")


@pytest.fixture
def broken():
    raise RuntimeError("no start")


@pytest.fixture
def dirty():
    yield
    raise RuntimeError("no end")


def test_cannot_begin(broken):
    pass


def test_passes_and_cannot_end(dirty):
    pass


def test_fails_and_cannot_end(dirty):
    assert 1 == 2
"""
OF_THE_HARNESS = (
    "def test_it():\n    pass\n\n\ndef test_every_table_of_the_metadata_exists():\n    pass\n"
)
SAID = {"failed": "failed", "passed": "passed", "skipped": "skipped", "xfailed": "expected to fail"}
SAID |= {"xpassed": "passed though expected to fail", "errors": "errors", "error": "errors"}


def results_of(folder: Path, files: dict[str, str], *options: str) -> tuple[Results, str]:
    build_tree(folder, {"pytest.ini": "[pytest]\n", **files})
    done = run(
        sys.executable, "-m", "pytest", "-q", "--junit-xml=results.xml", *options,
        cwd=folder, check=False, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTHONPATH=str(ROOT / "src"),
    )  # fmt: skip
    found = read_results(folder / "results.xml")
    assert found is not None
    return found, done.stdout


def test_the_totals_are_those_of_pytest(tmp_path: Path) -> None:
    results, printed = results_of(tmp_path, {"test_ends.py": ENDS})
    [last] = re.findall(r"^.* in [\d.]+s$", printed, re.MULTILINE)
    by_pytest = {
        SAID[kind]: int(number) for number, kind in re.findall(r"(\d+) (\w+)", last) if kind in SAID
    }
    said = {
        kind: int(number)
        for number, kind in re.findall(r"(\d+) ([a-z ]+)", counts(results, red=True))
    }
    assert said == by_pytest
    assert said["expected to fail"] == said["passed though expected to fail"] == 1


def test_passes_that_look_at_the_harness_alone_are_told_apart(tmp_path: Path) -> None:
    files = {
        "checks/test_infrastructure.py": OF_THE_HARNESS,
        "test_isolation_own.py": OF_THE_HARNESS,
    }
    results, _ = results_of(tmp_path, files)
    assert counts(results, red=False) == "4 passed (1 of the harness itself)"


def test_a_module_that_cannot_be_collected_is_an_error_with_what_it_says(tmp_path: Path) -> None:
    results, _ = results_of(tmp_path, {"test_broken.py": "import no_such_module\n"})
    assert counts(results, red=True) == "0 failed, 1 error, 0 passed"
    [failure] = results.failures.values()
    assert "No module named 'no_such_module'" in failure.said


def test_what_pytest_did_not_write_is_no_result(tmp_path: Path) -> None:
    assert read_results(tmp_path / "results.xml") is None
    (tmp_path / "results.xml").write_text("<testsuites><testsuite")
    assert read_results(tmp_path / "results.xml") is None


OUTCOME = Outcome(1, 1.0, "", Results(passed=3))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (-9, "its process was ended by the signal SIGKILL"),
        (2, "it was interrupted (exit status 2)"),
        (3, "it broke off, or was ended on purpose (exit status 3)"),
        (4, "it was not called as it wants to be, or its configuration is wrong (exit status 4)"),
        (77, "its process was ended (exit status 77)"),
    ],
)
def test_a_run_without_a_result_says_how_it_ended_and_what_was_said_last(
    status: int, said: str
) -> None:
    output = "collecting\n=====\n\nthe last but one\nthe last word\n"
    assert why_red(Outcome(status, 1.0, output, None)) == [
        f"pytest ended without a result: {said}. Its last lines:",
        "  collecting",
        "  the last but one",
        "  the last word",
    ]


def test_a_run_that_explains_itself_needs_no_last_lines() -> None:
    output = "!!!! _pytest.outcomes.Exit: It is wrong.\n  Fix: Mend it. !!!!\n"
    assert why_red(Outcome(3, 1.0, output, None)) == ["It is wrong.\n    Fix: Mend it."]


def test_a_run_that_a_plugin_fails_shows_what_it_said() -> None:
    output = "3 passed\nFAIL Required test coverage of 90% not reached.\n"
    assert why_red(Outcome(1, 1.0, output, Results(passed=3))) == [
        "pytest ended with exit status 1, though no test failed. Its last lines:",
        "  3 passed",
        "  FAIL Required test coverage of 90% not reached.",
    ]


def test_a_run_of_skips_alone_says_so() -> None:
    assert why_red(Outcome(0, 1.0, "", Results(skipped=4))) == [
        "No test passed: all that were found were skipped."
    ]


FAILURE = Failure("Failed: GET http://localhost/me answered 500, not 200.\nRequest body:  ")


def test_a_cause_is_said_once_with_how_many_tests_it_hit() -> None:
    seen = Seen("GET /me", "500", "app/main.py:31")
    failures = {f"test_a::test_{number}": replace(FAILURE, seen=seen) for number in range(5)}
    assert why_red(replace(OUTCOME, results=Results(failures=failures))) == [
        "GET /me answered 500, not 200 (app/main.py:31), 5 tests.",
        "  Fix: Mend the application.",
    ]


SAID_BY_A_ROUTE = "Failed: POST http://localhost/in answered 500, not 422.\nRequest body:  {}\n"


def failing_with(*bodies: str) -> list[str]:
    """Return what is said of logins that fail with these bodies."""
    failures = {
        f"test_flow_login_sync::test_a_login[{number}]": Failure(
            f"{SAID_BY_A_ROUTE}Response body: {body}",
            Seen("POST /in", "500", "app/in.py:3"),
            is_check=True,
        )
        for number, body in enumerate(bodies)
    }
    return why_red(replace(OUTCOME, results=Results(failures=failures)))


def test_what_the_application_said_when_it_failed_is_said() -> None:
    assert failing_with("Internal Server Error") == [
        "POST /in answered 500, not 422 (app/in.py:3).",
        "  It said: Internal Server Error",
        "  Checked: a login.",
        "  Fix: Mend the application.",
    ]


def test_a_mistake_that_is_named_is_one_cause_wherever_it_shows() -> None:
    error = "NameError: name 'Users' is not defined (app/users.py:7)"
    assert failing_with(error, error) == [
        f"The application failed: {error}, 2 tests.",
        "  Fix: Mend the application.",
    ]


def test_a_token_in_a_query_is_not_shown() -> None:
    said = "Failed: POST http://localhost/refresh?token=eyJh.x.y answered 200, not 401.\n"
    [cause] = causes_of({"a": Failure(said, Seen("POST /refresh", "200", "app/in.py:3"))})
    assert cause.text == "POST /refresh?... answered 200, not 401."


def test_what_is_limited_is_one_cause_whatever_was_expected() -> None:
    failures = {
        f"test_a::test_{status}": Failure(
            f"Failed: GET http://localhost/me answered 429, not {status}.\nRequest body:  ",
            Seen("GET /me", "429", "app/main.py"),
        )
        for status in (200, 401)
    }
    [cause] = causes_of(failures)
    assert (cause.text[:28], len(cause.tests)) == ("The application answers 429:", 2)
    assert cause.fix.startswith("Set in test.env the variable")


def test_of_a_model_that_refuses_the_field_is_named() -> None:
    said = (
        "pydantic_core.ValidationError: 1 validation error for Shown\nimage\n  Input should be text"
    )
    assert [cause.text for cause in causes_of({"a": Failure(f"{said} [type=x]\n    see")})] == [
        "pydantic_core.ValidationError: 1 validation error for Shown: image: Input should be text "
        "[type=x]"
    ]
    assert [cause.text for cause in causes_of({"a": Failure("ValueError: one\ntwo\nthree")})] == [
        "ValueError: one"
    ]


def test_what_differs_in_a_number_is_one_cause() -> None:
    failures = {
        f"test_a::test_{number}": Failure(f"ValueError: row {number} at 0x7f{number} is wrong")
        for number in range(3)
    }
    assert [cause.lines for cause in causes_of(failures)] == [
        ["ValueError: row 0 at 0x7f0 is wrong, 3 tests."]
    ]


def test_an_error_of_the_harness_is_its_own_cause_with_its_fix() -> None:
    said = "test_harness.errors.LoginError: The login was refused.\n  Fix: Compare it."
    assert why_red(replace(OUTCOME, results=Results(failures={"a": Failure(said)}))) == [
        "The login was refused.",
        "  Fix: Compare it.",
    ]


def test_what_fails_of_security_is_mended_or_accepted_by_a_person() -> None:
    seen = Seen("GET /me", "200", "app/main.py:31")
    failure = replace(FAILURE, seen=seen, is_check=True, is_of_security=True)
    name = "test_flow_login_sync::test_a_user_who_becomes_inactive_is_out"
    [_, check, fix] = why_red(replace(OUTCOME, results=Results(failures={name: failure})))
    assert check == "  Checked: a user who becomes inactive is out."
    assert fix.startswith("  Fix: Mend the application; or a person accepts it, ")


def test_a_fault_of_the_harness_is_no_cause_of_the_application() -> None:
    failures = {"a": replace(FAILURE, fault="TypeError: it broke (x.py:3)")}
    assert why_red(replace(OUTCOME, results=Results(failures=failures))) == [
        "A fault of the harness, and not of the application: TypeError: it broke (x.py:3).",
        "  Fix: report it with the traceback above.",
    ]


def test_a_fault_that_keeps_a_module_from_being_collected_is_read(tmp_path: Path) -> None:
    conftest = (
        "import pytest\n\n\ndef pytest_exception_interact(report):\n"
        f"    report.longrepr = {FAULT_SAID!r} + 'KeyError: 1 (x.py:3)\\n' + str(report.longrepr)\n"
    )
    results, _ = results_of(tmp_path, {"conftest.py": conftest, "test_broken.py": "{}[1]\n"})
    assert [one.fault for one in results.failures.values()] == ["KeyError: 1 (x.py:3)"]


def test_what_one_line_switches_on_is_said_the_best_first() -> None:
    def lacks(what: str, place: str) -> str:
        place, _, hint = place.partition("; ")
        hint = f"; {hint}" if hint else ""
        return f"the application has no {what} (answer {place} of harness.toml{hint})"

    skips = {
        lacks("signup", "flows.signup_path; POST /join (v2) looks like it"): 10,
        lacks("mail for forgotten passwords", "flows.reset_request_path"): 12,
        lacks("health route", "application.health_path"): 1,
        lacks("protected path", "auth.protected_path"): 6,
        lacks("known mail", "flows.mail_token_pattern") + ": 'Hello' has none": 3,
        lacks("session cookie", "auth.session_cookie"): 2,
        "the application's tokens have no claim 'aud'": 20,
    }
    assert not_looked_at(Results(skips=skips)) == [
        "6 checks of protected path: name protected_path in [auth]",
        "10 checks of signup: name signup_path in [flows]; POST /join (v2) looks like it",
        "12 checks of mail for forgotten passwords: name reset_request_path in [flows]",
        "3 checks of known mail: name mail_token_pattern in [flows]",
        "1 check of health route: name health_path in [application]",
    ]
    many = {lacks(str(number), f"flows.a{number}"): 1 for number in range(20)}
    assert len(not_looked_at(Results(skips=many))) == 8


LONG = """\
import pytest

PROBLEM = "it is wrong " * 60 + "\\n  seen: 1\\n  Fix: Mend it."


@pytest.fixture
def broken():
    raise AssertionError(PROBLEM)


def test_fails():
    raise AssertionError(PROBLEM)


def test_cannot_begin(broken):
    pass
"""


def test_the_fix_at_the_end_of_a_long_message_is_not_lost(tmp_path: Path) -> None:
    files = {"test_long.py": LONG, "harness.toml": SETTINGS}
    results, _ = results_of(tmp_path, files, "-p", "test_harness.reports")
    [cause] = causes_of(results.failures)
    assert (cause.fix, len(cause.tests)) == ("Mend it.", 2)
