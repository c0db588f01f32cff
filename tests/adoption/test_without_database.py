"""An application without a database gets the checks that need none, and nothing is said of more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

APPLICATIONS = {
    "fastapi": """
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health():
    return {"status": "ok"}
""",
    "flask": """
from flask import Flask

app = Flask(__name__)


@app.get("/health")
def health():
    return {"status": "ok"}
""",
}


@pytest.mark.parametrize("framework", APPLICATIONS)
def test_an_application_without_a_database_is_started_and_asked(
    template: Path, suite_python: Path, tmp_path: Path, framework: str
) -> None:
    main = tmp_path / "rates" / "app" / "main.py"
    project = build_tree(
        tmp_path / "rates",
        {
            "app/__init__.py": "",
            "app/main.py": APPLICATIONS[framework],
            "requirements.txt": framework,
        },
    )
    render(template, project)

    done = run(suite_python, "-m", "pytest", cwd=project)

    assert f"test harness: {framework} sync, no database" in done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
    checks = {path.name for path in (project / "tests" / "checks").glob("test_*.py")}
    assert checks == {"test_health_sync.py", "test_infrastructure.py"}

    text = main.read_text(encoding="utf-8")
    main.write_text(
        text.replace('    return {"status"', '    1 / 0\n    return {"status"'), encoding="utf-8"
    )
    assert "1 failed" in run(suite_python, "-m", "pytest", cwd=project, check=False).stdout


def test_a_database_that_nobody_told_of_is_not_reached(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    text = APPLICATIONS["fastapi"].replace(
        "    return", "    sqlite3.connect('rates.db')\n    return"
    )
    project = build_tree(
        tmp_path / "rates",
        {
            "app/__init__.py": "",
            "app/main.py": f"import sqlite3\n{text}",
            "requirements.txt": "fastapi",
        },
    )
    render(template, project, metadata_path="none")

    done = run(suite_python, "-m", "pytest", cwd=project, check=False)

    assert "app/main.py:10 tried to open the SQLite file" in done.stdout
    assert not (project / "rates.db").exists()
