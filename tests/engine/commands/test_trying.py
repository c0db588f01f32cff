"""Variables are found by trying: one value after the other, a bounded number of times."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from test_harness.commands.environment_file import EnvironmentFile
from test_harness.commands.trying import MOST, Trying

RENDERED = """\
# Variables that the application needs to be imported.
# required: app/config.py:3
SECRET_KEY=test
# mine
REGION=north
"""


def want(name: str, *values: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "place": "app/config.py:3", "missing": True, "sure": True, "must": "",
        "values": list(values), **more,
    }  # fmt: skip


def failure(*wants: dict[str, Any], text: str = "no", **more: Any) -> dict[str, Any]:
    return {
        "step": "import", "raised": "ApplicationError", "error": "ValueError", "text": text,
        "place": "app/config.py:3", "said": "app cannot be imported", "fix": "Mend the module.",
        "wants": list(wants), **more,
    }  # fmt: skip


class Application:
    """Asks for one variable after the other, each of which has to have one value.

    Args:
        accepted: The values, by name.
        offered: What is offered for each, and whether the harness is sure that it is meant.
    """

    def __init__(
        self, accepted: dict[str, str], offered: Mapping[str, tuple[str, ...]], **more: Any
    ) -> None:
        self.accepted = accepted
        self.offered = offered
        self.more = more
        self.given: list[dict[str, str]] = []

    def __call__(self, values: Mapping[str, str]) -> dict[str, Any]:
        self.given.append(dict(values))
        for name, value in self.accepted.items():
            if values.get(name) != value:
                asked = want(name, *self.offered[name], **self.more)
                return failure(asked, text=f"{name} is wrong")
        return {"fine": True}


@pytest.fixture
def file(tmp_path: Path) -> EnvironmentFile:
    path = tmp_path / "test.env"
    path.write_text(RENDERED)
    return EnvironmentFile(path)


def tried(attempt: Any, file: EnvironmentFile, exported: dict[str, str] | None = None) -> Trying:
    trying = Trying(attempt, file, "tests/test.env", exported or {})
    trying.run()
    return trying


def test_an_application_that_asks_for_nothing_is_imported_once(file: EnvironmentFile) -> None:
    application = Application({}, {})
    trying = tried(application, file)
    assert application.given == [{}]
    assert (trying.found(), trying.problem, trying.note) == ({}, "", "")


def test_each_variable_gets_its_values_until_one_is_accepted(file: EnvironmentFile) -> None:
    offered = {"MODE": ("test", "local"), "PORT": ("1", "8000")}
    application = Application({"MODE": "local", "PORT": "8000"}, offered)
    trying = tried(application, file)
    assert application.given == [
        {},
        {"MODE": "test"},
        {"MODE": "local"},
        {"MODE": "local", "PORT": "1"},
        {"MODE": "local", "PORT": "8000"},
    ]
    assert trying.found() == {"MODE": "local", "PORT": "8000"}
    assert trying.problem == ""


def test_a_variable_that_refuses_everything_is_named_with_what_was_tried(
    file: EnvironmentFile,
) -> None:
    offered = {"MODE": ("local",), "LICENCE": ("test", "x" * 50)}
    application = Application({"MODE": "local", "LICENCE": "valid"}, offered)
    trying = tried(application, file)
    assert trying.problem == (
        "app/config.py:3 refuses LICENCE with each value that was tried ('test', "
        "'xxxxxxxxxxxxxxxxxxxxxxxx...'). It says: LICENCE is wrong.\n"
        "  Fix: give LICENCE a value that is safe in tests in tests/test.env."
    )
    assert trying.found() == {"MODE": "local"}


def test_what_nothing_is_known_for_is_named(file: EnvironmentFile) -> None:
    asked = want("TARIFFS", must="a file that is there")
    trying = tried(lambda _: failure(asked, text=""), file)
    assert trying.problem == (
        "app/config.py:3 asks for TARIFFS, and nothing fits that is known here.\n"
        "  Fix: give TARIFFS a value that is a file that is there in tests/test.env."
    )
    assert trying.times == 1


def test_an_application_that_always_asks_for_more_is_left_after_a_while(
    file: EnvironmentFile,
) -> None:
    names = [f"NAME_{number}" for number in range(MOST + 5)]
    application = Application(dict.fromkeys(names, "x"), dict.fromkeys(names, ("x",)))
    trying = tried(application, file)
    assert trying.times == len(application.given) == MOST
    assert trying.problem == (
        f"app/config.py:3 asks for NAME_{MOST - 1} still, after {MOST} imports.\n"
        f"  Fix: give NAME_{MOST - 1} a value that is safe in tests in tests/test.env."
    )
    assert [*trying.found()] == names[: MOST - 1]


def test_a_guess_that_changes_nothing_is_taken_back(file: EnvironmentFile) -> None:
    application = Application({"MODE": "other"}, {"MODE": ("a", "b", "c", "d")}, sure=False)
    trying = tried(application, file)
    assert application.given == [{}, {"MODE": "a"}, {"MODE": "b"}]
    assert trying.found() == {}
    assert trying.problem == "app cannot be imported\n  Fix: Mend the module."


def test_a_guess_that_is_right_is_kept(file: EnvironmentFile) -> None:
    application = Application({"MODE": "b"}, {"MODE": ("a", "b")}, sure=False)
    assert tried(application, file).found() == {"MODE": "b"}


def test_what_is_exported_is_not_tried_and_not_shown(file: EnvironmentFile) -> None:
    asked = want("LICENCE", "test", must="one of a, b")
    trying = tried(lambda _: failure(asked), file, {"LICENCE": "of-the-developer"})
    assert trying.problem == (
        "app/config.py:3 refuses the value of LICENCE that is exported here, which must be one of "
        "a, b.\n  Fix: unset it, or export a value that is one of a, b."
    )
    assert trying.times == 1


def test_a_line_of_a_person_is_named_and_stays(file: EnvironmentFile) -> None:
    trying = tried(lambda _: failure(want("REGION", "south")), file)
    assert trying.problem == (
        "app/config.py:3 refuses the value of REGION in tests/test.env:5.\n"
        "  Fix: give it a value that is safe in tests."
    )
    assert trying.times == 1


@pytest.mark.parametrize(
    ("error", "fix"),
    [("NameError", "mend app/config.py:3."), ("ModuleNotFoundError", "Mend the module.")],
)
def test_what_no_value_mends_stops_at_once(file: EnvironmentFile, error: str, fix: str) -> None:
    trying = tried(lambda _: failure(error=error), file)
    assert trying.problem == f"app cannot be imported\n  Fix: {fix}"
    assert trying.times == 1


def test_a_service_that_was_reached_for_is_named(file: EnvironmentFile) -> None:
    reached = {"reached": "app/main.py:9 connects to redis (port 6379)", "fix": "put a double."}
    trying = tried(lambda _: failure(**reached), file)
    assert trying.problem == (
        "app cannot be imported\napp/main.py:9 connects to redis (port 6379).\n  Fix: put a double."
    )


def test_what_is_still_waiting_is_only_told(file: EnvironmentFile) -> None:
    trying = tried(lambda _: failure(waited="app/main.py:9"), file)
    assert trying.note.startswith("app/main.py:9 was not done after 60 s ")
    assert trying.problem == ""


def test_a_database_that_cannot_be_made_is_left_to_the_suite(file: EnvironmentFile) -> None:
    trying = tried(lambda _: failure(step="start", raised="ProvisioningError"), file)
    assert (trying.problem, trying.note) == ("", "")


# ------------------------------------------------------------------------------------ the file


def test_lines_of_the_harness_are_replaced_and_others_added(file: EnvironmentFile) -> None:
    file.add("SECRET_KEY", "longer", "asked for by app/config.py:3: must be at least 6 long")
    file.add("MODE", "local", "asked for by app/config.py:9")
    file.write()
    assert file.path.read_text() == (
        "# Variables that the application needs to be imported.\n"
        "# asked for by app/config.py:3: must be at least 6 long\n"
        "SECRET_KEY=longer\n"
        "# mine\n"
        "REGION=north\n"
        "# asked for by app/config.py:9\n"
        "MODE=local\n"
    )
    assert not file.is_of_a_person("MODE")
    assert file.is_of_a_person("REGION")


@pytest.mark.parametrize(
    "value",
    ["plain", "with blanks", "a#b", "it's", 'say "so"', "{\"a\": [1]}", "back\\slash",
     "two\nlines\n",
     "two \"quoted\"\nlines", "$HOME"],
)  # fmt: skip
def test_a_value_is_read_back_as_it_was(file: EnvironmentFile, value: str) -> None:
    file.add("NEW", value, "asked for by app/config.py:9")
    file.write()
    assert dotenv_values(file.path, interpolate=True)["NEW"] == value
