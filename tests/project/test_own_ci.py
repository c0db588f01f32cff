"""What stands in .github is what GitHub and a linter take, and its commands are there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.worlds import ANSWERS, ROOT, build_tree, run

BIN = Path(sys.executable).parent
HOME = ROOT / ".github"
WORKFLOWS = sorted((HOME / "workflows").glob("*.yml"))
JOBS: dict[str, Any] = yaml.safe_load((HOME / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]
COMMANDS = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]


def test_github_understands_it() -> None:
    schemas = {
        "vendor.github-workflows": WORKFLOWS,
        "vendor.dependabot": [HOME / "dependabot.yml"],
    }
    for schema, files in schemas.items():
        run(BIN / "check-jsonschema", "--builtin-schema", schema, *files, cwd=ROOT)


def test_a_security_linter_finds_nothing() -> None:
    run(BIN / "zizmor", "--offline", "--no-progress", HOME, cwd=ROOT)


def test_the_linter_would_find_an_action_that_is_not_pinned(tmp_path: Path) -> None:
    [file] = WORKFLOWS
    text = re.sub(r"@[0-9a-f]{40}  # (v\d+)", r"@\1  #", file.read_text("utf-8"))
    folder = build_tree(tmp_path, {".github/workflows/ci.yml": text})
    done = run(
        BIN / "zizmor", "--offline", "--no-progress", folder / ".github", cwd=tmp_path, check=False
    )
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout


def test_it_runs_on_three_systems() -> None:
    systems = {job["runs-on"] for job in JOBS.values()}
    systems |= {
        it
        for job in JOBS.values()
        for it in job.get("strategy", {}).get("matrix", {}).get("system", [])
    }
    assert {"ubuntu-latest", "macos-latest", "windows-latest"} <= systems


@pytest.mark.parametrize("command", COMMANDS)
def test_what_it_names_is_there(command: str) -> None:
    paths = re.findall(r"(?<![\w/])(?:\.ci|tests|examples)/[\w./-]+", command)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_commands_are_those_of_ci() -> None:
    [first, *others] = COMMANDS
    assert first == ".ci/run"
    assert any(f"{ANSWERS.relative_to(ROOT)}/fastapi-async-sqlite.yml" in it for it in others)


@pytest.mark.parametrize("form", sorted((HOME / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=str)
def test_a_form_has_what_github_asks_for(form: Path) -> None:
    read = yaml.safe_load(form.read_text("utf-8"))
    assert {"name", "description", "body"} <= set(read)
    for part in read["body"]:
        assert part["type"] in {"textarea", "input", "dropdown"}
        assert part["attributes"]["label"]


def test_the_hooks_of_pre_commit_are_commands_that_are_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known = [entry.replace(".venv/bin/", "$(BIN)/").removesuffix(" --check") for entry in entries]
    assert [entry for entry in known if entry not in makefile] == []
