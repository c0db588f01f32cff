"""A template on another machine: a repository that git reaches by an https address."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.worlds import ANSWERS_FILE, commit_all, copier, git, run

HOST = "https://git.example.com/"


@dataclass(frozen=True)
class Remote:
    """A template at an address, with two versions.

    Args:
        address: Where it is, for Copier and for installers.
        clone: A repository that pushes to it.
        old: The tag of its first version.
        new: The tag of its second, whose engine says another version.
        between: A commit after the first that has no tag, and the first's version.
        versions: What the engine says of itself at the two tags.
    """

    address: str
    clone: Path
    old: str
    new: str
    between: str
    versions: tuple[str, str]

    def line(self, ref: str, version: str) -> str:
        """Return how requirements.txt asks for the engine, without its extras."""
        return f"test-harness @ git+{self.address}@{ref}  # {version}"


def version_of(template: Path) -> str:
    """Return the version that a template has."""
    text = (template / "pyproject.toml").read_text(encoding="utf-8")
    [version] = re.findall(r'^version = "(.+)"$', text, re.MULTILINE)
    return str(version)


def bump(template: Path, version: str) -> None:
    """Give the engine another version."""
    old = version_of(template)
    for name in ("pyproject.toml", "src/test_harness/version.py"):
        path = template / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(f'version = "{old}"', f'version = "{version}"').replace(
            f'__version__ = "{old}"', f'__version__ = "{version}"'), encoding="utf-8")  # fmt: skip


def mark(template: Path, text: str) -> None:
    """Change the code of the engine, so that one state of it is told from another."""
    path = template / "src" / "test_harness" / "clock.py"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nMARK = {text!r}\n", encoding="utf-8")


def marked(python: Path) -> str:
    """Return what `mark` wrote into the engine that an environment has; empty for nothing."""
    code = "import test_harness.clock as it; print(getattr(it, 'MARK', ''))"
    return run(python, "-I", "-c", code, cwd=python.parent).stdout.strip()


def version_in(python: Path) -> str:
    """Return the version of the engine that an environment has."""
    code = "import test_harness; print(test_harness.__version__)"
    return run(python, "-I", "-c", code, cwd=python.parent).stdout.strip()


def publish(template: Path, folder: Path, port: int) -> Remote:
    """Give a template two versions and put it where a git daemon serves it.

    Args:
        template: A clone of the template with one tag.
        folder: What the daemon serves.
        port: Where it listens.
    """
    clone = Path(shutil.copytree(template, folder / "clone", symlinks=True))
    old = version_of(clone)
    git(clone, "tag", "v1.0.0")
    git(clone, "tag", "--delete", "v99.0.0")
    mark(clone, "between")
    commit_all(clone, "Change the engine and nothing else")
    between = git(clone, "rev-parse", "HEAD").strip()
    bump(clone, "77.0.0")
    commit_all(clone, "Version 2")
    git(clone, "tag", "v2.0.0")
    git(clone, "clone", "--quiet", "--bare", str(clone), str(folder / "org" / "test-harness.git"))
    # The address is new for each run, because uv remembers what it found at one.
    address = f"{HOST}{port}/org/test-harness.git"
    return Remote(address, clone, "v1.0.0", "v2.0.0", between, (old, "77.0.0"))


def rendered(source: str | Path, destination: Path, *options: str, **answers: str) -> Path:
    """Render a small sample as a user does, without running its suite.

    Args:
        source: Where the template is, in any way that Copier knows.
        destination: Where to.
        options: For Copier.
        answers: Answers that are not the defaults.
    """
    given = {"run_suite": "false", "auth": "none", "suites": "[health]", **answers}
    data = [part for key, value in given.items() for part in ("--data", f"{key}={value}")]
    copier(
        "copy", "--trust", "--defaults", "--quiet", *options, *data, source, destination,
        cwd=destination.parent,
    )  # fmt: skip
    return destination


def engine_line(project: Path) -> str:
    """Return the line of requirements.txt that asks for the engine, without its extras."""
    text = (project / "tests" / "requirements.txt").read_text(encoding="utf-8")
    [line] = re.findall(r"^test-harness.*$", text, re.MULTILINE)
    return re.sub(r"\[.*?\]", "", line)


def answer(project: Path, key: str) -> str:
    """Return what the answers file says under a key."""
    text = (project / ANSWERS_FILE).read_text(encoding="utf-8")
    return str(yaml.safe_load(text)[key])


def path_without(*programs: str) -> str:
    """Return a PATH that does not lead to programs, for machines that have none."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(
        it for it in folders if not any(Path(it, program).exists() for program in programs)
    )
