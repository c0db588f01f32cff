"""Every supported combination renders, is clean, and holds nothing the answers did not ask for."""

from __future__ import annotations

import ast
import itertools
import re
import shutil
from pathlib import Path

import pytest

from extensions.questions.support import SUPPORTED
from test_harness import __version__
from tests.worlds import ROOT, build_tree, copier, files_of, render, run

ENGINES = ("sqlite", "postgresql", "mysql")

STYLES = SUPPORTED["auth"]

CELLS = [
    {"framework": framework, "database_engine": engine, "mode": mode, "auth": auth}
    for framework, engine, mode, auth in [
        *itertools.product(("fastapi",), ENGINES, ("async", "sync", "both"), ("jwt_bearer",)),
        *itertools.product(("fastapi",), ("postgresql",), ("sync",), ("none",)),
        *itertools.product(("fastapi",), ("sqlite",), ("async",), STYLES[1:]),
        *itertools.product(("flask",), ("sqlite",), ("sync",), STYLES),
        *itertools.product(("litestar",), ("sqlite",), ("async",), STYLES),
    ]
]


def readable(answers: dict[str, str]) -> str:
    return "-".join(answers.values())


@pytest.fixture(scope="module", params=CELLS, ids=readable)
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


def test_rendered_code_is_typed(cell: Cell, tmp_path: Path, suite_python: Path) -> None:
    _, project = cell
    # The mark keeps the type checker of a project away, which may be without the engine's types.
    for name in ("app", "tests"):
        shutil.copytree(project / name, tmp_path / name)
    for path in (tmp_path / "tests").rglob("*.py"):
        path.write_text(path.read_text().replace("# mypy: ignore-errors\n", ""))
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
        "tests/checks",
        "tests/conftest.py",
        cwd=tmp_path,
        MYPYPATH=":".join(map(str, (ROOT / "src", tmp_path / "tests", tmp_path))),
    )


def test_the_sample_is_clean_under_its_own_rules(cell: Cell) -> None:
    _, project = cell
    run("ruff", "check", "--no-cache", ".", cwd=project)
    run("ruff", "format", "--no-cache", "--check", ".", cwd=project)


@pytest.mark.parametrize("framework", ["fastapi", "flask", "litestar"])
def test_the_sample_is_typed_under_its_own_rules(
    framework: str, template: Path, tmp_path: Path, suite_python: Path
) -> None:
    project = render(template, tmp_path / "project", framework=framework)
    run("mypy", "--python-executable", suite_python, cwd=project)


def test_every_rendered_check_says_what_it_is_for(cell: Cell) -> None:
    _, project = cell
    silent = [
        path.relative_to(project).as_posix()
        for path in (project / "tests").rglob("*.py")
        if path.read_text() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_only_what_the_answers_ask_for_is_rendered(cell: Cell) -> None:
    answers, project = cell
    names = set(files_of(project))
    variants = {"async": ("_async.py",), "sync": ("_sync.py",), "both": ("_async.py", "_both.py")}
    other_variants = {"_async.py", "_sync.py", "_both.py"} - set(variants[answers["mode"]])
    assert [name for name in names if name.endswith(tuple(other_variants))] == []
    assert any("test_flow_" in name for name in names) is (answers["auth"] != "none")
    assert any("test_auth_jwt" in name for name in names) is (answers["auth"] == "jwt_bearer")
    assert any("test_token_" in name for name in names) is answers["auth"].startswith("jwt")
    assert ("docker-compose.test.yml" in names) is (answers["database_engine"] != "sqlite")
    assert [name for name in names if name.startswith("tests/test_harness/")] == []


def test_the_engine_is_asked_for_with_what_the_answers_need(cell: Cell) -> None:
    answers, project = cell
    [line] = [
        line
        for line in (project / "tests" / "requirements.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    asked = re.fullmatch(r"test-harness\[([\w,]+)\] @ (\S+)  # (\S+)", line)
    assert asked is not None, line
    expected = {"http", "order"}
    expected |= {"async"} if answers["mode"] != "sync" else set()
    expected |= {answers["database_engine"]} & {"postgresql", "mysql"}
    assert set(asked[1].split(",")) == expected
    assert asked[3] == __version__


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        *(
            (
                {"framework": framework},
                f"There is no sample application in {framework}: answer fastapi or flask or "
                "litestar.",
            )
            for framework in ("starlette", "none")
        ),
        (
            {"framework": "flask", "mode": "async"},
            "The sample application in flask is not async: answer sync.",
        ),
        (
            {"framework": "litestar", "mode": "sync"},
            "The sample application in litestar is not sync: answer async or both.",
        ),
    ],
)
def test_a_sample_application_that_does_not_exist_is_refused_by_name(
    template: Path, tmp_path: Path, answers: dict[str, str], refusal: str
) -> None:
    given = [part for item in answers.items() for part in ("--data", "=".join(item))]
    done = copier(
        "copy", "--trust", "--defaults", *given, template, tmp_path / "project",
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert refusal in done.stdout
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize("scope", ["session", "function"])
def test_own_tests_that_share_an_event_loop_keep_one(
    template: Path, tmp_path: Path, scope: str
) -> None:
    project = build_tree(
        tmp_path / "project",
        {
            "shop.py": "from sqlalchemy.orm import DeclarativeBase\n\n\n"
            "class Base(DeclarativeBase):\n    pass\n",
            "tests/conftest.py": f'@pytest.fixture(scope="{scope}")\ndef event_loop():\n    ...\n',
        },
    )
    render(template, project, framework="none", auth="none", metadata_path="shop:Base")
    [line] = [
        line
        for line in (project / "test-harness.mk").read_text(encoding="utf-8").splitlines()
        if "-p test_harness.plugin" in line
    ]
    assert ("asyncio_default_test_loop_scope=session" in line) is (scope == "session")
    assert line.endswith(" tests")
