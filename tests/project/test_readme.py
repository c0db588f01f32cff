"""What the README says is true: its commands run, its files exist, its tables are complete."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from extensions.questions.support import DRIVERS, SUPPORTED
from tests.worlds import (
    ROOT,
    build_tree,
    clone_template,
    files_of,
    git,
    questions,
    render,
    run,
)

README = (ROOT / "README.md").read_text(encoding="utf-8")
START, QUESTIONS_PAGE, COMMANDS_PAGE = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("start", "questions", "commands")
)
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")

WITH_UVX = "uvx --with copier-template-extensions copier copy --trust gh:org/test-harness backend/"
WITH_PIPX = (
    "pipx run --with copier-template-extensions copier copy --trust gh:org/test-harness backend/"
)
WITH_UV_TOOL = "uv tool install copier --with copier-template-extensions"
WITH_PIPX_INSTALL = "pipx install copier"
WITH_PIPX_INJECT = "pipx inject copier copier-template-extensions"
WITHOUT_TASKS = "copier copy --trust --skip-tasks gh:org/test-harness backend/"
CLONE = "git clone https://github.com/org/test-harness"
ENTER = "cd test-harness"
DEMO = "make demo"
OTHER_DEMO = "make demo ANSWERS=examples/answers/fastapi-sync-postgresql.yml DEST=build/postgresql"

# Every command in a block of shell, with the test that runs it; those of docs/ are in test_docs.py.
RUN_BY = {
    WITH_UVX: "tests/project/test_readme.py::test_the_first_command_ends_green",
    CLONE: "tests/project/test_readme.py::test_a_fresh_clone_shows_the_demo",
    ENTER: "tests/project/test_readme.py::test_a_fresh_clone_shows_the_demo",
    DEMO: "tests/project/test_readme.py::test_a_fresh_clone_shows_the_demo",
    OTHER_DEMO: "tests/project/test_readme.py::test_a_fresh_clone_shows_the_demo",
}

QUESTIONS: dict[str, Any] = {
    name: question
    for name, question in questions().items()
    if not name.startswith("_") and question.get("ask", True) and question.get("when", True)
}


def blocks(language: str, text: str = README) -> list[str]:
    return [found["text"] for found in BLOCK.finditer(text) if found["language"] == language]


def table(heading: str, text: str = README) -> list[list[str]]:
    """Return the cells of the first table below a heading, without its two first lines."""
    _, _, below = text.partition(f"{heading}\n")
    lines = re.findall(r"(?:^\|.*\|$\n)+", below, re.MULTILINE)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# ---------------------------------------------------------------------------- what it refers to


def test_every_command_is_run_by_a_test() -> None:
    commands = [line for block in blocks("bash") for line in block.splitlines()]
    assert sorted(commands) == sorted(RUN_BY)


@pytest.mark.parametrize("test", sorted(set(RUN_BY.values())))
def test_the_tests_that_run_commands_exist(test: str) -> None:
    file, name = test.split("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    local = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_the_layout_in_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, layout = text.partition("## Layout")
    paths = re.findall(r"^\| `([^`]+)` \|", layout.partition("\n## ")[0], re.MULTILINE)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_that_are_mentioned_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    makefiles = (ROOT / "Makefile", ROOT / "template" / "test-harness.mk.jinja")
    targets = {
        target
        for makefile in makefiles
        for target in re.findall(r"^([a-z][a-z-]*):", makefile.read_text(), re.MULTILINE)
    }
    mentioned = re.findall(r"(?:^|`)make (?:-f \S+ )?([a-z][a-z-]*)", text, re.MULTILINE)
    assert set(mentioned) - targets == set()


def test_the_picture_shows_the_first_command_and_a_green_end() -> None:
    assert "](docs/demo.svg)" in README
    shown = (ROOT / "docs" / "demo.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    assert blocks("bash")[0].strip() == WITH_UVX
    assert WITH_UVX in re.sub(r"<[^>]+>", "", shown)
    assert re.search(r"Green: \d+ passed", shown)


# --------------------------------------------------------------------- what it says in its tables


def test_the_table_of_answers_has_every_question_in_order() -> None:
    rows = table("## Questions and answers", QUESTIONS_PAGE)
    assert [CODE.findall(row[0]) for row in rows] == [[name] for name in QUESTIONS]


@pytest.mark.parametrize(
    ("row", "question"),
    [
        ("framework", "framework"),
        ("database", "database_engine"),
        ("how it is talked to", "mode"),
        ("credentials", "auth"),
    ],
)
def test_the_table_of_what_works_agrees_with_what_is_refused(row: str, question: str) -> None:
    labels = {
        label: choice if isinstance(choice, str) else choice["value"]
        for label, choice in QUESTIONS[question]["choices"].items()
    }
    [(_, works, refused)] = [cells for cells in table("## What it works with") if cells[0] == row]
    supported = [label for label, value in labels.items() if value in SUPPORTED[question]]
    others = [label for label, value in labels.items() if value not in SUPPORTED[question]]
    assert works == ", ".join(supported)
    assert refused == "; ".join(others)


def test_the_table_of_what_works_has_every_driver() -> None:
    [(_, works, _)] = [cells for cells in table("## What it works with") if cells[0] == "driver"]
    every = dict.fromkeys(driver for drivers in DRIVERS.values() for driver in drivers)
    assert works == ", ".join(every)


def test_the_table_of_commands_is_that_of_a_rendered_project() -> None:
    rendered = (ROOT / "template" / "test-harness.mk.jinja").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):[^#\n]*## (.*)$", rendered, re.MULTILINE)
    # A target may stand there once for each package manager.
    assert table("# The commands of a project", COMMANDS_PAGE) == [
        [f"`make {name}`", purpose] for name, purpose in dict.fromkeys(targets)
    ]


# ------------------------------------------------------------------------------------ what it runs


def run_as_written(command: str, template: Path, cwd: Path, **variables: str) -> str:
    """Run a command of the README, with the template from here and every default accepted.

    Args:
        command: The command.
        template: A clone of the template.
        cwd: Where it runs.
        variables: Environment variables.

    Returns:
        What it printed.
    """
    words = shlex.split(command.replace("gh:org/test-harness", str(template)))
    if words[0] == "pipx":
        words = ["uvx", *words]
    if "copy" in words:
        words.insert(words.index("copy") + 1, "--defaults")
    given = {"PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]), **variables}
    return run("env", *(f"{name}={value}" for name, value in given.items()), *words, cwd=cwd).stdout


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first command of the README renders; its suite was run and is green."""
    folder = tmp_path_factory.mktemp("readme")
    printed = run_as_written(WITH_UVX, template, folder)
    assert re.search(r"^Green: \d+ passed", printed, re.MULTILINE), printed
    # They were run a moment ago, and take longer than all the rest that the commands run.
    (folder / "backend" / "tests" / "checks" / "test_routes_async.py").unlink()
    return folder / "backend"


@pytest.mark.runs
def test_the_first_command_ends_green(project: Path) -> None:
    assert (project / "tests" / "harness.toml").is_file()


# What has tests of its own, is for a project that had tests before, or runs in the tests of the
# workflows, of smaller suites.
ELSEWHERE = (
    "make harness-update", "make test-own", "make test-shards", "make test-orders",
    "make test-flakes", "make test-fuzz",
)  # fmt: skip


@pytest.mark.runs
@pytest.mark.parametrize(
    "command",
    [
        CODE.findall(row[0])[0]
        for row in table("# The commands of a project", COMMANDS_PAGE)
        if CODE.findall(row[0])[0] not in ELSEWHERE
    ],
)
def test_the_commands_of_a_project_run(project: Path, command: str) -> None:
    given = ["DATABASE_URL=sqlite:///dev.db"] if command == "make seed" else []
    assert " failed" not in run(*command.split(), *given, cwd=project).stdout


@pytest.mark.runs
def test_coverage_is_left_in_every_form(project: Path) -> None:
    kept = [project / name for name in ("htmlcov/index.html", "coverage.xml")]
    for path in kept:
        path.unlink(missing_ok=True)
    said = run("make", "test-cov", "PYTEST_ADDOPTS=-k health", cwd=project, check=False).stdout
    assert re.search(r"^Name +Stmts +Miss .*Missing$", said, re.MULTILINE), said
    assert [path.name for path in kept if not path.is_file()] == []


@pytest.mark.runs
def test_pipx_renders_the_same(template: Path, tmp_path: Path) -> None:
    command = f"{WITH_PIPX} --data run_suite=false"
    run_as_written(command, template, tmp_path, **pipx_folders(tmp_path))
    ours = render(template, tmp_path / "ours")
    assert set(files_of(tmp_path / "backend")) == set(files_of(ours))


def pipx_folders(folder: Path) -> dict[str, str]:
    """Return variables that keep pipx from installing anything outside a folder."""
    return {
        "PIPX_HOME": str(folder / "pipx"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "PIPX_MAN_DIR": str(folder / "man"),
        "PIPX_COMPLETION_DIR": str(folder / "completions"),
    }


def render_with_copier_in(folder: Path, template: Path) -> None:
    """Render with the `copier` that was installed into `folder`/bin, and no other."""
    git_command = shutil.which("git")
    assert git_command is not None
    path = os.pathsep.join([str(folder / "bin"), str(Path(git_command).parent), "/usr/bin", "/bin"])
    run_as_written(WITHOUT_TASKS, template, folder, PATH=path)
    assert (folder / "backend" / "tests" / "harness.toml").is_file()


@pytest.mark.runs
def test_uv_installs_a_copier_that_renders(template: Path, tmp_path: Path) -> None:
    run_as_written(
        WITH_UV_TOOL,
        template,
        tmp_path,
        UV_TOOL_DIR=str(tmp_path / "tools"),
        UV_TOOL_BIN_DIR=str(tmp_path / "bin"),
    )
    render_with_copier_in(tmp_path, template)


@pytest.mark.runs
def test_pipx_installs_a_copier_that_renders(template: Path, tmp_path: Path) -> None:
    for command in (WITH_PIPX_INSTALL, WITH_PIPX_INJECT):
        run_as_written(command, template, tmp_path, **pipx_folders(tmp_path))
    render_with_copier_in(tmp_path, template)


def test_skipping_tasks_renders_without_running(template: Path, tmp_path: Path) -> None:
    printed = run_as_written(WITHOUT_TASKS, template, tmp_path)
    assert (tmp_path / "backend" / "tests" / "harness.toml").is_file()
    assert not (tmp_path / "backend" / ".venv").exists()
    assert "Running task" not in printed


def test_the_settings_make_trust_stick(template: Path, tmp_path: Path) -> None:
    [settings] = blocks("yaml", START)
    written = settings.replace("gh:org/test-harness", str(template))
    file = build_tree(tmp_path, {"settings.yml": written}) / "settings.yml"
    command = WITHOUT_TASKS.replace("--trust ", "")
    run_as_written(command, template, tmp_path, COPIER_SETTINGS_PATH=str(file))
    assert (tmp_path / "backend" / "tests" / "harness.toml").is_file()


@pytest.mark.runs
def test_a_fresh_clone_shows_the_demo(tmp_path: Path) -> None:
    (tmp_path / "origin").mkdir()
    template = clone_template(tmp_path / "origin" / "test-harness", "v99.0.0", whole=True)
    [block] = [block for block in blocks("bash") if CLONE in block]
    script = block.replace("https://github.com/org/test-harness", str(template))
    printed = run("bash", "-euc", script, cwd=tmp_path).stdout
    clone = tmp_path / "test-harness"
    assert len(re.findall(r"^Green: ", printed, re.MULTILINE)) == len((DEMO, OTHER_DEMO))
    assert "into build/demo." in printed
    assert "into build/postgresql." in printed
    assert git(clone, "status", "--porcelain") == ""
