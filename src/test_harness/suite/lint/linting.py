"""Reads files of tests and says what is weak in them."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from test_harness.suite.lint.asserting import Checks
from test_harness.suite.lint.finding import File, Finding, finding_of
from test_harness.suite.lint.ignoring import ignores_in, without_ignored
from test_harness.suite.lint.rules.registry import FAMILIES, NO_PYTHON
from test_harness.suite.reading.cases import cases_of
from test_harness.suite.reading.configuration import Configuration
from test_harness.suite.reading.helpers import Project, text_of
from test_harness.suite.reading.walking import parse


class Linter:
    """Looks at files of one project.

    Args:
        configuration: That of pytest.
        shown_from: The folder that paths are shown from.
    """

    def __init__(self, configuration: Configuration, shown_from: Path) -> None:
        roots = [configuration.root]
        roots += [configuration.root / path for path in configuration.pythonpath]
        if (source := configuration.root / "src").is_dir():
            roots.append(source)
        # Where pytest.ini lies in the folder of the tests, imports start beside it.
        roots.append(configuration.root.parent)
        self._configuration = configuration
        self._project = Project(roots)
        self._checks = Checks(self._project)
        self._shown_from = shown_from
        self.files: dict[str, File] = {}

    def lint(self, path: Path) -> list[Finding]:
        """Return what is weak in a file, less what is ignored with a reason.

        Args:
            path: The file.
        """
        shown = shown_path(path, self._shown_from)
        try:
            text = text_of(path)
            module = parse(path, text)
        except (SyntaxError, ValueError) as error:
            said = getattr(error, "msg", str(error))
            line, column = getattr(error, "lineno", 1) or 1, getattr(error, "offset", 1) or 1
            rule = NO_PYTHON
            return [Finding(shown, line, column, rule.code, rule.says.format(said), rule.fix)]
        self._project.put(module)
        file = File(
            module, cases_of(module, self._configuration), self._project, self._configuration,
            self._checks,
        )  # fmt: skip
        self.files[shown] = file
        found = {finding_of(one, shown) for family in FAMILIES for one in family.look(file)}
        return without_ignored(found, ignores_in(text), shown)


def lint(paths: Iterable[Path], linter: Linter) -> list[Finding]:
    """Return what is weak in some files, in their order.

    Args:
        paths: The files.
        linter: What looks at them.
    """
    with _nothing_collected():
        return [finding for path in paths for finding in sorted(linter.lint(path))]


def shown_path(path: Path, start: Path) -> str:
    """Return a path as it is shown: from a folder, where it lies in it."""
    whole, folder = str(path), f"{start}{os.sep}"
    if not path.is_absolute():
        whole = str(path.absolute())
    return whole.removeprefix(folder).replace(os.sep, "/")


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Leave the trees alone: to look for garbage in them takes as long as to parse them.

    They are needed to the end, so that it would find none afterwards either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
