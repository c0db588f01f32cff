"""Modules of the application that are called like what the harness is made of, or brings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from test_harness.application import own_packages
from tests.projects import project_in
from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

BACKEND = {
    "src/factory.py": """
        import dotenv, factories, faker, scenarios
        from flask import Flask
        from models import Note, db

        assert (dotenv.MINE, factories.MINE, faker.MINE, scenarios.MINE) == (1, 2, 3, 4)


        def create_app():
            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///app.db"
            db.init_app(app)

            @app.get("/notes")
            def notes():
                return {"notes": [note.text for note in db.session.query(Note)]}

            return app
    """,
    "src/dotenv.py": "MINE = 1\n",
    "src/factories/__init__.py": "MINE = 2\n",
    "src/faker/__init__.py": "MINE = 3\n",
    "src/faker/utils.py": "MINE = 5\n",
    "src/scenarios.py": "MINE = 4\n",
    "src/models.py": """
        from flask import current_app
        from flask_sqlalchemy import SQLAlchemy
        from sqlalchemy import event
        from sqlalchemy.orm import Session

        db = SQLAlchemy()


        class Note(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            text = db.Column(db.String(50), nullable=False)


        @event.listens_for(Session, "before_flush")
        def audit(session, context, instances):
            current_app.logger.debug("flush")
    """,
    "wsgi.py": """
        import sys

        sys.path.insert(1, "src")
        from factory import create_app

        app = create_app()
    """,
    "requirements.txt": "flask\nflask-sqlalchemy\n",
}
TESTS = """
    import importlib


    def test_both_are_there(db, scenario, note_factory):
        import factory
        from factory import Faker, Sequence, create_app
        from harness_factories import NoteFactory

        assert factory.create_app is create_app
        assert importlib.import_module("faker.utils").MINE == 5
        assert importlib.import_module("factories").MINE == 2

        class Worded(NoteFactory):
            text = Faker("word")

        assert Worded.create().text.isalpha()
        assert len(scenario("everything")["Note"]) == 3
        assert note_factory.batch(2)[1].id


    def test_a_commit_is_within_the_context(db):
        from models import Note

        db.add(Note(text="x"))
        db.commit()
"""


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backend whose modules have the names of the harness's packages and files."""
    folder = tmp_path_factory.mktemp("names") / "project"
    build_tree(folder, {name: dedented(text) for name, text in BACKEND.items()})
    render(template, folder)
    ini = folder / "pytest.ini"
    # Faker's own plugin is loaded before the harness.
    ini.write_text(ini.read_text().replace("addopts =", "addopts =\n    -p no:faker"))
    return folder


def dedented(text: str) -> str:
    return (
        "\n".join(line.removeprefix("    " * 2) for line in text.splitlines()).lstrip("\n") + "\n"
    )


def test_the_application_and_the_harness_each_get_their_own(
    project: Path, suite_python: Path
) -> None:
    pytest_: list[str | Path] = [suite_python, "-m", "pytest", "-q"]
    written = run(*pytest_, "-s", "--write-factories", cwd=project).stdout
    assert "Wrote tests/harness_factories.py: NoteFactory." in written
    text = "\n".join(line.removeprefix("    ") for line in TESTS.splitlines())
    build_tree(project, {"tests/test_names.py": text})
    printed = run(*pytest_, cwd=project).stdout
    assert " passed" in printed
    run(suite_python, "-m", "test_harness", "seed", "sqlite:///dev.db", cwd=project)


def test_factories_of_the_tests_are_asked_to_take_another_name(
    project: Path, suite_python: Path
) -> None:
    (project / "tests" / "harness_factories.py").unlink(missing_ok=True)
    build_tree(project, {"tests/factories.py": "from test_harness import ModelFactory\n"})
    command: list[str | Path] = [suite_python, "-m", "pytest", "-q", "-s", "--write-factories"]
    printed = run(*command, cwd=project, check=False).stdout
    (project / "tests" / "factories.py").unlink()
    assert (
        "The factories of the tests have the name of src/factories/__init__.py, which the "
        "application imports."
    ) in printed
    assert "Fix: Call the file or folder in tests harness_factories" in printed


def test_folders_that_imports_start_from_are_named_without_a_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = build_tree(tmp_path / "shop" / "tests_harness", {"harness.toml": ""})
    monkeypatch.setattr(sys, "path", [f"{suite}/..", *sys.path])
    with project_in(suite):
        own_packages.hold()
    assert sys.path[0] == str(tmp_path / "shop")
