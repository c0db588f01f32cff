"""`copier update` brings what is new, keeps what people edited, and looks at the result once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.worlds import (
    ANSWERS,
    ANSWERS_FILE,
    ROOT,
    build_tree,
    clone_template,
    commit_all,
    copier,
    files_of,
    git,
    render,
    run,
)

UPDATE = ("update", "--trust", "--defaults", "--answers-file", ANSWERS_FILE)

TESTS = "template/{{ tests_dir }}"

# What a person does to a project between two versions: files of each owner.
MINE = "\n# Mine.\n"
EDITED_AT_THE_TOP = "tests/checks/test_isolation_async.py"
EDITED_AT_THE_END = "tests/harness.toml"
EDITED_OWN = [
    "tests/conftest.py",
    "tests/factories/item.py",
    "tests/scenarios.py",
    "pytest.ini",
    "app/main.py",
]
ADDED_OWN = ["notes.md", "tests/checks/test_mine.py"]
DELETED = ["tests/api/test_health.py", "tests/checks/test_health_async.py"]

# What the newer version of the template does.
ARRIVED = "tests/checks/test_arrived.py"
DROPPED = "tests/checks/test_infrastructure.py"
MERGED = [EDITED_AT_THE_TOP, EDITED_AT_THE_END, ANSWERS_FILE]

# Stands in for the hook: writes down where it ran, and with which arguments.
COUNTING_HOOK = """\
import os, sys

with open(os.environ["HOOK_LOG"], "a", encoding="utf-8") as log:
    print(os.getcwd(), *sys.argv[1:], file=log)
"""


def owned_by_template(name: str, tests_dir: str = "tests") -> bool:
    """Say whether an update writes the file; every other file is the user's."""
    return name.startswith(f"{tests_dir}/checks/") or name in {
        ANSWERS_FILE,
        ".github/workflows/test-harness.yml",
        "test-harness.mk",
        f"{tests_dir}/AGENTS.md",
        f"{tests_dir}/README.md",
        f"{tests_dir}/__init__.pyi",
        f"{tests_dir}/coverage.ini",
        f"{tests_dir}/harness.toml",
        f"{tests_dir}/requirements.txt",
    }


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(old) == 1, f"{path} holds {old!r} {content.count(old)} times"
    path.write_text(content.replace(old, new), encoding="utf-8")


def edit_at_the_top(path: Path) -> None:
    replace(path, "import annotations\n", f"import annotations\n{MINE}")


def release(template: Path, tag: str) -> None:
    commit_all(template, tag)
    git(template, "tag", tag)


def make_version_2(template: Path) -> None:
    append(template / TESTS / "checks/test_isolation_async.py", "\n# Version 2.\n")
    append(template / TESTS / "checks/test_health_async.py", "\n# Version 2.\n")
    append(template / TESTS / "conftest.py", "\n# Version 2.\n")
    append(template / "samples/fastapi_async/base/app/main.py", "\n# Version 2.\n")
    append(template / "samples/async/base/tests/api/test_health.py", "\n# Version 2.\n")
    replace(template / TESTS / "harness.toml.jinja", '"http://localhost"', '"http://127.0.0.1"')
    (template / TESTS / "checks/test_arrived.py").write_text('"""New in version 2."""\n')
    (template / TESTS / "checks/test_infrastructure.py").unlink()
    release(template, "v2.0.0")


@dataclass(frozen=True)
class Versions:
    """A template with two versions, and what a project rendered from each holds."""

    template: Path
    old_project: Path
    new_files: dict[str, bytes]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    folder = tmp_path_factory.mktemp("versions")
    template = clone_template(folder / "test-harness", "v1.0.0")
    (folder / "old").mkdir()
    (folder / "new").mkdir()
    old = render(template, folder / "old" / "project")
    commit_all(old)
    make_version_2(template)
    new = render(template, folder / "new" / "project")
    return Versions(template, old, files_of(new))


@dataclass(frozen=True)
class Updated:
    """A project whose owner edited files of each owner, before and after its update."""

    path: Path
    before: dict[str, bytes]
    after: dict[str, bytes]


@pytest.fixture(scope="module")
def updated(versions: Versions, tmp_path_factory: pytest.TempPathFactory) -> Updated:
    project = shutil.copytree(versions.old_project, tmp_path_factory.mktemp("edited") / "project")
    edit(project)
    before = files_of(project)
    copier(*UPDATE, cwd=project)
    return Updated(project, before, files_of(project))


def edit(project: Path) -> None:
    """Do what a person does between two versions, and commit it."""
    edit_at_the_top(project / EDITED_AT_THE_TOP)
    for name in [EDITED_AT_THE_END, *EDITED_OWN]:
        append(project / name, MINE)
    build_tree(project, dict.fromkeys(ADDED_OWN, MINE))
    build_tree(project, {".copier-answers.yml": "_src_path: gh:somebody/else\n_commit: v7\n"})
    for name in DELETED:
        (project / name).unlink()
    commit_all(project, "Edits")


# ------------------------------------------------------------------------------ the edited project


def test_template_files_without_an_edit_equal_a_fresh_render(
    updated: Updated, versions: Versions
) -> None:
    expected = {
        name: content
        for name, content in versions.new_files.items()
        if owned_by_template(name) and name not in [*MERGED, *DELETED]
    }
    assert {
        name: content
        for name, content in updated.after.items()
        if owned_by_template(name) and name not in [*MERGED, *ADDED_OWN]
    } == expected


def test_a_new_file_arrives(updated: Updated) -> None:
    assert updated.after[ARRIVED] == b'"""New in version 2."""\n'


def test_a_file_that_the_template_dropped_is_gone(updated: Updated) -> None:
    assert (DROPPED in updated.before, DROPPED in updated.after) == (True, False)


@pytest.mark.parametrize(
    ("name", "edit_again"),
    [
        (EDITED_AT_THE_TOP, edit_at_the_top),
        (EDITED_AT_THE_END, lambda path: append(path, MINE)),
    ],
)
def test_an_edit_elsewhere_in_a_template_file_is_kept_beside_the_change(
    updated: Updated,
    versions: Versions,
    tmp_path: Path,
    name: str,
    edit_again: Callable[[Path], None],
) -> None:
    fresh = tmp_path / "fresh"
    fresh.write_bytes(versions.new_files[name])
    edit_again(fresh)
    assert updated.after[name] == fresh.read_bytes()


def test_files_of_the_user_are_left_alone(updated: Updated) -> None:
    def of_the_user(files: dict[str, bytes]) -> dict[str, bytes]:
        return {
            name: content
            for name, content in files.items()
            if not owned_by_template(name) or name in ADDED_OWN
        }

    assert of_the_user(updated.after) == of_the_user(updated.before)


@pytest.mark.parametrize("name", DELETED)
def test_a_deleted_file_stays_deleted(updated: Updated, versions: Versions, name: str) -> None:
    assert (name in versions.new_files, name in updated.after) == (True, False)


def test_the_answers_are_kept_and_name_the_new_version(updated: Updated) -> None:
    old, new = updated.before[ANSWERS_FILE], updated.after[ANSWERS_FILE]
    assert new == old.replace(b"_commit: v1.0.0\n", b"_commit: v2.0.0\n")


def test_the_answers_of_another_template_are_left_alone(updated: Updated) -> None:
    assert updated.after[".copier-answers.yml"] == b"_src_path: gh:somebody/else\n_commit: v7\n"


def test_a_second_update_changes_nothing(updated: Updated, tmp_path: Path) -> None:
    project = shutil.copytree(updated.path, tmp_path / "project")
    commit_all(project, "Updated")
    copier(*UPDATE, cwd=project)
    assert git(project, "status", "--porcelain") == ""


# -------------------------------------------------------------------------------- other situations


def copy_version_1(versions: Versions, destination: Path, *answers: str | Path) -> Path:
    """Render version 1, whose suite is to be run after updates, without running it now."""
    copier(
        "copy", "--trust", "--defaults", "--skip-tasks", "--vcs-ref", "v1.0.0", *answers,
        versions.template, destination, cwd=destination.parent,
    )  # fmt: skip
    return destination


def test_the_make_target_updates(versions: Versions, tmp_path: Path) -> None:
    project = shutil.copytree(versions.old_project, tmp_path / "project")
    run("make", "harness-update", cwd=project)
    changed = files_of(project)
    assert {name: changed.get(name) for name in (ARRIVED, EDITED_AT_THE_TOP, DROPPED)} == {
        name: versions.new_files.get(name) for name in (ARRIVED, EDITED_AT_THE_TOP, DROPPED)
    }


def test_a_checkout_under_another_name_updates_without_conflicts(
    versions: Versions, tmp_path: Path
) -> None:
    project = shutil.copytree(versions.old_project, tmp_path / "checkout-of-a-colleague")
    copier(*UPDATE, cwd=project)
    assert (project / "tests/harness.toml").read_bytes() == versions.new_files["tests/harness.toml"]


def test_a_backend_in_a_folder_of_its_repository_updates(
    versions: Versions, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    backend = shutil.copytree(versions.old_project, repository / "backend")
    shutil.rmtree(backend / ".git")
    build_tree(repository, {EDITED_AT_THE_TOP: MINE, "pytest.ini": MINE})
    commit_all(repository)
    copier(*UPDATE, cwd=backend)
    assert git(repository, "status", "--porcelain", "--untracked-files=all").splitlines() == [
        f" M backend/{ANSWERS_FILE}",
        " M backend/tests/checks/test_health_async.py",
        f" D backend/{DROPPED}",
        f" M backend/{EDITED_AT_THE_TOP}",
        " M backend/tests/harness.toml",
        f"?? backend/{ARRIVED}",
    ]


BACKEND = {
    "app/main.py": "",
    "tests/test_mine.py": "",
    "pyproject.toml": "[tool.pytest.ini_options]\n",
}


@pytest.mark.parametrize(
    ("there", "answers", "tests_dir"),
    [
        ({"notes.md": MINE}, {"database_engine": "postgresql"}, "tests"),
        (BACKEND, {"answers_file": "orders"}, "tests_harness"),
    ],
    ids=["sample", "adopted"],
)
def test_an_update_that_touches_every_file_writes_those_of_the_template_alone(
    tmp_path: Path, there: dict[str, str], answers: dict[str, str], tests_dir: str
) -> None:
    template = clone_template(tmp_path / "test-harness", "v1.0.0")
    project = build_tree(tmp_path / "project", there)
    render(template, project, **answers)
    commit_all(project)
    for root in ("template", "samples"):
        for path in (template / root).rglob("*"):
            if path.is_file():
                append(path, "\n# Version 2.\n")
    release(template, "v2.0.0")
    copier(*UPDATE, cwd=project)
    assert git(project, "status", "--porcelain").splitlines() == [
        f" M {name}" for name in sorted(files_of(project)) if owned_by_template(name, tests_dir)
    ]


NAMES_OF_OURS = [
    ".env.example",
    ".gitignore",
    "Makefile",
    "docker-compose.test.yml",
    "pyproject.toml",
    "pytest.ini",
]


@pytest.mark.parametrize(
    ("there", "answers"),
    [
        ({}, ["--data", "run_suite=false", "--data", "database_engine=postgresql"]),
        ({"app/main.py": ""}, ["--data", "run_suite=false", "--data-file", ANSWERS / "orders.yml"]),
    ],
    ids=["sample", "adopted"],
)
def test_files_with_names_of_ours_survive_the_copy_and_the_update(
    versions: Versions, tmp_path: Path, there: dict[str, str], answers: list[str | Path]
) -> None:
    project = build_tree(tmp_path / "project", {**there, **dict.fromkeys(NAMES_OF_OURS, MINE)})
    copy_version_1(versions, project, *answers)
    commit_all(project)
    copier(*UPDATE, cwd=project)
    assert {name: (project / name).read_text() for name in NAMES_OF_OURS} == dict.fromkeys(
        NAMES_OF_OURS, MINE
    )


@pytest.mark.parametrize("name", ["test-harness.mk", ".github/workflows/test-harness.yml"])
def test_a_file_in_the_place_of_a_template_file_stops_the_copy(
    template: Path, tmp_path: Path, name: str
) -> None:
    project = build_tree(tmp_path / "project", {"app/main.py": "", name: MINE})
    done = copier(
        "copy", "--trust", "--defaults", "--data-file", ANSWERS / "orders.yml", template, project,
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, (project / name).read_text()) == (1, MINE)


@pytest.mark.parametrize("name", ["GNUmakefile", "makefile"])
def test_a_makefile_that_make_prefers_gets_no_second_one_beside_it(
    template: Path, tmp_path: Path, name: str
) -> None:
    project = build_tree(tmp_path / "project", {"app/main.py": "", name: MINE})
    render(template, project, answers_file="orders")
    assert [path.name for path in project.glob("*akefile")] == [name]


def test_the_command_that_the_documentation_names_tells_of_a_newer_version(
    versions: Versions,
) -> None:
    [command] = re.findall(
        "`copier (check-update .*?)`", (ROOT / "docs" / "updating.md").read_text()
    )
    said = copier(*command.split(), cwd=versions.old_project).stdout
    assert "Current version is 1.0.0, latest version is 2.0.0." in said


def test_an_update_leaves_what_is_not_committed_alone(versions: Versions, tmp_path: Path) -> None:
    project = shutil.copytree(versions.old_project, tmp_path / "project")
    append(project / "app/main.py", MINE)
    before = files_of(project)
    done = copier(*UPDATE, cwd=project, check=False)
    assert done.returncode == 1
    assert "Please commit or stash your local changes and retry." in done.stdout
    assert files_of(project) == before


# --------------------------------------------------------------------------------------- the hook


def test_the_hook_runs_once_per_operation_and_in_the_project_alone(tmp_path: Path) -> None:
    template = clone_template(tmp_path / "test-harness", "v0.1.0")
    (template / "src/test_harness/__main__.py").write_text(COUNTING_HOOK)
    release(template, "v1.0.0")
    project, log = tmp_path / "project", tmp_path / "log"
    copier("copy", "--trust", "--defaults", template, project, cwd=tmp_path, HOOK_LOG=str(log))
    commit_all(project)
    make_version_2(template)
    copier(*UPDATE, cwd=project, HOOK_LOG=str(log))
    assert log.read_text().splitlines() == [
        f"{project} check --tests tests --first-run",
        f"{project} check --tests tests --after-update",
    ]


def in_conflict(versions: Versions, destination: Path) -> Path:
    """Render version 1 and do to it what version 2 does too, or cannot be merged with it."""
    project = copy_version_1(versions, destination)
    commit_all(project)
    append(project / EDITED_AT_THE_TOP, MINE)
    append(project / DROPPED, MINE)
    build_tree(project, {ARRIVED: MINE})
    commit_all(project, "Edits")
    return project


@dataclass(frozen=True)
class Conflict:
    """A project whose update met edits in the same lines, and what the update printed."""

    path: Path
    printed: str


@pytest.fixture(scope="module")
def conflict(versions: Versions, tmp_path_factory: pytest.TempPathFactory) -> Conflict:
    project = in_conflict(versions, tmp_path_factory.mktemp("conflict") / "project")
    return Conflict(project, copier(*UPDATE, "--quiet", cwd=project).stdout)


def test_an_edit_in_the_same_lines_is_kept_between_marks(
    conflict: Conflict, versions: Versions
) -> None:
    original = (versions.old_project / EDITED_AT_THE_TOP).read_text()
    assert (conflict.path / EDITED_AT_THE_TOP).read_text() == (
        f"{original}\n"
        "<<<<<<< before updating\n# Mine.\n=======\n# Version 2.\n>>>>>>> after updating\n"
    )


def test_a_file_with_the_name_of_a_new_one_is_kept_between_marks(conflict: Conflict) -> None:
    assert (conflict.path / ARRIVED).read_text() == (
        f'<<<<<<< before updating\n{MINE}=======\n"""New in version 2."""\n>>>>>>> after updating\n'
    )


def test_the_hook_names_conflicts_instead_of_running_the_suite(conflict: Conflict) -> None:
    assert conflict.printed.endswith(
        "The update met edits of yours in the same lines, and the suite was not run.\n"
        f"  Fix: settle the <<<<<<< marks in {ARRIVED}, {EDITED_AT_THE_TOP}, "
        "then run `make -f test-harness.mk harness-check`.\n"
    )


def test_an_edit_in_a_file_that_the_template_dropped_is_named_with_the_way_back(
    conflict: Conflict,
) -> None:
    assert (
        f"The new version has no {DROPPED} any more, which you had edited.\n"
        f"  Fix: `git checkout HEAD -- {DROPPED}` brings your edit back.\n"
    ) in conflict.printed


def test_conflicts_fail_a_strict_update_after_everything_was_written(
    versions: Versions, tmp_path: Path
) -> None:
    project = in_conflict(versions, tmp_path / "project")
    done = copier(*UPDATE, cwd=project, check=False, TEST_HARNESS_STRICT="1")
    assert done.returncode == 1
    assert git(project, "diff", "--name-only", "--diff-filter=U").splitlines() == [
        ARRIVED,
        EDITED_AT_THE_TOP,
    ]


@pytest.mark.runs
def test_the_suite_runs_once_after_an_update_and_is_green(
    versions: Versions, tmp_path: Path, suite_python: Path
) -> None:
    project = copy_version_1(versions, tmp_path / "project")
    edit(project)
    updated = copier(*UPDATE, cwd=project, VIRTUAL_ENV=str(suite_python.parents[1]))
    again = run(suite_python, "-m", "pytest", "-q", cwd=project).stdout
    counts = again.splitlines()[-1].split(" in ")[0]
    said = re.sub(r" \(\d+ of the harness itself\)", "", updated.stdout)
    assert re.findall(r"^(?:Green|RED): (.+) \(", said, re.MULTILINE) == [counts]


@pytest.mark.runs
def test_marks_in_a_file_of_the_user_do_not_keep_the_suite_from_running(
    versions: Versions, tmp_path: Path, suite_python: Path
) -> None:
    project = copy_version_1(versions, tmp_path / "project")
    build_tree(project, {"docs/merging.md": "<<<<<<< ours\n=======\n>>>>>>> theirs\n"})
    commit_all(project)
    updated = copier(*UPDATE, cwd=project, VIRTUAL_ENV=str(suite_python.parents[1]))
    assert len(re.findall(r"^Green: ", updated.stdout, re.MULTILINE)) == 1
