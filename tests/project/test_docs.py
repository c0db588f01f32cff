"""The documentation is true: the site builds, its commands can be run, its examples do."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tomllib
import yaml

import test_harness
from extensions.discovery import message
from extensions.discovery.report.facts import Facts
from test_harness.commands.main import COMMANDS
from tests.project.test_requirements import is_there, names_in
from tests.worlds import ROOT, build_tree, files_of, render, run
from tools import compared, drawing, growth

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
# What is run as it is written, with the test that does; `is_there` knows the rest.
README = "tests/project/test_readme.py"
COPY = "--with copier-template-extensions copier copy --trust gh:org/test-harness backend/"
RUN_BY = {
    f"uvx {COPY}": (f"{README}::test_the_first_command_ends_green"),
    f"pipx run {COPY}": (f"{README}::test_pipx_renders_the_same"),
    r"uv tool install copier --with copier-template-extensions": (
        f"{README}::test_uv_installs_a_copier_that_renders"
    ),
    r"pipx install copier": f"{README}::test_pipx_installs_a_copier_that_renders",
    r"pipx inject copier copier-template-extensions": (
        f"{README}::test_pipx_installs_a_copier_that_renders"
    ),
    r"copier copy --trust --skip-tasks gh:org/test-harness backend/": (
        f"{README}::test_skipping_tasks_renders_without_running"
    ),
    r"git clone https://github.com/org/test-harness": (
        f"{README}::test_a_fresh_clone_shows_the_demo"
    ),
    r"cd (test-harness|backend)": f"{README}::test_a_fresh_clone_shows_the_demo",
    r"export TEST_DATABASE_URL=\S+": (
        "tests/adoption/test_adoption.py::test_the_server_of_test_database_url_is_taken"
    ),
    r"python -m tools\.release [\d.]+": (
        "tests/project/test_release.py::test_the_version_the_changelog_and_the_tag_say_the_same"
    ),
    r"python -m tools\.compared": f"{__file__}::test_the_measured_table_is_what_was_measured",
    r"python -m tools\.growth": f"{__file__}::test_the_picture_of_growth_is_what_was_measured",
}
RENDERED = ROOT / "template" / "test-harness.mk.jinja"
TARGETS = {
    target
    for makefile in (ROOT / "Makefile", RENDERED)
    for target in re.findall(
        r"^([a-z][a-z-]*):", makefile.read_text(encoding="utf-8"), re.MULTILINE
    )
}


def blocks(text: str, language: str) -> list[str]:
    """Return what stands in the blocks of a language, without what they are indented by."""
    return [
        re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        for found in BLOCK.finditer(text)
        if found["language"] == language
    ]


def shell_lines() -> Iterator[tuple[str, str]]:
    """Yield each command that stands in a block of shell, with its page."""
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8"), "bash"):
            for line in filter(None, block.splitlines()):
                yield page.name, line.partition("  # ")[0].strip()


def snippets(language: str) -> list[tuple[str, str]]:
    """Return each block of a language, with its page."""
    return [
        (page.name, text)
        for page in PAGES
        for text in blocks(page.read_text(encoding="utf-8"), language)
    ]


# ------------------------------------------------------------------------------------- the site


def build(source: Path, target: Path) -> tuple[int, str]:
    """Build the site as `make docs` does, and return how that ended and what was said."""
    command = ("-m", "sphinx", "--fail-on-warning", "--quiet", "-b", "html")
    done = run(sys.executable, *command, source, target, cwd=ROOT, check=False)
    return done.returncode, done.stdout


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    assert build(DOCS, tmp_path / "site") == (0, "")
    made = files_of(tmp_path / "site")
    wanted = {page.relative_to(DOCS).with_suffix(".html").as_posix() for page in PAGES}
    assert wanted <= set(made)
    # Every page can be reached from the first.
    front = made["index.html"].decode()
    assert [page for page in wanted - {"index.html"} if f'href="{page}"' not in front] == []


@pytest.mark.parametrize(
    "wrong", ["[nowhere](nowhere.md)", "[nowhere](page.md#nowhere)", "```{toctree}\nnowhere\n```"]
)
def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path, wrong: str) -> None:
    conf = (DOCS / "conf.py").read_text(encoding="utf-8").replace('html_theme = "furo"', "")
    files = {
        "pyproject.toml": (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        "docs/conf.py": conf,
        "docs/index.md": f"# It\n\n```{{toctree}}\npage\n```\n\n{wrong}\n",
        "docs/page.md": "# Page\n\nText.\n",
    }
    status, said = build(build_tree(tmp_path, files) / "docs", tmp_path / "site")
    assert status == 1
    assert "nowhere" in said


# ---------------------------------------------------------------------------------- its commands


@cache
def parser_of(command: str) -> argparse.ArgumentParser:
    """Return the parser of a subcommand of `test-harness`."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    module = importlib.import_module(f"test_harness.commands.{command.replace('-', '_')}")
    module.add_arguments(parser)
    return parser


def complaint(line: str) -> str:
    """Return what is wrong with a command; empty if nothing is."""
    for pattern, test in RUN_BY.items():
        if re.fullmatch(pattern, line):
            file, _, name = test.partition("::")
            return "" if name in names_in(ROOT / file) else f"there is no {test}"
    words = shlex.split(line)
    if words[0] == "make":
        names = [it for it in words[1:] if "=" not in it and it not in {"-f", "test-harness.mk"}]
        return ", ".join(f"no target {it}" for it in names if it not in TARGETS)
    if words[0] == "test-harness":
        if words[1] not in COMMANDS:
            return f"no command {words[1]}"
        given = words[2 : words.index("--")] if "--" in words else words[2:]
        try:
            parser_of(words[1]).parse_args(given)
        except (argparse.ArgumentError, SystemExit) as error:
            return str(error)
        return ""
    return "" if is_there(line) else "nothing runs it"


def test_every_command_can_be_run() -> None:
    lines = list(shell_lines())
    assert len(lines) > 40
    said = {f"{page}: {line}": complaint(line) for page, line in lines}
    assert {line: what for line, what in said.items() if what} == {}


@pytest.mark.parametrize(
    "line",
    [
        "make nothing",
        "test-harness nothing",
        "test-harness lint --nothing",
        "python -m tools.matrix nothing",
        "rm -rf backend",
    ],
)
def test_a_command_that_is_not_there_is_told(line: str) -> None:
    assert complaint(line) != ""


def test_every_command_of_the_engine_is_in_the_table() -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `test-harness ([\w-]+)` \| (.*) \|$", text, re.MULTILINE) == [
        *COMMANDS.items()
    ]


# ---------------------------------------------------------------------------------- its snippets


@pytest.mark.parametrize(
    ("page", "text"),
    # Some of that page is wrong on purpose: tests/engine/suite/lint/test_documented.py looks at it.
    [snippet for snippet in snippets("python") if snippet[0] != "lint.md"],
)
def test_python_is_python_and_imports_public_names(page: str, text: str) -> None:
    tree = ast.parse(text, filename=page)
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "test_harness"
        for alias in node.names
    }
    assert names - set(test_harness.__all__) == set()


@pytest.mark.parametrize(("page", "text"), snippets("toml"))
def test_toml_is_toml(page: str, text: str) -> None:
    assert tomllib.loads(text), page


@pytest.mark.parametrize(("page", "text"), snippets("yaml"))
def test_yaml_is_yaml(page: str, text: str) -> None:
    assert yaml.safe_load(text), page


@pytest.mark.runs
def test_an_example_of_a_test_is_green(template: Path, suite_python: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "project", answers_file="fastapi-async-sqlite")
    text = (DOCS / "recipes.md").read_text(encoding="utf-8")
    recipes = {f"test_{n}.py": block for n, block in enumerate(blocks(text, "python"))}
    build_tree(project / "tests" / "recipes", recipes)
    done = run(suite_python, "-m", "pytest", "-q", "tests/recipes", cwd=project)
    written = sum(len(re.findall(r"^ *(?:async )?def test_", it, re.M)) for it in recipes.values())
    assert written >= len(recipes) > 8
    assert f"{written} passed" in done.stdout


# ---------------------------------------------------------------------------------- what it shows


def test_what_is_found_of_the_shown_backend_is_found() -> None:
    shown = blocks((DOCS / "adopt.md").read_text(encoding="utf-8"), "text")[0]
    found = message(Facts(ROOT / "tests" / "backends" / "orders"))
    assert shown.strip() in found
    front = blocks((ROOT / "README.md").read_text(encoding="utf-8"), "text")[0]
    lines = front.partition("\n...\n")[0].splitlines()
    assert len(lines) > 10
    assert [line for line in lines if line not in found.splitlines()] == []


def test_the_page_of_questions_has_the_table_of_the_front_page() -> None:
    table = re.compile(r"^\| question \| supported.*?(?=\n\n)", re.MULTILINE | re.DOTALL)
    pages = (ROOT / "README.md", DOCS / "questions.md")
    front, page = (table.findall(it.read_text(encoding="utf-8")) for it in pages)
    assert len(front) == 1
    assert front == page


def said_by_the_code() -> str:
    """Return every text of the code, with an ellipsis where a value is put in."""
    texts = []
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "template").rglob("conftest.py")]:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = (it.value if isinstance(it, ast.Constant) else "..." for it in node.values)
                texts.append("".join(map(str, parts)))
    return "\n".join(texts)


def test_every_message_that_is_explained_is_one_of_the_code() -> None:
    text = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    said = said_by_the_code()
    headings = re.findall(r"^### (.*)$", text, re.MULTILINE)
    assert len(headings) > 20
    pieces = {
        heading: [piece.strip(" `.,()") for piece in heading.split("...")] for heading in headings
    }
    unknown = [h for h, parts in pieces.items() if not all(part in said for part in parts)]
    assert unknown == []


def test_the_measured_table_is_what_was_measured() -> None:
    assert compared.main(["--check"]) == 0
    row = {"id": "P0", "name": "a|b", "measured": 2, "goal": "<= 1", "ok": False}
    row |= {"spread": [1.5, 3], "depends": ["cores", "disk"]}
    shown = "| P0 | a\\|b | 2 | 1.5 to 3 | <= 1 | cores, disk | **no** |"
    assert compared.table([row]).splitlines()[-1] == shown


def test_the_picture_of_growth_is_what_was_measured() -> None:
    assert growth.main(["--check"]) == 0


def test_the_picture_of_growth_shows_each_side_and_each_peer() -> None:
    lines = {"ours": {"10": 1.0, "100": 2.0}, "theirs": {"10": 3.0, "100": 40.0}}
    plot = {"title": "Checks & more", "over": "revisions", "unit": "s", "lines": lines}
    grown = {"id": "P0", "name": "a", "measured": 2, "goal": "<= 1", "plot": plot}
    peer = {"id": "P3-x", "name": "clones / ours", "measured": 43.2, "goal": ">= 40"}
    share = {"id": "P3-y", "name": "tables / ours, of the best", "measured": 0.8, "goal": ">= 0.9"}
    shown = ElementTree.fromstring(growth.picture([grown, peer, share]))
    texts = [it.text for it in shown.iter() if it.tag.endswith(("}text", "}title"))]
    assert {"Checks & more", "revisions", "ours", "theirs", "clones", "43.2"} <= set(texts)
    assert "theirs, 100 revisions: 40" in texts
    assert "tables" not in texts
    # Twice as long lies higher, more of what grows lies further to the right.
    dots = [it for it in shown.iter() if it.tag.endswith("}circle")]
    (few_x, few_y), (many_x, many_y), *_ = (
        (float(it.get("cx", 0)), float(it.get("cy", 0))) for it in dots
    )
    assert few_x < many_x
    assert few_y > many_y


# -------------------------------------------------------------------------------- the drawing


def test_the_drawing_is_todays() -> None:
    assert drawing.main(["--check"]) == 0


def test_a_room_stands_above_those_that_it_imports_from(tmp_path: Path) -> None:
    package = build_tree(
        tmp_path / "it",
        {
            "__init__.py": "",
            "high.py": "from it.low import one\nfrom it.deep import two\n",
            "low/__init__.py": "from it import deep\none = deep\n",
            "deep.py": "two = 2\n",
        },
    )
    rooms = drawing.rooms_of(package, "it")
    assert rooms == {"deep": set(), "high": {"low", "deep"}, "low": {"deep"}}
    assert drawing.floors_of(rooms) == [["high"], ["low"], ["deep"]]
    assert drawing.shortest(rooms)["high"] == {"low"}
    with pytest.raises(ValueError, match="Imports lead round among deep, high, low"):
        drawing.floors_of({**rooms, "deep": {"high"}})
