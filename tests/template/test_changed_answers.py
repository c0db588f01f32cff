"""An update with other answers: files of the old variant go, those of the new one come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from test_harness.commands.changed_answers import AGAIN, left_to_do
from tests.template.test_update import UPDATE
from tests.worlds import ANSWERS_FILE, build_tree, commit_all, copier, files_of, render

BACKEND = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/models.py": "from sqlalchemy.orm import DeclarativeBase\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n",
}
MINE = "# Mine.\n"


def updated(project: Path, **answers: str) -> str:
    """Update with other answers, commit, and return what was said."""
    data = [part for item in answers.items() for part in ("--data", "=".join(item))]
    done = copier(*UPDATE, "--quiet", *data, cwd=project)
    commit_all(project, "Updated")
    return done.stdout


def checks(project: Path) -> list[str]:
    return [path.stem for path in sorted((project / "tests" / "checks").glob("test_*.py"))]


@pytest.fixture
def adopted(template: Path, tmp_path: Path) -> Path:
    project = build_tree(tmp_path / "project", BACKEND)
    render(template, project, database_engine="sqlite", mode="sync")
    commit_all(project)
    return project


def test_an_update_to_another_engine_and_mode_and_back(adopted: Path) -> None:
    before = files_of(adopted)
    said = updated(adopted, database_engine="postgresql", mode="async")
    assert "image: postgres:17" in (adopted / "docker-compose.test.yml").read_text()
    assert "postgres:" in (adopted / ".github/workflows/test-harness.yml").read_text()
    assert "postgresql]" in (adopted / "tests/requirements.txt").read_text()
    assert {name.rpartition("_")[2] for name in checks(adopted)} & {"sync", "async"} == {"async"}
    assert said.endswith(
        "pytest.ini is yours and does not fit an application that is async.\n"
        "  Fix: put `asyncio_mode = auto`, `asyncio_default_fixture_loop_scope = session`, "
        "`asyncio_default_test_loop_scope = session` in the place of `-p no:asyncio`.\n"
    )
    ini = (adopted / "pytest.ini").read_text()
    (adopted / "pytest.ini").write_text(
        ini.replace("    -p no:asyncio\n", "").replace(
            "xfail_strict", "asyncio_mode = auto\nxfail_strict"
        )
    )
    (adopted / "docker-compose.test.yml").write_text(MINE)
    commit_all(adopted)

    said = updated(adopted, database_engine="mysql")
    assert (adopted / "docker-compose.test.yml").read_text() == MINE
    assert said.endswith(
        "docker-compose.test.yml is yours and starts a server of postgresql still.\n"
        "  Fix: delete it and run `copier recopy --trust --defaults -a "
        ".copier-answers.test-harness.yml`, which writes it anew.\n"
    )
    (adopted / "docker-compose.test.yml").unlink()
    commit_all(adopted)
    [command] = re.findall("`copier (recopy .*?)`", said)
    copier(*command.split(), cwd=adopted)
    assert "mariadb" in (adopted / "docker-compose.test.yml").read_text()
    commit_all(adopted)

    said = updated(adopted, database_engine="sqlite", mode="sync")
    assert "docker-compose.test.yml is yours and starts a server of mysql still.\n" in said
    assert "  Fix: delete it.\n" in said
    assert "  Fix: put `-p no:asyncio` in the place of `asyncio_mode = auto`.\n" in said
    after = files_of(adopted)
    same = set(before) - {"pytest.ini", ".copier-answers.test-harness.yml"}
    assert {name: after.get(name) for name in same} == {name: before[name] for name in same}


ANSWERED = "database_engine: sqlite\nmode: sync\ntests_dir: tests\nfound:\n  mode: async\n"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (ANSWERED, []),
        (ANSWERED.replace("mode: async", "mode: both"), []),
        (f"{ANSWERED}shards: 3\n", []),
        (
            ANSWERED.replace("tests_dir: tests", "tests_dir: qa"),
            [
                "The harness is in qa/ now, and what is yours is in tests/ still.\n"
                "  Fix: `git mv` it there."
            ],
        ),
        (
            ANSWERED.replace("engine: sqlite", "engine: mysql"),
            [
                "docker-compose.test.yml is yours and starts a server of sqlite still.\n"
                f"  Fix: delete it and run {AGAIN}, which writes it anew."
            ],
        ),
        # It fits already.
        (ANSWERED.replace("\nmode: sync", "\nmode: async"), []),
    ],
)
def test_only_what_was_answered_otherwise_leaves_something_to_do(
    tmp_path: Path, now: str, said: list[str]
) -> None:
    files = {ANSWERS_FILE: ANSWERED, "docker-compose.test.yml": "", "pytest.ini": "[pytest]\n"}
    build_tree(tmp_path, files)
    commit_all(tmp_path)
    build_tree(tmp_path, {ANSWERS_FILE: now})
    assert [*left_to_do(tmp_path, tmp_path / "tests")] == said


def test_a_sample_with_another_login_gets_its_checks_and_keeps_its_code(
    template: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "project")
    commit_all(project)
    before = files_of(project)
    said = updated(project, auth="session_cookie")
    gone = {"test_auth_jwt_bearer_async", "test_token_attacks_async"}
    names = {Path(name).stem for name in before if name.startswith("tests/checks/test_")}
    assert {*checks(project)} == names - gone
    after = files_of(project)
    of_the_application = [name for name in before if name.startswith(("app/", "migrations/"))]
    assert {it: after[it] for it in of_the_application} == {
        it: before[it] for it in of_the_application
    }
    assert "The application is yours and stays as it is, whatever was answered: auth.\n" in said


@pytest.mark.parametrize(
    ("ini", "base", "folder"), [("pytest.ini", "tests", "app"), ("tests/pytest.ini", ".", "../app")]
)
def test_other_folders_of_tests_are_for_the_file_of_the_user(
    tmp_path: Path, ini: str, base: str, folder: str
) -> None:
    project = build_tree(
        tmp_path,
        {ini: f"[pytest]\ntestpaths = {base}\n", "tests/x": "", ANSWERS_FILE: "beside: ''\n"},
    )
    commit_all(project)
    (project / ANSWERS_FILE).write_text("beside: app\n", encoding="utf-8")
    assert [*left_to_do(project, project / "tests")] == [
        f"{ini} is yours and names other folders of tests.\n"
        f"  Fix: write `testpaths = {base} {folder}` there."
    ]
    (project / ini).write_text(f"[pytest]\ntestpaths = {base} {folder}\n", encoding="utf-8")
    assert [*left_to_do(project, project / "tests")] == []


def test_checks_that_are_possible_again_are_named_with_the_command(tmp_path: Path) -> None:
    answers = "auth: none\nmigrations: ''\nsuites:\n- health\n- migrations\n"
    project = build_tree(tmp_path, {ANSWERS_FILE: answers, "tests/x": ""})
    commit_all(project)
    now = answers.replace("none", "jwt_bearer").replace("''", "alembic.ini")
    (project / ANSWERS_FILE).write_text(now, encoding="utf-8")
    assert [*left_to_do(project, project / "tests")] == [
        "No checks came along of auth and flows: `suites` was answered when there was nothing to "
        "check.\n  Fix: commit, then run `test-harness update -- --data "
        '"suites=[health,migrations,auth,flows]"`.'
    ]
    (project / ANSWERS_FILE).write_text(now + "- auth\n- flows\n", encoding="utf-8")
    assert [*left_to_do(project, project / "tests")] == []


def test_a_login_that_goes_and_comes_brings_its_checks(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", database_engine="sqlite")
    commit_all(project)
    before = set(checks(project))
    updated(project, auth="none")
    assert {"test_auth_credentials_async", "test_flow_login_async"} <= before - set(checks(project))
    said = updated(project, auth="jwt_bearer")
    [suites] = re.findall(r'--data "(suites=\[.*?\])"', said)
    updated(project, suites=suites.partition("=")[2])
    assert set(checks(project)) == before
