"""Tiny worlds for tests: a clone of the template to render from, file trees, repositories."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
ANSWERS = ROOT / "examples" / "answers"
ANSWERS_FILE = ".copier-answers.test-harness.yml"

# What a developer's machine may have set, and must not decide how a test ends.
FOREIGN_VARIABLES = (
    "CI",
    "MAKEFLAGS",
    "MAKELEVEL",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "TEST_DATABASE_URL",
    "TEST_HARNESS_STRICT",
    "VIRTUAL_ENV",
)


def questions() -> dict[str, Any]:
    """Return what copier.yml and the files that it includes say, in the order of the questions."""
    front, *included = (ROOT / "copier.yml").read_text(encoding="utf-8").split("\n---\n")
    names = [line.removeprefix("!include ").strip() for line in included]
    texts = [front, *((ROOT / name).read_text(encoding="utf-8") for name in names)]
    return {key: value for text in texts for key, value in yaml.safe_load(text).items()}


# Set by those tests that are of the order itself.
IN_ANY_ORDER = "SUITES_IN_ANY_ORDER"


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for a command, without what would decide how it ends."""
    kept = {key: value for key, value in os.environ.items() if key not in FOREIGN_VARIABLES}
    # The suite of a rendered project is another run of pytest than this one.
    kept = {key: value for key, value in kept.items() if not key.startswith(("PYTEST_", "COV_"))}
    # However busy the machine is: an index that answers late is no failure.
    patience = {"UV_HTTP_TIMEOUT": "600", "PIP_DEFAULT_TIMEOUT": "600", "UV_LOCK_TIMEOUT": "600"}
    # Suites of these tests stand in the order in which one test looks at what another left.
    order = {} if IN_ANY_ORDER in os.environ else {"PYTEST_ADDOPTS": "-p no:randomly"}
    return {**kept, **patience, **order, "UV_PYTHON_DOWNLOADS": "never", **extra}


def run(
    *command: str | Path, cwd: Path, check: bool = True, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a command and return what it printed, stderr after stdout, in `stdout`.

    Args:
        command: The program and its arguments.
        cwd: Where it runs.
        check: Whether an exit status other than 0 fails the test, with the output shown.
        extra: Environment variables.
    """
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if check and done.returncode:
        shown = " ".join(str(part) for part in command)
        raise AssertionError(f"`{shown}` ended with {done.returncode}:\n{done.stdout}")
    return done


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository, as somebody, and return what it printed."""
    return run(
        "git",
        "-c",
        "user.name=somebody",
        "-c",
        "user.email=somebody@example.com",
        *arguments,
        cwd=repository,
    ).stdout


def commit_all(repository: Path, message: str = "State") -> None:
    """Commit everything there is in a folder, which becomes a repository if it is none."""
    if not (repository / ".git").exists():
        git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all", "--force")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", message)


# What nothing is rendered from is a third of all files, and Copier checks out a template each time.
NOT_RENDERED_FROM = ("benchmarks/", "docs/", "tests/")


def clone_template(destination: Path, tag: str, *, whole: bool = False) -> Path:
    """Copy the working tree of this project into a repository of its own, committed and tagged.

    Args:
        destination: Where to.
        tag: What the commit is called.
        whole: Whether what nothing is rendered from comes along.
    """
    files = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    for name in filter(None, files):
        if name.startswith(NOT_RENDERED_FROM) and not whole:
            continue
        source = ROOT / name
        is_link = source.is_symlink() and not source.readlink().is_absolute()
        if source.is_file() or is_link:
            target = destination / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=not is_link)
    commit_all(destination, "The template as it is")
    git(destination, "tag", tag)
    return destination


def build_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write files, given by their paths relative to `root`, and return `root`."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return root


def copier(*arguments: str | Path, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the `copier` command as a user does."""
    return run(sys.executable, "-m", "copier", *arguments, cwd=cwd, **options)


def render(template: Path, destination: Path, **answers: Any) -> Path:
    """Render the template with `copier copy --defaults`, without running the suite.

    Args:
        template: A clone of the template.
        destination: Where to; its parent is there.
        answers: Answers that are not the defaults; `answers_file` names one of examples/answers.
    """
    name = answers.pop("answers_file", None)
    given: list[str | Path] = ["--data-file", ANSWERS / f"{name}.yml"] if name else []
    over = ["--overwrite"] if answers.pop("overwrite", False) else []
    for key, value in {"run_suite": False, **answers}.items():
        given += ["--data", f"{key}={yaml.safe_dump(value).strip().removesuffix('...').strip()}"]
    copier(
        "copy", "--trust", "--defaults", "--quiet", *over, *given, template, destination,
        cwd=destination.parent,
    )  # fmt: skip
    return destination


def files_of(root: Path) -> dict[str, bytes]:
    """Return every file below `root` by relative path, but those of git and compiled ones."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".git", "__pycache__"} & set(path.relative_to(root).parts)
    }
