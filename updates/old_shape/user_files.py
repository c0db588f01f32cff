"""Rewrites the files of the user that mention the old machinery, each as its kind asks for."""

from __future__ import annotations

import codecs
from pathlib import Path

from updates.old_shape import loading, other_files, python_files
from updates.old_shape.mentions import Left, OldProject

TEMPLATE = Path(__file__).resolve().parents[2] / "template" / "{{ tests_dir }}"

# Files beyond that are data, and not something that a person wrote.
LARGEST = 1_000_000


def rewrite(old: OldProject) -> tuple[list[str], list[tuple[str, Left]]]:
    """Rewrite what is certain, and return which files that were and which lines are left."""
    rewritten: list[str] = []
    left: list[tuple[str, Left]] = []
    for name in old.names:
        path = old.root / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        content = path.read_bytes()
        # A person settles a conflict first, and sees the lines in question by that.
        if b"harness" not in content or b"\0" in content or b"\n<<<<<<< " in b"\n" + content:
            continue
        # What marks a text as UTF-8 is not a part of it.
        mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        try:
            text = content[len(mark) :].decode("utf-8")
        except UnicodeDecodeError as error:
            reason = f"It is not UTF-8: {error}"
            found = python_files.unread(content.decode("latin-1"), old, reason)
        else:
            now, found = _now(old, name, text)
            if now != text:
                path.write_bytes(mark + now.encode("utf-8"))
                rewritten.append(name)
        left += [(name, one) for one in found]
    return rewritten, left


def _now(old: OldProject, name: str, text: str) -> tuple[str, list[Left]]:
    """Return a file as it has to be, and what was left in it."""
    if not name.endswith((".py", ".pyi")):
        return other_files.rewritten(text, old, name)
    if not old.may_mean_ours(name):
        return text, python_files.unread(text, old, "The project has a `harness` of its own")
    loaded: list[Left] = []
    spared: list[range] = []
    if name == f"{old.tests}/conftest.py":
        text, loaded, spared = loading.rewritten(text, TEMPLATE / "conftest.py")
    now, left = python_files.rewritten(text, old, name, spared)
    return now, [*loaded, *left]
