"""Reads a tree of tests and says what each file is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from test_harness.suite.audit.kinds import kind_of, kind_of_most
from test_harness.suite.audit.similar import Alike, alike
from test_harness.suite.audit.subjects import imported_of, layer_of, routes_of, subject_of
from test_harness.suite.reading.cases import Case, cases_of
from test_harness.suite.reading.configuration import Configuration
from test_harness.suite.reading.helpers import Project
from test_harness.suite.reading.scopes import Module


@dataclass(frozen=True)
class Entry:
    """A file of tests.

    Args:
        path: Where it lies.
        kind: `unit`, `integration`, `api`, `performance`, or `support` where it has no test.
        kinds: How many of its tests are of which kind.
        subject: The module of the application it is about, or what it is called after.
        routes: How the paths begin that it asks most; may be empty.
        layer: The layer of that; may be empty.
        imported: The modules of the application that it imports.
        tests: How many tests it has, parametrised ones counted once.
        module: What it says.
    """

    path: Path
    kind: str
    kinds: Counter[str]
    subject: str
    routes: str
    layer: str
    imported: list[str]
    tests: int
    module: Module = field(repr=False)


@dataclass(frozen=True)
class Audit:
    """What a tree of tests has.

    Args:
        entries: Its files.
        alike: Tests that say the same, or nearly.
        unread: Files that are no Python, with the reason.
        project: What was read of the project.
    """

    entries: list[Entry]
    alike: list[Alike]
    unread: dict[Path, str]
    project: Project = field(repr=False)


def audit(files: Iterable[Path], configuration: Configuration) -> Audit:
    """Look at files of tests.

    Args:
        files: The files.
        configuration: That of pytest.
    """
    project = Project(roots_of(configuration))
    entries, cases, unread = [], [], {}
    for path in files:
        module = project.read(path)
        if module is None:
            unread[path] = "it cannot be parsed"
            continue
        own = cases_of(module, configuration)
        cases += own
        entries.append(_entry(module, own, project))
    return Audit(entries, alike(cases), unread, project)


def roots_of(configuration: Configuration) -> list[Path]:
    """Return the folders that imports start from."""
    roots = [configuration.root]
    roots += [configuration.root / path for path in configuration.pythonpath]
    if (source := configuration.root / "src").is_dir():
        roots.append(source)
    # Where pytest.ini lies in the folder of the tests, imports start beside it.
    return [*roots, configuration.root.parent]


def _entry(module: Module, cases: list[Case], project: Project) -> Entry:
    kinds = Counter(kind_of(case, project) for case in cases)
    imported = imported_of(module, project)
    subject = subject_of(module, imported)
    return Entry(
        module.path,
        kind_of_most(kinds),
        kinds,
        subject,
        routes_of(cases),
        layer_of(subject),
        sorted(imported),
        len(cases),
        module,
    )
