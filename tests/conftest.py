"""What tests share: a clone of the template, and an environment for rendered suites."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.worlds import IN_ANY_ORDER, clone_template, environment
from tools.environments import suite_environment


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this template as it stands in the working tree, tagged v99.0.0."""
    return clone_template(tmp_path_factory.mktemp("template") / "test-harness", "v99.0.0")


@pytest.fixture(scope="session")
def suite_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the packages that rendered projects and their suites need."""
    return suite_environment(folder_for_all(tmp_path_factory, "suite-environment") / ".venv")


def folder_for_all(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """Make a folder that others may look into.

    The server from the wheel runs as another user when the tests run as root.
    """
    folder = tmp_path_factory.mktemp(name)
    for path in (folder, *folder.parents):
        mode = path.stat().st_mode
        if not mode & 0o005:
            path.chmod(mode | 0o055)
    return folder


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have what the test starts stop at Ctrl-C, even where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have CI fail where a test is skipped, because it has every server and interpreter."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("TESTS_MAY_NOT_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which TESTS_MAY_NOT_SKIP forbids: {report.longreprtext}"
    return report


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's git configuration and Copier settings out of the tests."""
    known = environment()
    # What is tested here names its databases after a worker, which is not one of this run.
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    settings = tmp_path.parent / f"{tmp_path.name}-settings.yml"
    settings.write_text("{}\n", encoding="utf-8")
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{known['PATH']}")


@pytest.fixture(scope="module")
def in_any_order() -> Iterator[None]:
    """Have the suites that are run draw their order by chance, as those of users do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(IN_ANY_ORDER, "1")
        yield
