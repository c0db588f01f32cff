"""Find weak tests: assertions that cannot fail, exceptions that are swallowed, sleeps and others.

Each finding has a code, file, line and column, and says what to do. docs/lint.md describes the
codes. A line is left alone by `# test-harness: ignore[TH101] because ...`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from test_harness.suite.lint.finding import Finding

# What only `--run` tells.
OF_RUNNING = ("TH702", "TH703")
FORMATS = ("text", "json", "sarif", "github")
PRE_COMMIT = """\
  - repo: local
    hooks:
      - id: test-harness-lint
        name: weak tests
        entry: test-harness lint
        language: system
        types: [python]
        files: (^|/)(test_[^/]*|[^/]*_test|conftest)\\.py$
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH",
        help="files and folders of tests; those that pytest would collect without any",
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are shown")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE",
        help="what is known already; lint_baseline.txt beside the configuration if not said",
    )  # fmt: skip
    parser.add_argument(
        "--write-baseline", action="store_true",
        help="write what is found into the baseline, or take out of it what was mended",
    )  # fmt: skip
    parser.add_argument(
        "--run", action="store_true",
        help="also look at what is patched in the running code, under pytest",
    )  # fmt: skip
    parser.add_argument("--rules", action="store_true", help="list the codes, and end")
    parser.add_argument(
        "--pre-commit", action="store_true", help="print the entry for pre-commit, and end"
    )


def run(arguments: argparse.Namespace) -> int:
    """Lint, show what was found, and return 0; 1 where there is something, or something less."""
    if arguments.rules:
        print(_table())
        return 0
    if arguments.pre_commit:
        print(PRE_COMMIT, end="")
        return 0
    from test_harness.suite.lint.baseline import FILE, compare, read_baseline
    from test_harness.suite.lint.formats import FORMATS as WRITERS
    from test_harness.suite.lint.linting import Linter, lint
    from test_harness.suite.lint.ruff import RULES as OF_RUFF
    from test_harness.suite.lint.ruff import Ruff, find_ruff
    from test_harness.suite.reading.configuration import configuration
    from test_harness.suite.reading.files import files_of_tests

    here = Path.cwd()
    paths = [path.absolute() for path in arguments.paths]
    settings = configuration(paths[0] if paths else here)
    files = files_of_tests(paths, settings)
    command = find_ruff()
    ruff = Ruff(command, files) if command and files else None
    linter = Linter(settings, here)
    findings = lint(files, linter)
    unasked = {*OF_RUFF, *OF_RUNNING}
    if ruff is not None:
        more, reason = ruff.findings(linter.files)
        findings = sorted([*findings, *more])
        if reason:
            _note(f"Rules of ruff were not looked at: {reason}.")
        else:
            unasked -= {*OF_RUFF}
    elif files:
        _note(
            f"ruff is not installed here, so its rules about tests were not looked at: "
            f"{', '.join(OF_RUFF)}.\n  Fix: `pip install 'test-harness[lint]'`."
        )
    if arguments.run:
        from test_harness.commands.patched import look

        more, notes = look(linter.files, settings)
        findings = sorted([*findings, *more])
        for note in notes:
            _note(note)
        unasked -= {*OF_RUNNING} if not notes else set()
    baseline = (arguments.baseline or settings.root / FILE).absolute()
    if arguments.write_baseline:
        return _write(baseline, findings, list(linter.files), unasked)
    known = read_baseline(baseline) if baseline.exists() else None
    gone: Sequence[tuple[str, str]] = ()
    if known is not None:
        findings, gone = compare(findings, known, baseline.parent, list(linter.files), unasked)
    if shown := WRITERS[arguments.format](findings):
        print(shown)
    for test, code in gone:
        _note(
            f"{baseline.name} has {code} of {test}, which is mended.\n"
            "  Fix: run `test-harness lint --write-baseline`, which takes it out."
        )
    _note(_summary(findings, len(files), sum(known.values()) if known else 0))
    return 1 if findings or gone else 0


def _write(
    path: Path, findings: list[Finding], looked_at: list[str], unasked: Collection[str]
) -> int:
    from test_harness.suite.lint import baseline

    known = baseline.read_baseline(path) if path.exists() else None
    entries = baseline.written(known, findings, path, looked_at, unasked)
    baseline.write_baseline(path, entries)
    _note(f"{path.name} has {entries.total()} finding{'' if entries.total() == 1 else 's'}.")
    return 0


def _summary(findings: Sequence[Finding], files: int, known: int) -> str:
    count, of = len(findings), f"{files} file{'' if files == 1 else 's'} of tests"
    before = f", and {known} of the baseline" if known else ""
    if not count:
        return f"Nothing is weak in {of}{before}."
    return f"{count} finding{'' if count == 1 else 's'} in {of}{before}."


def _table() -> str:
    from test_harness.suite.lint.ruff import RULES as OF_RUFF
    from test_harness.suite.lint.rules.registry import RULES

    own = [f"{rule.code}  {rule.name:24} {rule.fix}" for rule in RULES]
    return "\n".join([*own, *(f"{code:6} ruff: {says}" for code, says in OF_RUFF.items())])


def _note(said: str) -> None:
    """Say what is no finding where it does not get into a report."""
    print(said, file=sys.stderr)
