"""Whatever people do to a project between two versions, an update loses no line of theirs.

`UPDATE_RUNS=200 .venv/bin/python -m pytest tests/template/test_update_property.py` looks at as many
projects, another 200 each time; usually a few are looked at, which are always the same.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.template.test_update import TESTS, UPDATE, append, release, replace
from tests.worlds import (
    ANSWERS_FILE,
    build_tree,
    clone_template,
    commit_all,
    copier,
    files_of,
    render,
)

RUNS = int(os.environ.get("UPDATE_RUNS", "2"))

BACKEND = {
    "app/__init__.py": "",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/models.py": "from sqlalchemy.orm import DeclarativeBase\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n",
    "notes.md": "One.\n\nTwo.\n",
    ".copier-answers.yml": "_src_path: gh:somebody/else\n_commit: v7\n",
}
# Files of each owner: what an update writes, what was written once, and all else.
OF_THE_TEMPLATE = [
    ".github/workflows/test-harness.yml",
    "test-harness.mk",
    "tests/AGENTS.md",
    "tests/README.md",
    "tests/checks/test_factories_sync.py",
    "tests/checks/test_health_sync.py",
    "tests/checks/test_infrastructure.py",
    "tests/checks/test_isolation_sync.py",
    "tests/coverage.ini",
    "tests/harness.toml",
    "tests/requirements.txt",
]
WRITTEN_ONCE = [
    "Makefile",
    "pytest.ini",
    "tests/conftest.py",
    "tests/ruff.toml",
    "tests/scenarios.py",
    "tests/test.env",
]
OTHERS = [*BACKEND]
NEW = ["tests/checks/test_mine.py", "tests/checks/test_arrived.py", "tests/factories.py", "x/y.txt"]


def make_version_2(template: Path) -> None:
    for name in ("test_isolation_sync.py", "test_health_sync.py"):
        append(template / TESTS / "checks" / name, "\n# Version 2.\n")
    append(template / TESTS / "conftest.py", "\n# Version 2.\n")
    replace(template / TESTS / "harness.toml.jinja", '"http://localhost"', '"http://127.0.0.1"')
    (template / TESTS / "checks/test_arrived.py").write_text('"""New in version 2."""\n')
    release(template, "v2.0.0")


def make_version_3(template: Path) -> None:
    checks = template / TESTS / "checks"
    for path in (checks / "test_isolation_sync.py", template / "template/test-harness.mk.jinja"):
        path.write_text(f"# Version 3.\n{path.read_text()}")
    (checks / "test_infrastructure.py").unlink()
    (checks / "test_factories_sync.py").rename(checks / "test_rows_sync.py")
    append(template / TESTS / "README.md.jinja", "\nVersion 3.\n")
    release(template, "v3.0.0")


@pytest.fixture(scope="module")
def old_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backend with the harness of the first of three versions."""
    folder = tmp_path_factory.mktemp("property")
    template = clone_template(folder / "test-harness", "v1.0.0")
    project = build_tree(folder / "project", BACKEND)
    commit_all(project)
    render(template, project, database_engine="sqlite", mode="sync")
    commit_all(project)
    make_version_2(template)
    make_version_3(template)
    return project


@dataclass(frozen=True)
class Edit:
    """What somebody does to a file: where in it, from 0 to 1, and whether a line makes way."""

    name: str
    what: str
    where: float = 0.0

    def apply(self, project: Path, line: str) -> bool:
        """Do it, and return whether the line is in the project now."""
        path = project / self.name
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
        at = int(self.where * len(lines))
        # What somebody wrote before is not taken out by this one.
        is_mine = any(MARK in it for it in (lines if self.moves else lines[at : at + 1]))
        if self.what != "add" and (not path.exists() or (self.what != "insert" and is_mine)):
            return False
        if self.what == "delete":
            path.unlink()
        elif self.what == "rename":
            path.rename(path.with_name(f"renamed_{path.name}"))
        else:
            lines[at : at + (self.what == "replace")] = [f"{line}\n"]
            build_tree(project, {self.name: "".join(lines)})
        return not self.moves

    @property
    def moves(self) -> bool:
        """Whether the file is not where it was afterwards."""
        return self.what in ("delete", "rename")


MARK = "# Mine, "
EDITS = st.one_of(
    st.builds(
        Edit,
        st.sampled_from([*OF_THE_TEMPLATE, *WRITTEN_ONCE, *OTHERS]),
        st.sampled_from(["insert", "replace", "delete", "rename"]),
        st.floats(0, 1),
    ),
    st.builds(Edit, st.sampled_from(NEW), st.just("add")),
)
STEPS = st.tuples(*[st.lists(EDITS, min_size=2, max_size=8)] * 2)


@dataclass
class World:
    """A project of a person who edits it.

    Args:
        project: Its folder.
        lines: What the person wrote.
    """

    project: Path
    lines: list[str] = field(default_factory=list)

    def edit(self, edits: list[Edit]) -> None:
        """Do what a person does, and commit it."""
        for edit in edits:
            line = f"{MARK}{len(self.lines)}."
            if edit.apply(self.project, line):
                self.lines.append(line)
        commit_all(self.project, "Edits")

    def update(self, version: str) -> None:
        """Bring the project to a version, and see that nothing of the person's is lost by it."""
        before = files_of(self.project)
        said = copier(*UPDATE, "--quiet", "--vcs-ref", version, cwd=self.project).stdout
        after = files_of(self.project)
        for line in self.lines:
            homes = [name for name, text in before.items() if line.encode() in text]
            is_there = any(line.encode() in text for text in after.values())
            named = all(f"The new version has no {name} any more" in said for name in homes)
            assert is_there or (homes and named), f"{line} of {homes} is lost:\n{said}"
        for name in before.keys() - {*OF_THE_TEMPLATE, ANSWERS_FILE}:
            if not name.startswith("tests/checks/"):
                assert after.get(name) == before[name], f"{name} is not what it was"
        commit_all(self.project, version)


@settings(
    max_examples=RUNS,
    derandomize="UPDATE_RUNS" not in os.environ,
    database=None,
    deadline=None,
    # A smaller example would take an hour; that one is good enough to be looked at.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(steps=STEPS)
# Of two updates the second drops the file that was edited before the first.
@example(steps=([Edit("tests/checks/test_factories_sync.py", "insert", 0.8)], []))
def test_no_line_is_lost_over_three_versions(old_project: Path, steps: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(shutil.copytree(old_project, Path(folder) / "project"))
        for version, edits in zip(("v2.0.0", "v3.0.0"), steps, strict=True):
            world.edit(edits)
            world.update(version)
