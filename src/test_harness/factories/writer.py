"""Writes factories for classes that have none, and shows what is out of date in those that are."""

from __future__ import annotations

import ast
import difflib
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_harness.factories.base import every_factory, written_factories
from test_harness.factories.database_facts import look
from test_harness.factories.files import files_for
from test_harness.factories.mapped import has_rows, inherited, mapped_classes
from test_harness.factories.plan import attributes_of, plan_of, renamed_by
from test_harness.factories.slow import make_slow_defaults_once
from test_harness.project import factories_module, project_dir
from test_harness.runtime.process import runtime


def write_factories(say: Callable[[str], None]) -> None:
    """Write what is missing, and say what was written and what is left to do.

    A line that is there is never changed or removed: what is out of date is shown as a difference.

    Args:
        say: Called with each line for the user.
    """
    runtime().application()
    look()
    known = {made._meta.model for made in every_factory()}
    known = {model for model in known if model in written_factories() or _is_of_the_user(model)}
    lacking = [model for model in _with_bases(mapped_classes()) if model not in known]
    wanted = [model for model in lacking if not plan_of(model).unread]
    slow = [line for model in wanted for line in make_slow_defaults_once(plan_of(model))]
    missed = [one for model in mapped_classes() for one in plan_of(model).undecided]
    missed = [one for one in missed if not _is_settled(one.model, one.attribute)]
    differences = list(map(_difference, written_factories().values()))
    for file in files_for(wanted):
        path = file.write()
        names = ", ".join(file.names)
        say(f"Wrote {path.relative_to(project_dir()).as_posix()}: {names}.")
    if not lacking:
        say("Every mapped class has a factory.")
    for line in slow:
        say(line)
    for difference in filter(None, differences):
        say(difference)
    if missed:
        say("What could not be decided, with the line that settles it:")
        for one in missed:
            say(f"  {one}")


def _is_of_the_user(model: type[Any]) -> bool:
    return any(
        made._meta.model is model and made.__module__.split(".")[0] == factories_module()
        for made in every_factory()
    )


def _with_bases(models: tuple[type[Any], ...]) -> list[type[Any]]:
    """Return the classes with those they inherit from, which have no rows but count for them."""
    found: list[type[Any]] = []
    for model in models:
        base = inherited(model)
        if base is not None and not has_rows(base.__mapper__) and base not in found:
            found.append(base)
        found.append(model)
    return found


def _is_settled(model: type[Any], attribute: str) -> bool:
    """Tell whether there is a line already for a column that could not be decided."""
    made = written_factories().get(model)
    return made is not None and attribute in {"", *attributes_of(made)}


def _difference(made: Any) -> str:
    """Return what a factory lacks and what it has too much, as a difference to its text."""
    model = made._meta.model
    plan = plan_of(model)
    declared = attributes_of(made)
    renamed = renamed_by(made)
    known = {*dir(model), *declared & {*plan.declarations}, *made._meta.parameters}
    gone = {name for name in vars(made) if renamed.get(name, name) in declared - known}
    keys = {f"{name}_id" for name in declared} | {name.removesuffix("_id") for name in declared}
    lacking = [
        one
        for name, one in zip(plan.declarations, plan.declared(), strict=True)
        if name not in declared and name not in keys
    ]
    if not gone and not lacking:
        return ""
    source = inspect.getsource(made)
    indent = " " * 4
    lines = source.splitlines()
    for node in ast.parse(textwrap.dedent(source)).body[0].body:  # type: ignore[attr-defined]
        names = [one.id for one in getattr(node, "targets", []) if isinstance(one, ast.Name)]
        if gone.intersection(names):
            for number in range(node.lineno - 1, (node.end_lineno or node.lineno)):
                lines[number] = ""
    after = [line for line, old in zip(lines, source.splitlines(), strict=True) if line or not old]
    after += [f"{indent}{one.name} = {one.text}" for one in lacking]
    path = Path(inspect.getfile(made)).relative_to(project_dir()).as_posix()
    return "\n".join(
        difflib.unified_diff(source.splitlines(), after, path, "as the models are now", lineterm="")
    )
