"""Runs the hook as Copier does, and has what a small project for it is made of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.worlds import ROOT, run

ENGINE = ROOT / "src" / "test_harness"
AGAIN = "make -f test-harness.mk harness-check"

GREEN = "def test_fine():\n    pass\n"
RED = "import no_such_module\n\n\ndef test_never():\n    pass\n"
# In the place of the plugin that looks at the application, and at nothing else.
TABLE = """\
from pathlib import Path


def pytest_addoption(parser):
    parser.addoption("--findings", type=Path)


def pytest_runtestloop(session):
    session.config.option.findings.write_text("  OK  as it was\\n")
    return True


def pytest_sessionfinish(session):
    session.exitstatus = 0
"""
# An environment that has what this one has, wherever it lies.
PYTHON = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


def check(project: Path, *arguments: str, strict: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the hook as Copier does, from the template's checkout."""
    return run(
        sys.executable, "-B", ENGINE, "check", "--tests", "tests", *arguments,
        cwd=project, check=False, **({"TEST_HARNESS_STRICT": "1"} if strict else {}),
    )  # fmt: skip
