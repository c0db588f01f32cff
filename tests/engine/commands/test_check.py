"""The hook runs the suite in the project's environment and reports how it ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.commands.hooks import AGAIN, ENGINE, check
from tests.worlds import build_tree, environment, files_of, run


def test_a_green_suite_is_reported(project: Path) -> None:
    done = check(project)
    assert "\nGreen: 1 passed (" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "strict", "status"),
    [([], False, 1), (["--first-run"], False, 0), (["--first-run"], True, 1)],
    ids=["by hand", "of Copier", "of Copier, strict"],
)
def test_a_red_suite_is_reported_with_the_reason_and_fails_all_but_copier(
    project: Path, arguments: list[str], strict: bool, status: int
) -> None:
    build_tree(project, {"tests/test_red.py": "def test_red():\n    import no_such_module\n"})
    done = check(project, *arguments, strict=strict)
    assert "\nRED: 1 failed, 1 passed (" in done.stdout
    assert "\n  The module 'no_such_module' was not found.\n    Fix: install" in done.stdout
    assert done.returncode == status


def test_the_findings_come_before_the_suite_or_after_one_that_came_red(project: Path) -> None:
    assert check(project).stdout.index("OK  as it was") < check(project).stdout.index("1 passed")
    assert "OK  as it was" not in check(project, "--first-run").stdout
    build_tree(project, {"tests/test_red.py": "def test_red():\n    assert False\n"})
    printed = check(project, "--first-run").stdout
    assert printed.index("1 failed") < printed.index("OK  as it was")


def test_a_suite_without_tests_is_not_green(project: Path) -> None:
    (project / "tests" / "test_it.py").unlink()
    assert "\nRED: 0 failed, 0 passed (" in check(project).stdout


def test_an_environment_that_cannot_be_made_is_reported(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    build_tree(project, {"pyproject.toml": "[project\n"})
    done = check(project)
    assert "\nThe suite was not run: `uv pip install ...` failed:\n" in done.stdout
    assert "TOML parse error" in done.stdout
    assert done.stdout.endswith(
        "\n  Fix: mend what it names, or activate an environment that has the packages.\n"
        f"  Then run `{AGAIN}`.\n"
    )
    assert done.returncode == 1


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_ends_in_one_sentence_and_loses_nothing(project: Path) -> None:
    build_tree(
        project,
        {
            "tests/test_slow.py": "import pathlib\nimport time\n\n\ndef test_slow():\n"
            "    pathlib.Path('started').touch()\n    time.sleep(60)\n"
        },
    )
    before = files_of(project)
    with subprocess.Popen(
        [sys.executable, "-B", ENGINE, "check"],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        while not (project / "started").exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=300)
    assert output.endswith(
        f"\nInterrupted. Everything that was rendered is there; run `{AGAIN}` to go on.\n"
    )
    assert errors == ""
    assert process.returncode == 1
    after = files_of(project)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("strict", [False, True])
def test_a_fault_of_the_hook_is_no_fault_of_the_application(
    project: Path, tmp_path: Path, strict: bool
) -> None:
    broken = tmp_path / "template" / "src" / "test_harness"
    shutil.copytree(ENGINE, broken)
    suite = broken / "commands" / "suite.py"
    text = suite.read_text(encoding="utf-8")
    suite.write_text(
        text.replace("    command = suite_command(", "    command = None(", 1), encoding="utf-8"
    )
    before = files_of(project)
    done = run(
        sys.executable, "-B", broken, "check", "--tests", "tests", "--adoption", cwd=project,
        check=False, TEST_HARNESS_STRICT=str(int(strict)),
    )  # fmt: skip
    assert "\nThe suite was not run, for a fault of the harness and not of the application:\n" in (
        done.stdout
    )
    assert done.stdout.endswith(f"\n  Fix: report the lines above, then run `{AGAIN}`.\n")
    assert done.returncode == int(strict)
    assert files_of(project) == before


def test_a_suite_that_never_ends_is_ended_and_says_where_it_stood(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = "import time\n\n\ndef test_slow():\n    time.sleep(99)\n"
    build_tree(project, {"tests/test_slow.py": test, "tests/harness.toml": "[limits]\nrun = 3\n"})

    printed = check(project, "--first-run").stdout

    place = "tests/test_slow.py:5 (`time.sleep(99)`)"
    said = f"The suite did not end within 3 seconds: it stood at {place}."
    assert "\nRED: 0 failed, 0 passed (" in printed
    assert f"\n  {said}\n    Fix: Mend what it waits for, or raise [limits] run in" in printed
