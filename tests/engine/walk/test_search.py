"""A request is found by what answers complain of, by what was asked for, and by who may."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from test_harness.factories.base import bound_to
from test_harness.walk.operation import Operation, Parameter
from test_harness.walk.performing import Book
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.scene import Scene
from test_harness.walk.search import MOST, Found, find_request
from test_harness.walk.visit import Change, Request, Statement, Visit
from tests.engine.walk.scripts import MODELS, Base, Project, Rows, TaskItem, asked, drive
from tests.projects import harness_toml, project_in
from tests.worlds import build_tree

SETTINGS = (
    harness_toml(metadata="tests.engine.walk.scripts:Base")
    + """[auth]
style = "none"
[flows]
"""
)
INTEGER = {"type": "integer"}
ADDED = Change("task_items", (32,), None, {"id": 32})


class Letters(DeclarativeBase):
    """What the class below is mapped by."""


class Reader(Letters):
    """Logs in by a name."""

    __tablename__ = "readers"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Iterator[None]:
    with project_in(build_tree(tmp_path, {"tests/harness.toml": SETTINGS}) / "tests"):
        yield


def search(operation: Operation, app: Any, book: Book | None = None) -> tuple[Found, list[Visit]]:
    found, visits = drive(find_request(operation, Rows(), book, MODELS), app)
    assert isinstance(found, Found)
    return found, visits


def recipe_of(found: Found) -> Recipe:
    assert found.recipe is not None, found.visit
    return found.recipe


# --------------------------------------------------------------------------------------- the path


@pytest.mark.parametrize(
    ("path", "schema", "expected"),
    [
        ("/projects/{project_id}", INTEGER, "/projects/21"),
        ("/projects/{id}", INTEGER, "/projects/21"),
        ("/projects/{slug}", {"type": "string"}, "/projects/moon"),
        ("/projects/{project_slug}", {}, "/projects/moon"),
        ("/projects/{project}", {"type": "string"}, "/projects/21"),
        ("/users/{username}", {"type": "string"}, "/users/ada"),
        ("/user/{username}/avatar", {}, "/user/ada/avatar"),
        ("/tasks/{pk}", INTEGER, "/tasks/21"),
        ("/items/{assignee_id}", INTEGER, "/items/11"),
        ("/task-items/{task_item_id}", INTEGER, "/task-items/31"),
        ("/reports/{year}", INTEGER, "/reports/2026"),
        ("/sort/{order}", {"enum": ["up", "down"]}, "/sort/up"),
    ],
)
def test_a_path_is_made_of_our_rows(path: str, schema: dict[str, Any], expected: str) -> None:
    name = re.findall(r"\{(\w+)\}", path)[0]
    operation = Operation("GET", path, (Parameter(name, "path", schema, True),))
    found, visits = search(operation, lambda request, principal: (200, {}))
    if path == "/tasks/{pk}":
        expected = "/tasks/1"  # nothing is called a task
    assert [str(one.request.path) for one in visits] == [expected]
    assert recipe_of(found).status == 200


def test_a_row_is_found_by_what_the_application_asked_its_database_for() -> None:
    def app(request: Request, principal: str) -> Any:
        sent = request.path.rpartition("/")[2]
        if sent == "moon":
            return 200, {}
        asks = Statement("SELECT p.id FROM projects AS p WHERE p.slug = ?", (sent,))
        return asked(request, 404, {"detail": "Not found"}, asks)

    operation = Operation(
        "GET", "/x/{what}", (Parameter("what", "path", {"type": "string"}, True),)
    )
    found, visits = search(operation, app)
    assert recipe_of(found).path == {"what": Symbol("row", "projects.slug")}
    assert len(visits) == 2


# ------------------------------------------------------------------------------------ the payload

TASK = {
    "type": "object",
    "required": ["title", "project_id"],
    "properties": {"title": {"type": "string"}, "project_id": INTEGER, "note": {"type": "string"}},
}


def test_a_payload_has_our_rows_and_values_of_the_model() -> None:
    operation = Operation("POST", "/task-items", body=TASK, encoding="json")
    found, [visit] = search(operation, lambda request, principal: (201, {}))
    assert recipe_of(found).json == {
        "title": "Task item 9000",
        "project_id": Symbol("row", "projects.id"),
    }
    assert visit.request.json == {"title": "Task item 9000", "project_id": 21}


def test_what_an_answer_misses_is_added_until_it_is_content() -> None:
    wanted = {"title": "string", "lines": "list", "size": "integer"}

    def app(request: Request, principal: str) -> Any:
        sent = request.json or {}
        for name, kind in wanted.items():
            if name not in sent:
                return 422, {
                    "detail": [{"loc": ["body", name], "msg": "Field required", "type": "missing"}]
                }
            if kind == "integer" and not isinstance(sent[name], int):
                return 422, {
                    "detail": [{"loc": ["body", name], "msg": "Input should be a valid integer"}]
                }
            if kind == "list" and not isinstance(sent[name], list):
                return 422, {
                    "detail": [{"loc": ["body", name], "msg": "Input should be a valid list"}]
                }
        return 201, {}

    found, visits = search(Operation("POST", "/things"), app)
    assert set(recipe_of(found).json) == set(wanted)
    assert len(visits) <= 6


def test_what_nobody_asked_for_is_taken_out() -> None:
    def app(request: Request, principal: str) -> Any:
        surplus = {"detail": [{"loc": ["body", "note"], "msg": "Extra inputs are not permitted"}]}
        return (422, surplus) if "note" in request.json else (200, {})

    schema = {"properties": {"title": {"type": "string"}, "note": {"type": "string"}}}
    found, _ = search(Operation("PATCH", "/task-items", body=schema, encoding="json"), app)
    assert recipe_of(found).json == {"title": "Task item 9000"}


def test_a_file_is_of_a_kind_that_is_taken() -> None:
    def app(request: Request, principal: str) -> Any:
        name, content, kind = (request.files or {})["sheet"]
        assert content
        return (200, {}) if (kind, name[-4:]) == ("text/csv", ".csv") else (415, {})

    schema = {
        "required": ["sheet"],
        "properties": {"sheet": {"type": "string", "format": "binary"}},
    }
    found, _ = search(Operation("POST", "/import", body=schema, encoding="multipart"), app)
    assert recipe_of(found).files == {"sheet": "sheet.csv"}


def test_a_query_and_a_header_are_made_of_our_rows() -> None:
    def app(request: Request, principal: str) -> Any:
        if "X-Project" not in request.headers:
            return 400, {"detail": "The header X-Project is missing"}
        return (200, []) if request.headers["X-Project"] == "moon" else (404, {})

    wanted = Parameter("project_id", "query", INTEGER, True)
    other = Parameter("page", "query", INTEGER, False)
    found, visits = search(Operation("GET", "/task-items", (wanted, other)), app)
    assert recipe_of(found).query == {"project_id": Symbol("row", "projects.id")}
    assert recipe_of(found).headers == {"X-Project": Symbol("row", "projects.slug")}
    assert visits[-1].request.query == {"project_id": "21"}


# ---------------------------------------------------------------------------------- who, and when


@pytest.mark.parametrize("status", [401, 403, 404])
def test_somebody_else_asks_who_may(status: int) -> None:
    found, visits = search(
        Operation("GET", "/stats"),
        lambda request, principal: (200, {}) if principal == "admin" else (status, {}),
    )
    assert recipe_of(found).principal == "admin"
    assert len(visits) == 2


def test_nobody_asks_who_is_of_another_side() -> None:
    found, visits = search(Operation("GET", "/stats"), lambda request, principal: (403, {}))
    assert not found.reached
    assert {one.principal for one in visits} == {"owner", "admin", "member", "anonymous"}


def test_another_user_is_named_where_it_cannot_be_who_asks() -> None:
    operation = Operation(
        "DELETE", "/projects/{project_id}/members/{user_id}",
        tuple(Parameter(name, "path", INTEGER, True) for name in ("project_id", "user_id")),
    )  # fmt: skip
    found, _ = search(
        operation,
        lambda request, principal: (
            (204, "") if request.path.endswith("/14") else (409, {"detail": "You"})
        ),
    )
    assert recipe_of(found).path["user_id"] == Symbol("user", "member.id")


def test_a_page_that_sends_to_the_login_is_no_answer_and_one_after_a_write_is() -> None:
    def app(request: Request, principal: str) -> Any:
        if principal != "admin":
            return Visit(principal, request, 302, {"location": "/login?next=/"})
        return Visit(principal, request, 302, {"location": "/task-items/1"}, changes=(ADDED,))

    found, visits = search(Operation("POST", "/task-items"), app)
    assert recipe_of(found).principal == "admin"
    assert len(visits) == 2


def test_who_writes_and_is_sent_to_log_in_was_answered() -> None:
    def app(request: Request, principal: str) -> Any:
        if principal == "anonymous":
            return Visit(principal, request, 302, {"location": "/login"}, changes=(ADDED,))
        return Visit(principal, request, 302, {"location": "/home"})

    found, [visit] = search(Operation("POST", "/register"), app)
    assert (recipe_of(found).principal, visit.principal) == ("anonymous", "anonymous")


def test_who_is_sent_elsewhere_and_wrote_nothing_is_asked_for_more() -> None:
    def app(request: Request, principal: str) -> Any:
        changes = (ADDED,) if principal == "admin" else ()
        return Visit(principal, request, 302, {"location": "/home"}, changes=changes)

    found, _ = search(Operation("POST", "/task-items", body=TASK, encoding="json"), app)
    assert recipe_of(found).status == 302


def test_a_token_that_is_got_elsewhere_is_of_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    login = Symbol("row", "users.username")
    monkeypatch.setattr("test_harness.walk.performing.login_symbol", lambda: login)
    given = {"bob": "of bob", "ada": "of ada", "eve": "of eve"}

    def app(request: Request, principal: str) -> Any:
        shown = request.headers.get("Authorization", "")
        if request.path == "/tokens":
            name = base64.b64decode(shown.removeprefix("Basic ")).decode().partition(":")[0]
            return (200, {"token": given[name]}) if name in given else (401, {})
        return (200, shown) if shown == "Bearer of ada" else (403 if shown else 401, shown)

    tokens, secrets = Operation("POST", "/tokens"), Operation("GET", "/secrets")
    book = Book(
        {str(one): one for one in (tokens, secrets)},
        {"POST /tokens": Recipe("owner", headers={"Authorization": Symbol("basic", login.of)})},
        {"POST /tokens": "token"},
    )
    found, _ = search(secrets, app, book)
    recipe = recipe_of(found)
    assert (recipe.principal, recipe.after) == ("owner", ("POST /tokens",))
    world: Any = Rows()
    scene = Scene(secrets, recipe, world, book, Visit("owner", Request("GET", "/secrets"), 200))
    names = ("anonymous", "owner", "stranger", "admin", "member")
    assert {who: drive(scene.asked_as(who), app)[0].status for who in names} == {
        "anonymous": 401, "owner": 200, "stranger": 403, "admin": 403, "member": 401,
    }  # fmt: skip


def test_a_field_that_is_a_token_has_what_a_login_gave() -> None:
    def app(request: Request, principal: str) -> Any:
        if request.path == "/login":
            return 200, {"auth": {"token": "that of a login"}}
        is_known = request.json == {"token": "that of a login"}
        return (200, {}) if is_known else (400, {"detail": "Invalid token"})

    schema = {"required": ["token"], "properties": {"token": {"type": "string"}}}
    verify = Operation("POST", "/verify", body=schema, encoding="json")
    operations = {"POST /login": Operation("POST", "/login"), "POST /verify": verify}
    book = Book(operations, {"POST /login": Recipe()}, {"POST /login": "auth.token"})
    found, _ = search(verify, app, book)
    recipe = recipe_of(found)
    assert (recipe.after, recipe.json) == (
        ("POST /login",), {"token": Symbol("answer", "auth.token")},
    )  # fmt: skip


@pytest.mark.parametrize("payload", [[{"token": "x"}], ["token"], "token", 7])
def test_a_payload_without_fields_has_no_token_to_say(payload: Any) -> None:
    operation = Operation("POST", "/bulk", body={"const": payload}, encoding="json")
    book = Book({"POST /login": Operation("POST", "/login")}, {}, {"POST /login": "token"})
    found, _ = search(operation, lambda request, principal: (422, {"detail": "no"}), book)
    assert not found.reached


def test_a_form_that_is_shown_again_is_no_answer() -> None:
    def app(request: Request, principal: str) -> Any:
        return Visit(principal, request, 200, {"content-type": "text/html"}, "<form></form>")

    operation = Operation("POST", "/task-items", body=TASK, encoding="form")
    found, _ = search(operation, app)
    assert not found.reached


def test_a_search_comes_to_an_end() -> None:
    operation = Operation("POST", "/task-items", body=TASK, encoding="json")
    found, visits = search(operation, lambda request, principal: (422, {"detail": "no"}))
    assert not found.reached
    assert found.tries == len(visits) <= MOST
    assert found.tried is not None


def test_what_raises_is_not_asked_by_everybody() -> None:
    def app(request: Request, principal: str) -> Any:
        return Visit(principal, request, 0, error="ZeroDivisionError: division by zero")

    found, visits = search(Operation("GET", "/stats"), app)
    assert not found.reached
    assert [one.principal for one in visits] == ["owner", "admin"]


def test_an_etag_is_asked_for_before() -> None:
    def app(request: Request, principal: str) -> Any:
        if request.method == "GET":
            return Visit(principal, request, 200, {"etag": '"7"'}, "{}")
        if request.headers.get("If-Match") == '"7"':
            return 200, {}
        return 428, {"detail": "If-Match is missing"}

    reading, writing = Operation("GET", "/settings"), Operation("PUT", "/settings")
    book = Book({str(one): one for one in (reading, writing)}, {"GET /settings": Recipe("owner")})
    found, _ = search(writing, app, book)
    assert recipe_of(found).after == ("GET /settings",)
    assert recipe_of(found).headers == {"If-Match": Symbol("header", "ETag")}


def test_who_logs_in_by_a_name_is_written_to_at_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from test_harness.walk import flows

    auth = SimpleNamespace(
        user_model="tests.engine.walk.test_search:Reader", user_login_attribute="username"
    )
    monkeypatch.setattr(flows, "settings", lambda: SimpleNamespace(auth=auth))
    assert flows.address_symbol() == Symbol("row", "readers.email")
    auth.user_model = "tests.engine.walk.scripts:User"
    assert flows.address_symbol() == Symbol("row", "users.username")


# ------------------------------------------------------------------------- the state of our rows


@pytest.fixture
def session() -> Iterator[Session]:
    """A database with the rows that are ours."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session, bound_to(session):
        for table, row in Rows().ours.items():
            session.execute(Base.metadata.tables[table].insert().values(row))
        yield session
    engine.dispose()


TASK_PATH = (Parameter("id", "path", INTEGER, True),)
SHOWN = {"200": {"properties": {"status": {"enum": ["open", "paid", "done"]}}}}


def test_a_row_gets_the_state_that_an_answer_wants(session: Session) -> None:
    def app(request: Request, principal: str) -> Any:
        [row] = session.execute(select(TaskItem.status)).all()
        return (200, {}) if row.status == "paid" else (409, {"detail": f"It is {row.status}"})

    operation = Operation("POST", "/task-items/{id}/ship", TASK_PATH, answers=SHOWN)
    found, _ = search(operation, app)
    assert recipe_of(found).rows == {"task_items": {"status": "paid"}}


def test_a_row_gets_what_the_application_asked_its_database_for(session: Session) -> None:
    def app(request: Request, principal: str) -> Any:
        sql = "SELECT id FROM task_items AS t WHERE t.id = ? AND t.status = ?"
        ids = session.execute(select(TaskItem.id).where(TaskItem.status == "paid")).all()
        return (200, {}) if ids else asked(request, 404, {}, Statement(sql, (31, "paid")))

    found, visits = search(Operation("GET", "/task-items/{id}", TASK_PATH), app)
    assert recipe_of(found).rows == {"task_items": {"status": "paid"}}
    assert len(visits) == 2


def test_a_row_that_others_depend_on_is_not_what_is_deleted(session: Session) -> None:
    def app(request: Request, principal: str) -> Any:
        known = session.scalars(select(Project.id)).all()
        number = int(request.path.rpartition("/")[2])
        assert number in known
        return (204, "") if number != 21 else (409, {"detail": "It has tasks"})

    found, _ = search(Operation("DELETE", "/projects/{id}", TASK_PATH), app)
    assert recipe_of(found).path == {"id": Symbol("new", "projects.id")}
    owners = session.scalars(select(Project.owner_id)).all()
    assert owners == [11, 11]


SHOWS = "SELECT id FROM task_items WHERE task_items.status = ?"


@pytest.mark.parametrize("around", [False, True])
def test_a_list_of_what_is_in_one_state_has_our_row_in_it(session: Session, around: bool) -> None:
    def app(request: Request, principal: str) -> Any:
        ids = session.scalars(select(TaskItem.id).where(TaskItem.status == "published")).all()
        found: Any = [{"id": one} for one in ids]
        body = {"items": found, "total": len(found)} if around else found
        return asked(request, 200, body, Statement(SHOWS, ("published",)))

    found, visits = search(Operation("GET", "/public/task-items"), app)
    assert recipe_of(found).rows == {"task_items": {"status": "published"}}
    assert found.visit is not None
    assert '"id": 31' in found.visit.text
    assert len(visits) == 2


def test_a_list_is_not_limited_by_what_it_does_not_have_to_be() -> None:
    def app(request: Request, principal: str) -> Any:
        return 200, [] if request.query.get("title") else [{"id": 31}]

    said = (Parameter("title", "query", {"type": "string"}, required=True),)
    found, _ = search(Operation("GET", "/task-items", said), app)
    assert recipe_of(found).query == {}


def test_a_list_that_stays_empty_is_one_nevertheless(session: Session) -> None:
    def app(request: Request, principal: str) -> Any:
        return asked(request, 200, [], Statement(SHOWS, ("published",)))

    found, visits = search(Operation("GET", "/public/task-items"), app)
    assert recipe_of(found).rows == {}
    assert len(visits) == 2
