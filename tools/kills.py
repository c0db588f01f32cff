"""Ends runs of a suite by SIGKILL at random moments, and looks for what they leave behind.

    python -m tools.kills                  20 times for each engine
    python -m tools.kills postgresql 5     5 times for one of them
    python -m tools.kills --workers 2      each run with two workers

A run that is killed can remove nothing; the run after it does. So each round starts the suite of a
rendered sample, kills it and all that it started, and at the end one whole run has to be green and
to leave what one whole run left before: the databases of the server, and files of the harness in
the temporary folder. The closing line is `clean N of N`; the exit status is 1 where something is
left.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.worlds import clone_template, environment, render
from tools.environments import suite_environment

DRIVERS = {"sqlite": "aiosqlite", "postgresql": "psycopg", "mysql": "pymysql"}
TIMES = 20
DATABASES = """
import os, sys
from test_harness.databases.{engine}_server import connect, find_server
{names}
"""
NAMES = {
    "postgresql": """
with connect(find_server(None)) as connection:
    for (name,) in connection.execute("SELECT datname FROM pg_database ORDER BY 1"):
        print(name)
""",
    "mysql": """
with connect(find_server(None)) as connection, connection.cursor() as cursor:
    cursor.execute("SHOW DATABASES")
    for (name,) in cursor.fetchall():
        print(name)
""",
}


class Sample:
    """A rendered sample whose suite is run and killed.

    Args:
        template: A clone of the template.
        folder: Where to, empty.
        engine: That of its database.
        python: Has what it needs.
        options: What pytest is given besides.
    """

    def __init__(
        self, template: Path, folder: Path, engine: str, python: Path, *options: str
    ) -> None:
        self._engine, self._python, self._options = engine, python, options
        # Its name is that of its databases, so that those of others are not looked at.
        self._name = f"kills_{engine}"
        self._scratch = folder / "scratch"
        self._scratch.mkdir(parents=True)
        mode = "async" if engine == "sqlite" else "sync"
        self._project = render(
            template, folder / self._name, questions="everything", auth="none", mode=mode,
            database_engine=engine, database_driver=DRIVERS[engine],
        )  # fmt: skip

    def run(self, seconds: float | None = None) -> tuple[float, str]:
        """Run the suite, and kill it after some seconds, unless that is None.

        Returns:
            How long it took, and what it printed if it was not killed.

        Raises:
            AssertionError: It was not killed, and failed.
        """
        begun = time.monotonic()
        suite = subprocess.Popen(
            [self._python, "-m", "pytest", "-q", "tests/checks", *self._options],
            cwd=self._project, env=environment(TMPDIR=str(self._scratch)), start_new_session=True,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            printed, _ = suite.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(suite.pid, signal.SIGKILL)
            suite.communicate()
            printed = ""
        if seconds is None and suite.returncode:
            raise AssertionError(printed)
        return time.monotonic() - begun, printed

    def left(self) -> set[str]:
        """Return what there is of the sample: databases, and files in the temporary folder."""
        found = {
            path.relative_to(self._scratch).as_posix()
            for path in self._scratch.rglob("*")
            # Those of pytest go in its own time.
            if not path.relative_to(self._scratch).as_posix().startswith("pytest-of-")
        }
        return found | databases_named(self._engine, self._name, self._project, self._python)


def databases_named(engine: str, name: str, project: Path, python: Path) -> set[str]:
    """Return the databases on the server of an engine that have a name in theirs."""
    if engine not in NAMES:
        return set()
    code = DATABASES.format(engine=engine, names=NAMES[engine])
    done = subprocess.run(
        [python, "-c", code], cwd=project, env=environment(), check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    return {known for known in done.stdout.split() if name in known}


def rounds(sample: Sample, times: int, chance: random.Random) -> set[str]:
    """Kill some runs, and return what is there after the next that was not there before them."""
    sample.run()
    seconds, _ = sample.run()
    before = sample.left()
    for number in range(times):
        moment = chance.uniform(0.3, seconds)
        sample.run(moment)
        print(f"  {number + 1}: killed after {moment:.1f} s, {len(sample.left() - before)} left")
    sample.run()
    return sample.left() - before


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill runs on each engine and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.kills", description=__doc__)
    parser.add_argument("engine", nargs="?", choices=DRIVERS, help="only this one")
    parser.add_argument("times", nargs="?", type=int, default=TIMES)
    parser.add_argument("--workers", type=int, default=0, help="how many each run has; none if 0")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}")
    engines = [given.engine] if given.engine else list(DRIVERS)
    options = ("-n", str(given.workers)) if given.workers else ()
    clean = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        template = clone_template(folder / "template", "v99.0.0")
        python = suite_environment(folder / "environment" / ".venv")
        for engine in engines:
            sample = Sample(template, folder / engine, engine, python, *options)
            left = rounds(sample, given.times, random.Random(given.seed))
            print(f"{engine}: {', '.join(sorted(left)) or 'nothing'} left", flush=True)
            clean += not left
    print(f"clean {clean} of {len(engines)}")
    return 0 if clean == len(engines) else 1


if __name__ == "__main__":
    sys.exit(main())
