"""What is wrong with the files of revisions, as far as it shows without running them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from alembic.script import Script
from sqlalchemy import MetaData
from sqlalchemy import Table as MappedTable

from test_harness.migrations.findings import Finding
from test_harness.migrations.history import History

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
    packages = re.compile(rf"\b({'|'.join(sorted(_packages(metadata))) or '$'})\b")
    template = history.script.file_template
    return [
        Finding(check, it.revision, f"{it.revision} ({Path(it.path).name}) {problem}", fix)
        for it in history.revisions
        for look in (
            _of_description(it),
            _of_name(it, template),
            _of_content(it, packages, metadata),
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


def _of_content(script: Script, packages: re.Pattern[str], metadata: MetaData) -> Iterator[Problem]:
    # Merges do nothing, and a beginning that others follow may mark what was there before.
    is_mark = script.is_merge_point or script.branch_labels or (script.is_base and script.nextrev)
    functions = (getattr(script.module, name, None) for name in ("upgrade", "downgrade"))
    # Whatever does something has to name it.
    if not is_mark and not any(it.__code__.co_names for it in functions if it):
        fix = "write what it is for, or delete it and correct down_revision in the one after it"
        yield "empty", "does nothing", fix
    text = Path(script.path).read_text(encoding="utf-8")
    # Most revisions need not be parsed.
    if packages.search(text):
        for module, name in _imports(text):
            if _leads_to_models(module, name, metadata):
                what = f"{module}.{name}" if name else module
                yield (
                    "models-import",
                    f"imports {what}: models change, and what this revision does changes with them",
                    "describe the columns it needs in the revision: "
                    "`sa.table('users', sa.column('id'))`",
                )
                break
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


def _packages(metadata: MetaData) -> set[str]:
    """Return the packages that have the models, as far as they are imported."""
    return {
        name.partition(".")[0]
        for name, module in list(sys.modules.items())
        if not name.startswith(("test_harness", "migrations")) and _has_models(module, metadata)
    }


def _imports(text: str) -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [(node.module, alias.name) for alias in node.names]
    return found


def _leads_to_models(module: str, name: str, metadata: MetaData) -> bool:
    loaded = sys.modules.get(module)
    if loaded is None:
        return False
    if name:
        thing = getattr(loaded, name, None)
        return _is_model(thing, metadata) or (
            isinstance(thing, ModuleType) and _has_models(thing, metadata)
        )
    return _has_models(loaded, metadata)


def _has_models(module: ModuleType, metadata: MetaData) -> bool:
    return any(_is_model(thing, metadata) for thing in vars(module).values())


def _is_model(thing: object, metadata: MetaData) -> bool:
    # By its type: a proxy, such as Flask's `current_app`, would look for what it stands for.
    if issubclass(type(thing), type):
        thing = getattr(thing, "__table__", None)
    return issubclass(type(thing), MappedTable) and thing.metadata is metadata  # type: ignore[attr-defined]
