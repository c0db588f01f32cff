"""One fault that can be planted in the application, and all that there are in its modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from test_harness.suite.sabotage.module import LINES, ROUTES, Change, Function, Module, readable
from test_harness.suite.sabotage.mutators import mutators

# Which fault is to be planted: the file, the name of the mutator and the number of the change.
PLANTED = "_TEST_HARNESS_PLANTED"


@dataclass(frozen=True)
class Fault:
    """What is planted.

    Args:
        key: What names it to the process that plants it: the module that knows how, which of its
            changes it is, and the file, from the folder of the project.
        line: Where, for people.
        kind: Of the mutator.
        name: Of the function or class that it is in; empty for neither.
        what: In words that end a sentence.
        advice: One sentence on what to test.
        reach: Which tests may notice.
        lines: The lines that a test has to run to notice, and of the whole function.
        scope: The lines of the outermost function or class.
        scope_name: What that is called.
    """

    key: str
    line: int
    kind: str
    name: str
    what: str
    advice: str
    reach: str
    lines: tuple[int, int]
    scope: tuple[int, int]
    scope_name: str

    @property
    def where(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"

    @property
    def file(self) -> str:
        """The module, from the folder of the project."""
        return self.key.split(" ", 2)[2]


def faults_in(project: Path, files: Iterable[str]) -> list[Fault]:
    """Return what can be planted, what lets strangers in first.

    Args:
        project: The folder of the project.
        files: The modules of the application, from there.
    """
    modules = {file: module for file in sorted(files) if (module := readable(project / file))}
    found: list[Fault] = []
    for name, mutator in mutators().items():
        for file, module in modules.items():
            for number, change in enumerate(mutator.changes(module)):
                key = f"{name} {number} {file}"
                found.append(_fault(module, change, mutator.KIND, key))
    return found


def changed(project: Path, key: str) -> tuple[Path, Module]:
    """Return the module that a fault is of, with the fault in it.

    Args:
        project: The folder of the project.
        key: What names the fault.
    """
    name, number, file = key.split(" ", 2)
    module = Module.read(project / file)
    changes: Iterator[Change] = iter(mutators()[name].changes(module))
    change = next(one for place, one in enumerate(changes) if place == int(number))
    change.apply()
    return project / file, module


def _fault(module: Module, change: Change, kind: str, key: str) -> Fault:
    scope = module.outermost(change.node)
    lines = module.lines_of(change.node)
    of_scope = lines
    if scope is not None:
        first = min([scope.lineno, *(one.lineno for one in scope.decorator_list)])
        of_scope = first, scope.end_lineno or first
    # What stands in a class is run by all who import it.
    is_of_class = change.reach == LINES and not isinstance(module.scope_of(change.node), Function)
    return Fault(
        key=key,
        line=getattr(change.node, "lineno", 1),
        kind=kind,
        name=module.name_of(change.node),
        what=change.what,
        advice=change.advice,
        reach=ROUTES if is_of_class else change.reach,
        lines=lines,
        scope=of_scope,
        scope_name=scope.name if scope is not None else module.assigned(change.node),
    )
