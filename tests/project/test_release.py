"""A release is one command: version, changelog and tag say the same, or nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.worlds import ROOT, build_tree, commit_all, files_of, git
from tools.release import CHANGELOG, PLACES, ReleaseError, release

LOG = (
    "# Changelog\n\n## [0.3.0] - Unreleased\n\n### Fixed\n\n- A thing.\n\n## [0.2.0] - 2026-01-01\n"
)


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "somebody@example.com")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the files that say the version, as they are here."""
    files = {name: (ROOT / name).read_text(encoding="utf-8") for name in PLACES}
    commit_all(build_tree(tmp_path / "project", {**files, CHANGELOG: LOG}))
    git(tmp_path / "project", "tag", "v0.2.0")
    return tmp_path / "project"


def test_the_version_the_changelog_and_the_tag_say_the_same(project: Path) -> None:
    assert release(project, "0.3.0", "2026-12-01") == "v0.3.0"
    for name, pattern in PLACES.items():
        assert pattern.findall((project / name).read_text(encoding="utf-8")) == ["0.3.0"]
    assert "## [0.3.0] - 2026-12-01\n" in (project / CHANGELOG).read_text(encoding="utf-8")
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "describe", "--exact-match").strip() == "v0.3.0"
    assert git(project, "log", "-1", "--format=%s").strip() == "build: Release 0.3.0"


@pytest.mark.parametrize(
    ("version", "log", "said"),
    [
        ("0.3", LOG, "no section"),
        ("three", LOG, "three is no version: write it as 0.2.0."),
        ("v0.3.0", LOG, "v0.3.0 is written 0.3.0."),
        ("0.2.0", LOG, "There is 0.2.0 already."),
        ("0.1.0", LOG, "There is 0.2.0 already."),
        ("0.4.0", LOG, "no section `## [0.4.0] - Unreleased` or `## [Unreleased]`"),
        ("0.3.0", LOG.replace("- A thing.\n", ""), "CHANGELOG.md says nothing of 0.3.0."),
    ],
)
def test_what_cannot_be_released_changes_nothing(
    project: Path, version: str, log: str, said: str
) -> None:
    (project / CHANGELOG).write_text(log, encoding="utf-8")
    commit_all(project)
    before = files_of(project)
    with pytest.raises(ReleaseError) as caught:
        release(project, version, "2026-12-01")
    assert said in str(caught.value)
    assert files_of(project) == before
    assert git(project, "tag").split() == ["v0.2.0"]


def test_changes_that_are_not_committed_are_in_the_way(project: Path) -> None:
    (project / CHANGELOG).write_text(LOG + "- More.\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match="not committed"):
        release(project, "0.3.0", "2026-12-01")
