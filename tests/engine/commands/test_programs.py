"""What an installer says is told in one sentence, with what can be done about it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from test_harness import project
from test_harness.commands import programs
from test_harness.commands.programs import ConflictError, SetupError, called, run, run_within
from test_harness.commands.stacks import stood_at
from tests.worlds import build_tree


def said_of(output: str) -> SetupError:
    """Return the error that a program leads to which fails and says this."""
    code = "import sys; sys.exit(sys.argv[1])"
    with pytest.raises(SetupError) as caught:
        run([sys.executable, "-c", code, output])
    return caught.value


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (
            "ERROR: Invalid requirement: 'test-harness @ git+file:///srv/it.git@v1' (from line 1)\n"
            "Hint: It looks like a path. File 'test-harness @ git+file:///srv/it.git@v1' does not",
            "pip before 24 reads no address of git on this machine.",
        ),
        (
            "error: Couldn't parse requirement\n  cause: Unsupported Git URL scheme `git:` in "
            "`git://host/it.git` (expected one of `https:`, `ssh:`, or `file:`)",
            "uv installs the engine from an https, ssh or file address of git, and from no other.",
        ),
        (
            "error: failed to remove file `test-harness.exe`: Access is denied. (os error 5)",
            "The command `test-harness` runs, and so cannot be replaced.",
        ),
        (
            "Because the current Python version (3.9.18) does not satisfy Python>=3.10 and "
            "test-harness==0.2.0 depends on Python>=3.10, your requirements are unsatisfiable.",
            "The environment has a Python that the test requirements do not support.",
        ),
        (
            "error: Git executable not found. Ensure that Git is installed and available.",
            "The engine comes from an address of git, and there is no git here.",
        ),
        (
            "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote",
            "The repository that the engine is installed from gives it to nobody without access.",
        ),
        (
            "error: failed to create directory `/x`: Read-only file system (os error 30)",
            "The environment cannot be written to.",
        ),
        (
            "Because polyfactory was not found in the cache, your requirements are unsatisfiable.\n"
            "hint: Packages were unavailable because the network was disabled.",
            "The package index, or the address of the engine, cannot be reached.",
        ),
    ],
    ids=["pip", "uv", "windows", "python", "git", "ssh", "read-only", "offline"],
)
def test_what_is_known_comes_first_and_is_no_conflict_of_versions(
    output: str, problem: str
) -> None:
    error = said_of(output)
    first, *_, last = str(error).splitlines()
    assert first == problem
    assert last.startswith("  Fix: ")
    assert not isinstance(error, ConflictError)


def test_versions_that_do_not_go_together_are_told_from_all_else() -> None:
    assert isinstance(said_of("your requirements are unsatisfiable."), ConflictError)
    assert not isinstance(said_of("It is broken."), ConflictError)


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(
        SetupError, match=r"^no-such-program cannot be run: .*\n  Fix: install it\."
    ):
        run(["no-such-program"])


@pytest.mark.parametrize(
    ("platform", "files", "command"),
    [
        ("linux", ["harness.toml"], "make -f test-harness.mk harness-check"),
        ("win32", ["harness.toml"], "python -m test_harness check"),
        (
            "win32",
            ["harness.toml", "test_harness/__main__.py"],
            "python tests/test_harness check",
        ),
    ],
)
def test_a_command_is_named_as_it_can_be_called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    files: list[str],
    command: str,
) -> None:
    build_tree(tmp_path / "tests", dict.fromkeys(files, ""))
    monkeypatch.setattr(sys, "platform", platform)
    project.use(tmp_path / "tests")
    try:
        assert called("check") == command
    finally:
        project.forget()


def stuck(folder: Path, code: str) -> str:
    """Return where a child stood that runs some code of a project and is ended for it."""
    build_tree(folder, {"app/slow.py": code})
    ended = run_within([sys.executable, "app/slow.py"], 1, folder=folder)
    assert ended.late
    return stood_at(ended.output, folder)


def test_a_child_that_never_ends_says_where_it_stood(tmp_path: Path) -> None:
    code = "import time\n\n\ndef wait():\n    time.sleep(99)\n\n\nwait()\n"
    assert stuck(tmp_path, code) == "app/slow.py:5 (`time.sleep(99)`)"


def test_the_main_thread_counts_and_not_one_that_works_beside_it(tmp_path: Path) -> None:
    code = (
        "import threading\n\n\ndef beside():\n    threading.Event().wait()\n\n\n"
        "threading.Thread(target=beside, daemon=True).start()\nthreading.Event().wait()\n"
    )
    assert stuck(tmp_path, code) == "app/slow.py:9 (`threading.Event().wait()`)"


def test_a_child_that_ignores_every_signal_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "GRACE", 0.5)
    code = "import signal, time\nsignal.signal(signal.SIGABRT, signal.SIG_IGN)\ntime.sleep(99)\n"
    assert stuck(tmp_path, code) == ""


def test_nobody_waits_for_what_a_child_leaves_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "GRACE", 0.5)
    left = f"subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(20)'])"
    began = time.monotonic()
    ended = run_within([sys.executable, "-c", f"import subprocess; {left}; print('done')"], 60)
    assert (ended.status, ended.output, ended.late) == (0, "done\n", False)
    assert time.monotonic() - began < 15


def test_lines_are_heard_while_the_child_runs(tmp_path: Path) -> None:
    heard: list[str] = []
    code = "import time; print('first', flush=True); time.sleep(99)"
    ended = run_within([sys.executable, "-c", code], 1, heard=heard.append)
    assert (heard[0], ended.late) == ("first\n", True)


@pytest.mark.parametrize(
    ("written", "variable", "seconds"),
    [
        ("", "", 1200),
        ("[limits]\nrun = 5\n", "", 5),
        ("[limits]\n# A comment.\ntest = 7\nrun=6 # a long one\n\n[auth]\nrun = 9\n", "", 6),
        ("[limits]\ntest = 7\n\n[auth]\nrun = 9\n", "", 1200),
        ("[limits]\nrun = 5\n", "8", 8),
        ("", "0", 0),
    ],
)
def test_how_long_a_run_may_take_is_read_without_a_reader_of_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, variable: str, seconds: int
) -> None:
    monkeypatch.setenv("TEST_HARNESS_LIMITS_RUN", variable)
    build_tree(tmp_path, {"harness.toml": written})
    project.use(tmp_path)
    try:
        assert programs.seconds_for("run") == seconds
    finally:
        project.forget()


def test_an_installer_that_never_ends_is_ended_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_HARNESS_LIMITS_INSTALL", "1")
    code = "import time; print('Resolving', flush=True); time.sleep(99)"
    with pytest.raises(SetupError) as caught:
        run([sys.executable, "-c", code])
    assert f"`{sys.executable} -c {code} ...` did not end within 1 seconds:\n    Resolving\n" in (
        str(caught.value)
    )
    assert "\n  Fix: see what it waits for, or raise [limits] install in" in str(caught.value)
