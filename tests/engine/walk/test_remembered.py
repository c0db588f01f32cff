"""What was found is remembered in words that hold in any world, and a person's lines are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from test_harness.application.passwords import PASSWORD
from test_harness.auth.flows.account import NEW_PASSWORD
from test_harness.errors import SettingsError
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.remembered import append_requests, check_operations, read_requests

RECIPES = {
    "POST /projects/{project_id}/tasks": Recipe(
        "owner",
        path={
            "project_id": Symbol("row", "projects.id"),
            "page": 7,
            "dotted": Symbol("text", "a.b"),
        },
        query={"tags": ["a", "b"]},
        headers={"X-Tenant": Symbol("theirs", "tenants.slug")},
        json={
            "title": 'A "text"\twith\x7f all\n',
            "who": Symbol("user", "member.id"),
            "due": Symbol("days", 7),
            "note": None,
            "odd key": [1, 2.5, True, {}],
            "nested": {"row": "no row", "x": {"row": "users.id"}},
            "alike": {"row": "x"},
        },
        rows={"projects": {"status": "done", "ends_at": Symbol("moment", -7)}},
        scenario="paid_order",
        after=("POST /login",),
        status=201,
    ),
    "PUT /me/avatar": Recipe("owner", files={"file": "picture.png"}, form={}, status=204),
    "GET /fax": Recipe(skip="sends a fax"),
    "POST /text": Recipe("owner", content="A text", status=200),
}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "requests.toml"
    append_requests(path, RECIPES)
    read = read_requests(path)
    assert {name: one.but(where="") for name, one in read.items()} == RECIPES
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, recipe in read.items():
        line = lines.index(f'["{name}"]') + 1
        assert recipe.where == f"{tmp_path.name}/requests.toml:{line}"


def test_passwords_stand_there_by_name(tmp_path: Path) -> None:
    path = tmp_path / "requests.toml"
    recipe = Recipe("owner", json={"old": PASSWORD, "new": [NEW_PASSWORD]}, status=200)
    append_requests(path, {"POST /a": recipe})
    text = path.read_text(encoding="utf-8")
    assert 'json = { old = { secret = "password" }, new = [{ secret = "new password" }] }' in text
    assert read_requests(path)["POST /a"].json == recipe.json


def test_what_stands_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "requests.toml"
    mine = '# mine\n["GET /a"]  # why\nas="owner"\npath = { id = "a.id" }   # odd\nstatus = 200'
    path.write_text(mine, encoding="utf-8")
    append_requests(path, {"GET /b": Recipe("owner", status=200)})
    text = path.read_text(encoding="utf-8")
    assert text == f'{mine}\n\n["GET /b"]\nas = "owner"\nstatus = 200\n'
    append_requests(path, {})
    assert path.read_text(encoding="utf-8") == text


def test_no_file_is_made_for_nothing(tmp_path: Path) -> None:
    append_requests(tmp_path / "requests.toml", {})
    assert read_requests(tmp_path / "requests.toml") == {}
    assert not (tmp_path / "requests.toml").exists()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('["GET /a"]\nas = "owner"\nstatis = 200', 3, "has an unknown key 'statis'"),
        ('["GET /a"]\nas = 7', 2, "has as = 7, which is not text"),
        ('["GET /a"]\nstatus = "200"', 2, "has status = '200', which is not a whole number"),
        ('["GET /a"]\nstatus = true', 2, "which is not a whole number"),
        ('["GET /a"]\njson = { x = { row = 7 } }', 2, "has row = 7, which is not text"),
        ('["GET /a"]\njson = { x = { row = "users" } }', 2, "which is no column of a row"),
        ('["GET /a"]\njson = { x = { days = "7" } }', 2, "has days = '7', which is not a whole"),
        ('["GET /a"]\njson = { x = { secret = "key" } }', 2, "has secret = 'key', which is none"),
        ('["GET /a"]\nrows = { a = "done" }', 2, "gives a row no columns"),
        ('["GET /a"]\nafter = [7]', 2, "names what is no operation"),
        ('["GET /a"]\npath = { id = [1] }', 2, "gives {id} no value"),
        ('["GET /a"]\nfiles = { file = 7 }', 2, "has what is no name of a file"),
        ("\n[get]\nas = 'x'", 2, "names no operation"),
        ('["GET /ok"]\nas = "a"\n["GET /b"]\nas = 1', 4, "has as = 1"),
        ("# GET /b\n['GET /b']\nas = 1", 3, "has as = 1"),
        # One that names another before that has its table.
        ('["GET /a"]\nafter = ["GET /b"]\n\n["GET /b"]\nas = 1', 5, "has as = 1"),
        ('"GET /b" = { as = 1 }', 1, "has as = 1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "requests.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_requests(path)
    assert caught.value.problem.startswith(f"{tmp_path.name}/requests.toml:{line}: ")
    assert said in caught.value.problem
    assert caught.value.fix


def test_what_is_no_toml_is_told(tmp_path: Path) -> None:
    path = tmp_path / "requests.toml"
    path.write_text("[", encoding="utf-8")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        read_requests(path)


def test_an_operation_that_is_gone_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "requests.toml"
    append_requests(path, {"GET /taks": Recipe("owner"), "GET /tasks": Recipe("owner")})
    [said] = check_operations(path, read_requests(path), [Operation("GET", "/tasks")])
    assert said == (
        f"{tmp_path.name}/requests.toml:5 is of GET /taks, which the application does not have.\n"
        '  Fix: Rename it to ["GET /tasks"].'
    )
