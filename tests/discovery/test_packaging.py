"""What a project builds gains nothing from the folder of the harness, whoever builds it."""

from __future__ import annotations

import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from extensions.discovery import Facts, discover, message
from tests.worlds import build_tree, render, run
from tools.environments import UV

SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "app"\nversion = "1"\ndescription = "An application."\n'
FIND = f"{SETUPTOOLS}{PROJECT}[tool.setuptools.packages.find]\n"
NAMESPACES = "[metadata]\nname = app\n[options]\npackages = find_namespace:\n"
SETUP = "from setuptools import find_namespace_packages, setup\n\n"
APP = {
    "app/__init__.py": '"""An application."""\n',
    "app/main.py": "from fastapi import FastAPI\nfrom sqlalchemy.orm import DeclarativeBase\n\n\n"
    "class Base(DeclarativeBase):\n    pass\n\n\napp = FastAPI()\n",
}
OWN = {"tests/test_own.py": "def test_own():\n    pass\n"}


def built_by(backend: str, module: str, more: str = "") -> str:
    system = f'[build-system]\nrequires = ["{backend}"]\nbuild-backend = "{module}"\n'
    return f"{system}{PROJECT}{more}"


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({"pyproject.toml": SETUPTOOLS + PROJECT}, "_tests_harness"),
        ({"setup.py": "from setuptools import setup\nsetup(name='app')\n"}, "_tests_harness"),
        ({"pyproject.toml": PROJECT}, "tests_harness"),
        ({"pyproject.toml": f'{FIND}include = ["app*"]\n'}, "tests_harness"),
        ({"pyproject.toml": f'{FIND}exclude = ["tests*"]\n'}, "tests_harness"),
        ({"pyproject.toml": f'{FIND}exclude = ["_*", "tests"]\n'}, "_tests_harness"),
        ({"pyproject.toml": f"{FIND}namespaces = false\n"}, "tests_harness"),
        ({"pyproject.toml": f'{FIND}where = ["src"]\n'}, "tests_harness"),
        ({"pyproject.toml": built_by("hatchling", "hatchling.build")}, "tests_harness"),
        ({"pyproject.toml": built_by("pdm-backend", "pdm.backend")}, "tests_harness"),
        (
            {"setup.cfg": f"{NAMESPACES}[options.packages.find]\nexclude = tests*\n"},
            "tests_harness",
        ),
        ({"setup.cfg": NAMESPACES.replace("_namespace", "")}, "tests_harness"),
        (
            {"setup.py": f"{SETUP}setup(packages=find_namespace_packages(exclude=['tests*']))\n"},
            "tests_harness",
        ),
        (
            {"setup.py": f"{SETUP}setup(packages=find_namespace_packages('.', ['tests', '_*']))\n"},
            "_tests_harness",
        ),
        ({"tests_harness/notes.txt": "Somebody else's."}, "_tests_harness"),
    ],
)
def test_the_folder_is_one_that_nothing_packages(
    tmp_path: Path, files: dict[str, str], folder: str
) -> None:
    project = build_tree(tmp_path, {**APP, **OWN, **files})
    assert discover(project)["tests_folder"] == folder
    assert "in what is built" not in message(Facts(project))


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        ({**OWN, "pyproject.toml": FIND}, "tests_harness"),
        ({**OWN, "setup.cfg": NAMESPACES}, "tests_harness"),
        ({"pyproject.toml": f'{FIND}where = ["."]\n'}, "tests"),
    ],
)
def test_where_every_folder_is_packaged_a_line_says_so(
    tmp_path: Path, files: dict[str, str], folder: str
) -> None:
    project = build_tree(tmp_path, {**APP, **files})
    assert discover(project)["tests_folder"] == folder
    assert f"in what is built:  {folder} as well: name it in `exclude`" in message(Facts(project))


def test_a_folder_that_is_free_is_called_tests(tmp_path: Path) -> None:
    project = build_tree(tmp_path, {**APP, "pyproject.toml": SETUPTOOLS + PROJECT})
    assert discover(project)["tests_folder"] == "tests"


BUILDS = {
    "setuptools": SETUPTOOLS + PROJECT,
    "setuptools that excludes": f'{FIND}exclude = ["tests*"]\n',
    "hatchling": built_by("hatchling", "hatchling.build"),
    "pdm": built_by("pdm-backend", "pdm.backend"),
    "uv": built_by("uv_build", "uv_build", '[tool.uv.build-backend]\nmodule-root = ""\n'),
}


@pytest.mark.runs
def test_a_wheel_gains_nothing_and_a_source_distribution_can_be_built(
    template: Path, tmp_path: Path
) -> None:
    environment = tmp_path / "environment"
    run(UV, "venv", "--quiet", "--python", sys.executable, environment, cwd=tmp_path)
    backends = ("setuptools", "hatchling", "pdm-backend", "uv_build")
    python = environment / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", python, *backends, cwd=tmp_path)
    adopted = render(template, build_tree(tmp_path / "adopted", {**APP, **OWN}), mode="sync")
    for name, project in BUILDS.items():
        before = build_tree(tmp_path / name / "app", {**APP, **OWN, "pyproject.toml": project})
        wheel = built(before, environment)
        folder = discover(before)["tests_folder"]
        for path in sorted(adopted.rglob("*")):
            relative = path.relative_to(adopted).as_posix()
            if path.is_file() and not (before / relative).exists():
                target = before / relative.replace("tests_harness/", f"{folder}/", 1)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
        assert (before / folder / "harness.toml").is_file()
        assert built(before, environment) == wheel, name


def built(project: Path, environment: Path) -> list[str]:
    """Build both distributions and return what the wheel has, which is built from the other."""
    folder = project.parent / "dist"
    run(
        UV, "build", "--quiet", "--no-build-isolation", "--out-dir", folder, cwd=project,
        VIRTUAL_ENV=str(environment), UV_PYTHON=str(environment / "bin" / "python"),
    )  # fmt: skip
    [source], [wheel] = folder.glob("*.tar.gz"), folder.glob("*.whl")
    with tarfile.open(source) as archive:
        assert "app-1/app/main.py" in archive.getnames()
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())
