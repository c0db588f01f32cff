"""Which tests may notice a fault: those that run its lines, or ask for what it stands before."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from test_harness.suite.sabotage.fault import Fault
from test_harness.suite.sabotage.module import ANY, LINES, MODULE, Scope, readable
from test_harness.suite.sabotage.words import names_in

# Which variable names the file that it is noted in.
REACHED = "_TEST_HARNESS_REACHED"


@dataclass(frozen=True)
class Reached:
    """What tests were seen to do.

    Args:
        lines: By file and line of the application, the tests that ran it.
        asked: By `file:line` of what answers a route, the tests that asked for it.
        modules: What they had imported of libraries, in that order.
    """

    lines: Mapping[str, Mapping[int, frozenset[str]]] = field(default_factory=dict)
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Reached:
        """Read what the plugin noted; nothing where it came to nothing."""
        if not path.exists():
            return cls()
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            {
                file: {int(line): frozenset(names) for line, names in of_file.items()}
                for file, of_file in found["lines"].items()
            },
            {where: frozenset(names) for where, names in found["asked"].items()},
            tuple(found["modules"]),
        )

    def by_lines(self, file: str, first: int, last: int) -> set[str]:
        """Return the tests that ran a line of a file from one line to another."""
        of_file = self.lines.get(file, {})
        return {name for line in range(first, last + 1) for name in of_file.get(line, ())}

    def by_routes(self, file: str, first: int = 0, last: int = 10**9) -> set[str]:
        """Return the tests that asked for a route that is answered in some lines of a file."""
        found: set[str] = set()
        for where, names in self.asked.items():
            of_route, _, line = where.rpartition(":")
            if of_route == file and first <= int(line or 0) <= last:
                found |= names
        return found


class Touching:
    """Tells which tests may notice a fault.

    Args:
        project: The folder of the project.
        reached: What tests were seen to do.
    """

    def __init__(self, project: Path, reached: Reached) -> None:
        self._reached = reached
        self._scopes: list[tuple[str, Scope, frozenset[str]]] = []
        modules = {file: readable(project / file) for file in reached.lines}
        for file, module in modules.items():
            self._scopes += [
                (file, node, frozenset(names_in(node)))
                for node in (ast.walk(module.tree) if module else ())
                if isinstance(node, Scope)
            ]

    def tests(self, fault: Fault) -> set[str]:
        """Return them, in no order."""
        reached, (first, last) = self._reached, fault.scope
        if fault.reach == LINES:
            return reached.by_lines(fault.file, *fault.lines)
        if fault.reach == MODULE:
            return reached.by_routes(fault.file)
        if fault.reach == ANY:
            return set().union(*reached.asked.values())
        own = reached.by_routes(fault.file, first, last)
        # The line that makes a function or a class is run by all who import it.
        own |= reached.by_lines(fault.file, first + 1, last)
        return own | self._by_name(fault.scope_name)

    def _by_name(self, name: str) -> set[str]:
        """Return the tests that reach what speaks of a class, maybe by way of others."""
        known: set[str] = set()
        coming = [name] if name else []
        found: set[str] = set()
        while coming:
            known.add(one := coming.pop())
            for file, node, names in self._scopes:
                if one not in names or node.name == one:
                    continue
                if isinstance(node, ast.ClassDef):
                    coming += [] if node.name in known else [node.name]
                    continue
                first = min([node.lineno, *(it.lineno for it in node.decorator_list)])
                last = node.end_lineno or first
                found |= self._reached.by_routes(file, first, last)
                found |= self._reached.by_lines(file, node.body[0].lineno, last)
        return found


def in_order(tests: Iterable[str], order: Mapping[str, int]) -> tuple[str, ...]:
    """Return tests as they ran, those that a team wrote before the checks of the harness."""
    return tuple(sorted(tests, key=lambda name: ("/checks/" in name, order.get(name, 0), name)))
