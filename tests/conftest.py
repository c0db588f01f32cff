"""What tests share: a clone of the template, and an environment for rendered suites."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.worlds import clone_template, environment
from tools.environments import suite_environment


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this template as it stands in the working tree, tagged v99.0.0."""
    return clone_template(tmp_path_factory.mktemp("template") / "test-harness", "v99.0.0")


@pytest.fixture(scope="session")
def suite_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the packages that rendered projects and their suites need."""
    folder = tmp_path_factory.mktemp("suite-environment")
    # The server from the wheel runs as another user when the tests run as root.
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    return suite_environment(folder / ".venv")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's git configuration and Copier settings out of the tests."""
    known = environment()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    settings = tmp_path.parent / f"{tmp_path.name}-settings.yml"
    settings.write_text("{}\n", encoding="utf-8")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{known['PATH']}")
