"""The Python environment of the project: found where teams keep it, made when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]

# Lies in an environment that was made here, until the application's packages are in it.
UNFINISHED = "test-harness-unfinished"


class SetupError(Exception):
    """The environment cannot be made; the message says why and how to mend it."""


@dataclass(frozen=True)
class Environment:
    """A Python that has, or will have, the application's packages.

    Args:
        python: Its interpreter.
        manager: Who manages the project's packages: `uv`, `poetry` or `pip`.
        made: Whether it was made here and the application's packages are missing still.
    """

    python: Path
    manager: str
    made: bool

    @property
    def permanent(self) -> str:
        """The command that writes the test requirements into the project's own files."""
        requirements = _relative_requirements()
        if self.manager == "uv":
            return f"uv add --dev --requirements {requirements}"
        if self.manager == "poetry":
            return f"poetry add --group dev $(grep -v '#' {requirements} | cut -d';' -f1)"
        return f"echo '-r {requirements}' >> requirements-dev.txt"

    def install(self, requirements: Path, say: Say) -> None:
        """Install the test requirements, without changing a version that is installed already.

        Raises:
            SetupError: The package installer failed.
        """
        if self.made:
            say("Installing the packages of the application and of its tests ...")
            self._install_both(Path.cwd(), requirements)
            (self.python.parents[1] / UNFINISHED).unlink()
        elif not self._satisfied(requirements):
            say("Installing the test requirements ...")
            self._install_beside(requirements)

    def _install_both(self, project: Path, requirements: Path) -> None:
        if (project / "uv.lock").exists() and shutil.which("uv"):
            _run(
                ["uv", "sync", "--frozen", "--all-groups", "--inexact", "--quiet"],
                {"UV_PROJECT_ENVIRONMENT": str(self.python.parents[1])},
            )
            self._install_beside(requirements)
        else:
            self._pip("install", *self._application(project), "-r", str(requirements))

    def _install_beside(self, requirements: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            constraints = Path(folder) / "installed.txt"
            constraints.write_text(self._installed(), encoding="utf-8")
            self._pip("install", "-r", str(requirements), "-c", str(constraints))

    def _application(self, project: Path) -> list[str]:
        """Return what to tell pip, or uv in its place, to install what the application needs."""
        if (project / "requirements.txt").exists():
            return ["-r", "requirements.txt"]
        if not (project / "pyproject.toml").exists():
            return []
        if shutil.which("uv"):
            return ["-r", "pyproject.toml"]
        return _declared_dependencies(project / "pyproject.toml", self.python)

    def _satisfied(self, requirements: Path) -> bool:
        """Whether every required package is there, so that a second run costs nothing."""
        required = [
            line.split(";")[0]
            for line in requirements.read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith("#") and "python_version" not in line
        ]
        code = (
            "import re, sys\n"
            "from importlib.metadata import version\n"
            "def numbers(text): return [int(part) for part in re.findall(r'\\d+', text)]\n"
            "for line in sys.argv[1:]:\n"
            "    name, least = re.match(r'([\\w.-]+).*>=([\\d.]+)', line).groups()\n"
            "    if numbers(version(name)) < numbers(least): sys.exit(1)"
        )
        done = subprocess.run(
            [self.python, "-c", code, *required], capture_output=True, check=False
        )
        return done.returncode == 0

    def _installed(self) -> str:
        code = (
            "from importlib.metadata import distributions\n"
            "for found in distributions():\n"
            "    if found.metadata['Name']: print(found.metadata['Name'], found.version, sep='==')"
        )
        return subprocess.run(
            [self.python, "-c", code], capture_output=True, text=True, check=True
        ).stdout

    def _pip(self, command: str, *arguments: str) -> None:
        if shutil.which("uv"):
            start = ["uv", "pip", command, "--quiet", "--python", str(self.python)]
        else:
            # An environment that uv has made comes without pip.
            _run([str(self.python), "-m", "ensurepip", "--upgrade"])
            start = [str(self.python), "-m", "pip", command, "--quiet"]
            start.append("--disable-pip-version-check")
        _run([*start, *arguments])


def find_or_make(project: Path, say: Say) -> Environment:
    """Return the environment of the project.

    Looked for: `.venv` and `venv` in the project, the active virtual environment, poetry's. When
    there is none, `.venv` is made, with uv when it is there.

    Raises:
        SetupError: None can be made.
    """
    manager = _manager(project)
    for folder in (project / ".venv", project / "venv", _active()):
        if folder is not None and (python := _python_of(folder)) is not None:
            say(f"Using the environment in {folder}.")
            return Environment(python, manager, made=(folder / UNFINISHED).exists())
    if manager == "poetry" and (python := _python_of_poetry()) is not None:
        say(f"Using poetry's environment in {python.parents[1]}.")
        return Environment(python, manager, made=False)
    folder = project / ".venv"
    say(f"Making an environment in {folder} ...")
    if shutil.which("uv"):
        _run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)])
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
    made = _python_of(folder)
    if made is None:
        raise SetupError(f"{folder} has no interpreter.\n  Fix: delete the folder.")
    (folder / UNFINISHED).touch()
    return Environment(made, manager, made=True)


def _manager(project: Path) -> str:
    if (project / "poetry.lock").exists():
        return "poetry"
    return "pip" if (project / "requirements.txt").exists() else "uv"


def _active() -> Path | None:
    """The active environment, unless it is the one that Copier itself runs in."""
    folder = os.environ.get("VIRTUAL_ENV")
    if not folder or Path(folder).resolve() == Path(sys.prefix).resolve():
        return None
    return Path(folder)


def _python_of(folder: Path) -> Path | None:
    for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
        if python.exists():
            return python
    return None


def _python_of_poetry() -> Path | None:
    if not shutil.which("poetry"):
        return None
    found = subprocess.run(
        ["poetry", "env", "info", "--path"], capture_output=True, text=True, check=False
    )
    return _python_of(Path(found.stdout.strip())) if found.stdout.strip() else None


def _declared_dependencies(pyproject: Path, python: Path) -> list[str]:
    """Return `[project] dependencies`; read by pip's own TOML parser, since 3.10 has none."""
    code = (
        "import sys\n"
        "try: import tomllib\n"
        "except ModuleNotFoundError: from pip._vendor import tomli as tomllib\n"
        "project = tomllib.load(open(sys.argv[1], 'rb')).get('project', {})\n"
        "print(*project.get('dependencies', []), sep='\\n')"
    )
    found = subprocess.run(
        [python, "-c", code, str(pyproject)], capture_output=True, text=True, check=False
    )
    if found.returncode:
        raise SetupError(
            f"{pyproject.name} cannot be read: {found.stderr.strip().splitlines()[-1]}\n"
            "  Fix: correct the file."
        )
    return found.stdout.split("\n")[:-1] if found.stdout.strip() else []


def _relative_requirements() -> str:
    tests_dir = Path(__file__).resolve().parents[2]
    return f"{tests_dir.name}/harness/requirements.txt"


def _run(command: list[str], extra: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **(extra or {})},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error}\n  Fix: install it.") from None
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        shown = "\n    ".join(lines[-12:])
        raise SetupError(
            f"`{' '.join(command[:3])} ...` failed:\n    {shown}\n"
            "  Fix: mend what it names, or activate an environment that has the packages."
        )
