"""The workflows that are handed out: right by the linters of both hosts, and their commands run."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.questions import fitting_pythons
from tests.worlds import build_tree, commit_all, git, render, run
from tools.environments import UV

BIN = Path(sys.executable).parent
PLACES = {
    "github": ".github/workflows/test-harness.yml",
    "gitlab": ".gitlab/test-harness.gitlab-ci.yml",
}
SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
Cell = tuple[str, str, str, str, int]
CELLS: list[Cell] = [
    (provider, *cell)
    for provider in PLACES
    for cell in (
        ("uv", "sqlite", "", 1),
        ("poetry", "postgresql", "", 3),
        ("pip", "mysql", "services/back end", 1),
        ("pip", "postgresql", "backend", 2),
    )
]

APPLICATION = {
    "app/__init__.py": "",
    "app/main.py": """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
""",
    "app/models.py": """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
""",
}
OF_UV = {
    "pyproject.toml": """\
[project]
name = "notes"
version = "1"
requires-python = ">=3.10"
dependencies = ["fastapi", "sqlalchemy"]
"""
}
OF_POETRY = {
    "pyproject.toml": """\
[tool.poetry]
package-mode = false

[tool.poetry.dependencies]
python = ">=3.10"
fastapi = "*"
sqlalchemy = "*"
"""
}
OF_PIP = {"requirements/base.txt": "fastapi\nsqlalchemy\n", "requirements/dev.txt": "-r base.txt\n"}


def rendered(
    template: Path, repository: Path, folder: str, files: dict[str, str], **answers: Any
) -> Path:
    """Render the harness into an application that is a folder of a repository."""
    project = build_tree(repository / folder, {**APPLICATION, **files})
    commit_all(repository)
    render(
        template, project, framework="fastapi", app_path="app.main:app", mode="sync", auth="none",
        metadata_path="app.models:Base", **answers,
    )  # fmt: skip
    return project


@pytest.fixture(scope="module")
def workflows(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Cell, Path]:
    made = {}
    for number, cell in enumerate(CELLS):
        provider, manager, engine, folder, shards = cell
        root = tmp_path_factory.mktemp(f"workflow-{number}")
        project = rendered(
            template, root, folder, {}, ci_provider=provider, package_manager=manager,
            database_engine=engine, shards=shards, questions="everything",
        )  # fmt: skip
        made[cell] = project / PLACES[provider]
    return made


def of_github(workflows: dict[Cell, Path]) -> list[Path]:
    return [path for cell, path in workflows.items() if cell[0] == "github"]


@pytest.mark.parametrize("provider", PLACES)
def test_a_workflow_is_what_its_host_understands(
    workflows: dict[Cell, Path], provider: str
) -> None:
    files = [path for cell, path in workflows.items() if cell[0] == provider]
    assert len(files) == len(CELLS) / len(PLACES)
    run(
        BIN / "check-jsonschema", "--builtin-schema", SCHEMAS[provider],
        *(["--data-transform", "gitlab-ci"] if provider == "gitlab" else []), *files, cwd=BIN,
    )  # fmt: skip


def test_linters_find_nothing_in_a_workflow(workflows: dict[Cell, Path]) -> None:
    files = of_github(workflows)
    assert lint(files) == ""
    done = run(BIN / "zizmor", "--offline", *files, cwd=BIN)
    assert "No findings to report" in done.stdout


def lint(files: list[Path]) -> str:
    """Return what actionlint says of workflows, and shellcheck of the commands in them."""
    shellcheck = ("-shellcheck", BIN / "shellcheck")
    return run(BIN / "actionlint", *shellcheck, *files, cwd=BIN, check=False).stdout


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("matrix.python }}", "matrix.pyton }}", '"pyton" is not defined'),
        ("make -f test-harness.mk test-inventory", "make $UNQUOTED", "SC2086"),
        ("timeout-minutes: 30", "timeout-minutes: soon", "expecting a single ${{...}} expression"),
    ],
)
def test_a_linter_would_find_a_mistake_in_a_workflow(
    workflows: dict[Cell, Path], tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    text = of_github(workflows)[0].read_text(encoding="utf-8")
    assert right in text
    build_tree(tmp_path, {"it.yml": text.replace(right, wrong)})
    assert said in lint([tmp_path / "it.yml"])


def test_a_linter_would_find_an_action_that_is_not_pinned(
    workflows: dict[Cell, Path], tmp_path: Path
) -> None:
    text = of_github(workflows)[0].read_text(encoding="utf-8")
    pinned = next(line for line in text.splitlines() if "actions/checkout@" in line)
    loose = text.replace(pinned, "      - uses: actions/checkout@v7")
    build_tree(tmp_path, {".github/workflows/it.yml": loose})
    done = run(BIN / "zizmor", "--offline", ".github/workflows/it.yml", cwd=tmp_path, check=False)
    assert "unpinned" in done.stdout


def test_a_variable_of_a_pipeline_is_none_of_make(workflows: dict[Cell, Path]) -> None:
    for cell, path in workflows.items():
        if cell[0] == "gitlab":
            jobs = yaml.safe_load(path.read_text(encoding="utf-8")).values()
            variables = {
                name
                for job in jobs
                for part in (job, *job.get("parallel", {}).get("matrix", ()))
                for name in part.get("variables", part)
                if name.isupper()
            }
            assert {"TESTED_PYTHON", "TARGET"} <= variables
            makefile = (path.parents[1] / "test-harness.mk").read_text(encoding="utf-8")
            assert [name for name in variables if f"$({name})" in makefile] == []


def test_what_stands_in_the_way_of_no_change_is_apart(workflows: dict[Cell, Path]) -> None:
    for cell, path in workflows.items():
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))
        if cell[0] == "github":
            found = {name: job.get("continue-on-error") for name, job in jobs["jobs"].items()}
            whole = {"whole": None} if cell[4] > 1 else {}
            assert found == {"test": None, **whole, "performance": True, "nightly": None}
            # Nobody waits for what no change starts.
            assert "'schedule'" in jobs["jobs"]["nightly"]["if"]
        else:
            apart = [name for name, job in jobs.items() if job.get("allow_failure")]
            assert [name.rpartition("-")[2] for name in apart] == ["performance", "nightly"]


Step = tuple[str, dict[str, str]]


def steps(workflow: Path, provider: str, name: str, **of_the_matrix: str) -> list[Step]:
    """Return what a job runs, in order, each with the variables that its host sets for it."""
    text = yaml.safe_load(workflow.read_text(encoding="utf-8"))
    if provider == "gitlab":
        base = text[next(iter(text))]
        job = {**base, **text[name]}
        variables = {**base["variables"], **text[name].get("variables", {}), **of_the_matrix}
        within = [line for line in base["before_script"] if line.startswith("cd ")]
        parts = [[*base["before_script"], *job["script"]]]
        parts += [job["after_script"]] if "after_script" in job else []
        assert all(part[: len(within)] == within for part in parts)
        return [("\n".join(part), variables) for part in parts]
    job = text["jobs"][name]
    folder = job.get("defaults", {}).get("run", {}).get("working-directory")
    within = [f'cd "{folder}"'] if folder else []
    return [
        (
            "\n".join([*within, step["run"]]),
            {**job.get("env", {}), **expanded(step.get("env", {}), of_the_matrix)},
        )
        for step in job["steps"]
        if "run" in step
    ]


def expanded(variables: dict[str, str], of_the_matrix: dict[str, str]) -> dict[str, str]:
    """Return variables with the values that GitHub gives expressions in them."""
    known = {f"${{{{ matrix.{key} }}}}": value for key, value in of_the_matrix.items()}
    known["${{ github.run_number }}"] = "7"
    return {key: known.get(value, value) for key, value in variables.items()}


# Stands in for poetry, which takes an index of its own liking: what the workflow asks of it, in an
# environment that is nowhere near the project.
POETRY = """\
#!/bin/sh -e
if [ ! -e {environment} ]; then "{uv}" venv --quiet --seed {environment}; fi
case "$1" in
    run) shift; program="{environment}/bin/$1"; shift; exec "$program" "$@" ;;
    env) echo {environment} ;;
    install) "{uv}" pip install --quiet --python {environment}/bin/python fastapi sqlalchemy
        touch poetry.lock ;;
esac
"""


class Machine:
    """A clean checkout of a repository on a machine of CI.

    Args:
        repository: What is checked out.
        checkout: Where to; its parent is there.
        manager: What installs packages, which the image of the host has.
    """

    def __init__(self, repository: Path, checkout: Path, manager: str) -> None:
        git(checkout.parent, "clone", "--quiet", str(repository), str(checkout))
        self.checkout = checkout
        tools = checkout.parent / "tools"
        poetry = POETRY.format(uv=UV, environment=tools / "environment")
        build_tree(tools, {"poetry": poetry, "pipx": "#!/bin/sh\n"} if manager == "poetry" else {})
        for tool in tools.glob("*"):
            tool.chmod(0o755)
        more = [str(tools), *([str(UV.parent)] if manager == "uv" else [])]
        self.variables = {
            "PATH": os.pathsep.join([*more, os.environ["PATH"]]),
            **({"UV_PYTHON": sys.executable} if manager == "uv" else {}),
        }

    def run(self, given: list[Step], *, check: bool = True, **variables: str) -> str:
        """Run the steps of a job, each in a shell of its own, and return what they printed."""
        said = ""
        for script, of_the_step in given:
            done = run(
                "bash", "-euc", script, cwd=self.checkout, check=check,
                **{**of_the_step, **self.variables, **variables},
            )  # fmt: skip
            said += done.stdout
        return said


@pytest.mark.runs
@pytest.mark.parametrize(
    ("provider", "manager", "folder"),
    [("github", "poetry", ""), ("gitlab", "pip", "services/back end")],
)
def test_the_commands_of_a_workflow_run_in_a_clean_checkout(
    template: Path, tmp_path: Path, provider: str, manager: str, folder: str
) -> None:
    repository = tmp_path / "repository"
    project = rendered(
        template, repository, folder, OF_POETRY if manager == "poetry" else OF_PIP,
        ci_provider=provider, database_engine="sqlite",
    )  # fmt: skip
    answers = (project / ".copier-answers.test-harness.yml").read_text(encoding="utf-8")
    assert f"\npackage_manager: {manager}\n" in answers
    commit_all(repository)
    machine = Machine(repository, tmp_path / "checkout", manager)
    workflow = project / PLACES[provider]
    name = "test" if provider == "github" else "test-harness-services-back-end"
    said = machine.run(steps(workflow, provider, name, TESTED_PYTHON="3.13"))
    assert " passed" in said
    for file in (*KEPT, "test-results.xml"):
        assert (machine.checkout / folder / file).exists()
    # Neither did it have one before.
    assert not (machine.checkout / folder / "poetry.lock").exists()
    apart = "performance" if provider == "github" else f"{name}-performance"
    # The environment is there.
    machine.run(steps(workflow, provider, apart)[-1:])
    if provider == "github":
        # The other one of the night takes minutes, and has tests of its own.
        said = machine.run(steps(workflow, provider, "nightly", target="test-orders")[-1:])
        assert re.search(r"^isolation: 100.0 %", said, re.MULTILINE)
        shown = run("make", "-n", "-f", "test-harness.mk", "test-flakes", cwd=machine.checkout)
        assert "-m test_harness flakes tests\n" in shown.stdout


KEPT = ("coverage.xml", "test-results.json", "test-inventory.html", "test-inventory.json")


@dataclass(frozen=True)
class Shards:
    """What several machines left, beside the one that makes a whole of it."""

    machine: Machine
    proof: list[Step]
    left: Path

    def prove(self, *, check: bool = True) -> str:
        """Run the last job."""
        return self.machine.run(self.proof, check=check, GITHUB_STEP_SUMMARY=str(self.page))

    @property
    def page(self) -> Path:
        """The page that GitHub shows of it."""
        return self.machine.checkout.parent / "summary.md"

    def results(self, number: int) -> Path:
        """The results of a shard."""
        [path] = self.left.glob(f"*-{number}/{number}/test-results.json")
        return path


@pytest.fixture(scope="module")
def shards(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Shards:
    """Two machines that ran what the workflow says, and a third that has what they uploaded."""
    root = tmp_path_factory.mktemp("shards")
    repository = root / "repository"
    project = rendered(
        template, repository, "", OF_UV, ci_provider="github", database_engine="sqlite",
        shards=2, coverage_minimum=50, questions="everything",
    )  # fmt: skip
    build_tree(project, {"tests/test_steps.py": STEPS})
    commit_all(repository)
    workflow = project / PLACES["github"]
    machine = Machine(repository, root / "checkout", "uv")
    left = machine.checkout / "test-shards"
    machine.run(steps(workflow, "github", "test")[:1])
    for number in ("1", "2"):
        machine.run(steps(workflow, "github", "test", python="3.13", shard=number)[1:])
        # Uploaded by the one, and downloaded by the other machine.
        artifact = root / "uploaded" / f"test-shard-3.13-{number}"
        artifact.parent.mkdir(exist_ok=True)
        left.rename(artifact)
    (root / "uploaded").rename(left)
    (machine.checkout / "coverage.xml").unlink(missing_ok=True)
    return Shards(machine, steps(workflow, "github", "whole")[1:], left)


STEPS = """\
import pytest


@pytest.mark.journey
class TestJourney:
    seen = []

    @pytest.mark.parametrize("step", range(5))
    def test_step(self, step):
        assert self.seen == list(range(step))
        self.seen.append(step)
"""


@pytest.mark.runs
def test_shards_are_the_whole_suite_and_one_run_is_made_of_them(shards: Shards) -> None:
    said = shards.prove()
    assert "Each test ran once: none was lost, and none ran twice." in said
    assert "2 of 2 shards: " in said
    parts = [json.loads(shards.results(number).read_text())["tests"] for number in (1, 2)]
    assert all(parts)
    whole = json.loads((shards.machine.checkout / "test-results.json").read_text())["tests"]
    assert [it["id"] for it in whole] == [it["id"] for part in parts for it in part]
    durations = json.loads((shards.machine.checkout / "test-durations.json").read_text())
    assert sorted(durations) == sorted(it["id"] for it in whole)
    assert re.search(r"^TOTAL .+ \d+%$", said, re.MULTILINE)
    assert all((shards.machine.checkout / file).exists() for file in KEPT)
    assert "## Tests: green" in shards.page.read_text()


@pytest.mark.runs
def test_shards_that_are_not_the_whole_suite_fail_and_say_so(shards: Shards) -> None:
    path = shards.results(2)
    text = path.read_text()
    run_of_2 = json.loads(text)
    victim = run_of_2["tests"][0]["id"]
    other = json.loads(shards.results(1).read_text())["tests"][0]
    lost = {**run_of_2, "tests": run_of_2["tests"][1:]}
    lost["shard"] = {**lost["shard"], "chosen": [it["id"] for it in lost["tests"]]}
    doubled = {**run_of_2, "tests": [*run_of_2["tests"], other]}
    proof = shards.proof[0][0]
    for changed, what in (
        (json.dumps(lost), f"In no shard: {victim}."),
        (json.dumps(doubled), f"In more than one shard: {other['id']}."),
        (None, "Shard 2 of 2 left no results"),
    ):
        path.unlink()
        if changed is not None:
            path.write_text(changed)
        with pytest.raises(AssertionError, match="ended with 2") as failure:
            shards.machine.run([(proof, {})], GITHUB_STEP_SUMMARY=str(shards.page))
        assert what in str(failure.value)
        assert what in shards.page.read_text()
        path.write_text(text)


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        (None, ["3.13"]),
        (">=3.10", ["3.13"]),
        (">=3.14", ["3.14"]),
        (">=3.11.4,<3.13", ["3.12"]),
        ("^3.11", ["3.13"]),
        ("==3.10.*", ["3.10"]),
        (">=3.20", ["3.13"]),
    ],
)
def test_ci_runs_a_python_that_the_application_takes(
    asked: str | None, versions: list[str]
) -> None:
    assert fitting_pythons(asked) == versions
