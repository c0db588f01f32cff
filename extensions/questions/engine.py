"""Where the engine of a rendered project comes from: the lines of its requirements.txt."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .copied import files_below

NAME = "test-harness"
PACKAGE = "src/test_harness"
HOSTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


def engine_version(template: Path) -> str:
    """Return the version that the engine and the rendered files have in common."""
    [version] = re.findall(r'^version = "(.+)"$', _pyproject(template), re.MULTILINE)
    return str(version)


def engine_requirements(given: Sequence[Any]) -> list[str]:
    """Return the lines of requirements.txt.

    Args:
        given: The answer to the question about the engine; the extras; Copier's answers, which say
            where the template is; Copier's configuration, which says at which commit.
    """
    engine, extras, answers, conf = given
    template = Path(conf["src_path"])
    if engine == "vendored":
        return vendored(_pyproject(template), extras)
    version = engine_version(template)
    wanted = f"[{','.join(extras)}]" if extras else ""
    return [f"{NAME}{wanted} @ {address(answers, conf)}  # {version}"]


def engine_files(template: Path, tests_dir: str) -> dict[str, str]:
    """Return where each file of the engine goes in a project that has a copy of it, and its source.

    Args:
        template: The root of the template.
        tests_dir: The folder of the tests in the destination.
    """
    folder = PACKAGE.rpartition("/")[2]
    return {
        f"{tests_dir}/{folder}/{relative}": f"{PACKAGE}/{relative}"
        for relative in files_below(Path(template, PACKAGE))
    }


def address(answers: Mapping[str, Any], conf: Mapping[str, Any]) -> str:
    """Return where to install the engine from: a commit of the template, or a folder.

    A folder of this machine is installed as it is: what Copier renders of one with changes is of a
    commit that exists nowhere else.
    """
    source = str(answers.get("_src_path") or conf["src_path"])
    local = local_path(source)
    if local is not None and (local / "copier.yml").is_file():
        return local.as_uri()
    described = str(answers.get("_commit") or "")
    is_tag = described and not re.search(r"-\d+-g[0-9a-f]+$|^[0-9a-f]{7,40}$", described)
    return f"git+{git_url(source)}@{described if is_tag else conf['vcs_ref_hash']}"


def local_path(source: str) -> Path | None:
    """Return the folder of this machine that a source is; None where it is an address.

    Args:
        source: The source as Copier was given it.
    """
    path = Path(source.removeprefix("git+").removeprefix("file://")).expanduser()
    return path.resolve() if path.exists() else None


def git_url(source: str) -> str:
    """Return the address of a repository as pip and uv write it, from the way Copier does."""
    local = local_path(source)
    if local is not None:
        return local.as_uri()
    source = source.removeprefix("git+")
    for shortcut, host in HOSTS.items():
        if source.startswith(shortcut):
            source = host + source.removeprefix(shortcut).lstrip("/")
    # What ssh writes as user@host:path.
    short = re.fullmatch(r"([\w.-]+@[\w.-]+):(?!//)(.+)", source)
    if short:
        source = f"ssh://{short[1]}/{short[2]}"
    # A password is for who runs this, and the line is for everybody.
    return re.sub(r"^(https?://)[^/@]+@", r"\1", source)


def vendored(pyproject: str, extras: Sequence[str]) -> list[str]:
    """Return what the engine itself needs, for a project that has a copy of it."""
    # Lists of texts are written alike in TOML and in Python, and 3.10 reads no TOML.
    lists = dict(re.findall(r"^([\w-]+) = (\[\n(?:    .*\n)*\])", pyproject, re.MULTILINE))
    names = ["dependencies", *extras]
    return [line for name in names for line in ast.literal_eval(lists[name])]


def _pyproject(template: Path) -> str:
    return Path(template, "pyproject.toml").read_text(encoding="utf-8")
