"""Whatever source a template was copied from, requirements.txt has one line that can be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from extensions.questions.engine import git_url
from tests.install.remotes import Remote, answer, engine_line, rendered, version_of
from tests.worlds import ANSWERS_FILE, commit_all, copier, git

UPDATE = ("update", "--trust", "--defaults", "--quiet", "--answers-file", ANSWERS_FILE)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("gh:org/test-harness", "https://github.com/org/test-harness"),
        ("gl:org/test-harness.git", "https://gitlab.com/org/test-harness.git"),
        ("https://host/org/test-harness.git", "https://host/org/test-harness.git"),
        ("git+https://host/org/test-harness", "https://host/org/test-harness"),
        ("git@host:org/test-harness.git", "ssh://git@host/org/test-harness.git"),
        ("ssh://git@host:2222/test-harness.git", "ssh://git@host:2222/test-harness.git"),
        ("https://me:secret@host/test-harness.git", "https://host/test-harness.git"),
    ],
)
def test_an_address_is_written_as_installers_read_it(source: str, address: str) -> None:
    assert git_url(source) == address


def test_of_a_remote_template_it_is_the_tag(remote: Remote, from_remote: Path) -> None:
    assert engine_line(from_remote) == remote.line(remote.old, remote.versions[0])


def test_of_a_remote_template_without_a_tag_there_it_is_the_commit(
    remote: Remote, tmp_path: Path
) -> None:
    project = rendered(remote.address, tmp_path / "project", "--vcs-ref", remote.between)
    assert engine_line(project) == remote.line(remote.between, remote.versions[0])


def clean(template: Path) -> str:
    return str(template)


def dirty(template: Path) -> str:
    readme = template / "README.md"
    readme.write_text(f"{readme.read_text(encoding='utf-8')}\nMine.\n", encoding="utf-8")
    return str(template)


def without_tags(template: Path) -> str:
    git(template, "tag", "--delete", "v99.0.0")
    return str(template)


def shallow(template: Path) -> str:
    git(template, "commit", "--quiet", "--allow-empty", "--message", "One more")
    template.rename(template.with_name("deep"))
    git(template.parent, "clone", "--quiet", "--depth=1", "--no-tags",
        template.with_name("deep").as_uri(), str(template))  # fmt: skip
    return str(template)


def relative(template: Path) -> str:
    return os.path.relpath(template, template.parent)


def of_home(template: Path) -> str:
    return f"~/{template.name}"


def by_address(template: Path) -> str:
    return f"git+{template.as_uri()}"


@pytest.fixture
def local(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git(tmp_path, "clone", "--quiet", str(template), str(tmp_path / "test-harness"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "test-harness"


@pytest.mark.parametrize("source", [clean, without_tags, shallow, relative, of_home, by_address])
def test_of_a_local_template_it_is_its_folder_and_an_update_finds_it_again(
    local: Path, source: Callable[[Path], str]
) -> None:
    project = rendered(source(local), local.parent / "project")
    assert engine_line(project) == f"test-harness @ {local.as_uri()}  # {version_of(local)}"
    again = answer(project, "_src_path").removeprefix("git+").removeprefix("file://")
    assert Path(again).expanduser() == local
    git(local, "rev-parse", "--verify", f"{answer(project, '_commit')}^{{commit}}")


def test_what_was_rendered_from_changes_can_be_updated(local: Path) -> None:
    project = rendered(dirty(local), local.parent / "project", "--vcs-ref", "HEAD")
    assert engine_line(project) == f"test-harness @ {local.as_uri()}  # {version_of(local)}"
    commit_all(project)
    copier(*UPDATE, cwd=project)
    assert git(project, "status", "--porcelain") == ""


def test_a_relative_source_that_leads_there_from_the_project_is_kept(local: Path) -> None:
    project = local.parent / "project"
    project.mkdir()
    copier("copy", "--trust", "--defaults", "--quiet", "--data", "run_suite=false",
           "../test-harness", ".", cwd=project)  # fmt: skip
    assert answer(project, "_src_path") == "../test-harness"
    assert engine_line(project).startswith(f"test-harness @ {local.as_uri()} ")


def test_of_a_local_repository_without_files_it_is_an_address_of_git(
    local: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(local), str(tmp_path / "bare.git"))
    project = rendered("bare.git", tmp_path / "project")
    assert engine_line(project).startswith(
        f"test-harness @ git+{(tmp_path / 'bare.git').as_uri()}@v99.0.0 "
    )
