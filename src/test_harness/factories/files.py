"""The files of factories: one for a handful of models, else one for each module of models."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from test_harness.endings import write_text
from test_harness.factories.base import written_factories
from test_harness.factories.declaring import Declaration
from test_harness.factories.mapped import factory_name, has_rows, inherited, is_view
from test_harness.factories.plan import plan_of
from test_harness.lock.callers import is_of_a_library
from test_harness.project import factories_module, suite_dir

# As many classes as one file is still easy to read with.
HANDFUL = 5
WIDTH = 100
# What every project has in front of its factories.
SAYS = "Factories: how tests make rows. Yours to edit; `make factories` adds what is new."
_GENERAL = {"models", "model", "orm", "tables", "entities", "schema", "db", "domain"}
_LIBRARY = {"LazyAttribute", "LazyFunction", "SelfAttribute", "Sequence", "SubFactory"}


def files_for(models: list[type[Any]]) -> Iterator[File]:
    """Yield the files in which the factories of some classes are written, new or longer."""
    home = factories_module()
    single = suite_dir() / f"{home}.py"
    if not models:
        return
    is_package = (suite_dir() / home).is_dir()
    if single.exists() or not (is_package or len(models) > HANDFUL or _has_namesakes(models)):
        yield File(single, home, _in_order(models))
        return
    by_module = defaultdict(list)
    names = _names_of_modules({model.__module__ for model in models})
    for model in models:
        by_module[names[model.__module__]].append(model)
    places = {model: name for name, several in by_module.items() for model in several}
    for name in sorted(by_module):
        path = suite_dir() / home / f"{name}.py"
        yield File(path, f"{home}.{name}", _in_order(by_module[name]), places)


def _has_namesakes(models: list[type[Any]]) -> bool:
    """Tell whether one file would import two things under one name."""
    homes: dict[str, set[str]] = defaultdict(set)
    for model in models:
        homes[model.__name__].add(model.__module__)
        for one in plan_of(model).declarations.values():
            for name, thing in one.names.items():
                homes[name].add(_home(thing))
    return any(len(modules) > 1 for modules in homes.values())


def _names_of_modules(modules: Iterable[str]) -> dict[str, str]:
    """Return the short name of each module; those that would be the same get longer."""
    found: dict[str, str] = {}
    for module in sorted(modules):
        parts = [part for part in module.split(".") if part not in _GENERAL] or [module]
        name = parts[-1]
        for length in range(2, len(parts) + 1):
            if name not in found.values():
                break
            name = "_".join(parts[-length:])
        while name in found.values():
            name += "_"
        found[module] = name
    return found


def _in_order(models: list[type[Any]]) -> list[type[Any]]:
    """Return classes so that each comes after those its factory names."""
    found: list[type[Any]] = []

    def visit(model: type[Any]) -> None:
        if model in found or model not in models:
            return
        base = inherited(model)
        if base is not None:
            visit(base)
        for one in plan_of(model).declarations.values():
            for other in one.factories.values():
                visit(other)
        found.append(model)

    for model in models:
        visit(model)
    return found


@dataclass
class File:
    """A file of factories.

    `places` names the module of the package that has the factory of each class.
    """

    path: Path
    module: str
    models: list[type[Any]]
    places: dict[type[Any], str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What the factories in it are called."""
        return [factory_name(model) for model in self.models]

    def write(self) -> Path:
        """Write the file, or add to the one there is, and return its path."""
        self.path.parent.mkdir(exist_ok=True)
        before = self.path.read_text("utf-8") if self.path.exists() else ""
        write_text(self.path, self._joined(before))
        if self.places:
            self._export()
        return self.path

    def _joined(self, before: str) -> str:
        classes = [self._class(model) for model in self.models]
        body = "\n\n\n".join(classes)
        lines = self._imports(body, before)
        if not before:
            return f'{_mark()}"""{SAYS}"""\n\n' + "\n".join(lines) + "\n\n\n" + body + "\n"
        written = before.splitlines()
        place = _end_of_imports(before)
        new = [line for line in lines if line and not line.startswith("from __future__")]
        written[place:place] = new
        return "\n".join(written).rstrip() + "\n\n\n" + body + "\n"

    def _class(self, model: type[Any]) -> str:
        plan = plan_of(model)
        base = inherited(model)
        base_name = "ModelFactory" if base is None else factory_name(base)
        shared = {} if base is None else plan_of(base).declarations
        lines = [f"class {factory_name(model)}({base_name}):"]
        if any("hashed_password" in one.names for one in plan.declarations.values()):
            lines += [
                '    """A user who can log in with `test_harness.auth.styles.PASSWORD`."""',
                "",
            ]
        lines += ["    class Meta:", f"        model = {model.__name__}"]
        if is_view(model) or not has_rows(model.__mapper__):
            lines.append("        abstract = True")
        declared = zip(plan.declarations, plan.declared(), strict=True)
        own = [one for name, one in declared if shared.get(name) != plan.declarations[name]]
        hidden = [_line(self._local(one), 8) for one in own if one.is_parameter]
        shown = [_line(self._local(one), 4) for one in own if not one.is_parameter]
        if hidden:
            lines += ["", "    class Params:", *hidden]
        notes = [f"    # {name} is for {key}." for name, key in plan.renamed.items()]
        notes += [
            f"    # {missed.attribute} {missed.why}: {missed.line}" for missed in plan.undecided
        ]
        if shown or notes:
            lines += ["", *shown, *notes]
        return "\n".join(lines)

    def _local(self, one: Declaration) -> Declaration:
        """Name a factory of a module that comes later by its path, which is looked up when used."""
        text = one.text
        for name, model in one.factories.items():
            place = self.places.get(model)
            if model in written_factories():
                text = re.sub(rf"\b{name}\b", written_factories()[model].__name__, text)
            if place is not None and f"{factories_module()}.{place}" > self.module:
                text = re.sub(rf"\b{name}\b", f'"{factories_module()}.{place}.{name}"', text)
        return Declaration(one.name, text, one.names, one.factories)

    def _imports(self, body: str, before: str) -> list[str]:
        used = set(
            re.findall(r"\b[A-Za-z_]\w*", re.sub(r'"(?:harness_)?factories\.[\w.]+"', "", body))
        )
        wanted: dict[str, set[str]] = defaultdict(set)
        for model in self.models:
            wanted[model.__module__].add(model.__qualname__.split(".")[0])
            for one in plan_of(model).declarations.values():
                for name, thing in one.names.items():
                    wanted[_home(thing)].add(name)
            for other, name in self._others(model):
                wanted[other].add(name)
        wanted["factory"] |= used & _LIBRARY
        wanted["datetime"] |= used & {"date", "datetime", "time", "timedelta", "timezone"}
        wanted["decimal"] |= used & {"Decimal"}
        wanted["uuid"] |= used & {"UUID", "uuid4"}
        wanted["test_harness"] |= used & {"ModelFactory", "letters"}
        there = _imported(before)
        return _sorted_imports(
            {
                module: {name for name in names if name in used and (module, name) not in there}
                for module, names in wanted.items()
            }
        )

    def _others(self, model: type[Any]) -> Iterator[tuple[str, str]]:
        base = inherited(model)
        needed = {} if base is None else {factory_name(base): base}
        for one in plan_of(model).declarations.values():
            needed |= one.factories
        for name, other in needed.items():
            if other in self.models:
                continue
            if other in self.places:
                yield f"{factories_module()}.{self.places[other]}", name
            elif other in written_factories():
                made = written_factories()[other]
                if made.__module__ != self.module:
                    yield made.__module__, made.__name__

    def _export(self) -> None:
        """Have the package offer the factories of this file."""
        path = self.path.parent / "__init__.py"
        before = path.read_text("utf-8") if path.exists() else f'{_mark()}"""{SAYS}"""\n\n'
        lines = before.splitlines()
        for name in sorted(self.names):
            line = f"from {self.module} import {name} as {name}"
            if line not in lines:
                after = [at for at, it in enumerate(lines) if it.startswith("from ") and it > line]
                lines.insert(min(after, default=len(lines)), line)
        write_text(path, "\n".join([*lines, ""]))


def _mark() -> str:
    """Return what keeps a type checker away that sees this folder but not the engine."""
    return "# mypy: ignore-errors\n" if (suite_dir() / "__init__.pyi").exists() else ""


def _line(one: Declaration, indent: int) -> str:
    """Return a declaration in one line, or in three where it would be too long."""
    line = f"{' ' * indent}{one.name} = {one.text}"
    call = re.fullmatch(r"(\w+)\((.*)\)", one.text, re.DOTALL)
    if len(line) <= WIDTH or call is None:
        return line
    inner = " " * (indent + 4)
    return f"{' ' * indent}{one.name} = {call[1]}(\n{inner}{call[2]}\n{' ' * indent})"


def _home(thing: Any) -> str:
    """Return where a name is imported from."""
    module = getattr(thing, "__module__", None) or type(thing).__module__
    if module.startswith("test_harness.") or isinstance(thing, str):
        return "test_harness"
    return str(module)


def _imported(text: str) -> set[tuple[str, str]]:
    return {
        (node.module or "", one.name)
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }


def _end_of_imports(text: str) -> int:
    imports = [
        node.end_lineno or 0
        for node in ast.parse(text).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return max(imports, default=0)


def _sorted_imports(wanted: dict[str, set[str]]) -> list[str]:
    """Return import lines as isort has them: the standard library, libraries, what is own."""
    lines: list[str] = []
    for group in range(3):
        modules = sorted(module for module in wanted if wanted[module] and _group(module) == group)
        if lines and modules:
            lines.append("")
        for module in modules:
            names = sorted(wanted[module], key=_kind_and_name)
            line = f"from {module} import {', '.join(names)}"
            if len(line) > WIDTH:
                listed = "".join(f"    {name},\n" for name in names)
                line = f"from {module} import (\n{listed})"
            lines.append(line)
    return lines


def _group(module: str) -> int:
    name = module.partition(".")[0]
    if name in sys.stdlib_module_names:
        return 0
    file = str(getattr(sys.modules.get(name), "__file__", None) or "")
    return 1 if name in {"factory", "test_harness"} or is_of_a_library(file) else 2


def _kind_and_name(name: str) -> tuple[int, str]:
    """Constants come before classes, and those before all others."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name
