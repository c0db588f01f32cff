"""Say what each file of tests is, which tests are alike, and how the files could be arranged.

Nothing is moved without --apply; with it, files go by `git mv`, imports are mended, and where a
test would not be collected as before, or get another fixture, all is as it was.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from test_harness.suite.audit.auditing import Audit
    from test_harness.suite.audit.carrying import Collected
    from test_harness.suite.audit.planning import Plan
    from test_harness.suite.reading.configuration import Configuration

FORMATS = ("text", "json")
LAYOUTS = ("kinds", "layers", "beside")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH",
        help="files and folders of tests; those that pytest would collect without any",
    )  # fmt: skip
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is shown")
    parser.add_argument("--layout", choices=LAYOUTS, help="show which files would move where")
    parser.add_argument("--apply", action="store_true", help="move them")


def run(arguments: argparse.Namespace) -> int:
    """Audit, plan and carry out what is asked for; return 0, or 1 where files stay."""
    from test_harness.suite.audit.auditing import audit, roots_of
    from test_harness.suite.audit.carrying import carry_out
    from test_harness.suite.audit.layouts import LAYOUTS as BY_NAME
    from test_harness.suite.audit.planning import plan
    from test_harness.suite.reading.configuration import configuration
    from test_harness.suite.reading.files import files_of_tests

    paths = [path.absolute() for path in arguments.paths]
    settings = configuration(paths[0] if paths else Path.cwd())
    found = audit(files_of_tests(paths, settings), settings)
    planned = plan(found, BY_NAME[arguments.layout], settings) if arguments.layout else None
    if arguments.format == "json":
        print(json.dumps(_as_json(found, planned, settings.root), indent=2))
    else:
        _show(found, planned, settings.root)
    if planned is None or not planned.moves or not arguments.apply:
        return 0
    count = carry_out(
        planned.moves, settings.root, roots_of(settings), lambda: _collected(settings)
    )
    print(f"{len(planned.moves)} files were moved; pytest collects the same {count} tests.")
    return 0


def _show(found: Audit, planned: Plan | None, root: Path) -> None:
    from test_harness.suite.audit.kinds import UNIT

    for entry in found.entries:
        mixed = ", ".join(f"{times} {kind}" for kind, times in entry.kinds.most_common())
        shown = f" ({mixed})" if len(entry.kinds) > 1 else ""
        is_of_code = entry.kind == UNIT and entry.imported
        about = entry.subject if is_of_code else entry.routes or entry.subject
        tests = f"{entry.tests} test{'' if entry.tests == 1 else 's'}"
        print(f"{_shown(entry.path, root)}: {entry.kind}{shown}, {tests}, of {about}")
    for path, reason in found.unread.items():
        print(f"{_shown(path, root)}: was not read, {reason}")
    for one in found.alike:
        how = "says the same as" if one.is_same else f"is {one.share:.0%} in its form like"
        second, first = (_test(case, root) for case in (one.second, one.first))
        print(f"{second} {how} {first}")
    kinds = Counter[str]()
    for entry in found.entries:
        kinds.update(entry.kinds)
    listed = ", ".join(f"{times} {kind}" for kind, times in kinds.most_common()) or "none"
    print(f"{kinds.total()} tests in {len(found.entries)} files: {listed}.")
    if planned is None:
        return
    for move in planned.moves:
        print(f"git mv {_shown(move.old, root)} {_shown(move.new, root)}")
    for path, reason in planned.stays.items():
        print(f"{_shown(path, root)} stays: {reason}.")
    print(f"{len(planned.moves)} files would move, {len(planned.stays)} stay for a reason.")


def _as_json(found: Audit, planned: Plan | None, root: Path) -> dict[str, Any]:
    files = [
        {
            "path": _shown(entry.path, root),
            "kind": entry.kind,
            "kinds": dict(entry.kinds),
            "subject": entry.subject,
            "routes": entry.routes,
            "layer": entry.layer,
            "imports": entry.imported,
            "tests": entry.tests,
        }
        for entry in found.entries
    ]
    alike = [
        {
            "first": _test(one.first, root),
            "second": _test(one.second, root),
            "share": round(one.share, 2),
            "same": one.is_same,
        }
        for one in found.alike
    ]
    report: dict[str, Any] = {"files": files, "alike": alike}
    report["unread"] = {_shown(path, root): reason for path, reason in found.unread.items()}
    if planned is not None:
        report["moves"] = {_shown(move.old, root): _shown(move.new, root) for move in planned.moves}
        report["stays"] = {_shown(path, root): reason for path, reason in planned.stays.items()}
    return report


def _test(case: Any, root: Path) -> str:
    return f"{_shown(case.module.path, root)}::{case.name}"


def _shown(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _collected(settings: Configuration) -> Collected:
    """Have pytest collect as it does for the project, and return what that is."""
    from test_harness.commands.programs import run_within, seconds_for
    from test_harness.commands.suite import with_engine
    from test_harness.suite.audit.carrying import ReorganisationError

    with tempfile.TemporaryDirectory() as scratch:
        written = Path(scratch) / "collected.json"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "test_harness.suite.audit.collecting", f"--write-collected={written}"]
        if settings.file is not None:
            command += ["-c", str(settings.file), "--rootdir", str(settings.root)]
        folder = settings.root
        ended = run_within(
            command,
            seconds_for("run"),
            folder=folder,
            variables={"PYTHONDONTWRITEBYTECODE": "1", **with_engine()},
        )
        if not written.exists():
            said = "\n  ".join(ended.output.strip().splitlines()[-5:])
            raise ReorganisationError(
                f"pytest did not come as far as to collect:\n  {said}", "Mend that first."
            )
        report = json.loads(written.read_text(encoding="utf-8"))
    return report["items"], report["failed"]
