"""What is broken on purpose to see canaries turn red: a canary that never does would prove nothing.

    python -m tools.canary_faults                every suite on the newest versions
    python -m tools.canary_faults mysql-pymysql  the suites whose names contain a word

Each fault is planted in the engine of a rendered project, and the canaries that were never red so
far are run; the closing line is `seen red N of N`, and those that no fault turned red are named.
Where the lock is broken, canaries reach what they name, so that this is for a server of nobody's.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.worlds import clone_template, environment
from tools.canaries import NEWEST, SUITES, Cells, Suite
from tools.fault import ENGINE

PASSED = "PASSED"
ENDED = re.compile(
    r"^(tests/canaries/\w+\.py::\w+(?:\[.*\d\])?)(?: (PASSED|FAILED|ERROR) +\[ *\d+%\]| *$| .*)",
    re.MULTILINE,
)
ROUND = re.compile(r"-?\d\]$")
# A canary that waits for what a fault keeps from coming ends the run, and is as red as one that
# fails; those behind it are looked at with the next fault.
SECONDS = 40


@dataclass(frozen=True)
class CanaryFault:
    """A change to a file of the engine that has some canaries fail."""

    what: str
    file: str
    old: str
    new: str


FAULTS = (
    CanaryFault(
        "a test inherits the session",
        "isolation/transactions.py",
        "if traits.outlives and not self.outlived_by:",
        "if False:",
    ),
    CanaryFault(
        "what is set on the driver's connection stays",
        "isolation/rows.py",
        "if one.outlived_by or one.real.set_up.changed():",
        "if one.outlived_by:",
    ),
    CanaryFault(
        "what is registered with the driver's connection stays",
        "isolation/drivers/guards.py",
        'shared.outlived_by = f"connection.{call}"',
        "pass",
    ),
    CanaryFault(
        "what the driver composes is not read",
        "isolation/raw.py",
        'elif hasattr(statement, "as_string"):',
        "elif False:",
    ),
    CanaryFault(
        "the library's own control of transactions does nothing",
        "isolation/drivers/sqlite.py",
        "        elif commits:\n",
        "        elif False:\n",
    ),
    CanaryFault(
        "what is written in its place goes unnoticed",
        "isolation/drivers/sqlite.py",
        "            self.shared.raw.takes(None)\n",
        "            pass\n",
    ),
    CanaryFault(
        "functions of the server are taken for reads",
        "isolation/reading.py",
        "*WRITE.get(self._engine, ())",
        "",
    ),
    CanaryFault(
        "a transaction is prepared in SQL",
        "isolation/reading.py",
        'if traits.kind == "two-phase":',
        "if False:",
    ),
    CanaryFault(
        "what a test left running goes on where it is begun anew",
        "isolation/seam.py",
        "        before.end_others(self._loops())\n",
        "        pass\n",
    ),
    CanaryFault(
        "what others wrote is forgotten once their savepoint is released",
        "isolation/savepoints.py",
        "savepoints[-1].holds |= done.wrote or done.holds",
        "pass",
    ),
    CanaryFault(
        "a script that ends a transaction is sent",
        "isolation/reading.py",
        'if traits.kind == "script":',
        "if False:",
    ),
    CanaryFault(
        "every statement is taken for a read",
        "isolation/statements.py",
        '    if not command.startswith(_READS):\n        return "write"\n',
        '    return "read"\n',
    ),
    CanaryFault(
        "BEGIN, COMMIT and ROLLBACK are taken for writes",
        "isolation/statements.py",
        "    command = code[:24].upper()\n",
        '    command = code[:24].upper().replace("BEGIN", "").replace("COMMIT", "").replace('
        '"ROLLBACK", "")\n',
    ),
    CanaryFault(
        "what a transaction sets for itself stays",
        "isolation/local_settings.py",
        "    names, savepoint.local = savepoint.local, []\n",
        "    names, savepoint.local = [], []\n",
    ),
    CanaryFault(
        "nobody is warned",
        "isolation/one_connection.py",
        'warnings.warn(f"{said}. Fix: {fix}{MARK}.", IsolationWarning, stacklevel=4)',
        "pass",
    ),
    CanaryFault(
        "deferred constraints are not checked",
        "isolation/transactions.py",
        "self.checks_when_ending = real.has_deferred_constraints()",
        "self.checks_when_ending = False",
    ),
    CanaryFault(
        "nobody waits for a limited time",
        "isolation/waits.py",
        "        if database.when_opened:\n",
        "        if False:\n",
    ),
    CanaryFault(
        "SQLite does not wait at all",
        "isolation/opening.py",
        "{**parameters, **kept})\n",
        "{**parameters, **kept, **({'timeout': 0} if 'sqlite' in dialect.name else {})})\n",
    ),
    CanaryFault(
        "what listeners set is gone when they are done",
        "isolation/transactions.py",
        "            self.connecting.discard(record)\n",
        "            self.connecting.discard(record)\n"
        "            self.real.execute({'sqlite': 'PRAGMA cache_size = 7', 'postgresql': "
        "'RESET ALL', 'mysql': 'SET SESSION wait_timeout = 7'}[self.database.engine])\n",
    ),
    CanaryFault(
        "threads that fetch from SQLite do not take turns",
        "isolation/drivers/sqlite.py",
        "return nullcontext() if shared is None else shared.lock",
        "return nullcontext()",
    ),
    CanaryFault(
        "who waited in vain is not told",
        "isolation/waits.py",
        "        if not _waited(context.original_exception):\n",
        "        if True:\n",
    ),
    CanaryFault(
        "all databases are one",
        "isolation/places.py",
        "        return found, key in self._real\n",
        "        return next(iter(self._databases.values())), key in self._real\n",
    ),
    CanaryFault(
        "statements lead out of the server",
        "isolation/ways_out.py",
        "    if what := _leads_to(statement, engine, in_test):\n",
        "    if what := _leads_to(statement, '', in_test):\n",
    ),
    CanaryFault(
        "statements are taken for ways out",
        "isolation/ways_out.py",
        '        return ""\n    for code',
        "        return ''\n    return 'x'\n    for code",
    ),
    CanaryFault(
        "MySQL commits in silence",
        "isolation/drivers/mysql_statements.py",
        "    if COMMITS.match(",
        "    if False and COMMITS.match(",
    ),
    CanaryFault(
        "other databases of MySQL are reached",
        "isolation/drivers/mysql_statements.py",
        "    if not own or not _others(text, own):\n",
        "    if True:\n",
    ),
    CanaryFault(
        "a forked child speaks on its parent's connection",
        "isolation/forks.py",
        "    _known.add(shared)\n",
        "    pass\n",
    ),
    CanaryFault(
        "nothing that Python tells of is looked at",
        "lock/connections.py",
        "if event not in EVENTS or not self._sees():",
        "if True:",
    ),
    CanaryFault(
        "every file is somebody's, and every server",
        "lock/sockets.py",
        "                if isinstance(address, tuple) and address[1] == port:\n",
        "                if False:\n",
    ),
    CanaryFault(
        "what is said first is not read",
        "lock/sockets.py",
        "if (what := greeted(data)) and self._sees():",
        "if False:",
    ),
    CanaryFault(
        "SQLite attaches what it is told to",
        "lock/connections.py",
        "if action == SQLITE_ATTACH and self._sees():",
        "if False:",
    ),
    CanaryFault(
        "the database keeps its own time",
        "isolation/moved_clock.py",
        "        moment = None if self._read is None else self._read()\n",
        "        return statement, parameters\n",
    ),
    CanaryFault(
        "the database keeps the time of a test",
        "isolation/moved_clock.py",
        "            self._read = before\n",
        "            pass\n",
    ),
    CanaryFault(
        "two-phase transactions are begun",
        "isolation/dialects.py",
        "    dialect.do_begin_twophase = refuse_two_phase  # type: ignore[method-assign]\n",
        "",
    ),
    CanaryFault(
        "a test that asks for real commits shares the connection",
        "runtime/process.py",
        "self.seam.real_connections(database, beside=self.others.copy),",
        "contextmanager(lambda: (None for _ in [0]))(),",
    ),
    # Last, for they turn red what a fault of its own is to turn red first.
    CanaryFault(
        "nothing is rolled back after a test",
        "isolation/rows.py",
        "probe(one) if probes else end(one)",
        "pass",
    ),
    CanaryFault(
        "a rollback of the application does nothing",
        "isolation/transactions.py",
        'self._send(f"ROLLBACK TO SAVEPOINT {savepoint.name}")',
        "pass",
    ),
    CanaryFault(
        "a commit of the application undoes",
        "isolation/transactions.py",
        'savepoint.state = "committed"\n                with suppress',
        'self.undo(savepoint); savepoint.state = "committed"\n                with suppress',
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults in each suite and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.canary_faults", description=__doc__)
    parser.add_argument("word", nargs="?", default="", help="only suites whose names contain it")
    word = parser.parse_args(arguments).word
    chosen = [suite for suite in SUITES if word in str(suite)]
    seen = wanted = 0
    with tempfile.TemporaryDirectory(prefix="canary-faults-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        cells = Cells(clone_template(folder / "template", "v99.0.0"), folder, engine="vendored")
        for suite in chosen:
            never = never_red(cells, suite, folder / "broken")
            seen, wanted = seen + suite.ways - len(never), wanted + suite.ways
            print(f"{suite}: seen red {suite.ways - len(never)} of {suite.ways}", flush=True)
            print("".join(f"  never red: {name}\n" for name in sorted(never)), end="", flush=True)
    print(f"seen red {seen} of {wanted}")
    return 0 if wanted and seen == wanted else 1


def never_red(cells: Cells, suite: Suite, broken: Path) -> set[str]:
    """Return the canaries of a suite that no fault turns red.

    Raises:
        AssertionError: Some are not even green without a fault.
        ValueError: The text to replace is not there, so that a fault would not be one.
    """
    python, healthy = cells.environment(NEWEST), cells.project(suite)
    ended = outcomes(python, healthy, [f"tests/canaries/{file}" for file in suite.files])
    left = {way(canary) for canary in ended}
    others = [canary for canary, outcome in ended.items() if outcome != PASSED]
    if len(left) != suite.ways or others:
        raise AssertionError(f"{suite} is not green without a fault: {len(left)} ways, {others}")
    for fault in FAULTS:
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(healthy, broken)
        path = broken / ENGINE / fault.file
        text = path.read_text(encoding="utf-8")
        if text.count(fault.old) != 1:
            raise ValueError(f"{fault.file} does not hold once what “{fault.what}” replaces")
        path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
        found = outcomes(python, broken, [canary for canary in ended if way(canary) in left])
        red = {way(canary) for canary, outcome in found.items() if outcome != PASSED}
        print(f"  {len(red):3} more red: {fault.what}", flush=True)
        left -= red
        if not left:
            break
    return left


def way(canary: str) -> str:
    """Return what a canary tries, in whichever round."""
    return ROUND.sub("", canary)


def outcomes(python: Path, project: Path, asked: Sequence[str]) -> dict[str, str]:
    """Run canaries, and return how each ended that was begun; empty for one that never did."""
    limits = ["-o", f"faulthandler_timeout={SECONDS}", "-o", "faulthandler_exit_on_timeout=true"]
    done = subprocess.run(
        [python, "-m", "pytest", "-v", "-p", "no:randomly", "--tb=no", *limits, *asked],
        cwd=project, env=environment(), stdin=subprocess.DEVNULL, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
    )  # fmt: skip
    found: dict[str, str] = {}
    # Behind the tests stands what is said of them.
    _, _, begun = done.stdout.partition("collected ")
    for canary, outcome in ENDED.findall(begun.partition("\n=")[0]):
        # One that passes may still have an error when it is over.
        found[canary] = outcome if found.get(canary, PASSED) == PASSED else found[canary]
    return found


if __name__ == "__main__":
    sys.exit(main())
