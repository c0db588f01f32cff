"""The Python environment of the project: found where teams keep it, made when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from test_harness.commands.installing import UNFINISHED, Environment, Say
from test_harness.commands.own_files import folders_of, home_of, manager_of
from test_harness.commands.programs import ANSWER, SetupError, python_of, run
from test_harness.commands.requirements import PACKAGE, checkout
from test_harness.project import SETTINGS_FILE

# Names the project's environment to the hook of an update, which `test-harness update` runs in.
CHOSEN = "TEST_HARNESS_ENVIRONMENT"


def find_or_make(project: Path, say: Say) -> Environment:
    """Return the environment of the project.

    Looked for: `.venv` and `venv` in the project, the active virtual environment, those two in the
    folders of the repository above, up to the one that says what the application needs, poetry's.
    When there is none, `.venv` is made, with uv when it is there.

    Raises:
        SetupError: None can be made.
    """
    manager = manager_of(project)
    folders = folders_of(project)
    folders = folders[1 : folders.index(home_of(project)) + 1]
    above = [folder / name for folder in folders for name in (".venv", "venv")]
    for folder in (project / ".venv", project / "venv", _active(), *above):
        if folder is not None and (python := python_of(folder)) is not None:
            say(f"Using the environment in {folder}.")
            return Environment(python, manager, made=(folder / UNFINISHED).exists())
    if manager == "poetry" and (python := _python_of_poetry()) is not None:
        say(f"Using poetry's environment in {python.parents[1]}.")
        return Environment(python, manager, made=False)
    folder = project / ".venv"
    say(f"Making an environment in {folder} ...")
    if shutil.which("uv"):
        run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)])
    else:
        run([sys.executable, "-I", "-m", "venv", str(folder)])
    made = python_of(folder)
    if made is None:
        raise SetupError(f"{folder} has no interpreter.\n  Fix: delete the folder.")
    (folder / UNFINISHED).touch()
    return Environment(made, manager, made=True)


def _active() -> Path | None:
    """The environment that somebody chose: the active one, or that of the engine which runs.

    What Copier runs in is nobody's choice for the application.
    """
    if chosen := os.environ.pop(CHOSEN, None):
        return Path(chosen)
    active = os.environ.get("VIRTUAL_ENV")
    if checkout() is not None:
        is_of_copier = active and Path(active).resolve() == Path(sys.prefix).resolve()
        return Path(active) if active and not is_of_copier else None
    return Path(active) if active else own_environment()


def own_environment() -> Path | None:
    """Return the environment that the engine which runs is installed in.

    Whoever starts a copy in a project with any Python has chosen no environment by that, and one
    on top of the project's is for the tests alone.
    """
    own = Path(sys.prefix)
    is_for_the_tests = (own.parent / SETTINGS_FILE).exists()
    return own if own.resolve() in PACKAGE.parents and not is_for_the_tests else None


def _python_of_poetry() -> Path | None:
    poetry = shutil.which("poetry")
    if poetry is None:
        return None
    try:
        found = subprocess.run(
            [poetry, "env", "info", "--path"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=ANSWER,
        ).stdout.strip()
    except subprocess.TimeoutExpired:
        return None
    return python_of(Path(found)) if found else None
