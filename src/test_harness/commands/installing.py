"""Installs into an environment of the project, without changing a version that is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from test_harness.commands.own_files import (
    declared_dependencies,
    home_of,
    requirement_files,
    warnings_are_errors,
)
from test_harness.commands.programs import ConflictError, SetupError, ask, called, python_of, run
from test_harness.commands.requirements import ENGINE, ENGINE_LINE, Requirements, installed_in

Say = Callable[[str], None]

# Lies in an environment that was made here, until the application's packages are in it.
UNFINISHED = "test-harness-unfinished"

# These are the application's own, so that no other version may take their place for the tests.
THE_APPLICATIONS = {"sqlalchemy", "alembic", "greenlet"}
OLDEST_SQLALCHEMY = 2
OLDEST_PYTHON = (3, 10)


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

    def permanent(self, requirements: Requirements) -> str:
        """Return the command that writes the test requirements into the project's own files."""
        name = f"{requirements.path.parent.name}/{requirements.path.name}"
        if self.manager == "uv":
            return f"uv add --dev --requirements {name}"
        if self.manager == "poetry":
            lines = [_for_poetry(line) for line in requirements.lines]
            return f"poetry add --group dev {' '.join(lines)}"
        return f"echo -r {name} >> requirements-dev.txt" if self.manager else ""

    def install(
        self, requirements: Requirements, say: Say, *, application: bool = False
    ) -> Environment:
        """Install the test requirements, without changing a version that is installed already.

        Args:
            requirements: The test requirements.
            say: Shows a line.
            application: Whether to install what the application needs in any case, and not only
                into an environment that was made here.

        Returns:
            The environment to run the tests in: this one, or one of the tests' own on top of it
            where what is installed here does not go with them.

        Raises:
            SetupError: The package installer failed, or the application cannot be tested.
        """
        version = self._old_python() if application else ""
        if (self.made or application) and not version:
            say("Installing the packages of the application and of its tests ...")
            self._install_application(home_of(requirements.path.parent.parent))
        on_top = self._on_top(requirements)
        if on_top is not None and requirements.satisfied_in(on_top.python):
            return on_top
        # What the engine asks for says how old SQLAlchemy may be, so that it is told of here only.
        if application or not requirements.satisfied_in(self.python):
            if version := version or self._old_python():
                return self._of_the_tests(on_top, version, requirements, say)
            self._refuse_old_sqlalchemy()
            if disturbed := self._disturbed_by(requirements):
                return self._made_on_top(requirements, say, disturbed)
            if not (self.made or application):
                say("Installing the test requirements ...")
            try:
                self._install_beside(requirements)
            except ConflictError as error:
                lines = str(error).splitlines()
                shown = [line for line in lines if "ecause" in line or "==" in line]
                reason = "Its packages do not go with the test requirements, and stay as they are:"
                return self._made_on_top(requirements, say, "\n".join([reason, *shown]))
        return self

    def _disturbed_by(self, requirements: Requirements) -> str:
        """Say why the tests that the project had before would not run as they did, or nothing.

        pytest loads pytest-asyncio wherever it is installed, and that warns of a setting which is
        of no use to a suite without asynchronous tests.
        """
        suite = requirements.path.parent
        has_own = (suite / "pytest.ini").exists() and warnings_are_errors(suite.parent)
        plugin = "pytest-asyncio"
        if (
            has_own
            and requirements.ask_for(plugin)
            and plugin not in installed_in(self.python)["packages"]
        ):
            return (
                f"{plugin} loads itself wherever it is installed, and your own tests, for which "
                "warnings are errors, would end with one."
            )
        return ""

    def _old_python(self) -> str:
        """Return which version of Python it has, where that is too old; else nothing."""
        said = ask(self.python, "import sys; print('%d.%d' % sys.version_info[:2])").stdout.strip()
        numbers = tuple(int(part) for part in said.split(".") if part.isdigit())
        return said if numbers and numbers < OLDEST_PYTHON else ""

    def _of_the_tests(
        self, own: Environment | None, version: str, requirements: Requirements, say: Say
    ) -> Environment:
        """Have everything in an environment that somebody has made for the tests.

        Args:
            own: That environment.
            version: Which Python this one has.
            requirements: The test requirements.
            say: Shows a line.
        """
        if own is None or own._old_python():
            tests = requirements.path.parent.name
            raise SetupError(
                f"The environment in {self.python.parents[1]} has Python {version}, and the test "
                "harness works from 3.10 on.\n  Fix: give the tests an environment of their own "
                f"with `uv venv --seed --python 3.12 {tests}/.venv` and "
                f"`{called('install')}`: the application is installed into it as well, and tests "
                "tell whether its code runs there."
            )
        say(f"Using the environment of the tests, for this one has Python {version}.")
        return Environment(own.python, self.manager, made=True).install(requirements, say)

    def _refuse_old_sqlalchemy(self) -> None:
        version = installed_in(self.python)["packages"].get("sqlalchemy", "")
        if version and int(version.partition(".")[0]) < OLDEST_SQLALCHEMY:
            raise SetupError(
                f"The application has SQLAlchemy {version}, and the test harness works from 2.0 on."
                "\n  Fix: bring it to 2.0, as https://docs.sqlalchemy.org/20/changelog/"
                "migration_20.html says, and install that into the environment."
            )

    def _on_top(self, requirements: Requirements) -> Environment | None:
        python = python_of(requirements.path.parent / ".venv")
        return Environment(python, "", made=False) if python else None

    def _made_on_top(self, requirements: Requirements, say: Say, reason: str) -> Environment:
        """Make an environment that has the test requirements, and this one's packages behind them.

        Args:
            requirements: The test requirements.
            say: Shows a line.
            reason: Why they are not installed in this one.
        """
        folder = requirements.path.parent / ".venv"
        say(reason)
        say(f"Making an environment for the tests on top of it, in {folder} ...")
        if shutil.which("uv"):
            run(["uv", "venv", "--quiet", "--clear", "--python", str(self.python), str(folder)])
        else:
            run([str(self.python), "-I", "-m", "venv", "--clear", str(folder)])
        on_top = self._on_top(requirements)
        if on_top is None:
            raise SetupError(f"{folder} has no interpreter.\n  Fix: delete the folder.")
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        behind = f"import site; site.addsitedir({self._site_packages()!r})\n"
        Path(on_top._site_packages(), "application.pth").write_text(behind, encoding="utf-8")
        free = (requirements.names() | {"pluggy", "iniconfig", "coverage"}) - THE_APPLICATIONS
        kept = [line for line in self._installed().splitlines() if _name(line) not in free]
        try:
            try:
                on_top._install_beside(requirements, "\n".join(kept))
            except ConflictError:
                kept = [line for line in kept if _name(line) in THE_APPLICATIONS]
                on_top._install_beside(requirements, "\n".join(kept))
        except SetupError:
            # Half of an environment would be found, and pytest started in it.
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return on_top

    def _site_packages(self) -> str:
        code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
        return ask(self.python, code).stdout.strip()

    def _install_application(self, home: Path) -> None:
        """Install what the application needs, as its own files say.

        Args:
            home: The folder that they lie in.
        """
        folder = self.python.parents[1]
        if (home / "uv.lock").exists() and shutil.which("uv"):
            run(
                ["uv", "sync", "--frozen", "--all-groups", "--inexact", "--quiet"],
                {"UV_PROJECT_ENVIRONMENT": str(folder)},
            )
        elif self.manager == "poetry" and shutil.which("poetry"):
            lock = home / "poetry.lock"
            is_shared = lock.exists()
            run(
                ["poetry", "install", "--no-interaction", "--quiet", "--directory", str(home)],
                {"VIRTUAL_ENV": str(folder)},
            )
            if not is_shared:
                # A team that has none wants none from us.
                lock.unlink(missing_ok=True)
        elif application := self._application(home):
            self._pip("install", *application)
        (folder / UNFINISHED).unlink(missing_ok=True)

    def _install_beside(self, requirements: Requirements, kept: str | None = None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            constraints, wanted = Path(folder, "installed.txt"), Path(folder, "wanted.txt")
            constraints.write_text(self._installed() if kept is None else kept, encoding="utf-8")
            wanted.write_text(requirements.installed_from, encoding="utf-8")
            self._pip("install", "-r", str(wanted), "-c", str(constraints))
            if not shutil.which("uv") and not requirements.satisfied_in(self.python):
                # pip keeps an engine of the same version, whatever its commit.
                self._pip("install", "--force-reinstall", "--no-deps", "-r", str(wanted))

    def _application(self, home: Path) -> list[str]:
        """Return what to tell pip, or uv in its place, to install what the application needs."""
        if files := requirement_files(home):
            return [it for file in files for it in ("-r", str(file))]
        if not (home / "pyproject.toml").exists():
            return []
        if shutil.which("uv"):
            return ["-r", str(home / "pyproject.toml")]
        return declared_dependencies(home / "pyproject.toml", self.python)

    def _installed(self) -> str:
        code = (
            "from importlib.metadata import distributions\n"
            "for found in distributions():\n"
            "    name = found.metadata['Name']\n"
            "    if name not in (None, 'test-harness'): print(name, found.version, sep='==')"
        )
        return ask(self.python, code).stdout

    def _pip(self, command: str, *arguments: str) -> None:
        if shutil.which("uv"):
            start = ["uv", "pip", command, "--quiet", "--python", str(self.python)]
            start += ["--reinstall-package", ENGINE]
        else:
            if ask(self.python, "import pip").returncode:
                # An environment that uv has made comes without it.
                run([str(self.python), "-I", "-m", "ensurepip"])
            start = [str(self.python), "-I", "-m", "pip", command, "--quiet"]
            start.append("--disable-pip-version-check")
        run([*start, *arguments])


def _name(requirement: str) -> str:
    return requirement.partition("==")[0].lower().replace("_", "-")


def _for_poetry(line: str) -> str:
    """Return a requirement as `poetry add` takes it: of an address of git it takes no name."""
    found = ENGINE_LINE.search(line)
    if found and found["url"].startswith("git+"):
        line = f"{found['url']}{found['extras'] or ''}"
    return f'"{line}"'
