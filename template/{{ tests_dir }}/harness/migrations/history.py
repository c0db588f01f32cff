"""The history as it is written: its revisions in order, its heads, and what each file says."""

from __future__ import annotations

import ast
import re
import sys
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import MetaData
from sqlalchemy import Table as MappedTable

from harness.errors import ProvisioningError
from harness.migrations.findings import Finding

_UNSAID = {"", "empty message"}
_REVISES = re.compile(r"^Revises:[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class History:
    """The revisions of one Alembic environment.

    Args:
        config: The configuration that the project gives Alembic.
        script: Alembic's own view of it.
        revisions: Every revision, parents before their children.
    """

    config: Config
    script: ScriptDirectory
    revisions: list[Script]


def load(config: Config) -> History:
    """Return the history, every file of it read.

    Raises:
        ProvisioningError: It cannot be read; the message says which file and why.
    """
    script = ScriptDirectory.from_config(config)
    try:
        with warnings.catch_warnings():
            # Alembic goes on after these with another history than the files tell.
            for problem in ("is present more than once", "referenced from .* is not present"):
                warnings.filterwarnings("error", f"Revision .* {problem}", UserWarning)
            return History(config, script, list(script.walk_revisions())[::-1])
    except (UserWarning, CommandError, RevisionError) as error:
        problem, fix = f"does not hold together: {error}", "the down_revision of one that it names"
    except Exception as error:
        raise ProvisioningError(
            f"A revision cannot be read: {type(error).__name__}: {error} "
            f"({_place(error, script)}).",
            "Correct the file; `alembic history` reads the same ones.",
        ) from error
    raise ProvisioningError(
        f"The history of revisions {problem.rstrip('.')}.",
        f"Correct {fix}; `alembic history` reads the same files.",
    )


def _place(error: Exception, script: ScriptDirectory) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    folders = {str(Path(folder).resolve()) for folder in (script.dir, *script.version_locations)}
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if str(Path(frame.filename).resolve().parent) in folders]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno}"


def wrong_heads(history: History) -> list[Finding]:
    """Return a finding when the history ends in more places than its branch labels explain."""
    heads = [history.script.get_revision(head) for head in history.script.get_heads()]
    if not heads:
        return [
            Finding(
                "heads",
                "none",
                f"the history has no revision yet ({history.script.dir})",
                "write the first one with `alembic revision --autogenerate -m ...`, or empty "
                "[database] migrations in harness.toml, so that the models build the schema",
            )
        ]
    labels = [frozenset(head.branch_labels) for head in heads]
    if len(heads) == 1 or (all(labels) and len(set(labels)) == len(labels)):
        return []
    names = sorted(head.revision for head in heads)
    parents = Counter(
        parent for script in history.revisions for parent in script._all_down_revisions
    )
    forks = ", ".join(
        f"{' and '.join(sorted(history.script.get_revision(parent).nextrev))} both follow {parent}"
        for parent, children in parents.items()
        if children > 1 and len(history.script.get_revision(parent).nextrev) > 1
    )
    return [
        Finding(
            "heads",
            " ".join(names),
            f"the history has the heads {names}" + (f": {forks}" if forks else ""),
            f'join them with `alembic merge -m "Merge" {" ".join(names)}`',
        )
    ]


def badly_described(history: History) -> list[Finding]:
    """Return the revisions whose file does not say what they do, or says it wrongly."""
    findings = []
    for script in history.revisions:
        if script.doc.strip() in _UNSAID:
            problem = f"{_shown(script)} does not say what it does"
            fix = "write one line into its docstring; `alembic revision -m ...` does so"
            findings.append(Finding("description", script.revision, problem, fix))
            continue
        said = _REVISES.search(script.module.__doc__ or "")
        if said is None:
            continue
        parents = {*script._versioned_down_revisions}
        named = {part for part in re.split(r"[,\s]+", said[1]) if part}
        # Alembic also writes `Revises: label@parent`.
        said_of = {part.rpartition("@")[2] for part in named - {"None"}}
        # Alembic also knows a revision by the beginning of its name.
        if len(said_of) != len(parents) or not all(
            any(parent.startswith(part) for parent in parents) for part in said_of
        ):
            wanted = ", ".join(sorted(parents)) or "nothing"
            problem = (
                f"{_shown(script)} says that it revises {said[1].strip() or 'nothing'}, "
                f"but it follows {wanted}"
            )
            fix = f"write `Revises: {wanted if parents else ''}`".replace(": `", ":`")
            findings.append(Finding("description", script.revision, problem, fix))
    return findings


def empty_revisions(history: History) -> list[Finding]:
    """Return the revisions that do nothing, merges and a beginning that others follow apart."""
    return [
        Finding(
            "empty",
            script.revision,
            f"{_shown(script)} does nothing",
            "write what it is for, or delete it and correct down_revision in the one after it",
        )
        for script in history.revisions
        if not script.is_merge_point
        and not script.branch_labels
        and not (script.is_base and script.nextrev)
        # Whatever does something has to name it.
        and not any(
            getattr(script.module, name).__code__.co_names
            for name in ("upgrade", "downgrade")
            if hasattr(script.module, name)
        )
    ]


def imports_of_models(history: History, metadata: MetaData) -> list[Finding]:
    """Return the revisions that import mapped classes, which will change under their feet."""
    findings = []
    packages = "|".join(sorted(_packages(metadata))) or "$"
    for script in history.revisions:
        text = Path(script.path).read_text(encoding="utf-8")
        # Most revisions need not be parsed.
        for module, name in _imports(text) if re.search(rf"\b({packages})\b", text) else ():
            if _leads_to_models(module, name, metadata):
                what = f"{module}.{name}" if name else module
                findings.append(
                    Finding(
                        "models-import",
                        script.revision,
                        f"{_shown(script)} imports {what}: models change, and what this revision "
                        "does changes with them",
                        "describe the columns it needs in the revision: "
                        "`sa.table('users', sa.column('id'))`",
                    )
                )
                break
    return findings


def _packages(metadata: MetaData) -> set[str]:
    """Return the packages that have the models, as far as they are imported."""
    return {
        name.partition(".")[0]
        for name, module in list(sys.modules.items())
        if not name.startswith(("harness", "migrations")) and _has_models(module, metadata)
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


def _shown(script: Script) -> str:
    return f"{script.revision} ({Path(script.path).name})"
