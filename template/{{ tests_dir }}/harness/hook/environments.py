"""The Python environment of the project: found where teams keep it, made when there is none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from commands import SetupError, declared_dependencies, run

Say = Callable[[str], None]

# Lies in an environment that was made here, until the application's packages are in it.
UNFINISHED = "test-harness-unfinished"


# What uv and pip say when versions do not go together.
CONFLICT = re.compile(r"unsatisfiable|ResolutionImpossible|conflicting dependencies|no version of")


@dataclass(frozen=True)
class Environment:
    """A Python that has, or will have, the application's packages.

    Args:
        python: Its interpreter.
        manager: Who manages the project's packages: `uv`, `poetry` or `pip`; empty for one that
            has nothing but the tests'.
        made: Whether it was made here and the application's packages are missing still.
    """

    python: Path
    manager: str
    made: bool

    @property
    def permanent(self) -> str:
        """The command that writes the test requirements into the project's own files."""
        if not self.manager:
            return ""
        requirements = _relative_requirements()
        if self.manager == "uv":
            return f"uv add --dev --requirements {requirements}"
        if self.manager == "poetry":
            return f"poetry add --group dev $(grep -v '#' {requirements} | cut -d';' -f1)"
        return f"echo '-r {requirements}' >> requirements-dev.txt"

    def install(self, requirements: Path, say: Say) -> Environment:
        """Install the test requirements, without changing a version that is installed already.

        Returns:
            The environment to run the tests in: this one, or one of the tests' own on top of it
            where what is installed here is too old for them.

        Raises:
            SetupError: The package installer failed.
        """
        if self.made:
            say("Installing the packages of the application and of its tests ...")
            self._install_both(Path.cwd(), requirements)
            (self.python.parents[1] / UNFINISHED).unlink()
        elif (on_top := self._on_top(requirements)) and on_top.satisfied(requirements):
            return on_top
        elif not self.satisfied(requirements):
            say("Installing the test requirements ...")
            try:
                self._install_beside(requirements)
            except SetupError as error:
                if not CONFLICT.search(str(error)):
                    raise
                return self._made_on_top(requirements, say, error)
        return self

    def _on_top(self, requirements: Path) -> Environment | None:
        python = _python_of(requirements.parents[1] / ".venv")
        return Environment(python, "", made=False) if python else None

    def _made_on_top(self, requirements: Path, say: Say, reason: SetupError) -> Environment:
        """Make an environment that has the test requirements, and this one's packages behind them.

        Args:
            requirements: The test requirements.
            say: Shows a line.
            reason: Why they cannot be installed in this one.
        """
        folder = requirements.parents[1] / ".venv"
        say("Its packages are too old for the test requirements, and stay as they are:")
        say(
            "\n".join(line for line in str(reason).splitlines() if "ecause" in line or "==" in line)
        )
        say(f"Making an environment for the tests on top of it, in {folder} ...")
        if shutil.which("uv"):
            run(["uv", "venv", "--quiet", "--clear", "--python", str(self.python), str(folder)])
        else:
            run([str(self.python), "-m", "venv", "--clear", str(folder)])
        on_top = self._on_top(requirements)
        if on_top is None:
            raise SetupError(f"{folder} has no interpreter.\n  Fix: delete the folder.") from reason
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        behind = f"import site; site.addsitedir({self._site_packages()!r})\n"
        Path(on_top._site_packages(), "application.pth").write_text(behind, encoding="utf-8")
        wanted = {re.split(r"[^\w.-]", line)[0] for line in requirements.read_text().splitlines()}
        free = {name.lower().replace("_", "-") for name in wanted} | {
            "pluggy",
            "iniconfig",
            "coverage",
        }
        kept = [line for line in self._installed().splitlines() if _name(line) not in free]
        try:
            on_top._install_beside(requirements, "\n".join(kept))
        except SetupError:
            on_top._install_beside(requirements, "")
        return on_top

    def _site_packages(self) -> str:
        code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        found = subprocess.run(
            [self.python, "-c", code], capture_output=True, text=True, check=True
        )
        return found.stdout.strip()

    def _install_both(self, project: Path, requirements: Path) -> None:
        home = _home(project)
        if (home / "uv.lock").exists() and shutil.which("uv"):
            run(
                ["uv", "sync", "--frozen", "--all-groups", "--inexact", "--quiet"],
                {"UV_PROJECT_ENVIRONMENT": str(self.python.parents[1])},
            )
            self._install_beside(requirements)
        else:
            self._pip("install", *self._application(home), "-r", str(requirements))

    def _install_beside(self, requirements: Path, kept: str | None = None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            constraints = Path(folder) / "installed.txt"
            constraints.write_text(self._installed() if kept is None else kept, encoding="utf-8")
            self._pip("install", "-r", str(requirements), "-c", str(constraints))

    def _application(self, home: Path) -> list[str]:
        """Return what to tell pip, or uv in its place, to install what the application needs."""
        if (home / "requirements.txt").exists():
            return ["-r", str(home / "requirements.txt")]
        if not (home / "pyproject.toml").exists():
            return []
        if shutil.which("uv"):
            return ["-r", str(home / "pyproject.toml")]
        return declared_dependencies(home / "pyproject.toml", self.python)

    def satisfied(self, requirements: Path) -> bool:
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
            run([str(self.python), "-m", "ensurepip", "--upgrade"])
            start = [str(self.python), "-m", "pip", command, "--quiet"]
            start.append("--disable-pip-version-check")
        run([*start, *arguments])


def _name(requirement: str) -> str:
    return requirement.partition("==")[0].lower().replace("_", "-")


def find_or_make(project: Path, say: Say) -> Environment:
    """Return the environment of the project.

    Looked for: `.venv` and `venv` in the project, the active virtual environment, those two in the
    folders of the repository above, up to the one that says what the application needs, poetry's.
    When there is none, `.venv` is made, with uv when it is there.

    Raises:
        SetupError: None can be made.
    """
    manager = _manager(project)
    folders = _folders(project)
    folders = folders[1 : folders.index(_home(project)) + 1]
    above = [folder / name for folder in folders for name in (".venv", "venv")]
    for folder in (project / ".venv", project / "venv", _active(), *above):
        if folder is not None and (python := _python_of(folder)) is not None:
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
        run([sys.executable, "-m", "venv", str(folder)])
    made = _python_of(folder)
    if made is None:
        raise SetupError(f"{folder} has no interpreter.\n  Fix: delete the folder.")
    (folder / UNFINISHED).touch()
    return Environment(made, manager, made=True)


def _folders(project: Path) -> list[Path]:
    """Return the project's folder and those of its repository above it."""
    for index, folder in enumerate((project, *project.parents)):
        if (folder / ".git").exists():
            return [project, *project.parents[:index]]
    return [project]


def _home(project: Path) -> Path:
    """Return the folder whose files say what the application needs."""
    locks = ("poetry.lock", "uv.lock", "requirements.txt")
    names = (*locks, "pyproject.toml")
    homes = (it for it in _folders(project) if any((it / name).exists() for name in names))
    home = next(homes, project)
    if any((home / name).exists() for name in locks):
        return home
    # A member of a workspace is locked along with the others.
    return next((it for it in _folders(home) if (it / "uv.lock").exists()), home)


def _manager(project: Path) -> str:
    home = _home(project)
    if (home / "poetry.lock").exists():
        return "poetry"
    return "pip" if (home / "requirements.txt").exists() else "uv"


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


def _relative_requirements() -> str:
    tests_dir = Path(__file__).resolve().parents[2]
    return f"{tests_dir.name}/harness/requirements.txt"
