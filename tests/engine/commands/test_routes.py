"""`test-harness routes` reaches the operations of a sample, and keeps what a person has written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tomllib

from test_harness.commands.routes import say_what_was_reached
from tests.worlds import render, run

pytestmark = pytest.mark.runs

SKIPPED = """\
# Of a person.
["POST /auth/signup"]   # which has a table already
as="anonymous"
json = { email = "walk9000@example.com", password = "Another-Horse-8-Battery!" }

["GET /health"]
skip = "pages the night shift"

["PATCH /organisations/{organisation_id}/items/{item_id}"]
as = "owner"
path = { organisation_id = "organisations.id", item_id = "items.id" }
json = { status = "archived" }
rows = { items = { status = "active" } }
status = 200

["GET /organisations/{organisation_id}"]
as = "member"
scenario = "an_organisation"
path = { organisation_id = { made = "id" } }
status = 404
"""
WRONG = """
["GET /organisation"]
as = "owner"

["GET /organisations"]
as = "owner"
query = { page = { row = "items.prize" } }

["GET /organisations/{organisation_id}/items"]
as = "nobody"
path = { organisation_id = "organisations.id" }

["GET /organisations/{organisation_id}/members"]
as = "owner"
path = { organisation_id = "organisations.id" }
rows = { organisations = { size = 3 } }

["GET /auth/me"]
as = "owner"
scenario = "nothing_of_this_name"

["POST /organisations"]
as = "owner"
json = { name = "" }
status = 201
"""
SCENARIO = """

def an_organisation() -> Any:
    \"\"\"One that nobody is in.\"\"\"
    return OrganisationFactory.create()
"""
TOLD = [
    "is of GET /organisation, which the application does not have.",
    "wants 'items.prize': items has no column 'prize'.",
    "is sent as 'nobody', who is nobody here.",
    "wants organisations.size: there is no such column.",
    "scenarios.py has no scenario 'nothing_of_this_name'.",
    "says that POST /organisations answers 201, and it answers 422.",
]


def test_every_operation_is_reached_and_what_a_person_wrote_is_kept(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, tmp_path / "sample", answers_file="fastapi-async-sqlite")
    scenarios, file = project / "tests" / "scenarios.py", project / "tests" / "requests.toml"
    scenarios.write_text(
        scenarios.read_text(encoding="utf-8")
        + "\n\nfrom typing import Any\n\nfrom factories import OrganisationFactory\n"
        + SCENARIO,
        encoding="utf-8",
    )
    file.write_text(SKIPPED + WRONG, encoding="utf-8")
    command = (suite_python, "-m", "test_harness", "routes")

    # What is wrong is told with its line, and nothing is written.
    checked = run(*command, "--check", cwd=project, check=False)
    assert checked.returncode == 1
    for said in TOLD:
        [line] = [line for line in checked.stdout.splitlines() if said in line]
        where = re.match(r"tests/requests\.toml:(\d+)", line)
        assert where, line
        assert file.read_text(encoding="utf-8").splitlines()[int(where[1]) - 1].startswith('["')
    assert re.search(r"^reached 18 of 23 operations \(78 %\), 1 are skipped$", checked.stdout, re.M)
    assert "15 requests would be new in tests/requests.toml" in checked.stdout
    assert file.read_text(encoding="utf-8") == SKIPPED + WRONG

    # Without that everything is reached, and added behind what is there.
    file.write_text(SKIPPED, encoding="utf-8")
    done = run(*command, cwd=project)
    assert done.stdout.splitlines()[-1] == "reached 23 of 23 operations (100 %), 1 are skipped"
    text = file.read_text(encoding="utf-8")
    assert text.startswith(SKIPPED)
    tables = tomllib.loads(text)
    assert len(tables) == 24
    assert tables["POST /auth/verify"] == {
        "as": "anonymous",
        "after": ["POST /auth/signup"],
        "json": {"token": {"mail": "walk9000@example.com"}},
        "status": 204,
    }

    # What was found is sent again in another world, and answered alike: nothing is searched.
    again = run(*command, "--json", cwd=project)
    summary = json.loads(again.stdout)
    assert (summary["reached"], summary["of"], summary["wrong"]) == (23, 23, [])
    assert all(one["remembered"] and one["tries"] <= 1 for one in summary["operations"])


@pytest.mark.parametrize(("operations", "said"), [([], 0), (["GET /items"], 2)])
def test_nothing_is_said_of_routes_where_there_are_none(
    operations: list[str], said: int, tmp_path: Path
) -> None:
    heard: list[str] = []
    report = [{"operations": operations, "wrong": [], "notes": []}]
    say_what_was_reached(report, tmp_path, heard.append)
    assert len(heard) == said
