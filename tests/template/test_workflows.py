"""The workflows that are handed out: right by the linters of both hosts, and their commands run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import fitting_pythons
from tests.worlds import build_tree, commit_all, git, render, run
from tools.environments import UV

BIN = Path(sys.executable).parent
PLACES = {
    "github": ".github/workflows/test-harness.yml",
    "gitlab": ".gitlab/test-harness.gitlab-ci.yml",
}
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
CELLS = [
    (provider, *cell)
    for provider in PLACES
    for cell in (
        ("uv", "sqlite", ""),
        ("poetry", "postgresql", ""),
        ("pip", "mysql", "services/back end"),
    )
]

APPLICATION = {
    "app/__init__.py": "",
    "app/main.py": """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
""",
    "app/models.py": """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
""",
}
OF_UV = {
    "pyproject.toml": """\
[project]
name = "notes"
version = "1"
requires-python = ">=3.10"
dependencies = ["fastapi", "sqlalchemy"]
"""
}
OF_PIP = {"requirements/base.txt": "fastapi\nsqlalchemy\n", "requirements/dev.txt": "-r base.txt\n"}


def rendered(
    template: Path, repository: Path, folder: str, files: dict[str, str], **answers: Any
) -> Path:
    """Render the harness into an application that is a folder of a repository."""
    project = build_tree(repository / folder, {**APPLICATION, **files})
    commit_all(repository)
    render(
        template, project, framework="fastapi", app_path="app.main:app", mode="sync", auth="none",
        metadata_path="app.models:Base", **answers,
    )  # fmt: skip
    return project


@pytest.fixture(scope="module")
def workflows(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str, str, str], Path]:
    made = {}
    for number, cell in enumerate(CELLS):
        provider, manager, engine, folder = cell
        root = tmp_path_factory.mktemp(f"workflow-{number}")
        project = rendered(
            template, root, folder, {}, ci_provider=provider, package_manager=manager,
            database_engine=engine, questions="everything",
        )  # fmt: skip
        made[cell] = project / PLACES[provider]
    return made


@pytest.mark.parametrize("provider", PLACES)
def test_a_workflow_is_what_its_host_understands(
    workflows: dict[tuple[str, str, str, str], Path], provider: str
) -> None:
    files = [path for cell, path in workflows.items() if cell[0] == provider]
    assert len(files) == len(CELLS) / len(PLACES)
    run(
        BIN / "check-jsonschema", "--builtin-schema", SCHEMAS[provider],
        *(["--data-transform", "gitlab-ci"] if provider == "gitlab" else []), *files, cwd=BIN,
    )  # fmt: skip


def test_a_security_linter_finds_nothing_in_a_workflow(
    workflows: dict[tuple[str, str, str, str], Path],
) -> None:
    files = [path for cell, path in workflows.items() if cell[0] == "github"]
    done = run(BIN / "zizmor", "--offline", *files, cwd=BIN)
    assert "No findings to report" in done.stdout


def test_the_linter_would_find_an_action_that_is_not_pinned(
    workflows: dict[tuple[str, str, str, str], Path], tmp_path: Path
) -> None:
    text = workflows[CELLS[0]].read_text(encoding="utf-8")
    pinned = next(line for line in text.splitlines() if "actions/checkout@" in line)
    loose = text.replace(pinned, "      - uses: actions/checkout@v7")
    build_tree(tmp_path, {".github/workflows/it.yml": loose})
    done = run(BIN / "zizmor", "--offline", ".github/workflows/it.yml", cwd=tmp_path, check=False)
    assert "unpinned" in done.stdout


def test_a_variable_of_a_pipeline_is_none_of_make(
    workflows: dict[tuple[str, str, str, str], Path],
) -> None:
    path = workflows["gitlab", "uv", "sqlite", ""]
    [job] = yaml.safe_load(path.read_text(encoding="utf-8")).values()
    variables = {*job["variables"], *job["parallel"]["matrix"][0]}
    makefile = (path.parents[1] / "test-harness.mk").read_text(encoding="utf-8")
    assert [name for name in variables if f"$({name})" in makefile] == []


def commands(workflow: Path, provider: str) -> tuple[list[str], dict[str, str]]:
    """Return what a workflow runs, in order, and the environment that it sets for that."""
    text = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    if provider == "gitlab":
        [job] = text.values()
        python = job["parallel"]["matrix"][0]["TESTED_PYTHON"][0]
        return job["script"], {**job["variables"], "TESTED_PYTHON": python}
    [job] = text["jobs"].values()
    steps = [step for step in job["steps"] if "run" in step]
    within = job.get("defaults", {}).get("run", {}).get("working-directory")
    lines = [f'cd "{within}"'] if within else []
    given = {key: value for step in steps for key, value in step.get("env", {}).items()}
    return [*lines, *(step["run"] for step in steps)], {**job.get("env", {}), **given}


@pytest.mark.runs
@pytest.mark.parametrize(
    ("provider", "manager", "folder"),
    [("github", "uv", ""), ("gitlab", "pip", "services/back end")],
)
def test_the_commands_of_a_workflow_run_in_a_clean_checkout(
    template: Path, tmp_path: Path, provider: str, manager: str, folder: str
) -> None:
    repository = tmp_path / "repository"
    project = rendered(
        template, repository, folder, OF_UV if manager == "uv" else OF_PIP,
        ci_provider=provider, database_engine="sqlite",
    )  # fmt: skip
    answers = (project / ".copier-answers.test-harness.yml").read_text(encoding="utf-8")
    assert f"\npackage_manager: {manager}\n" in answers
    commit_all(repository)
    git(tmp_path, "clone", "--quiet", str(repository), str(tmp_path / "checkout"))
    lines, variables = commands(project / PLACES[provider], provider)
    path = os.environ["PATH"]
    if manager == "uv":
        path = f"{UV.parent}{os.pathsep}{path}"
        variables["UV_PYTHON"] = sys.executable
    variables["PATH"] = path
    script = "\n".join(lines)
    done = run("bash", "-euc", script, cwd=tmp_path / "checkout", check=True, **variables)
    assert " passed" in done.stdout
    for name in ("coverage.xml", "test-results.xml"):
        assert (tmp_path / "checkout" / folder / name).exists()


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (None, ["3.13"]),
        (">=3.10", ["3.13"]),
        (">=3.14", ["3.14"]),
        (">=3.11.4,<3.13", ["3.12"]),
        ("^3.11", ["3.13"]),
        ("==3.10.*", ["3.10"]),
        (">=3.20", ["3.13"]),
    ],
)
def test_ci_runs_a_python_that_the_application_takes(
    asked: str | None, versions: list[str]
) -> None:
    assert fitting_pythons(asked) == versions
