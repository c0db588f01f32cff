"""Brings a project over whose harness was a folder of its own code, before there was an engine.

Copier removes the old machinery and writes what is rendered now. What belongs to the user it leaves
alone, and that imports a package which is not there any more: it is rewritten here where that is
certain, and named line by line where it is not. Nothing of the application's own is touched that
has nothing to do with the harness, and a second time there is nothing left to do.
"""

from __future__ import annotations

import codecs
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from test_harness.commands.conflicts import ANSWERS_FILE
from test_harness.commands.old_shape import loading, other_files, python_files
from test_harness.commands.old_shape.homes import PACKAGE, module_home
from test_harness.commands.old_shape.mentions import Left, OldProject

TEMPLATE = PACKAGE.parent.parent / "template" / "{{ tests_dir }}"

# Files beyond that are data, and not something that a person wrote.
LARGEST = 1_000_000

NOT_OF_THE_PROJECT = {
    ".git",
    ".pytest_cache",
    ".tox",
    ".venv",
    "node_modules",
    "site-packages",
    "venv",
}

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What was done, for the report."""

    rewritten: list[str] = field(default_factory=list)
    left: list[tuple[str, Left]] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)


def bring_over(project: Path, tests: Path, say: Say) -> set[str]:
    """Do what an update from the old shape needs beyond what Copier does, and say what was done.

    Args:
        project: The folder of the project, after Copier's part of the update.
        tests: The folder of the tests.
        say: Is given each line for the person.

    Returns:
        The files of the old machinery that the project had edited, which were named.
    """
    folder = f"{tests.name}/harness"
    if not _git(project, "ls-tree", "--name-only", "HEAD", f"{folder}/plugin.py"):
        return set()
    _remove_compiled(project / folder)
    names = _git(
        project, "ls-files", "--cached", "--others", "--exclude-standard", "-z", separator="\0"
    )
    old = OldProject(project, tests.name, tuple(sorted({name for name in names if _counts(name)})))
    outcome = Outcome()
    _bring_rules(old)
    _carry_edits(old, outcome)
    _rewrite(old, outcome)
    _report(old, outcome, say)
    return {*outcome.carried, *outcome.lost}


def _counts(name: str) -> bool:
    return name != ANSWERS_FILE and not NOT_OF_THE_PROJECT & set(Path(name).parts)


def _remove_compiled(folder: Path) -> None:
    """Remove what Python compiled from the machinery, and folders that hold nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
        if path.name == "__pycache__":
            shutil.rmtree(path)
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _bring_rules(old: OldProject) -> None:
    """Write the rules of our folder alone: what to lint there and what to keep out of git.

    They are the user's once they are written, so that no update brings them.
    """
    answers = old.root / ANSWERS_FILE
    is_sample = "\nsample_application: true\n" in answers.read_text(encoding="utf-8")
    for name in () if is_sample else (".gitignore", "ruff.toml"):
        rules = old.root / old.tests / name
        if not rules.exists():
            shutil.copy(TEMPLATE / name, rules)


# ------------------------------------------------------------------------ edits of the machinery


def _carry_edits(old: OldProject, outcome: Outcome) -> None:
    """Take along edits of what was moved in the project; what went into the engine is named."""
    [rendered] = _git(old.root, "log", "-1", "--format=%H", "--", ANSWERS_FILE)
    changed = ["diff", "--name-only", "--relative", "--no-renames", rendered, "HEAD"]
    for name in _git(old.root, *changed, "--diff-filter=D", "--", f"{old.folder}/checks"):
        new = old.root / _moved(old, name)
        if new.is_file():
            new.unlink()
            outcome.deleted.append(_moved(old, name))
    for name in _git(old.root, *changed, "--diff-filter=M", "--", old.folder):
        if (old.root / name).exists():
            continue
        if _merged(old, name, rendered):
            outcome.carried[name] = _moved(old, name)
        else:
            see = f"git diff {rendered[:12]} HEAD -- {name}"
            outcome.lost[name] = (
                f"{_where(old, name)}\n  Fix: `{see}` shows it; {_again(old, name)}"
            )


def _moved(old: OldProject, name: str) -> str:
    """Return where a file is now that is still rendered."""
    return old.tests + name.removeprefix(old.folder)


def _merged(old: OldProject, name: str, rendered: str) -> bool:
    """Put an edit into the file's successor in the project, and say whether that went well."""
    new = old.root / _moved(old, name)
    if not new.is_file():
        return False
    before, edited = (_content(old.root, revision, name) for revision in (rendered, "HEAD"))
    if new.name == "requirements.txt":
        known = before.splitlines()
        added = [line for line in edited.splitlines() if line not in known]
        with new.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in added if line.strip())
        # What was taken out is not known to the engine, which asks for it by itself.
        return not set(known) - set(edited.splitlines())
    with tempfile.TemporaryDirectory() as folder:
        base, mine = Path(folder, "base"), Path(folder, "mine")
        base.write_text(_with_new_imports(old, name, before), encoding="utf-8")
        mine.write_text(_with_new_imports(old, name, edited), encoding="utf-8")
        done = subprocess.run(
            ["git", "merge-file", "-p", new, base, mine],
            cwd=old.root,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode == 0:
        new.write_text(done.stdout, encoding="utf-8")
    return done.returncode == 0


def _with_new_imports(old: OldProject, name: str, text: str) -> str:
    """Return a file of the old shape so that it differs from its successor in little else."""
    return python_files.rewritten(text, old, name)[0] if name.endswith(".py") else text


def _where(old: OldProject, name: str) -> str:
    """Say what became of a file that had an edit."""
    module = name.removeprefix(f"{old.folder}/").removesuffix(".py").removesuffix("/__init__")
    home = module_home(module.replace("/", "."))
    if (old.root / _moved(old, name)).is_file():
        return f"{name}, which you had edited, is {_moved(old, name)} now, without your edit."
    if home is not None:
        return f"{name}, which you had edited, is {home} in the engine now, without your edit."
    return f"{name}, which you had edited, is not needed any more."


def _again(old: OldProject, name: str) -> str:
    if (old.root / _moved(old, name)).is_file():
        return "make it there again."
    return (
        "propose it to the template, or answer `vendored` to its question about the engine and "
        f"make it in {old.tests}/test_harness."
    )


# ------------------------------------------------------------------------------ files of the user


def _rewrite(old: OldProject, outcome: Outcome) -> None:
    for name in old.names:
        path = old.root / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        content = path.read_bytes()
        if b"harness" not in content or b"\0" in content:
            continue
        # What marks a text as UTF-8 is not a part of it.
        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        try:
            text = content[len(mark) :].decode("utf-8")
        except UnicodeDecodeError as error:
            unread = python_files.unread(
                content.decode("latin-1"), old, f"It is not UTF-8: {error}"
            )
            outcome.left += [(name, one) for one in unread]
            continue
        if "\n<<<<<<< " in f"\n{text}":
            # A person settles it first, and sees the lines in question by that.
            continue
        now, left = _now(old, name, text)
        if now != text:
            path.write_bytes(mark + now.encode("utf-8"))
            outcome.rewritten.append(name)
        outcome.left += [(name, one) for one in left]


def _now(old: OldProject, name: str, text: str) -> tuple[str, list[Left]]:
    """Return a file as it has to be, and what was left in it."""
    if not name.endswith((".py", ".pyi")):
        return other_files.rewritten(text, old, name)
    if not old.may_mean_ours(name):
        return text, list(python_files.unread(text, old, "The project has a `harness` of its own"))
    loaded: list[Left] = []
    spared: list[range] = []
    if name == f"{old.tests}/conftest.py":
        text, loaded, spared = loading.rewritten(text, TEMPLATE / "conftest.py")
    now, left = python_files.rewritten(text, old, name, spared)
    return now, [*loaded, *left]


def _report(old: OldProject, outcome: Outcome, say: Say) -> None:
    say(f"\nThe machinery in {old.folder} is installed from now on, as the package test_harness.")
    if (old.root / old.folder).is_dir():
        say(f"What you put into {old.folder} yourself was left there.")
    _list("Your files that used it were rewritten", outcome.rewritten, say)
    _list(
        "Files with edits of yours, which they have here too", list(outcome.carried.values()), say
    )
    _list("Checks that you had deleted stay deleted", outcome.deleted, say)
    for text in outcome.lost.values():
        say(text)
    if outcome.left:
        say(f"Lines whose meaning is not certain now were left to you ({len(outcome.left)}):")
        for name, one in outcome.left:
            say(f"  {name}:{one.line}: {one.text}")
            say(f"    {one.reason}")
            say(f"    Fix: {one.fix}")
    say("")


def _list(title: str, names: Sequence[str], say: Say) -> None:
    if names:
        say(f"{title} ({len(names)}):")
        for name in names:
            say(f"  {name}")


def _git(project: Path, *arguments: str, separator: str = "\n") -> list[str]:
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return [line for line in done.stdout.split(separator) if line]


def _content(project: Path, revision: str, name: str) -> str:
    done = subprocess.run(
        ["git", "show", f"{revision}:./{name}"],
        cwd=project,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout
