"""Every supported combination renders, is clean, and holds nothing the answers did not ask for."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from extensions.questions.support import SUPPORTED
from tests.worlds import build_tree, copier, files_of, render, run

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


# Lines that are not blank, by folder of the harness; without one, all that every test runs on.
CEILINGS = {
    "": 4650,
    "auth": 1100,
    "doubles": 500,
    "factories": 3200,
    "findings": 500,
    "flows": 300,
    "hook": 1000,
    "migrations": 1800,
    "scenarios": 450,
    "sockets": 300,
}


def test_the_harness_stays_small(cell: Cell) -> None:
    _, project = cell
    harness = project / "tests" / "harness"
    sizes = dict.fromkeys(CEILINGS, 0)
    for path in harness.rglob("*.py"):
        lines = path.read_text().splitlines()
        name = path.relative_to(harness)
        assert len(lines) <= 300, name
        if name.parts[0] != "checks":  # Those are tests themselves.
            part = name.parts[0] if name.parts[0] in CEILINGS else ""
            sizes[part] += sum(1 for line in lines if line.strip())
    assert {part: size for part, size in sizes.items() if size > CEILINGS[part]} == {}


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
    variants = {"async": ("_async.py",), "sync": ("_sync.py",), "both": ("_async.py", "_both.py")}
    other_variants = {"_async.py", "_sync.py", "_both.py"} - set(variants[answers["mode"]])
    other_engines = set(ENGINES) - {answers["database_engine"]}
    assert [name for name in names if name.endswith(tuple(other_variants))] == []
    for folder in ("databases", "drivers", "migrations"):
        prefixes = tuple(f"tests/harness/{folder}/{engine}" for engine in other_engines)
        assert [name for name in names if name.startswith(prefixes)] == []
    assert ("tests/harness/auth/__init__.py" in names) is (answers["auth"] != "none")
    for style in ("jwt_bearer", "jwt_cookie", "session_cookie", "api_key", "http_basic"):
        assert (f"tests/harness/auth/{style}.py" in names) is (answers["auth"] == style)
    for name in ("docker-compose.test.yml", "tests/harness/databases/servers.py"):
        assert (name in names) is (answers["database_engine"] != "sqlite")


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
