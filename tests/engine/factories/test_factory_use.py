"""What tests ask of factories, in rendered projects on every engine, in both modes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.worlds import ROOT, build_tree, commit_all, render, run
from tools.derive_sync import derive

pytestmark = pytest.mark.runs

SHOP = ROOT / "tests" / "factory_use"
CELLS = [
    ("sqlite", "sync", "pysqlite"),
    ("sqlite", "async", "aiosqlite"),
    ("postgresql", "sync", "psycopg"),
    ("postgresql", "async", "asyncpg"),
    ("mysql", "sync", "pymysql"),
    ("mysql", "async", "asyncmy"),
]
Cell = tuple[str, str, str]


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Cell], Path]:
    """Return a function that renders the shop's project with its factories and tests, once."""

    @cache
    def make(cell: Cell) -> Path:
        return shop(template, tmp_path_factory.mktemp("shop"), cell)

    return make


def shop(template: Path, folder: Path, cell: Cell) -> Path:
    """Render a harness around the shop."""
    engine, mode, driver = cell
    path = build_tree(
        folder / f"shop-{engine}-{mode}",
        {"shop/__init__.py": "", "shop/models.py": (SHOP / "models.py").read_text()},
    )
    commit_all(path)
    render(
        template,
        path,
        questions="everything",
        framework="none",
        metadata_path="shop.models:Base",
        database_engine=engine,
        database_driver=driver,
        mode=mode,
        auth="none",
    )
    for name in ("factories.py", "scenarios.py"):
        shutil.copyfile(SHOP / name, path / "tests" / name)
    source = SHOP / "use_async.py"
    use = source.read_text() if mode == "async" else derive(source, source)
    build_tree(path / "tests", {"test_use.py": use})
    return path


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_factories_do_what_tests_ask_of_them(
    project: Callable[[Cell], Path], suite_python: Path, cell: Cell
) -> None:
    done = run(suite_python, "-m", "pytest", "-q", "tests/test_use.py", cwd=project(cell))
    tests = len(re.findall(r"^async def test_", (SHOP / "use_async.py").read_text(), re.M))
    # Two of them are run twice.
    assert f"{tests + 2} passed" in done.stdout


DRAWN = re.compile(r"drawn: (.*)$", re.M)
HEADER = re.compile(r"^seed: (\d+), hash seed: (\w+) \(replay with (.*)\), tests .*$", re.M)


def test_the_seed_of_the_header_replays_what_was_drawn(
    project: Callable[[Cell], Path], suite_python: Path
) -> None:
    def draw(*options: str, hashes: str = "random") -> str:
        test = "tests/test_use.py::test_random_values_are_those_of_the_seed"
        command: list[str | Path] = [suite_python, "-m", "pytest", "-s", *options, test]
        return run(*command, cwd=project(CELLS[0]), PYTHONHASHSEED=hashes).stdout

    first = draw(hashes="7")
    header = HEADER.search(first)
    assert header is not None
    seed = header[1]
    assert (header[2], header[3]) == ("7", f"PYTHONHASHSEED=7 and --seed={seed}")
    again, other = draw(f"--seed={seed}"), draw(f"--seed={int(seed) + 1}")
    assert f"hash seed: random (replay with --seed={seed})" in again
    assert DRAWN.findall(first) == DRAWN.findall(again) != DRAWN.findall(other)


def test_workers_have_the_seed_of_the_header(
    project: Callable[[Cell], Path], suite_python: Path
) -> None:
    path = project(CELLS[0])
    note = (
        "def test_{0}(pytestconfig):\n    open('seed-{0}', 'w').write(str(seed_of(pytestconfig)))\n"
    )
    tests = "".join(note.format(name) for name in "abcd")
    imported = "from test_harness.watch.order.plugin import seed_of\n"
    build_tree(path, {"tests/test_workers.py": imported + tests})
    done = run(suite_python, "-m", "pytest", "-n", "2", "tests/test_workers.py", cwd=path)
    header = HEADER.search(done.stdout)
    assert header is not None
    assert [(path / f"seed-{name}").read_text() for name in "abcd"] == [header[1]] * 4
