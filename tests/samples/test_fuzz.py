"""Samples answer whatever their schemas allow; what breaks on some of it is named."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.worlds import render, run
from tools.environments import suite_environment

ADDED = "        return await self.items.add("
# What somebody writes who names things in English.
CODED = f'        data.name.encode("ascii")\n{ADDED}'


@pytest.mark.runs
def test_whatever_schemas_allow_is_sent_where_the_answer_says_so(
    template: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project", fuzz=True)
    assert "fuzz" in (project / "tests" / "requirements.txt").read_text(encoding="utf-8")
    python = suite_environment(tmp_path / "environment", sys.executable, "schemathesis")
    command = (python, "-m", "pytest", "-q", "--seed=1", "-m", "fuzz")
    assert re.search(r"^24 passed", run(*command, cwd=project).stdout, re.MULTILINE)
    assert not (project / ".hypothesis").exists()
    service = project / "app" / "services" / "items.py"
    service.write_text(service.read_text(encoding="utf-8").replace(ADDED, CODED), "utf-8")
    done = run(*command, "-k", "POST", cwd=project, check=False)
    assert "breaks on what its schema allows" in done.stdout
    assert "UnicodeEncodeError" in done.stdout
    assert re.search(r"^1 failed", done.stdout, re.MULTILINE)
