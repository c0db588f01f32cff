"""What cannot be installed, or does not fit, is one sentence with its fix, and nothing is lost."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.install.remotes import Remote, path_without
from tests.worlds import ROOT, build_tree, commit_all, copier, files_of, run

HOOK = ROOT / "src" / "test_harness"
AGAIN = "  Then run `make -f test-harness.mk harness-check`.\n"
VENDORED = "`--data engine=vendored` for `copier copy`, or for `copier update`"

# Root may write everywhere, whatever the permissions say, until it gives this up.
WITHOUT_OVERRIDE = (
    "import ctypes, os, sys\n"
    "CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24\n"
    "if os.geteuid() == 0:\n"
    "    assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE) == 0\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
BOTH = pytest.mark.parametrize("without", [(), ("uv", "poetry")], ids=["uv", "pip"])


@pytest.fixture
def small(tmp_path: Path, application: Path) -> Path:
    """A project that asks for an engine, and has an environment without one."""
    shutil.copytree(application, tmp_path / "small" / ".venv", symlinks=True)
    return build_tree(
        tmp_path / "small", {"tests/harness.toml": "", "tests/test_it.py": "", "app/main.py": ""}
    )


def asks_for(project: Path, address: str) -> None:
    build_tree(project, {"tests/requirements.txt": f"test-harness @ {address}  # 1\n"})


def refusal(project: Path, *start: str, without: tuple[str, ...] = (), **variables: Any) -> str:
    """Run the hook as Copier does, and return why it did not run the suite."""
    before = {name: text for name, text in files_of(project).items() if ".venv" not in name}
    done = run(
        *start, sys.executable, "-B", HOOK, "check", "--tests", "tests", "--first-run",
        cwd=project, PATH=path_without(*without), **variables,
    )  # fmt: skip
    after = {name: text for name, text in files_of(project).items() if ".venv" not in name}
    assert after == before
    said = done.stdout.partition("\nThe suite was not run: ")[2]
    assert said.endswith(AGAIN), done.stdout
    assert "Traceback" not in said
    return said.removesuffix(AGAIN)


def problem_and_fix(said: str) -> tuple[str, str]:
    """Return the first line and the last, which is the fix; between is what the installer said."""
    lines = said.splitlines()
    return lines[0], lines[-1]


NOT_REACHED = (
    "The package index, or the address of the engine, cannot be reached.",
    "  Fix: Run the command again where there is a network; in a closed one have the engine in the "
    f"project ({VENDORED}).",
)


@BOTH
def test_an_address_that_cannot_be_reached(small: Path, without: tuple[str, ...]) -> None:
    asks_for(small, "git+https://127.0.0.1:1/org/test-harness.git@v1")
    assert problem_and_fix(refusal(small, without=without)) == NOT_REACHED


def test_a_network_that_uv_may_not_use(small: Path, tmp_path: Path) -> None:
    build_tree(small, {"tests/requirements.txt": "polyfactory>=3\n"})
    said = refusal(small, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "cold"))
    assert problem_and_fix(said) == NOT_REACHED
    assert not (small / "tests" / ".venv").exists()


@BOTH
def test_a_version_that_is_not_there(small: Path, remote: Remote, without: tuple[str, ...]) -> None:
    asks_for(small, f"git+{remote.address}@v9.9.9")
    assert problem_and_fix(refusal(small, without=without)) == (
        "The address of the engine has no such version.",
        "  Fix: Correct it in requirements.txt, or ask for the newest with `test-harness update`.",
    )


class Forbids(BaseHTTPRequestHandler):
    """A host of repositories that wants to know who asks."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="private"')
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def private(git_settings: Path, tmp_path: Path) -> Iterator[Path]:
    """Settings of git under which an https address is a host that gives nothing without a name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Forbids) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = tmp_path / "private"
        settings.write_text(
            f'[url "http://127.0.0.1:{server.server_port}/"]\n'
            "\tinsteadOf = https://private.example.com/\n",
            encoding="utf-8",
        )
        yield settings
        server.shutdown()


@BOTH
def test_a_private_fork_without_access(
    small: Path, private: Path, without: tuple[str, ...]
) -> None:
    asks_for(small, "git+https://private.example.com/org/test-harness.git@v1")
    said = refusal(small, without=without, GIT_CONFIG_GLOBAL=str(private))
    assert problem_and_fix(said) == (
        "The repository that the engine is installed from gives it to nobody without access.",
        "  Fix: Give git a token or a key that may read it, and CI one of its own; or have the "
        f"engine in the project ({VENDORED}).",
    )


@pytest.mark.parametrize(
    ("without", "variable"),
    [((), "UV_REQUIRE_HASHES"), (("uv", "poetry"), "PIP_REQUIRE_HASHES")],
    ids=["uv", "pip"],
)
def test_packages_that_are_installed_by_their_hashes(
    small: Path, remote: Remote, without: tuple[str, ...], variable: str
) -> None:
    asks_for(small, f"git+{remote.address}@{remote.old}")
    given: dict[str, Any] = {variable: "1"}
    assert problem_and_fix(refusal(small, without=without, **given)) == (
        "Packages are installed by their hashes here, and an address of git has none.",
        f"  Fix: Have the engine in the project ({VENDORED}), and add hashes of what is left.",
    )


@BOTH
def test_an_environment_that_nobody_may_write_to(
    small: Path, remote: Remote, without: tuple[str, ...]
) -> None:
    asks_for(small, f"git+{remote.address}@{remote.old}")
    [packages] = (small / ".venv" / "lib").glob("python*/site-packages")
    packages.chmod(0o555)
    try:
        said = refusal(small, sys.executable, "-c", WITHOUT_OVERRIDE, without=without)
    finally:
        packages.chmod(0o755)
    assert problem_and_fix(said) == (
        "The environment cannot be written to.",
        "  Fix: Activate one that belongs to you, or delete it to have it made anew.",
    )


def test_an_application_with_sqlalchemy_1(small: Path, remote: Remote) -> None:
    asks_for(small, f"git+{remote.address}@{remote.old}")
    [packages] = (small / ".venv" / "lib").glob("python*/site-packages")
    for there in packages.glob("sqlalchemy-*"):
        shutil.rmtree(there)
    build_tree(
        packages,
        {"SQLAlchemy-1.4.54.dist-info/METADATA": "Name: SQLAlchemy\nVersion: 1.4.54\n"},
    )
    said = refusal(small)
    assert said == (
        "The application has SQLAlchemy 1.4.54, and the test harness works from 2.0 on.\n  Fix: "
        "bring it to 2.0, as https://docs.sqlalchemy.org/20/changelog/migration_20.html says, and "
        "install that into the environment.\n"
    )
    assert not (small / "tests" / ".venv").exists()


@pytest.mark.parametrize("version", ["0.0.9", "100.0.0"], ids=["newer", "older"])
def test_an_engine_of_another_version_than_the_files(
    ready: Path, remote: Remote, version: str
) -> None:
    settings = ready / "tests" / "harness.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(
        text.replace(f'version = "{remote.versions[0]}"', f'version = "{version}"'),
        encoding="utf-8",
    )
    done = run(ready / ".venv" / "bin" / "python", "-m", "pytest", cwd=ready, check=False)
    assert done.stdout.startswith(
        f"ERROR: The files of the harness are of {version}, and the engine that is installed is of "
        f"{remote.versions[0]}.\n  Fix: Install the one they ask for, "
    )
    assert len(done.stdout.strip().splitlines()) == 2


def test_an_environment_without_the_engine(with_environment: Path) -> None:
    python = with_environment / ".venv" / "bin" / "python"
    done = run(python, "-m", "pytest", cwd=with_environment, check=False)
    assert done.stdout.strip() == (
        "ERROR: The engine of the test harness is not installed in this environment.\n"
        f"  Fix: `{python} -m pip install -r tests/requirements.txt`, or with `uv pip install`."
    )


def test_an_engine_that_is_installed_beside_a_copy_is_told(ready: Path, remote: Remote) -> None:
    shutil.copytree(HOOK, ready / "tests" / "test_harness")
    build_tree(ready, {"tests/requirements.txt": "pytest>=8\n"})
    done = run(sys.executable, "-B", HOOK, "check", "--tests", "tests", "--first-run", cwd=ready)
    assert (
        f"The engine ran from tests/test_harness; {remote.versions[0]} is installed too, and nobody"
        " uses it.\n  Fix: `pip uninstall test-harness`, or with `uv pip`.\n"
    ) in done.stdout


def test_a_fault_of_the_hook_costs_nothing_that_was_rendered(
    remote: Remote, tmp_path: Path
) -> None:
    shutil.copytree(remote.clone, tmp_path / "template", symlinks=True)
    environments = tmp_path / "template" / "src" / "test_harness" / "commands" / "environments.py"
    text = environments.read_text(encoding="utf-8")
    environments.write_text(
        text.replace("    manager = manager_of(project)\n", "    manager = 1 / 0\n"),
        encoding="utf-8",
    )
    commit_all(tmp_path / "template")
    project = tmp_path / "project"
    done = copier("copy", "--trust", "--defaults", "--vcs-ref", "HEAD", tmp_path / "template",
                  project, cwd=tmp_path)  # fmt: skip
    assert (
        "\nThe suite was not run, for a fault of the harness and not of the application:\nTraceback"
    ) in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert "  Fix: report the lines above, then run `make -f test-harness.mk harness-check`." in (
        done.stdout
    )
    assert (project / "tests" / "harness.toml").exists()
    assert not (project / "tests" / "known_failures.txt").exists()
