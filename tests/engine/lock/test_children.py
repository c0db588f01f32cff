"""A Python that a test starts is held, whatever it is given; any other program is left alone."""

from __future__ import annotations

import os

import pytest

from test_harness.lock.children import (
    HOLDS_SUBPROCESSES,
    LAUNCHER,
    SUBPROCESSES,
    held_command,
    held_environment,
)


@pytest.mark.parametrize(
    ("given", "held"),
    [
        (["python", "-I", "-c", "1", "a"], ["python", "-I", LAUNCHER, "-c", "1", "a"]),
        (["python3.11", "-Ic", "1"], ["python3.11", "-I", LAUNCHER, "-c", "1"]),
        (["python", "-ES", "run.py"], ["python", "-ES", LAUNCHER, "run.py"]),
        (["python", "-X", "dev", "-Im", "this"], ["python", "-Xdev", "-I", LAUNCHER, "-m", "this"]),
        (["python", "-IWerror", "run.py"], ["python", "-I", "-Werror", LAUNCHER, "run.py"]),
        (["python", "-I"], ["python", "-I", LAUNCHER, "-"]),
        (["/usr/bin/pypy3", "-E", "-"], ["/usr/bin/pypy3", "-E", LAUNCHER, "-"]),
    ],
)  # fmt: skip
def test_who_would_look_away_is_started_by_the_launcher(given: list[str], held: list[str]) -> None:
    assert held_command(given) == held


@pytest.mark.parametrize(
    "given",
    [
        ["python", "-c", "1", "-I"],
        ["python", "run.py", "-S"],
        ["python", "-IV"],
        ["python", "-I", LAUNCHER, "run.py"],
        ["git", "-S"],
        ["python-config", "-I"],
        [],
    ],
)
def test_whoever_looks_is_started_as_they_are(given: list[str]) -> None:
    assert held_command(given) == given


def test_an_environment_of_its_own_leads_to_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOLDS_SUBPROCESSES, "/project")
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "test_it.py::test_it (call)")
    who = {"PYTEST_CURRENT_TEST": "test_it.py::test_it (call)"}
    given = {"PYTHONPATH": "/mine", "A": "1"}
    led = {"PYTHONPATH": f"{SUBPROCESSES}{os.pathsep}/mine", HOLDS_SUBPROCESSES: "/project"}
    assert held_environment(given) == {"A": "1", **led, **who}
    assert given == {"PYTHONPATH": "/mine", "A": "1"}
    assert held_environment({b"A": b"1"}) == {
        b"A": b"1",
        b"PYTEST_CURRENT_TEST": b"test_it.py::test_it (call)",
        b"PYTHONPATH": SUBPROCESSES.encode(),
        HOLDS_SUBPROCESSES.encode(): b"/project",
    }


def test_who_is_let_go_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOLDS_SUBPROCESSES, "/project")
    free = {HOLDS_SUBPROCESSES: "off"}
    assert held_environment(free) is free
    assert held_environment(None) is None
