"""What the tests need beside the application: the lines of requirements.txt, and whether they hold.

The engine is one of them, by an address. Whoever installs it may keep old code: pip does when only
the commit of an unchanged version differs, and a local template changes without a commit. So files
are compared where there is a checkout to compare with, and the commit where there is none.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from test_harness.commands.programs import SetupError, ask

PACKAGE = Path(__file__).resolve().parent.parent
ENGINE = "test-harness"
ENGINE_LINE = re.compile(
    rf"^{ENGINE}(?P<extras>\[[\w,-]*\])? *@ *(?P<url>\S+)(?: +# *(?P<version>\S+))?$", re.MULTILINE
)
REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]*\])?[^;]*?(?:>=(?P<least>[\d.]+))?[^;]*")

# Run in the environment that is looked at, which may be older than the engine asks for.
LOOK = """
import json
from importlib.metadata import PackageNotFoundError, distribution, distributions
from importlib.util import find_spec
found = {"packages": {}, "engine": None}
for one in distributions():
    if one.metadata["Name"]:
        found["packages"].setdefault(one.metadata["Name"], one.version)
spec = find_spec("test_harness")
try:
    engine = distribution("test-harness")
except PackageNotFoundError:
    engine = None
if spec is not None and engine is not None:
    found["engine"] = {
        "folder": list(spec.submodule_search_locations)[0],
        "version": engine.version,
        "requires": engine.requires or [],
        "address": json.loads(engine.read_text("direct_url.json") or "{}"),
    }
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Requirements:
    """A file of requirements, as it was rendered.

    Args:
        path: The file.
    """

    path: Path

    @cached_property
    def text(self) -> str:
        """What the file says.

        Raises:
            SetupError: It is not there.
        """
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SetupError(
                f"{self.path} does not exist.\n"
                "  Fix: bring it back with `git checkout`, or with `test-harness update`."
            ) from None

    @property
    def lines(self) -> list[str]:
        """What the file asks for, without comments."""
        lines = (re.split(r"(?:^|\s)#", line)[0].strip() for line in self.text.splitlines())
        return [line for line in lines if line]

    @cached_property
    def engine(self) -> re.Match[str] | None:
        """The line that asks for the engine; None where that is a folder of the project."""
        return ENGINE_LINE.search(self.text)

    @property
    def installed_from(self) -> str:
        """What to install: the file's text, with the engine from the checkout where that is local.

        An address of this machine says nothing of a commit, and the checkout is what the files were
        rendered from.
        """
        root = checkout()
        if self.engine is None or root is None or not self.engine["url"].startswith("file:"):
            return self.text
        line = f"{ENGINE}{self.engine['extras'] or ''} @ {root.as_uri()}"
        return self.text.replace(self.engine[0], line)

    def names(self) -> set[str]:
        """Return the names of all packages that may be installed for the tests."""
        return {_name(line) for line in (*self.lines, *dependencies())}

    def satisfied_in(self, python: Path) -> bool:
        """Say whether all is there already, so that a second run costs nothing.

        Args:
            python: The interpreter of the environment.
        """
        found = installed_in(python)
        # What begins with `-` is for the installer.
        wanted = [line for line in self.lines if not line.startswith("-")]
        if self.engine is not None:
            if not found["engine"] or not self._is_the_same(found["engine"]):
                return False
            wanted = [line for line in wanted if not line.startswith(ENGINE)]
            extras = (self.engine["extras"] or "[]").strip("[]").split(",")
            wanted += [it for it in found["engine"]["requires"] if _applies(it, extras)]
        return all(_holds(line, found["packages"]) for line in wanted)

    def _is_the_same(self, installed: dict[str, Any]) -> bool:
        assert self.engine is not None
        if checkout() is not None:
            return _digest(Path(installed["folder"])) == _digest(PACKAGE)
        commit = self.engine["url"].rpartition("@")[2]
        asked = installed["address"].get("vcs_info", {})
        return commit in {asked.get("commit_id"), asked.get("requested_revision")} or (
            self.engine["url"].startswith("file:")
        )


def installed_in(python: Path) -> dict[str, Any]:
    """Return which packages an environment has, by name, and where its engine comes from.

    Args:
        python: Its interpreter.
    """
    done = ask(python, LOOK)
    if done.returncode:
        return {"packages": {}, "engine": None}
    found: dict[str, Any] = json.loads(done.stdout)
    packages = {_name(name): version for name, version in found["packages"].items()}
    return {**found, "packages": packages}


def dependencies() -> list[str]:
    """Return what the engine needs, with all of its extras."""
    root = checkout()
    if root is None:
        try:
            return importlib.metadata.requires(ENGINE) or []
        except importlib.metadata.PackageNotFoundError:
            # A copy in the project, whose requirements are all in the file.
            return []
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    # Lists of texts are written alike in TOML and in Python, and 3.10 reads no TOML.
    lists = re.findall(r"^[\w-]+ = (\[\n(?:    .*\n)*\])", text, re.MULTILINE)
    return [name for one in lists for name in ast.literal_eval(one) if isinstance(name, str)]


def locked_elsewhere(requirements: Requirements, folder: Path) -> str:
    """Return the lock file that names another engine than the requirements do, or nothing.

    Args:
        requirements: Those of the tests.
        folder: Where the application's packages are managed.
    """
    if requirements.engine is None:
        return ""
    url, version = requirements.engine["url"], requirements.engine["version"]
    # A folder has no commit: what tells two states of it apart is the version.
    told_by = f'version = "{version}"' if url.startswith("file:") else url.rpartition("@")[2]
    for name in ("uv.lock", "poetry.lock", "pdm.lock"):
        path = folder / name
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        for package in re.split(r"^\[\[package\]\]$", text, flags=re.MULTILINE)[1:]:
            if package.startswith(f'\nname = "{ENGINE}"\n') and told_by not in package:
                return name
    return ""


def checkout() -> Path | None:
    """The repository that this runs from, as the hook does; None once it is installed."""
    root = PACKAGE.parent.parent
    is_ours = (root / "copier.yml").is_file() and (root / "pyproject.toml").is_file()
    return root if is_ours else None


def _digest(package: Path) -> str:
    """Return what tells one state of the engine's files from another."""
    found = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode())
        # Git gives them other ends of lines on Windows, for one address and not for another.
        found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()


def _applies(requirement: str, extras: list[str]) -> bool:
    """Say whether a requirement of the engine is asked for, and the same on every machine."""
    markers = requirement.partition(";")[2]
    extra = re.search(r"extra *== *['\"]([\w-]+)['\"]", markers)
    if extra and extra[1] not in extras:
        return False
    return "python_version" not in markers and "platform" not in markers


def _holds(requirement: str, versions: dict[str, str]) -> bool:
    if "python_version" in requirement or "platform" in requirement:
        return True
    found = REQUIREMENT.match(requirement)
    assert found is not None, requirement
    there = versions.get(_name(found["name"]))
    return there is not None and (not found["least"] or _numbers(there) >= _numbers(found["least"]))


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _name(requirement: str) -> str:
    return re.sub(r"[_.]", "-", re.split(r"[^\w.-]", requirement)[0].lower())
