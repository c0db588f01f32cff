"""What tests of installing share: a template on another machine, and environments."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.remotes import HOST, Remote, publish, rendered
from tests.worlds import build_tree, run
from tools.environments import UV


@pytest.fixture(scope="session")
def port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
    return number


@pytest.fixture(scope="session")
def git_settings(port: int, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have git find the host of the remote template on this machine."""
    path = tmp_path_factory.mktemp("git") / "config"
    path.write_text(
        f'[url "git://127.0.0.1:{port}/"]\n\tinsteadOf = {HOST}{port}/\n'
        "[user]\n\tname = somebody\n\temail = somebody@example.com\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(autouse=True)
def reached(git_settings: Path, clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(git_settings))


@pytest.fixture(scope="session")
def remote(template: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A template at an https address, served by a daemon of git."""
    folder = tmp_path_factory.mktemp("remote")
    served = publish(template, folder, port)
    daemon = subprocess.Popen(
        [
            "git", "daemon", f"--base-path={folder}", "--export-all", "--reuseaddr",
            "--listen=127.0.0.1", f"--port={port}",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while daemon.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield served
    daemon.terminate()
    daemon.wait()


@pytest.fixture(scope="session")
def from_remote(
    remote: Remote, git_settings: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project rendered from the first version of the remote template; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(git_settings))
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        folder = tmp_path_factory.mktemp("rendered") / "project"
        return rendered(remote.address, folder, "--vcs-ref", remote.old)


@pytest.fixture
def project(from_remote: Path, tmp_path: Path) -> Path:
    """The same, to change."""
    return Path(shutil.copytree(from_remote, tmp_path / "project"))


@pytest.fixture(scope="session")
def application(from_remote: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has what application and tests need, without the engine; to be copied."""
    folder = tmp_path_factory.mktemp("application") / ".venv"
    run(UV, "venv", "--quiet", "--seed", "--python", sys.executable, folder, cwd=folder.parent)
    wanted = folder.parent / "wanted.txt"
    needs = (from_remote / "pyproject.toml").read_text(encoding="utf-8")
    lists = needs.partition("dependencies = [")[2].partition("\n]")[0]
    ours = ["pip==23.2", "factory_boy", "pytest-cov", "python-dotenv", "pytest-asyncio", "httpx2"]
    wanted.write_text(
        "\n".join([*(line.strip(' ",') for line in lists.splitlines()), *ours]), encoding="utf-8"
    )
    run(
        UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python", "-r", wanted,
        cwd=folder.parent,
    )  # fmt: skip
    return folder


@pytest.fixture
def with_environment(project: Path, application: Path) -> Path:
    """A project whose environment lacks the engine alone."""
    folder = project / ".venv"
    # Installers replace files and never write into one.
    shutil.copytree(application, folder, symlinks=True, copy_function=os.link)
    return project


@pytest.fixture(scope="session")
def complete(from_remote: Path, application: Path, git_settings: Path) -> Path:
    """The same environment with the engine that the project asks for; not to be changed."""
    folder = application.parent / "complete"
    shutil.copytree(application, folder, symlinks=True, copy_function=os.link)
    run(
        UV, "pip", "install", "--quiet", "--python", folder / "bin" / "python",
        "-r", from_remote / "tests" / "requirements.txt",
        cwd=folder, GIT_CONFIG_GLOBAL=str(git_settings),
    )  # fmt: skip
    return folder


@pytest.fixture
def ready(project: Path, complete: Path) -> Path:
    """A project whose environment is complete, and whose suite takes no time."""
    shutil.copytree(complete, project / ".venv", symlinks=True, copy_function=os.link)
    (project / "pytest.ini").write_text(
        "[pytest]\ntestpaths = tests/quick\npythonpath = tests .\nasyncio_mode = auto\n",
        encoding="utf-8",
    )
    return build_tree(project, {"tests/quick/test_it.py": "def test_it():\n    pass\n"})


@pytest.fixture(scope="session")
def poetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a poetry."""
    folder = tmp_path_factory.mktemp("poetry") / ".venv"
    run(UV, "venv", "--quiet", "--python", sys.executable, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, "poetry>=2", cwd=folder)
    only = folder.parent / "bin"
    only.mkdir()
    (only / "poetry").symlink_to(folder / "bin" / "poetry")
    return only
