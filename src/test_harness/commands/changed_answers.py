"""What is left to a person where an update was given other answers: files that are theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from test_harness.commands.conflicts import ANSWERS_FILE
from test_harness.git import git

COMPOSE = "docker-compose.test.yml"
AGAIN = f"`copier recopy --trust --defaults -a {ANSWERS_FILE}`"
OF_ASYNCIO = (
    "asyncio_mode = auto",
    "asyncio_default_fixture_loop_scope = session",
    "asyncio_default_test_loop_scope = session",
)
NO_ASYNCIO = "-p no:asyncio"
# What the code of the sample follows from.
OF_THE_SAMPLE = ("framework", "database_engine", "mode", "database_driver", "auth")

# By the question: which answer to it leaves no room for checks, and for which.
WITHOUT = {
    "auth": ("none", ("auth", "flows")),
    "framework": ("none", ("health", "routes")),
    "metadata_path": ("none", ("isolation", "factories", "routes")),
    "migrations": ("''", ("migrations",)),
}


def left_to_do(project: Path, tests: Path) -> Iterator[str]:
    """Yield what the answers that were changed ask of a person, each with how it is done.

    Args:
        project: The folder of the project, after the update and before it is committed.
        tests: The folder of the harness.
    """
    before, now = _before(project), _answers(project / ANSWERS_FILE)
    changed = {key: before[key] for key in before if key in now and before[key] != now[key]}
    if "tests_dir" in changed:
        yield (
            f"The harness is in {now['tests_dir']}/ now, and what is yours is in "
            f"{changed['tests_dir']}/ still.\n  Fix: `git mv` it there."
        )
    suites = _suites(project / ANSWERS_FILE)
    if lacking := [it for it in _possible_again(changed) if suites and it not in suites]:
        yield (
            f"No checks came along of {' and '.join(lacking)}: `suites` was answered when there "
            "was nothing to check.\n  Fix: commit, then run `test-harness update -- --data "
            f'"suites=[{",".join([*suites, *lacking])}]"`.'
        )
    if "database_engine" in changed and _was_there(project, COMPOSE):
        is_of_use = now["database_engine"] != "sqlite"
        fix = f"delete it and run {AGAIN}, which writes it anew" if is_of_use else "delete it"
        yield (
            f"{COMPOSE} is yours and starts a server of {changed['database_engine']} still.\n"
            f"  Fix: {fix}."
        )
    if "mode" in changed:
        yield from _of_the_mode(project, tests, now["mode"])
    if "beside" in changed:
        yield from _of_the_folders(project, tests, now["beside"].strip("'\""))
    other = [key for key in OF_THE_SAMPLE if key in changed]
    if other and now.get("sample_application") == "true":
        answers = ", ".join(other)
        yield (
            f"The application is yours and stays as it is, whatever was answered: {answers}.\n"
            "  Fix: change it so that it is true, or take it back: `git checkout HEAD -- .`."
        )


def _possible_again(changed: dict[str, str]) -> list[str]:
    """Return the checks that the answers of before had no room for, by the changed ones."""
    names = [
        name
        for key, (nothing, checks) in WITHOUT.items()
        if changed.get(key) == nothing
        for name in checks
    ]
    return [*dict.fromkeys(names)]


def _suites(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(r"^suites:\n((?:- .*\n)+)", text, re.MULTILINE)
    return re.findall(r"^- (\w+)$", found[1], re.MULTILINE) if found else []


def _of_the_mode(project: Path, tests: Path, mode: str) -> Iterator[str]:
    ini = _configuration(project, tests)
    text = ini.read_text(encoding="utf-8") if ini else ""
    there = re.findall(r"^asyncio_\w+ = .*$", text, re.MULTILINE)
    said = ""
    if mode == "sync" and there:
        said = f"put `{NO_ASYNCIO}` in the place of {_quoted(there)}"
    elif mode != "sync" and NO_ASYNCIO in text:
        said = f"put {_quoted(OF_ASYNCIO)} in the place of `{NO_ASYNCIO}`"
    if said and ini:
        name = ini.relative_to(project).as_posix()
        yield f"{name} is yours and does not fit an application that is {mode}.\n  Fix: {said}."


def _of_the_folders(project: Path, tests: Path, beside: str) -> Iterator[str]:
    ini = _configuration(project, tests)
    if ini is None:
        return
    nested = ini.parent == tests
    folders = [f"../{it}" if nested else it for it in beside.split()]
    line = " ".join(["testpaths =", "." if nested else tests.name, *folders])
    if line not in ini.read_text(encoding="utf-8").splitlines():
        name = ini.relative_to(project).as_posix()
        yield f"{name} is yours and names other folders of tests.\n  Fix: write `{line}` there."


def _configuration(project: Path, tests: Path) -> Path | None:
    return next((it for it in (tests / "pytest.ini", project / "pytest.ini") if it.exists()), None)


def _quoted(lines: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{line}`" for line in lines)


def _before(project: Path) -> dict[str, str]:
    done = git(project, "show", f"HEAD:./{ANSWERS_FILE}")
    return _read(done.stdout) if done.returncode == 0 else {}


def _was_there(project: Path, name: str) -> bool:
    return git(project, "cat-file", "-e", f"HEAD:./{name}").returncode == 0


def _answers(path: Path) -> dict[str, str]:
    return _read(path.read_text(encoding="utf-8")) if path.exists() else {}


def _read(text: str) -> dict[str, str]:
    """Return the answers of one line; nothing that reads YAML is there."""
    return dict(re.findall(r"^([a-z]\w*): (\S.*)$", text, re.MULTILINE))
