"""Run the suite as CI would, and say what works only on this machine, and why.

First here, then in a clean checkout of what is committed, without the variables of this shell, from
another folder, in another time zone and locale, in another order, without a network, on one core
with little memory, with two workers, and where the source cannot be written to. Where a test minds,
each of these is tried alone. The exit status is 0 where all tests end as they do here, else 1.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from test_harness.commands.programs import run_within, seconds_for
from test_harness.errors import HarnessError
from test_harness.git import git, last_line

if TYPE_CHECKING:
    from test_harness.suite.ci.conditions import Condition
    from test_harness.suite.ci.differing import Ended
    from test_harness.suite.reading.configuration import Configuration

PLUGIN = "test_harness.suite.ci.recording"
SHOWN = 20
# What coverage writes where it is asked to, and reads elsewhere in CI.
OF_COVERAGE = (".coverage", "coverage.")


class CheckError(HarnessError):
    """The suite cannot be run as CI would."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be asked for."""
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run here and there, compare, and return the exit status of the module's docstring."""
    from test_harness.suite.ci.conditions import known_here
    from test_harness.suite.ci.differing import BAD, only_here
    from test_harness.suite.reading.configuration import configuration

    settings = configuration(Path.cwd())
    with _Runner(settings) as runner:
        _note("Running the suite here ...")
        here = runner((), ())
        if not here:
            raise CheckError("There is no test here.", "Call it in the folder of the project.")
        conditions = known_here()
        _note(f"Running it as CI would: {', '.join(one.name for one in conditions)} ...")
        _, found = only_here(here, conditions, runner)
        written = runner.written
    failed = sum(outcome in BAD for outcome, _ in here.values())
    if arguments.json:
        listed = [
            {"test": it.test, "said": it.said, "conditions": [one.name for one in it.conditions]}
            for it in found
        ]
        print(json.dumps({"tests": len(here), "failed": failed, "only_here": listed,
                          "written": written}, indent=2))  # fmt: skip
        return 1 if found or written else 0
    for it in found:
        which = ", and ".join(one.says for one in it.conditions) or "where all of that is together"
        print(f"{it.test} passes here and fails {which}: {it.said}")
        for one in it.conditions:
            print(f"  Fix: {one.fix}.")
    for path in written[:SHOWN]:
        print(f"{path} is written into the checkout by the tests.\n  Fix: write into `tmp_path`.")
    known = f" ({failed} of them fail here as well)" if failed else ""
    said = f"{len(found)} work only here" if found else "all end in CI as they do here"
    print(f"{len(here)} tests{known}: {said}.")
    return 1 if found or written else 0


class _Runner:
    """Runs tests under conditions, and keeps a clean checkout for those that ask for one."""

    def __init__(self, settings: Configuration) -> None:
        self._settings = settings
        self._scratch = Path(tempfile.mkdtemp(prefix="test-harness-ci-"))
        self.written: list[str] = []

    def __enter__(self) -> _Runner:
        return self

    def __exit__(self, *_: object) -> None:
        for folder, _folders, _files in os.walk(self._scratch):
            Path(folder).chmod(stat.S_IRWXU)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __call__(self, conditions: tuple[Condition, ...], tests: tuple[str, ...]) -> Ended:
        from test_harness.commands.suite import with_engine
        from test_harness.suite.ci import conditions as known

        clean = known.CHECKOUT in conditions or known.READONLY in conditions
        root = self._checkout() if clean else self._settings.root
        record = self._scratch / "ended.json"
        record.unlink(missing_ok=True)
        home = self._scratch / "home"
        home.mkdir(exist_ok=True)
        like = ",".join(one.name for one in conditions if one.by_plugin)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN]
        command += [f"--ci-record={record}", f"--ci-like={like}"]
        if self._settings.file is not None:
            file = root / self._settings.file.relative_to(self._settings.root)
            command += ["-c", str(file)]
        command += ["--rootdir", str(root)]
        if known.WORKERS in conditions:
            command += ["-n", "2"]
        folder = home if known.FOLDER in conditions else root
        paths = tests or self._settings.testpaths or (".",)
        command += [str(root / path) for path in paths]
        environment = known.environment_of(conditions, home)
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", **with_engine(environment)}
        with _read_only(root, known.READONLY in conditions) as written:
            ended = run_within(command, seconds_for("run"), folder=folder, environment=environment)
        self.written += [path for path in written if path not in self.written]
        if not record.exists():
            said = "\n  ".join(ended.output.strip().splitlines()[-8:])
            if not conditions:
                raise CheckError(f"pytest did not run here:\n  {said}", "Mend that first.")
            return {}
        found = json.loads(record.read_text(encoding="utf-8"))
        return {test: (outcome, text) for test, (outcome, text) in found.items()}

    def _checkout(self) -> Path:
        """Return the project in a new checkout of what is committed."""
        root = self._settings.root
        top = _git(root, "rev-parse", "--show-toplevel").strip()
        target = Path(tempfile.mkdtemp(dir=self._scratch)) / Path(top).name
        _git(root, "clone", "--quiet", "--no-hardlinks", top, str(target))
        return target / root.resolve().relative_to(Path(top).resolve())


@contextmanager
def _read_only(root: Path, asked: bool) -> Iterator[list[str]]:
    """Take the right to write in a folder, and list what is written there all the same.

    To whom everything is allowed, as in many containers, nothing can be taken.
    """
    written: list[str] = []
    if not asked:
        yield written
        return
    before = _files(root)
    for folder in sorted({path.parent for path in before}, reverse=True):
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        yield written
    finally:
        for folder in sorted({path.parent for path in before}):
            folder.chmod(stat.S_IRWXU)
        after = _files(root)
        changed = [path for path, seen in after.items() if before.get(path) != seen]
        written += sorted(path.relative_to(root).as_posix() for path in changed)


def _files(root: Path) -> dict[Path, tuple[int, int]]:
    found = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in (".git", "__pycache__")]
        for name in names:
            if name.startswith(OF_COVERAGE):
                continue
            path = Path(folder, name)
            seen = path.lstat()
            found[path] = (seen.st_size, seen.st_mtime_ns)
    return found


def _git(root: Path, *arguments: str) -> str:
    done = git(root, *arguments)
    if done.returncode:
        raise CheckError(
            f"`git {arguments[0]}` failed in {root}: {last_line(done)}.",
            "CI checks out what is committed: make the project a repository of git.",
        )
    return done.stdout


def _note(said: str) -> None:
    print(said, file=sys.stderr, flush=True)
