"""The operations of FastAPI and Starlette: from documents, signatures and the code of views."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Query,
    Request,
    WebSocket,
)
from fastapi.responses import StreamingResponse
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Host, Mount, Route
from starlette.routing import Route as StarletteRoute

from test_harness.walk.operation import Operation, Parameter, Schema
from test_harness.walk.operations import inventory_of, operations_of
from test_harness.walk.schemas.known import object_of

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
FILE: Schema = {"type": "string", "format": "binary"}


class Node(BaseModel):
    name: str
    children: list[Node] = []


class Unknown:
    pass


class Undocumented(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    unknown: Unknown


def own(app: Any) -> dict[str, Operation]:
    """Return the operations of an application but for those of its framework."""
    passed = {"framework", "automatic"}
    return {str(one): one for one in operations_of(app) if not one.summary & passed}


def of(app: Any, name: str) -> Operation:
    return own(app)[name]


# ------------------------------------------------------------------------------------- FastAPI


def test_a_route_is_known_by_the_document_of_its_framework() -> None:
    app = FastAPI()

    @app.put("/nodes/{node_id}", deprecated=True)
    def change(node_id: int, node: Node, depth: int = Query(3, ge=1)) -> Node:
        return node

    found = of(app, "PUT /nodes/{node_id}")
    assert found.parameters == (
        Parameter("node_id", "path", {"type": "integer", "title": "Node Id"}, required=True),
        Parameter("depth", "query", {**INTEGER, "minimum": 1, "default": 3, "title": "Depth"}),
    )
    assert found.encoding == "json"
    assert (found.body or {})["required"] == ["name"]
    assert found.answers["200"] == found.body
    assert found.summary == {"deprecated"}
    assert found.endpoint is change


def test_a_schema_that_refers_to_itself_is_cut_where_it_does() -> None:
    app = FastAPI()

    @app.post("/nodes")
    def make(node: Node) -> None: ...

    body = of(app, "POST /nodes").body or {}
    assert body["properties"]["children"]["items"] == {"type": "object", "title": "Node"}
    assert "$ref" not in json.dumps(body)


def test_what_is_left_out_of_the_document_or_mounted_is_known_as_well() -> None:
    app, inner, router = FastAPI(), FastAPI(), APIRouter(prefix="/v1")

    @router.post("/hidden/{name:path}", include_in_schema=False)
    def hidden(name: str, node: Node) -> None: ...

    @inner.post("/nodes")
    def make(node: Node) -> None: ...

    app.include_router(router)
    app.mount("/inner", inner)
    found = own(app)
    assert list(found) == ["POST /v1/hidden/{name}", "POST /inner/nodes"]
    one = found["POST /v1/hidden/{name}"]
    assert one.parameters[0].schema == {"type": "string", "format": "path"}
    assert (one.body or {})["required"] == ["name"]
    assert found["POST /inner/nodes"].body == one.body


def test_an_application_without_a_document_says_why_and_keeps_its_routes() -> None:
    app = FastAPI()

    @app.post("/bad/{number}")
    def bad(number: int, node: Undocumented, key: str = Header(), page: int = 1) -> None: ...

    @app.post("/good")
    def good(node: Node) -> None: ...

    inventory = inventory_of(app)
    [note] = inventory.notes
    assert note.startswith("FastAPI cannot make the OpenAPI document of the application (Pydantic")
    assert note.endswith("so what its routes take is read from their code.")
    assert (of(app, "POST /good").body or {})["required"] == ["name"]
    assert of(app, "POST /bad/{number}").parameters == (
        Parameter("number", "path", INTEGER, required=True),
        Parameter("key", "header", STRING, required=True),
        Parameter("page", "query", {**INTEGER, "default": 1}),
    )
    assert of(app, "POST /bad/{number}").body == {"type": "object"}


def test_an_own_hook_that_fails_is_told_with_its_line() -> None:
    app = FastAPI()
    app.get("/things")(lambda: None)

    def broken() -> dict[str, Any]:
        raise LookupError("no title")

    app.openapi = broken  # type: ignore[method-assign]
    [note] = inventory_of(app).notes
    line = broken.__code__.co_firstlineno + 1
    assert f"(LookupError: no title (tests/engine/walk/test_operations_asgi.py:{line}))" in note
    assert list(own(app)) == ["GET /things"]


def test_what_stands_in_front_is_named() -> None:
    def may_write() -> None: ...

    def who(token: str = Depends(OAuth2PasswordBearer("/login"))) -> str:
        return token

    app = FastAPI()

    @app.post("/things", dependencies=[Depends(may_write)])
    def make(user: str = Depends(who)) -> None: ...

    @app.get("/things")
    def read(authorization: str = Header("")) -> None: ...

    found = of(app, "POST /things")
    assert found.in_front == ("may_write", "who", "OAuth2PasswordBearer")
    assert found.summary == {"secured"}
    # A credential is no parameter that anybody fills in.
    assert of(app, "GET /things").parameters == ()
    assert of(app, "GET /things").summary == {"secured"}


def test_sockets_are_none_and_what_is_not_the_applications_is_marked() -> None:
    app = FastAPI()

    @app.websocket("/feed")
    async def feed(socket: WebSocket) -> None: ...

    @app.get("/items")
    @app.get("/items/")
    def items() -> StreamingResponse:
        return StreamingResponse(iter([""]))

    @app.head("/items")
    def head() -> None: ...

    marks = {str(one): set(one.summary) for one in operations_of(app)}
    assert "WEBSOCKET /feed" not in marks
    assert marks["GET /docs"] == {"framework"}
    assert marks["HEAD /docs"] == {"framework", "automatic"}
    assert marks["HEAD /items"] == set()
    assert marks["GET /items"] | marks["GET /items/"] == {"streams", "twin"}
    assert ("twin" in marks["GET /items"]) != ("twin" in marks["GET /items/"])


def test_a_handler_that_reads_the_request_itself_is_read() -> None:
    app = FastAPI()

    @app.post("/hooks")
    async def hook(request: Request, strict: bool = False) -> None:
        data = await request.json()
        if "event" not in data:
            raise HTTPException(400)

    @app.patch("/nodes")
    def change(data: dict[str, Any]) -> None:
        Node.model_validate(data)

    found = of(app, "POST /hooks")
    assert found.body == object_of({"event": {}}, ["event"])
    assert [one.name for one in found.parameters] == ["strict"]
    assert (of(app, "PATCH /nodes").body or {})["required"] == ["name"]


# ----------------------------------------------------------------------------------- Starlette


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(50))
    age: Mapped[int]
    note: Mapped[str | None]

    def take(self, data: dict[str, Any]) -> None:
        for name in ("age", "note"):
            if name in data:
                setattr(self, name, data[name])


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: int
    y: int = 0


EMAIL: Schema = {"type": "string", "maxLength": 50, "x-column": "users.email"}
AGE: Schema = {"type": "integer", "x-column": "users.age"}
NOTE: Schema = {"type": "string", "x-column": "users.note"}


async def subscripts(request: Request) -> Any:
    data = await request.json()
    return data["name"], int(data["number"]), data["place"]["town"].strip()


async def gets(request: Request) -> Any:
    data = await request.json() or {}
    name = data.get("name")
    if not name or not isinstance(data.get("size"), int):
        raise ValueError
    return data.get("note"), data.get("colour", "red")


async def asks(request: Request) -> Any:
    data = await request.json()
    if not all(name in data for name in ("first", "last")):
        raise ValueError
    if data["kind"] not in ["a", "b"]:
        raise ValueError
    if "more" in data:
        return data["more"]
    return None


async def difference(request: Request) -> Any:
    needed = {"first", "last"}
    return needed - set(await request.json())


async def lists(request: Request) -> Any:
    data = await request.json()
    return [tag["name"] for tag in data["tags"]], Colour(data["colour"])


async def columns(request: Request) -> Any:
    data = await request.json()
    select(User).where(User.email == data["mail"])
    user = User(age=data["years"])
    user.note = data["said"]
    return user


async def row(request: Request) -> Any:
    return User(**await request.json())


async def method(request: Request) -> Any:
    user = User()
    user.take(await request.json())


def checked(kind: Any, data: Any) -> Any:
    return TypeAdapter(kind).validate_python(data)


async def helper(request: Request) -> Any:
    return checked(Point, await request.json())


async def spread(request: Request) -> Any:
    return Point(**await request.json())


async def decoded(request: Request) -> Any:
    return json.loads((await request.body()).decode())["name"]


async def form(request: Request) -> Any:
    async with request.form() as fields:
        return fields["name"], fields.getlist("tags"), fields.get("age")


async def upload(request: Request) -> Any:
    fields: FormData = await request.form()
    picture: Any = fields["picture"]
    return fields["title"], picture.filename, await picture.read()


async def raw(request: Request) -> Any:
    return await request.body()


async def nothing(request: Request) -> Any:
    return request.url


POINT = object_of(
    {"x": {**INTEGER, "title": "X"}, "y": {**INTEGER, "title": "Y", "default": 0}}, "x"
)
FORMS: list[tuple[Callable[..., Any], str, Schema | None]] = [
    (
        subscripts,
        "json",
        object_of(
            {"name": {}, "number": INTEGER, "place": object_of({"town": STRING}, ["town"])},
            ["name", "number", "place"],
        ),
    ),
    (
        gets,
        "json",
        object_of(
            {"name": {}, "size": INTEGER, "note": {}, "colour": {**STRING, "default": "red"}},
            ["name", "size"],
        ),
    ),
    (
        asks,
        "json",
        object_of(
            {"first": {}, "last": {}, "kind": {"enum": ["a", "b"]}, "more": {}},
            ["first", "last", "kind"],
        ),
    ),
    (difference, "json", object_of({"first": {}, "last": {}}, ["first", "last"])),
    (
        lists,
        "json",
        object_of(
            {
                "tags": {"type": "array", "items": object_of({"name": {}}, ["name"])},
                "colour": {"enum": ["red", "blue"], "type": "string", "title": "Colour"},
            },
            ["tags", "colour"],
        ),
    ),
    (
        columns,
        "json",
        object_of({"mail": EMAIL, "years": AGE, "said": NOTE}, ["mail", "years", "said"]),
    ),
    (
        row,
        "json",
        object_of(
            {"id": {**INTEGER, "x-column": "users.id"}, "email": EMAIL, "age": AGE, "note": NOTE},
            ["email", "age"],
        ),
    ),
    (method, "json", object_of({"age": AGE, "note": NOTE}, [])),
    (helper, "json", {**POINT, "title": "Point"}),
    (spread, "json", {**POINT, "title": "Point"}),
    (decoded, "json", object_of({"name": {}}, ["name"])),
    (
        form,
        "form",
        object_of({"name": {}, "tags": {"type": "array", "items": {}}, "age": {}}, ["name"]),
    ),
    (upload, "multipart", object_of({"picture": FILE, "title": {}}, ["picture", "title"])),
    (raw, "content", {}),
    (nothing, "", None),
]


@pytest.mark.parametrize(
    ("view", "encoding", "body"), FORMS, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_payload_is_read_off_the_view(
    view: Callable[..., Any], encoding: str, body: Schema | None
) -> None:
    app = Starlette(routes=[StarletteRoute("/", view, methods=["POST"])])
    found = of(app, "POST /")
    assert (found.encoding, found.body) == (encoding, body)


def test_parameters_are_read_off_the_view_and_the_converters_of_its_path() -> None:
    class Item(HTTPEndpoint):
        async def get(self, request: Request) -> Any:
            page = int(request.query_params.get("page", 1))
            return page, request.query_params["q"], request.headers.get("X-Key")

        async def delete(self, request: Request) -> Any:
            return int(request.path_params["code"])

    app = Starlette(
        routes=[
            Mount("/items", routes=[Route("/{item_id:int}/{code}", Item)]),
            Host("api.example.com", Starlette(routes=[Route("/", nothing)])),
        ]
    )
    found = own(app)
    assert list(found) == [
        "DELETE /items/{item_id}/{code}",
        "GET /items/{item_id}/{code}",
        "GET /",
    ]
    number = Parameter("item_id", "path", {"type": "integer", "minimum": 0}, required=True)
    assert found["GET /items/{item_id}/{code}"].parameters == (
        number,
        Parameter("code", "path", STRING, required=True),
        Parameter("page", "query", {**INTEGER, "default": 1}),
        Parameter("q", "query", {}, required=True),
        Parameter("X-Key", "header", {}),
    )
    assert found["DELETE /items/{item_id}/{code}"].parameters == (
        number,
        Parameter("code", "path", INTEGER, required=True),
    )
    assert found["GET /"].summary == {"host:api.example.com"}


def test_a_method_without_a_payload_has_none() -> None:
    app = Starlette(routes=[StarletteRoute("/", subscripts, methods=["GET", "POST"])])
    assert of(app, "GET /").body is None
    assert of(app, "POST /").body is not None


class Unwilling(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("not now")

    __hash__ = type.__hash__


class Model(metaclass=Unwilling):
    pass


async def unwilling(request: Request) -> Any:
    return Model(**await request.json())


def test_what_cannot_be_read_is_told_and_costs_no_other_route() -> None:
    views = [StarletteRoute("/a", unwilling, methods=["POST"]), StarletteRoute("/b", nothing)]
    inventory = inventory_of(Starlette(routes=views))
    line = unwilling.__code__.co_firstlineno
    assert inventory.notes == [
        f"What tests/engine/walk/test_operations_asgi.py:{line} reads of a request is not known "
        "(RuntimeError: not now)."
    ]
    assert [str(one) for one in inventory.operations] == ["POST /a", "GET /b", "HEAD /b"]


def test_methods_that_were_not_asked_for_are_marked() -> None:
    marks = {
        str(one): set(one.summary) for one in operations_of(Starlette(routes=[Route("/", nothing)]))
    }
    assert marks == {"GET /": set(), "HEAD /": {"automatic"}}
