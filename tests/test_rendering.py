"""Every supported combination renders, is clean, and holds nothing the answers did not ask for."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from tests.worlds import copier, files_of, render, run

SUPPORTED = [
    {"database_engine": engine, "mode": mode, "auth": auth}
    for engine, mode, auth in itertools.product(
        ("sqlite", "postgresql"), ("async", "sync"), ("jwt_bearer", "none")
    )
]

UNSUPPORTED = [
    ("framework", "flask", "fastapi"),
    ("framework", "litestar", "fastapi"),
    ("framework", "none", "fastapi"),
    ("database_engine", "mysql", "postgresql"),
    ("mode", "both", "async"),
    ("auth", "jwt_cookie", "jwt_bearer"),
    ("auth", "session_cookie", "none"),
    ("auth", "api_key", "none"),
]


def readable(answers: dict[str, str]) -> str:
    return "-".join(answers.values())


@pytest.fixture(scope="module", params=SUPPORTED, ids=readable)
def cell(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], Path]:
    return request.param, render(
        template, tmp_path_factory.mktemp("cell") / "project", **request.param
    )


Cell = tuple[dict[str, str], Path]


def test_no_variable_is_left_over(cell: Cell) -> None:
    _, project = cell
    left = {
        name: mark
        for name, content in files_of(project).items()
        for mark in (b"{{", b"{%", b"{#")
        if mark in content and b"${{" not in content and not name.endswith(".mako")
    }
    assert left == {}


def test_python_files_parse(cell: Cell) -> None:
    _, project = cell
    for name, content in files_of(project).items():
        if name.endswith(".py"):
            ast.parse(content, filename=name, feature_version=(3, 10))


def test_rendered_code_is_linted_and_formatted(cell: Cell) -> None:
    _, project = cell
    config = Path(__file__).parent / "rendered-ruff.toml"
    run("ruff", "check", "--no-cache", "--config", config, project, cwd=project)
    run("ruff", "format", "--no-cache", "--check", "--config", config, project, cwd=project)


def test_rendered_code_is_typed(cell: Cell, suite_python: Path) -> None:
    _, project = cell
    tests = project / "tests"
    run(
        "mypy",
        "--python-executable",
        suite_python,
        "--config-file",
        Path(__file__).parent / "rendered-mypy.ini",
        # Shared by all cells, so that the libraries are read once.
        "--cache-dir",
        suite_python.parents[2] / "mypy-cache",
        "app",
        "tests/harness",
        "tests/conftest.py",
        cwd=project,
        MYPYPATH=":".join(map(str, (tests / "harness" / "hook", tests, project))),
    )


def test_the_harness_stays_small(cell: Cell) -> None:
    _, project = cell
    harness = project / "tests" / "harness"
    lines = {
        path.relative_to(harness).as_posix(): path.read_text().splitlines()
        for path in harness.rglob("*.py")
    }
    assert [name for name, content in lines.items() if len(content) > 300] == []
    # What tests run on; `checks` are tests themselves, and `hook` runs apart from them.
    imported = [name for name in lines if not name.startswith(("checks/", "hook/"))]
    assert len([line for name in imported for line in lines[name] if line.strip()]) < 2200


def test_every_module_says_what_it_is_for(cell: Cell) -> None:
    _, project = cell
    silent = [
        path.relative_to(project).as_posix()
        for path in (project / "tests" / "harness").rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_only_what_the_answers_ask_for_is_rendered(cell: Cell) -> None:
    answers, project = cell
    names = set(files_of(project))
    other_mode = "sync" if answers["mode"] == "async" else "async"
    other_engine = "sqlite" if answers["database_engine"] == "postgresql" else "postgresql"
    assert [name for name in names if name.endswith(f"_{other_mode}.py")] == []
    assert f"tests/harness/databases/{other_engine}.py" not in names
    assert ("tests/harness/auth.py" in names) is (answers["auth"] == "jwt_bearer")
    assert ("docker-compose.test.yml" in names) is (answers["database_engine"] == "postgresql")


@pytest.mark.parametrize(("question", "answer", "nearest"), UNSUPPORTED)
def test_an_unsupported_answer_is_refused_by_name(
    template: Path, tmp_path: Path, question: str, answer: str, nearest: str
) -> None:
    destination = tmp_path / "project"
    done = copier(
        "copy", "--trust", "--defaults", "--data", f"{question}={answer}", template, destination,
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"'{answer}' is not supported yet; the nearest choice that is: {nearest}." in done.stdout
    assert not destination.exists()
