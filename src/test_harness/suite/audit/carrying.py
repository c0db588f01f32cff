"""Moves files of tests with git, mends imports, and undoes all of it where a test would be lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from test_harness.errors import HarnessError
from test_harness.git import git
from test_harness.suite.audit.imports import repaired
from test_harness.suite.audit.planning import Move
from test_harness.suite.reading.files import python_files
from test_harness.suite.reading.helpers import text_of

# What pytest collects: the ids, each with where its fixtures are written; how many files failed.
Collected = tuple[dict[str, dict[str, str]], int]


class ReorganisationError(HarnessError):
    """The files cannot be moved, or could not without losing a test; nothing is changed."""


def carry_out(
    moves: Iterable[Move], root: Path, roots: list[Path], collect: Callable[[], Collected]
) -> int:
    """Move files, and return how many tests are collected before and after.

    Args:
        moves: The files.
        root: The folder of the project.
        roots: Folders that imports start from.
        collect: Has pytest collect.

    Raises:
        ReorganisationError: Not all tests would be there afterwards; then all is as it was.
    """
    moved = {move.old: move.new for move in moves}
    changed = _to_be_changed(moved, root, roots)
    _check_clean([*moved, *changed], root)
    before, failed = collect()
    if failed:
        raise ReorganisationError(
            f"pytest cannot collect {failed} file{'s' if failed > 1 else ''} as it is.",
            "Mend that first: what is not collected cannot be compared.",
        )
    journal = _Journal(root)
    with _told_of_the_end():
        try:
            for old, new in moved.items():
                journal.move(old, new)
            for path, text in changed.items():
                journal.write(moved.get(path, path), text, before=text_of(moved.get(path, path)))
            _compare(before, collect(), moved, root)
        except BaseException:
            journal.undo()
            raise
    return len(before)


@contextmanager
def _told_of_the_end() -> Iterator[None]:
    """Have SIGTERM, which CI and `timeout` send, raise as Ctrl-C does, and so be undone."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main one may ask for it.
        return

    def end(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _compare(
    before: Mapping[str, Mapping[str, str]],
    collected: Collected,
    moved: Mapping[Path, Path],
    root: Path,
) -> None:
    if lost := _lost(before, collected, moved, root):
        raise ReorganisationError(lost, "Nothing was changed. Leave that file where it is.")


def _lost(
    before: Mapping[str, Mapping[str, str]],
    collected: Collected,
    moved: Mapping[Path, Path],
    root: Path,
) -> str:
    """Return what would be lost, in words; empty where every test is there with its fixtures."""
    after, failed = collected
    if failed:
        return f"pytest could not collect {failed} of the files at their new places."
    paths = {
        old.relative_to(root).as_posix(): new.relative_to(root).as_posix()
        for old, new in moved.items()
    }
    places = {str(old): str(new) for old, new in moved.items()}
    expected = {}
    for test, fixtures in before.items():
        path, colons, name = test.partition("::")
        new = f"{paths.get(path, path)}{colons}{name}"
        expected[new] = {one: places.get(where, where) for one, where in fixtures.items()}
    if gone := sorted(expected.keys() - after.keys()):
        return f"{len(gone)} tests would not be collected any more, {gone[0]} first."
    if more := sorted(after.keys() - expected.keys()):
        return f"{len(more)} tests would be collected that are not now, {more[0]} first."
    for test, fixtures in expected.items():
        if other := sorted(name for name in fixtures if after[test].get(name) != fixtures[name]):
            return f"{test} would get another fixture `{other[0]}`."
    return ""


def _to_be_changed(moved: Mapping[Path, Path], root: Path, roots: list[Path]) -> dict[Path, str]:
    """Return what files say afterwards whose imports change, by where they lie now."""
    changed = {}
    for path in python_files(root):
        text = text_of(path)
        try:
            new = repaired(path, text, moved, roots)
        except SyntaxError:
            continue
        if new != text:
            changed[path] = new
    return changed


def _check_clean(paths: Iterable[Path], root: Path) -> None:
    """See that git has all that is touched, so that nothing is lost whatever happens."""
    listed = sorted({str(path) for path in paths})
    done = git(root, "status", "--porcelain", "--", *listed)
    if done.returncode:
        raise ReorganisationError(
            f"{root} is no repository of git: {done.stderr.strip().splitlines()[-1]}.",
            "Files are moved with `git mv` only: make it one, and commit the tests.",
        )
    if done.stdout.strip():
        first = done.stdout.splitlines()[0][3:]
        raise ReorganisationError(
            f"{first} has changes that are not committed.", "Commit or stash them first."
        )


class _Journal:
    """What was done, to be undone in reverse."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._undo: list[Callable[[], object]] = []

    def move(self, old: Path, new: Path) -> None:
        for folder in reversed([new.parent, *new.parent.parents]):
            if not folder.exists():
                folder.mkdir()
                self._undo.append(folder.rmdir)
                if (old.parent / "__init__.py").exists():
                    self._make(folder / "__init__.py")
        self._call("mv", str(old), str(new))
        self._undo.append(lambda: self._call("mv", str(new), str(old)))

    def write(self, path: Path, text: str, before: str) -> None:
        self._undo.append(lambda: path.write_text(before, encoding="utf-8", newline=""))
        path.write_text(text, encoding="utf-8", newline="")

    def _make(self, path: Path) -> None:
        path.write_text("", encoding="utf-8")
        self._undo.append(path.unlink)
        self._call("add", str(path))
        self._undo.append(lambda: self._call("rm", "--cached", "--quiet", str(path)))

    def undo(self) -> None:
        for step in reversed(self._undo):
            step()

    def _call(self, *arguments: str) -> None:
        done = git(self._root, *arguments)
        if done.returncode:
            raise ReorganisationError(
                f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}.",
                "Nothing was changed. See what git says.",
            )
