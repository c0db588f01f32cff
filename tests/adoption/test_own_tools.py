"""A team's own tools find after the adoption what they found before it, and little was added.

The backend has every rule of ruff, strict mypy, warnings as errors, and hooks before each commit.
It is adopted twice: where it is the whole repository, and where it is one folder of a repository
whose tools are set up above it. `-s` shows the table of what each tool said.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.conftest import folder_for_all
from tests.worlds import ROOT, commit_all, copier, git, run
from tools.environments import UV, find_interpreter

pytestmark = pytest.mark.runs

BACKEND = ROOT / "tests" / "backends" / "harbour"
# What a repository has one of, however many backends it has.
OF_THE_REPOSITORY = (".github", ".gitignore", ".pre-commit-config.yaml", ".yamllint.yaml")
MOST_FILES, MOST_LINES = 40, 2000
# Besides, what Copier remembers of the answers, which nobody reads.
GROWING = re.compile(
    r"(^|/)(_tests_harness/(factories(\.py$|/)|(requests|access)\.toml$)|\.copier-answers)"
)
# What the tools themselves leave behind.
LEFT_BEHIND = (".venv", "__pycache__", ".*_cache", ".coverage", "*.egg-info", "build")


@dataclass(frozen=True)
class Said:
    """What a tool said.

    Args:
        figure: In a few words, to be compared and shown in the table.
        printed: In its own words, for whoever looks for the reason.
    """

    figure: str
    printed: str


@dataclass(frozen=True)
class Team:
    """A repository, and the backend in it.

    Args:
        repository: Where the tools run.
        backend: Where its tests run, its package is built and the harness is rendered.
    """

    repository: Path
    backend: Path

    def run(self, *command: str | Path, cwd: Path | None = None) -> CompletedProcess[str]:
        """Run a command in the environment of the backend."""
        environment = self.backend / ".venv"
        return run(
            *command,
            cwd=cwd or self.repository,
            check=False,
            PATH=f"{environment / 'bin'}:{os.environ['PATH']}",
            VIRTUAL_ENV=str(environment),
            # Hooks keep what they know of a repository, which is nobody else's business.
            PRE_COMMIT_HOME=str(environment / "pre-commit"),
        )


@dataclass(frozen=True)
class Adoption:
    """What the tools said before and after it, and what it added.

    Args:
        printed: What the adoption printed.
        before: By tool.
        after: By tool.
        changed: What it changed of the team's files, as git says it.
        added: How many lines each of its files has, by paths relative to the repository.
        unseen: Which of them git ignores, so that nobody else ever gets them.
    """

    printed: str
    before: dict[str, Said]
    after: dict[str, Said]
    changed: list[str]
    added: dict[str, int]
    unseen: list[str]

    @property
    def counted(self) -> dict[str, int]:
        """What it added before what grows with the models, and with the routes."""
        return {name: lines for name, lines in self.added.items() if not GROWING.search(name)}


# --------------------------------------------------------------------------------------- the tools


def ruff_check(team: Team) -> Said:
    done = team.run("ruff", "check", ".", "--output-format", "concise")
    findings = re.findall(r"(?m)^\S+:\d+:\d+: ([A-Z]+\d+|invalid-syntax)\b", done.stdout)
    return Said(f"{len(findings)} findings", done.stdout)


def ruff_format(team: Team) -> Said:
    done = team.run("ruff", "format", "--check", ".")
    files = re.findall(r"(?m)^Would reformat: ", done.stdout)
    return Said(f"{len(files)} files" + ", failed" * (done.returncode > 1), done.stdout)


def mypy(team: Team) -> Said:
    done = team.run("mypy", ".")
    errors = re.findall(r"(?m): error: ", done.stdout)
    # Some errors keep it from looking for any other.
    return Said(f"{len(errors)} errors" + ", gave up" * (done.returncode > 1), done.stdout)


def pytest_own(team: Team) -> Said:
    return _pytest(team)


def pytest_everything(team: Team) -> Said:
    return _pytest(team, ".")


def _pytest(team: Team, *arguments: str) -> Said:
    done = team.run("pytest", "-v", *arguments, cwd=team.backend)
    if done.returncode not in (0, 1):
        return Said(f"broken, exit {done.returncode}", done.stdout)
    return Said(done.stdout.splitlines()[-1].strip("= ").split(" in ")[0], done.stdout)


def results(said: Said) -> list[str]:
    """Return how each test ended, in the order they ran."""
    return re.findall(r"(?m)^(\S+\.py::.* [A-Z]+) +\[", said.printed)


def coverage(team: Team) -> Said:
    done = team.run("coverage", "run", "-m", "pytest", "-q", cwd=team.backend)
    if done.returncode:
        return Said(f"no figure, exit {done.returncode}", done.stdout)
    report = team.run("coverage", "report", cwd=team.backend)
    [total] = re.findall(r"(?m)^TOTAL .* (\d+%)$", report.stdout) or ["no figure"]
    return Said(f"{total}, exit {report.returncode}", report.stdout)


def wheel(team: Team) -> Said:
    """Say which packages are in what is built."""
    folder = team.backend / "build" / "wheel"
    done = team.run(
        UV, "build", "--quiet", "--wheel", "--out-dir", folder, cwd=team.backend
    )  # fmt: skip
    if done.returncode:
        return Said("broken", done.stdout)
    listed = team.run("python", "-m", "zipfile", "-l", *folder.glob("*.whl")).stdout
    shutil.rmtree(team.backend / "build")
    packages = {line.partition("/")[0] for line in listed.splitlines() if ".py " in line}
    return Said(" ".join(sorted(packages)), listed)


def editable_install(team: Team) -> Said:
    done = team.run(
        UV, "pip", "install", "--no-deps", "--reinstall", "--editable", ".", cwd=team.backend
    )
    return Said(f"exit {done.returncode}", done.stdout)


def pre_commit(team: Team) -> Said:
    done = team.run("pre-commit", "run", "--all-files")
    failed = re.findall(r"(?m)^(.*?)\.{3,}Failed$", done.stdout)
    return Said(f"exit {done.returncode}" + "".join(f", {hook}" for hook in failed), done.stdout)


# The last one mends files.
TOOLS: dict[str, Callable[[Team], Said]] = {
    "ruff check": ruff_check,
    "ruff format": ruff_format,
    "mypy": mypy,
    "pytest": pytest_own,
    "pytest .": pytest_everything,
    "coverage": coverage,
    "wheel": wheel,
    "editable install": editable_install,
    "pre-commit": pre_commit,
}


# ------------------------------------------------------------------------------------ the adoption


def whole_repository(folder: Path) -> Team:
    shutil.copytree(
        BACKEND, folder, ignore=shutil.ignore_patterns(*LEFT_BEHIND), dirs_exist_ok=True
    )
    return Team(folder, folder)


def folder_of_a_repository(folder: Path) -> Team:
    """Put the backend into a folder, and what is said for the whole repository above it."""
    team = Team(folder, whole_repository(folder / "backend").backend)
    for name in OF_THE_REPOSITORY:
        shutil.move(team.backend / name, folder / name)
    project = team.backend / "pyproject.toml"
    tables = re.split(r"(?m)^(?=\[)", project.read_text(encoding="utf-8"))
    above = [table for table in tables if table.startswith(("[tool.ruff", "[tool.mypy"))]
    project.write_text("".join(table for table in tables if table not in above), encoding="utf-8")
    text = "".join(above).replace("[tool.ruff]\n", '[tool.ruff]\nsrc = ["backend"]\n').strip()
    (folder / "pyproject.toml").write_text(f"{text}\n", encoding="utf-8")
    workflow = folder / ".github" / "workflows" / "ci.yml"
    below = "defaults:\n  run:\n    working-directory: backend\n\njobs:\n"
    text = workflow.read_text(encoding="utf-8").replace("jobs:\n", below)
    workflow.write_text(text, encoding="utf-8")
    return team


FORMS = {"repository": whole_repository, "folder": folder_of_a_repository}


def files_of_nobody(team: Team) -> dict[str, int]:
    """Return how many lines each file has that git does not know, ignored or not."""
    without = [f"--exclude={name}" for name in LEFT_BEHIND]
    names = git(team.repository, "ls-files", "--others", "-z", *without).split("\0")
    return {
        name: len((team.repository / name).read_bytes().splitlines())
        for name in filter(None, names)
    }


def ignored(team: Team, names: list[str]) -> list[str]:
    return [name for name in names if not team.run("git", "check-ignore", "-q", name).returncode]


def table(title: str, adoption: Adoption) -> str:
    rows = [
        (title, "before", "after"),
        *((tool, adoption.before[tool].figure, adoption.after[tool].figure) for tool in TOOLS),
        ("files added", "", f"{len(adoption.counted)} of at most {MOST_FILES}"),
        ("lines added", "", f"{sum(adoption.counted.values())} of at most {MOST_LINES}"),
        ("files changed", "", str(len(adoption.changed))),
        ("files ignored", "", str(len(adoption.unseen))),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(f"{a:{widths[0]}}  {b:{widths[1]}}  {c}" for a, b, c in rows)


@pytest.fixture(scope="module", params=FORMS)
def adoption(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Adoption:
    # The server of the wheel looks into it as another user.
    team = FORMS[request.param](folder_for_all(tmp_path_factory, "own-tools") / "harbour")
    commit_all(team.repository)
    python = find_interpreter("3.13") or Path(sys.executable)
    run(UV, "venv", "--quiet", "--python", python, ".venv", cwd=team.backend)
    run(
        UV, "pip", "install", "--quiet", "--python", ".venv/bin/python", "--editable", ".",
        "--group", "dev", cwd=team.backend,
    )  # fmt: skip
    before = {name: tool(team) for name, tool in TOOLS.items()}
    done = copier(
        "copy", "--trust", "--defaults", template, team.backend, cwd=team.repository.parent
    )
    changed = git(team.repository, "diff", "--name-status").splitlines()
    added = files_of_nobody(team)
    unseen = ignored(team, list(added))
    # As somebody does it who has never heard of what git ignores.
    git(team.repository, "add", "--all")
    after = {name: tool(team) for name, tool in TOOLS.items()}
    adoption = Adoption(done.stdout, before, after, changed, added, unseen)
    print(f"\n{table(f'harbour as a {request.param}', adoption)}")
    return adoption


def test_the_suite_is_green_at_once(adoption: Adoption) -> None:
    assert "\nGreen: " in adoption.printed


@pytest.mark.parametrize("tool", TOOLS)
def test_before_it_everything_was_well(adoption: Adoption, tool: str) -> None:
    well = {
        "ruff check": "0 findings",
        "ruff format": "0 files",
        "mypy": "0 errors",
        "wheel": "harbour",
        "editable install": "exit 0",
        "pre-commit": "exit 0",
    }
    found = adoption.before[tool]
    expected = well.get(tool, r"\d+ passed" if "pytest" in tool else r"\d+%, exit 0")
    assert re.fullmatch(expected, found.figure), found.printed


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_finds_what_it_found_before(adoption: Adoption, tool: str) -> None:
    after = adoption.after[tool]
    assert after.figure == adoption.before[tool].figure, after.printed[-4000:]


def test_its_own_tests_run_in_the_order_they_had(adoption: Adoption) -> None:
    before = results(adoption.before["pytest"])
    assert f"{len(before)} passed" == adoption.before["pytest"].figure
    assert results(adoption.after["pytest"]) == before


def test_none_of_the_files_of_the_team_is_changed(adoption: Adoption) -> None:
    assert adoption.changed == []


def test_few_files_are_added(adoption: Adoption) -> None:
    assert len(adoption.counted) <= MOST_FILES, json.dumps(adoption.counted, indent=2)


def test_few_lines_are_added(adoption: Adoption) -> None:
    assert sum(adoption.counted.values()) <= MOST_LINES, json.dumps(adoption.counted, indent=2)


def test_every_file_gets_to_colleagues(adoption: Adoption) -> None:
    assert adoption.unseen == []
