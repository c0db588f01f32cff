"""The demo shows a green suite with a summary, and deletes nothing that is not its own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from extensions.questions.support import DRIVERS, SAMPLE_MODES, SUPPORTED
from tests.worlds import ANSWERS, ROOT, build_tree, files_of, render, run
from tools.demo import BUILD, DemoError, grouped, make_room
from tools.matrix import cells

SQLITE = ANSWERS / "fastapi-async-sqlite.yml"


@pytest.mark.runs
def test_the_demo_ends_green_with_a_summary(template: Path, tmp_path: Path) -> None:
    destination = tmp_path / "demo"
    done = run(sys.executable, "-m", "tools.demo", SQLITE, destination, cwd=ROOT)
    lines = done.stdout.splitlines()
    first = (
        "There is no Python application here yet. You get a small one, with tests, to begin with."
    )
    assert first in lines
    assert [line for line in lines if "DirtyLocalWarning" in line] == []
    # Python and pytest leave their caches beside what was rendered.
    files = {
        name
        for name in files_of(destination)
        if not name.startswith(".venv/") and "cache" not in name
    }
    assert files == set(files_of(render(template, tmp_path / "alone", answers_file=SQLITE.stem)))
    rendered, counts, following, readme = lines[-4:]
    match = re.fullmatch(r"Rendered (\d+) files for (.*) into (.*)\.", rendered)
    assert match is not None
    assert int(match[1]) == len(files)
    assert match.group(2, 3) == (str(SQLITE), str(destination))
    assert re.fullmatch(
        r"\d+ passed(, \d+ skipped)?: render [\d.]+ s, environment [\d.]+ s, suite [\d.]+ s, "
        r"total [\d.]+ s\.",
        counts,
    )
    assert following == f"Next: cd {destination} && make test"
    assert readme == f"Read: {destination / 'tests' / 'README.md'}"


@pytest.mark.runs
def test_a_red_suite_fails_the_demo_and_leaves_the_project(tmp_path: Path) -> None:
    destination = tmp_path / "demo"
    answers = build_tree(
        tmp_path,
        {"answers.yml": SQLITE.read_text() + "questions: everything\nhealth_path: /nowhere\n"},
    )
    done = run(
        sys.executable, "-m", "tools.demo", answers / "answers.yml", destination,
        cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "RED: " in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        "The suite is not green: the reason stands above.",
        f"Next: cd {destination} && make harness-check",
    ]
    assert (destination / "tests" / "harness.toml").is_file()


def test_answers_that_copier_refuses_render_nothing(tmp_path: Path) -> None:
    answers = build_tree(tmp_path, {"answers.yml": "framework: starlette\nquestions: everything\n"})
    destination = tmp_path / "demo"
    done = run(
        sys.executable, "-m", "tools.demo", answers / "answers.yml", destination,
        cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert (
        "There is no sample application in starlette: answer fastapi or flask or litestar."
        in done.stdout
    )
    assert done.stdout.splitlines()[-1].startswith("Nothing was rendered for ")
    assert not destination.exists()


def test_a_folder_outside_build_that_has_files_is_refused_and_kept(tmp_path: Path) -> None:
    folder = build_tree(tmp_path / "work", {"thesis.txt": "years of work"})
    done = run(sys.executable, "-m", "tools.demo", SQLITE, folder, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert done.stdout == (
        f"{folder} is not empty, and only folders inside build/ are emptied: name another one.\n"
    )
    assert files_of(folder) == {"thesis.txt": b"years of work"}


def test_a_link_in_build_does_not_lead_to_a_deletion_outside(tmp_path: Path) -> None:
    folder = build_tree(tmp_path / "work", {"thesis.txt": "years of work"})
    BUILD.mkdir(exist_ok=True)
    link = BUILD / tmp_path.name
    link.symlink_to(folder, target_is_directory=True)
    try:
        with pytest.raises(DemoError, match="is not empty"):
            make_room(link)
    finally:
        link.unlink()
    assert files_of(folder) == {"thesis.txt": b"years of work"}


@pytest.mark.parametrize("name", ["build", "build/..", "."])
def test_build_itself_and_what_holds_it_are_not_emptied(name: str, tmp_path: Path) -> None:
    kept = build_tree(BUILD, {f"{tmp_path.name}.txt": "kept"}) / f"{tmp_path.name}.txt"
    with pytest.raises(DemoError, match="is not empty"):
        make_room(ROOT / name)
    kept.unlink()


def test_a_folder_inside_build_is_emptied(tmp_path: Path) -> None:
    folder = build_tree(BUILD / tmp_path.name, {"old/file.txt": "old"})
    make_room(folder)
    assert not folder.exists()


def test_an_empty_or_missing_folder_is_fine(tmp_path: Path) -> None:
    make_room(tmp_path)
    make_room(tmp_path / "missing")


def test_a_file_is_refused(tmp_path: Path) -> None:
    file = build_tree(tmp_path, {"file.txt": ""}) / "file.txt"
    with pytest.raises(DemoError, match="is a file: name a folder"):
        make_room(file)


def test_missing_answers_are_refused(tmp_path: Path) -> None:
    missing = tmp_path / "no.yml"
    done = run(sys.executable, "-m", "tools.demo", missing, tmp_path, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert done.stdout == f"There is no file {missing}: name one of examples/answers.\n"


def test_the_created_files_are_shown_by_folder() -> None:
    assert grouped(["app/main.py", "app/models/item.py", "pytest.ini"]) == [
        "    create  ./      1 file",
        "    create  app/    2 files",
    ]


def test_the_matrix_has_every_driver_and_every_way_to_log_in_once() -> None:
    names = [cell.name for cell in cells()]
    assert len(names) == len(set(names))
    assert {(cell.engine, cell.mode, cell.driver) for cell in cells()} == {
        (engine, mode, driver) for (engine, mode), drivers in DRIVERS.items() for driver in drivers
    }
    assert {(cell.framework, cell.mode, cell.auth) for cell in cells()} == {
        (framework, mode, auth)
        for framework, modes in SAMPLE_MODES.items()
        for mode in modes
        for auth in SUPPORTED["auth"]
    }
