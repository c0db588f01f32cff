"""The seam holds for each way applications use SQLAlchemy, on each driver."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.worlds import render, run

pytestmark = pytest.mark.runs

CANARIES = Path(__file__).parent / "canaries"


@pytest.mark.parametrize(
    ("engine", "driver"),
    [("sqlite", "pysqlite"), ("postgresql", "psycopg"), ("postgresql", "psycopg2")],
)
def test_every_way_of_working_is_rolled_back(
    template: Path, suite_python: Path, tmp_path: Path, engine: str, driver: str
) -> None:
    project = render(
        template,
        tmp_path / "project",
        questions="everything",
        database_engine=engine,
        mode="sync",
        database_driver=driver,
    )
    shutil.copy(CANARIES / "test_seam_sync.py", project / "tests")
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_seam_sync.py", cwd=project)
    assert "42 passed, 2 skipped" in done.stdout


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_what_start_up_writes_is_there_for_every_test(
    template: Path, suite_python: Path, tmp_path: Path, mode: str
) -> None:
    project = render(template, tmp_path / "project", mode=mode, auth="none")
    main = project / "app" / "main.py"
    write, awaited = ("async with", "await ") if mode == "async" else ("with", "")
    main.write_text(
        main.read_text()
        .replace(
            "    yield\n",
            f"    {write} session_factory() as session:\n"
            '        session.add(Organisation(name="Founders"))\n'
            f"        {awaited}session.commit()\n"
            "    yield\n",
        )
        .replace(
            "from app.database import engine\n",
            "from app.database import engine, session_factory\n"
            "from app.models import Organisation\n",
        )
    )
    (project / "tests" / "test_founders.py").write_text(
        "import pytest\n\n\n"
        '@pytest.mark.parametrize("round_", [1, 2, 3])\n'
        f"{'async ' if mode == 'async' else ''}def test_founders(client, round_):\n"
        f'    response = {awaited}client.get("/organisations")\n'
        '    assert [item["name"] for item in response.json()["items"]] == ["Founders"]\n'
        f'    {awaited}client.post("/organisations", json={{"name": "Others"}})\n'
    )
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_founders.py", cwd=project)
    assert "3 passed" in done.stdout
