"""The systems of docs/requirements.md are rendered from their answers; `make matrix` runs them."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import pytest
import tomllib
import yaml

from tests.worlds import ROOT, questions, render
from tools.matrix import chosen, systems

SYSTEMS = {system.name: system for system in systems()}
# The section and the key of harness.toml, and what stands there.
SETTINGS: dict[str, dict[tuple[str, str], Any]] = {
    "s0-two-databases": {
        ("application", "framework"): "fastapi",
        ("application", "mode"): "sync",
        ("application", "doubles"): "objects mail",
        ("database", "engine"): "postgresql",
        ("database", "unit_engine"): "sqlite",
        ("auth", "style"): "jwt_bearer",
    },
    "s1-flask-cookies": {
        ("application", "framework"): "flask",
        ("application", "mode"): "sync",
        ("application", "doubles"): "mail storage objects",
        ("database", "engine"): "postgresql",
        ("auth", "style"): "jwt_cookie",
    },
    "s2-sqlite-in-production": {
        ("application", "framework"): "fastapi",
        ("application", "mode"): "async",
        ("database", "engine"): "sqlite",
        ("database", "migrations"): "alembic.ini",
        ("auth", "style"): "session_cookie",
        ("auth", "session_cookie"): "session_id",
    },
    "s3-roles-and-doubles": {
        ("application", "framework"): "fastapi",
        ("application", "mode"): "async",
        ("application", "doubles"): "http redis oauth mail",
        ("database", "engine"): "sqlite",
        ("auth", "style"): "jwt_bearer",
    },
    "s4-both-modes": {
        ("application", "framework"): "fastapi",
        ("application", "mode"): "both",
        ("database", "engine"): "postgresql",
        ("database", "driver"): "psycopg",
        ("database", "sync_driver"): "psycopg",
        ("auth", "style"): "jwt_bearer",
    },
}
# What is rendered for one of them and not for those that do not ask for it.
CHECKS = {
    "s0-two-databases": {"test_unit_database_sync.py", "test_socket_sync.py"},
    "s4-both-modes": {"test_isolation_both.py"},
}


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def system(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    name = str(request.param)
    folder = tmp_path_factory.mktemp("system") / "project"
    SYSTEMS[name].begin(folder)
    return name, render(template, folder, answers_file=name)


def test_each_system_has_its_answers() -> None:
    assert sorted(SYSTEMS) == sorted(SETTINGS)
    assert [len(chosen(f"s{number}-")) for number in range(5)] == [1] * 5


@pytest.mark.parametrize("file", sorted((ROOT / "examples" / "answers").glob("*.yml")), ids=str)
def test_every_answer_is_to_a_question(file: Path) -> None:
    given = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(given) - set(questions()) == set()


def test_what_makes_a_system_is_rendered(system: tuple[str, Path]) -> None:
    name, project = system
    [file] = project.glob("tests*/harness.toml")
    settings = tomllib.loads(file.read_text(encoding="utf-8"))
    wanted = SETTINGS[name]
    assert {key: settings[key[0]].get(key[1]) for key in wanted} == wanted
    checks = {path.name for path in (file.parent / "checks").iterdir()}
    special = set[str]().union(*CHECKS.values()) - {"test_socket_sync.py"}
    assert CHECKS.get(name, set()) <= checks
    assert (special - CHECKS.get(name, set())) & checks == set()
    ini = configparser.ConfigParser(interpolation=None)
    ini.read((file.parent if SYSTEMS[name].backend else project) / "pytest.ini")
    options = ini["pytest"]["addopts"].splitlines()
    assert {"--strict-markers", "--strict-config", '-m "not performance"'} <= set(options)
    is_async = settings["application"]["mode"] != "sync"
    assert (ini["pytest"].get("asyncio_mode") == "auto") is is_async


def test_the_bar_of_coverage_is_the_answer(system: tuple[str, Path]) -> None:
    name, project = system
    bar = yaml.safe_load(SYSTEMS[name].file.read_text(encoding="utf-8")).get("coverage_minimum", 85)
    written = configparser.ConfigParser()
    written.read(next(project.glob("tests*/coverage.ini")))
    assert written.getint("report", "fail_under") == bar
