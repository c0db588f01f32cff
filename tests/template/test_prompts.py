"""What a person sees and types in `copier copy`, in a terminal of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.terminal import CLEAR_LINE, CTRL_C, DOWN, ENTER, ESCAPE, Terminal
from tests.worlds import ANSWERS_FILE, build_tree, questions

# pytest-xdist talks in a thread of its own, and Python says what that may mean for a fork.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")

QUESTIONS: dict[str, Any] = {
    name: details
    for name, details in questions().items()
    if not name.startswith("_") and details.get("ask") is not False and details.get("when", True)
}
HELP = {name: details["help"] for name, details in QUESTIONS.items()}


def prompt(template: Path, destination: Path, *options: str) -> Terminal:
    """Start what the README says, in the folder that has the destination."""
    return Terminal(
        sys.executable, "-m", "copier", "copy", "--trust", *options, template, destination.name,
        cwd=destination.parent,
    )  # fmt: skip


def asked(terminal: Terminal) -> list[str]:
    """The questions on the screen."""
    return [line.split(maxsplit=1)[1] for line in terminal.lines if line.startswith("🎤")]


def answers_in(destination: Path) -> dict[str, Any]:
    """The remembered answers."""
    answers: dict[str, Any] = yaml.safe_load((destination / ANSWERS_FILE).read_text("utf-8"))
    return answers


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    return build_tree(tmp_path / "backend", {"app/main.py": "app = None\n"})


@pytest.fixture
def at_app_path(template: Path, backend: Path) -> Iterator[Terminal]:
    """The questions for an existing backend, at the first that has no default."""
    with prompt(template, backend) as terminal:
        for name in ("questions", "framework"):
            terminal.wait_for(HELP[name])
            terminal.press(ENTER)
        terminal.wait_for(HELP["app_path"])
        yield terminal


def test_the_short_way_asks_six_questions_and_renders(template: Path, empty: Path) -> None:
    typed = {
        "questions": [ENTER],
        "sample_application": [ENTER],
        "database_engine": [DOWN, ENTER],
        "mode": [DOWN, ENTER],
        "auth": [ENTER],
        "run_suite": ["n"],
    }
    with prompt(template, empty) as terminal:
        for name, keys in typed.items():
            terminal.wait_for(HELP[name])
            terminal.press(*keys)
        assert terminal.end() == 0
        assert len(asked(terminal)) == 6
    answers = answers_in(empty)
    assert {name: answers[name] for name in typed} == {
        "questions": "recommended",
        "sample_application": True,
        "database_engine": "postgresql",
        "mode": "sync",
        "auth": "jwt_bearer",
        "run_suite": False,
    }


def test_everything_asks_all_questions_in_the_order_of_copier_yml(
    template: Path, backend: Path
) -> None:
    # For an empty folder, for an application of both modes or with migrations, for other ways to
    # log in than a token.
    left_out = {"sample_application", "sync_driver", "login_nested_in", "pytest_alembic"}
    left_out |= {"csrf_header"} | {
        name for name in HELP if name.endswith("_cookie") or name.startswith("api_key")
    }
    expected = {name: text for name, text in HELP.items() if name not in left_out}
    chosen = {
        "questions": [DOWN, ENTER],
        "auth": [DOWN, ENTER],
        "role_attribute": ["role", ENTER],
        "schema_dump": [ENTER],
        "flows": [ESCAPE, ENTER],
        "run_suite": ["n"],
    }
    with prompt(template, backend) as terminal:
        for name, text in expected.items():
            terminal.wait_for(text)
            if name in chosen:
                terminal.press(*chosen[name])
            elif "placeholder" in QUESTIONS[name]:
                terminal.press(CLEAR_LINE, QUESTIONS[name]["placeholder"], ENTER)
            else:
                terminal.press(ENTER)
        assert terminal.end() == 0
        # The answer to a question of yes or no stands in the same line.
        shown = [line.removesuffix(" Yes").removesuffix(" No").rstrip() for line in asked(terminal)]
        assert shown == list(expected.values())


def test_a_bad_answer_is_refused_where_it_was_typed(at_app_path: Terminal) -> None:
    at_app_path.press("app", ENTER)
    at_app_path.wait_for(
        "Validation error for question 'app_path': Write module:name, for example app.main:app, "
        "or app.main:create_app('testing') for a function."
    )
    assert asked(at_app_path)[-1] == HELP["app_path"]


def test_a_corrected_answer_goes_on_to_the_next_question(at_app_path: Terminal) -> None:
    at_app_path.press("app", ENTER)
    at_app_path.wait_for("Validation error")
    at_app_path.press(".main:app", ENTER)
    at_app_path.wait_for(HELP["metadata_path"])
    assert "   app.main:app" in at_app_path.lines


def test_an_unsupported_choice_is_shown_with_the_reason_and_cannot_be_chosen(
    template: Path, empty: Path
) -> None:
    with prompt(template, empty, "--data", "framework=flask") as terminal:
        for name in ("questions", "sample_application", "database_engine"):
            terminal.wait_for(HELP[name])
            terminal.press(ENTER)
        terminal.wait_for(HELP["mode"])
        reason = "The sample application in flask is not async: answer sync."
        assert f"   - Asynchronously ({reason})" in terminal.lines
        terminal.wait_for("» Synchronously")
        terminal.press(DOWN)
        terminal.press(ENTER)
        terminal.wait_for(HELP["auth"])


def test_an_interruption_leaves_nothing(template: Path, tmp_path: Path) -> None:
    destination = tmp_path / "project"
    with prompt(template, destination) as terminal:
        terminal.wait_for(HELP["questions"])
        terminal.press(ENTER)
        terminal.wait_for(HELP["sample_application"])
        terminal.press(CTRL_C)
        assert terminal.end() == 1
        assert terminal.lines[-1] == "Execution stopped by user"
        assert not any("Traceback" in line for line in terminal.lines)
    assert not destination.exists()


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_of_the_suite_keeps_what_was_rendered(template: Path, empty: Path) -> None:
    # The project has an environment whose Python never comes back.
    build_tree(empty, {".venv/bin/python": "#!/bin/sh\nexec sleep 60\n"})
    (empty / ".venv" / "bin" / "python").chmod(0o755)
    with Terminal(
        sys.executable, "-m", "copier", "copy", "--trust", "--defaults", template, empty.name,
        cwd=empty.parent,
    ) as terminal:  # fmt: skip
        terminal.wait_for("Using the environment in")
        terminal.press(CTRL_C)
        assert terminal.end() == 1
        assert (
            "Interrupted. Everything that was rendered is there; run "
            "`make -f test-harness.mk harness-check` to go on." in terminal.lines
        )
    assert (empty / "tests" / "requirements.txt").is_file()
