"""What the project's own files say of how it is installed and tested."""

from __future__ import annotations

import re
from pathlib import Path

from test_harness.commands.programs import SetupError, ask
from test_harness.commands.requirements import Requirements, locked_elsewhere

# What the files in a folder `requirements` are called: for everybody, and for who tests besides.
REQUIREMENTS = (
    ("base", "common", "main", "requirements", "prod", "production"),
    ("test", "tests", "testing", "dev", "development", "local"),
)


def folders_of(project: Path) -> list[Path]:
    """Return the project's folder and those of its repository above it."""
    for index, folder in enumerate((project, *project.parents)):
        if (folder / ".git").exists():
            return [project, *project.parents[:index]]
    return [project]


def home_of(project: Path) -> Path:
    """Return the folder whose files say what the application needs."""
    homes = (it for it in folders_of(project) if _locked(it) or (it / "pyproject.toml").exists())
    home = next(homes, project)
    if _locked(home):
        return home
    # A member of a workspace is locked along with the others.
    return next((it for it in folders_of(home) if (it / "uv.lock").exists()), home)


def _locked(folder: Path) -> bool:
    locks = ("poetry.lock", "uv.lock")
    return any((folder / name).exists() for name in locks) or bool(requirement_files(folder))


def requirement_files(folder: Path) -> list[Path]:
    """Return the files that say what pip is to install: one, or one of each kind in a folder.

    Args:
        folder: Where the application's packages are managed.
    """
    if (folder / "requirements.txt").exists():
        return [folder / "requirements.txt"]
    named = {path.stem: path for path in sorted((folder / "requirements").glob("*.txt"))}
    kinds = [[named[name] for name in kind if name in named][:1] for kind in REQUIREMENTS]
    return [path for kind in kinds for path in kind]


def manager_of(project: Path) -> str:
    """Return who manages the project's packages: `uv`, `poetry`, `pip`, or nobody."""
    home = home_of(project)
    if (home / "poetry.lock").exists():
        return "poetry"
    if requirement_files(home):
        return "pip"
    pyproject = home / "pyproject.toml"
    if not pyproject.exists():
        return ""
    # Some teams share no lock.
    is_of_poetry = "[tool.poetry]" in pyproject.read_text(encoding="utf-8").splitlines()
    return "poetry" if is_of_poetry else "uv"


def stale_lock(requirements: Requirements) -> str:
    """Return the lock file that names another engine than the requirements do, or nothing."""
    return locked_elsewhere(requirements, home_of(requirements.path.parent.parent))


def declared_dependencies(pyproject: Path, python: Path) -> list[str]:
    """Return `[project] dependencies`; read by pip's own TOML parser, since 3.10 has none."""
    code = (
        "import sys\n"
        "try: import tomllib\n"
        "except ModuleNotFoundError: from pip._vendor import tomli as tomllib\n"
        "project = tomllib.load(open(sys.argv[1], 'rb')).get('project', {})\n"
        "print(*project.get('dependencies', []), sep='\\n')"
    )
    found = ask(python, code, str(pyproject))
    if found.returncode:
        raise SetupError(
            f"{pyproject.name} cannot be read: {found.stderr.strip().splitlines()[-1]}\n"
            "  Fix: correct the file."
        )
    return found.stdout.split("\n")[:-1] if found.stdout.strip() else []


def warnings_are_errors(project: Path) -> bool:
    """Say whether pytest is told so, in whichever file the project tells it something."""
    names = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
    texts = ((project / name) for name in names)
    told = re.compile(r"filterwarnings\s*=[\s\[]*[\"']?error\b|-W[\s\"',]*error\b")
    return any(
        told.search(path.read_text(encoding="utf-8", errors="replace"))
        for path in texts
        if path.is_file()
    )
