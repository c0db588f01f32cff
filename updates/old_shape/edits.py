"""Edits of the old machinery: taken along where its file is still in the project, else named."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from test_harness.commands.conflicts import ANSWERS_FILE
from updates.old_shape import git, python_files
from updates.old_shape.homes import module_home
from updates.old_shape.mentions import OldProject


@dataclass
class Edits:
    """What became of them."""

    carried: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def carry(old: OldProject) -> Edits:
    """Do in the files of now what the project did in those of before, where that is certain."""
    edits = Edits()
    [rendered] = git.lines(old.root, "log", "-1", "--format=%H", "--", ANSWERS_FILE)
    for name in _changed(old, rendered, "D", f"{old.folder}/checks"):
        new = old.root / _moved(old, name)
        if new.is_file():
            new.unlink()
            edits.deleted.append(_moved(old, name))
    for name in _changed(old, rendered, "MT", old.folder):
        if (old.root / name).exists():
            continue
        if _merged(old, name, rendered):
            edits.carried.append(_moved(old, name))
        else:
            see = f"git diff {rendered[:12]} HEAD -- {name}"
            home, fix = _home(old, name)
            edits.lost.append(
                f"{name}, which you had edited, {home}.\n  Fix: `{see}` shows it; {fix}."
            )
    return edits


def _changed(old: OldProject, rendered: str, how: str, folder: str) -> Iterator[str]:
    command = ["diff", "--name-only", "--relative", "--no-renames", f"--diff-filter={how}"]
    yield from git.lines(old.root, *command, rendered, "HEAD", "--", folder)


def _moved(old: OldProject, name: str) -> str:
    """Return where a file is now that is still rendered."""
    return old.tests + name.removeprefix(old.folder)


def _merged(old: OldProject, name: str, rendered: str) -> bool:
    """Put an edit into the file's successor in the project, and say whether that went well."""
    new = old.root / _moved(old, name)
    if not new.is_file():
        return False
    versions = [f"{revision}:./{name}" for revision in (rendered, "HEAD")]
    before, edited = (git.output(old.root, "show", version) or "" for version in versions)
    if new.name == "requirements.txt":
        known = before.splitlines()
        added = [line for line in edited.splitlines() if line.strip() and line not in known]
        with new.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in added)
        # What was taken out is not known to the engine, which asks for it by itself.
        return not set(known) - set(edited.splitlines())
    if name.endswith(".py"):
        # So that they differ from their successor in little else.
        before, edited = (python_files.rewritten(text, old, name)[0] for text in (before, edited))
    with tempfile.TemporaryDirectory() as folder:
        base, mine = Path(folder, "base"), Path(folder, "mine")
        base.write_text(before, encoding="utf-8")
        mine.write_text(edited, encoding="utf-8")
        merged = git.output(old.root, "merge-file", "-p", new, base, mine)
    if merged is not None:
        new.write_text(merged, encoding="utf-8")
    return merged is not None


def _home(old: OldProject, name: str) -> tuple[str, str]:
    """Say what became of a file whose edit is lost, and what to do about it."""
    if (old.root / _moved(old, name)).is_file():
        return f"is {_moved(old, name)} now, without your edit", "make it there again"
    module = name.removeprefix(f"{old.folder}/").removesuffix(".py").removesuffix("/__init__")
    home = module_home(module.replace("/", "."))
    return (
        f"is {home} in the engine now, without your edit" if home else "is not needed any more",
        "propose it to the template, or answer `vendored` to its question about the engine and "
        f"make it in {old.tests}/test_harness",
    )
