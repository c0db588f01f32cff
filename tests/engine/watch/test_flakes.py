"""`test-harness flakes` repeats new and changed tests, and names what those that mind depend on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from test_harness.watch.flakes.changed import changed_tests
from test_harness.watch.flakes.load import busy_cores
from tests.worlds import ROOT, build_tree, commit_all, environment, files_of, run

FILE = "tests/test_it.py"
# Five causes, each beside its healthy twin.
CAUSES = """\
import datetime
import random
import threading

SEEN = []


def test_depends_on_the_seed():
    # With the seeds 1 to 4 it draws 0, 2, 2, 0.
    assert random.randrange(3) != 2


def test_draws_and_does_not_mind():
    assert 0 <= random.randrange(3) <= 2


def test_fills():
    SEEN.append(1)


def test_depends_on_the_order():
    assert SEEN


def test_depends_on_the_clock():
    today = datetime.date.today()
    assert today.replace(year=today.year + 1) > today


def test_counts_days():
    today = datetime.date.today()
    assert today + datetime.timedelta(days=365) > today


def test_depends_on_the_zone():
    now = datetime.datetime.now(datetime.timezone.utc)
    assert datetime.datetime.now().hour == now.hour


def test_depends_on_the_change_of_clocks():
    start = datetime.datetime.now()
    tomorrow = start + datetime.timedelta(days=1)
    assert tomorrow.timestamp() - start.timestamp() == 86400


def test_is_aware():
    start = datetime.datetime.now(datetime.timezone.utc)
    tomorrow = start + datetime.timedelta(days=1)
    assert tomorrow.timestamp() - start.timestamp() == 86400


def one_more(number):
    return number + 1


def paid_by_two(lock):
    account = {"balance": 0}
    together = threading.Barrier(2)

    def pay():
        together.wait()
        for _ in range(3000):
            with lock:
                balance = account["balance"]
                account["balance"] = one_more(balance)

    threads = [threading.Thread(target=pay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return account["balance"]


def test_locks():
    assert paid_by_two(threading.Lock()) == 6000


TRIES = []


def test_is_run_again_until_it_passes():
    TRIES.append(1)
    assert len(TRIES) > 1
"""
OF_CAUSE = {
    "seed": "test_depends_on_the_seed",
    "order": "test_depends_on_the_order",
    "clock": "test_depends_on_the_clock",
    "time zone": "test_depends_on_the_zone",
    "clock change": "test_depends_on_the_change_of_clocks",
}


def engine(project: Path, path: str, *arguments: str) -> tuple[int, str]:
    python = [sys.executable, "-m", "test_harness", *arguments]
    done = run(*python, cwd=project, check=False, PYTHONPATH=path, TZ="UTC")
    return done.returncode, done.stdout


def found(printed: str) -> dict[str, Any]:
    return dict(json.loads(printed[printed.index("\n{\n") :]))


def test_each_cause_is_named_and_nothing_is_hidden(tmp_path: Path, with_plugins: str) -> None:
    project = build_tree(
        tmp_path / "project",
        {
            "pytest.ini": "[pytest]\naddopts = --reruns=2 -p no:asyncio\n",
            "tests/harness.toml": "",
            FILE: CAUSES,
        },
    )
    before = files_of(project)
    status, printed = engine(project, with_plugins, "flakes", "--seed=1", "--json", FILE)
    assert status == 1, printed
    report = found(printed)
    named = {(one["cause"], one["test"]) for one in report["flakes"]}
    assert named == {(cause, f"{FILE}::{test}") for cause, test in OF_CAUSE.items()}
    assert list(report["failing"]) == [f"{FILE}::test_is_run_again_until_it_passes"]
    assert report["reruns"] == ["rerunfailures"]
    assert len(report["tests"]) == 11
    assert files_of(project) == before


def test_new_tests_are_hunted_and_a_person_is_told_how_to_see_it(
    tmp_path: Path, without_plugins: str
) -> None:
    files = {"pytest.ini": "[pytest]\n", "tests/harness.toml": "", "tests/test_old.py": CAUSES}
    project = build_tree(tmp_path / "project", files)
    commit_all(project)
    text = (
        "import datetime\n\n\ndef test_new():\n    day = datetime.date.today()\n"
        "    assert day.replace(year=day.year + 1)\n"
    )
    build_tree(project, {FILE: text})
    only = ["--only", "clock", "--times=1"]
    status, printed = engine(project, without_plugins, "flakes", "--seed=5", *only)
    assert status == 1, printed
    assert printed.startswith("1 tests are new or changed since HEAD.\nseed: 5\n")
    assert f"{FILE}::test_new depends on the clock: it fails with leap day, " in printed
    assert f"  See it: `test-harness flakes --seed=5 --only clock {FILE}::test_new`" in printed
    assert printed.splitlines()[-1] == "flakes: 1 of 1 tests do not always end alike"


def test_where_nothing_changed_nothing_is_run(tmp_path: Path, without_plugins: str) -> None:
    files = {"pytest.ini": "[pytest]\n", "tests/harness.toml": "", FILE: "def test_a(): ...\n"}
    project = build_tree(tmp_path / "project", files)
    commit_all(project)
    status, printed = engine(project, without_plugins, "flakes")
    assert (status, printed.splitlines()[0]) == (0, "No test is new or changed since HEAD.")
    status, printed = engine(project, without_plugins, "flakes", "--since", "no-such-branch")
    assert status == 2
    assert "git does not tell what has changed: " in printed


# ------------------------------------------------------------------------------- what has changed

BEFORE = """\
import os
import pytest

LIMIT = 3


@pytest.fixture
def user():
    return helper()


def helper():
    return "Ada"


def test_one(user):
    assert user


@pytest.mark.parametrize(
    "number",
    [1, 2],
)
def test_two(number):
    assert number < LIMIT


class TestGroup:
    def setup_method(self):
        self.x = 1

    def test_three(self):
        assert self.x

    async def test_four(self):
        assert os


def test_five():
    pass
"""
FOUR = ["TestGroup::test_three", "TestGroup::test_four"]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("    assert user\n", "    assert user == 1\n", ["test_one"]),
        ('    return "Ada"', '    return "Bob"', ["test_one"]),
        ("    return helper()", "    return helper() * 2", ["test_one"]),
        ("LIMIT = 3", "LIMIT = 4", ["test_two"]),
        ("    [1, 2],", "    [1, 2, 0],", ["test_two"]),
        ("import os\n", "import os as os\n", ["TestGroup::test_four"]),
        ("        self.x = 1", "        self.x = 2", FOUR),
        ("        assert self.x\n", "        assert self.x > 0\n", FOUR[:1]),
        ("def test_five():\n    pass\n", "def test_five():\n    pass\n\n\n# Said.\n", []),
        ("def test_five():\n    pass\n", "", []),
        ("LIMIT = 3\n", "LIMIT = 3\npytestmark = []\n", None),
        ("@pytest.fixture\n", "@pytest.fixture(autouse=True)\n", None),
        ("def test_five", "def test_six", ["test_six"]),
        ("    pass\n", "    pass\n\n\ndef test_new():\n    pass\n", ["test_new"]),
    ],
)
def test_what_changed_is_told_by_function(
    tmp_path: Path, old: str, new: str, names: list[str] | None
) -> None:
    project = build_tree(tmp_path / "project", {FILE: BEFORE})
    commit_all(project)
    assert old in BEFORE
    build_tree(project, {FILE: BEFORE.replace(old, new)})
    every = ["test_one", "test_two", *FOUR, "test_five"]
    expected = [f"{FILE}::{name}" for name in (every if names is None else names)]
    assert changed_tests(project, "HEAD", [project / "tests"]) == expected


def test_a_fixture_of_a_conftest_changes_who_asks_for_it(tmp_path: Path) -> None:
    conftest = "import pytest\n\n\n@pytest.fixture\ndef shop():\n    return 1\n"
    files = {
        "tests/conftest.py": conftest,
        "tests/api/test_a.py": "def test_a(shop):\n    pass\n\n\ndef test_b():\n    pass\n",
        "tests/api/test_c.py": 'import pytest\n\n\n@pytest.mark.usefixtures("shop")\n'
        "def test_c():\n    pass\n",
    }
    project = build_tree(tmp_path / "project", files)
    commit_all(project)
    build_tree(project, {"tests/conftest.py": conftest.replace("1", "2")})
    assert changed_tests(project, "HEAD", [project / "tests"]) == [
        "tests/api/test_a.py::test_a",
        "tests/api/test_c.py::test_c",
    ]


def test_a_branch_is_compared_with_where_it_began(tmp_path: Path) -> None:
    project = build_tree(tmp_path / "repository", {"app/tests/test_a.py": "def test_a(): ...\n"})
    commit_all(project)
    run("git", "branch", "feature", cwd=project)
    build_tree(project, {"app/tests/test_b.py": "def test_b(): ...\n"})
    commit_all(project)
    run("git", "checkout", "--quiet", "feature", cwd=project)
    build_tree(project, {"app/tests/test_ü c.py": "def test_c(): ...\n"})
    commit_all(project)
    app = project / "app"
    assert changed_tests(app, "main", [app / "tests"]) == ["tests/test_ü c.py::test_c"]
    assert changed_tests(app, "HEAD", [app / "tests"]) == []


# ---------------------------------------------------------------------------------- the busy cores


def burners() -> list[str]:
    said = run("ps", "-wweo", "ppid,args", cwd=Path("/")).stdout.splitlines()
    mine = str(os.getpid())
    return [line for line in said if line.split()[0] == mine and "os.getppid()" in line]


def test_the_load_ends_with_its_block() -> None:
    seen: list[str] = []
    expected = 3 * (os.cpu_count() or 1)
    with suppress(ValueError), busy_cores(60):
        # Until it is another program, a child is shown as what its parent is.
        until = time.monotonic() + 30
        while len(seen) < expected and time.monotonic() < until:
            seen = burners()
        raise ValueError
    assert len(seen) == expected
    assert burners() == []


def test_the_load_ends_by_itself_when_it_is_forgotten() -> None:
    code = (
        "import os\n"
        "from test_harness.watch.flakes import load\n"
        "with load.busy_cores(60):\n"
        "    os._exit(3)\n"
    )
    # Whose parent is gone is another's child: they are told by the pipe that they hold.
    started = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(PYTHONPATH=str(ROOT / "src")),
        stderr=subprocess.PIPE,
    )
    _, said = started.communicate()
    assert (said, started.returncode) == (b"", 3)
