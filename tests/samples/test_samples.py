"""The sample behaves alike in every framework, however clients log in; `make matrix` runs all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds import render, run

# Together every framework, and every way to log in but the one that other tests run all the time.
CHOSEN = [
    "fastapi-async-sqlite-session-cookie",
    "flask-sync-postgresql-jwt-cookie",
    "flask-sync-sqlite-http-basic",
    "litestar-async-sqlite-api-key",
]


@pytest.mark.runs
@pytest.mark.parametrize("name", CHOSEN)
def test_the_suite_of_a_sample_is_green(
    template: Path, suite_python: Path, tmp_path: Path, name: str
) -> None:
    project = render(template, tmp_path / "project", answers_file=name)
    done = run(suite_python, "-m", "pytest", "-q", cwd=project)
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
