"""What is wrong with the files of revisions, as far as it shows without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from alembic.script import Script
from sqlalchemy import MetaData

from test_harness.migrations.findings import Finding
from test_harness.migrations.history import History
from test_harness.migrations.model_imports import leading_to_models, packages

# The check, what is wrong, and what to do about it.
Problem: TypeAlias = tuple[str, str, str]

_UNSAID = {"", "empty message"}
_REVISES = re.compile(r"^Revises:[ \t]*(.*)$", re.MULTILINE)
_FIELD = re.compile(r"%\((\w+)\)[-#0 +.\d]*[a-z]")


def examine(history: History, metadata: MetaData) -> list[Finding]:
    """Return what is wrong with each file.

    Args:
        history: The revisions.
        metadata: The models, which revisions should not import.
    """
    names = sorted({*map(re.escape, packages(metadata)), "target_metadata"})
    known = re.compile(rf"\b({'|'.join(names)})\b")
    template = history.script.file_template
    return [
        Finding(check, it.revision, f"{it.revision} ({Path(it.path).name}) {problem}", fix)
        for it in history.revisions
        for look in (
            _of_description(it),
            _of_name(it, template),
            _of_content(it, known, metadata),
        )
        for check, problem, fix in look
    ]


def _of_description(script: Script) -> Iterator[Problem]:
    if script.doc.strip() in _UNSAID:
        fix = "write one line into its docstring; `alembic revision -m ...` does so"
        yield "description", "does not say what it does", fix
        return
    said = _REVISES.search(script.module.__doc__ or "")
    if said is None:
        return
    parents = {*script._versioned_down_revisions}
    named = {part for part in re.split(r"[,\s]+", said[1]) if part}
    # Alembic also writes `Revises: label@parent`.
    said_of = {part.rpartition("@")[2] for part in named - {"None"}}
    # Alembic also knows a revision by the beginning of its name.
    if len(said_of) != len(parents) or not all(
        any(parent.startswith(part) for parent in parents) for part in said_of
    ):
        wanted = ", ".join(sorted(parents))
        problem = (
            f"says that it revises {said[1].strip() or 'nothing'}, "
            f"but it follows {wanted or 'nothing'}"
        )
        yield "description", problem, f"write `{f'Revises: {wanted}'.strip()}`"


def _of_name(script: Script, template: str) -> Iterator[Problem]:
    """A file is called as `file_template` says, whatever the words and the date in it."""
    parts = _FIELD.split(template.replace("%%", "%"))
    known = {"rev": re.escape(script.revision), "slug": r"\w*"}
    name = "".join(
        known.get(part, r"\d+") if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )
    path = Path(script.path).with_suffix("").as_posix()
    if not re.search(rf"/({name}|{re.escape(script.revision)})$", path):
        meant = _FIELD.sub(lambda it: script.revision if it[1] == "rev" else it[1], template)
        fix = f"call it {meant}.py, or say in file_template of alembic.ini how files are called"
        yield "name", "is not called as file_template says", fix


def _of_content(script: Script, known: re.Pattern[str], metadata: MetaData) -> Iterator[Problem]:
    # Merges do nothing, and a beginning that others follow may mark what was there before.
    is_mark = script.is_merge_point or script.branch_labels or (script.is_base and script.nextrev)
    functions = (getattr(script.module, name, None) for name in ("upgrade", "downgrade"))
    # Whatever does something has to name it.
    if not is_mark and not any(it.__code__.co_names for it in functions if it):
        fix = "write what it is for, or delete it and correct down_revision in the one after it"
        yield "empty", "does nothing", fix
    text = Path(script.path).read_text(encoding="utf-8")
    # Most revisions need not be parsed.
    what = leading_to_models(text, metadata) if known.search(text) else ""
    if what:
        yield (
            "models-import",
            f"imports {what}: models change, and what this revision does changes with them",
            "describe the columns it needs in the revision: `sa.table('users', sa.column('id'))`",
        )
    if re.search(r"\b(is_offline_mode|as_sql)\b", text):
        for line in _only_in_scripts(text):
            yield (
                "offline",
                f"does from line {line} on what only `alembic upgrade --sql` writes: a database "
                "that is migrated directly goes without",
                "have it done in both cases, or write what is done instead under `else`",
            )


def _only_in_scripts(text: str) -> Iterator[int]:
    """Yield the lines of operations that are for a script, with nothing for a database instead."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.If) or node.orelse:
            continue
        asked = re.fullmatch(
            r"(not )?[\w.()]*\b(is_offline_mode\(\)|as_sql)", ast.unparse(node.test)
        )
        leaves = isinstance(node.body[-1], ast.Return)
        operates = any("op." in ast.unparse(it) for it in node.body)
        if asked and (leaves and not operates if asked[1] else operates and not leaves):
            yield node.lineno
