"""The routes of the running application, whichever framework it is written in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route

from test_harness.application.routes import route_for, routes_of
from tests.worlds import build_tree, run


def shown(app: Any) -> list[tuple[str, str]]:
    return [(one.method, one.path) for one in routes_of(app) if one.method != "HEAD"]


def test_routers_mounts_and_middleware_are_looked_into() -> None:
    class Item(HTTPEndpoint):
        def get(self, request: Any) -> None: ...

        def delete(self, request: Any) -> None: ...

    class Middleware:
        def __init__(self, app: Any) -> None:
            self.app = app

    router, app = APIRouter(prefix="/v1"), FastAPI(openapi_url=None)

    @router.post("/orders/{order_id:int}")
    def order(order_id: int) -> None: ...

    @app.websocket("/feed")
    async def feed(socket: WebSocket) -> None: ...

    app.include_router(router)
    app.mount("/inner", Starlette(routes=[Mount("/deep", routes=[Route("/items/{id}", Item)])]))
    assert shown(Middleware(app)) == [
        ("WEBSOCKET", "/feed"),
        ("POST", "/v1/orders/{order_id}"),
        ("DELETE", "/inner/deep/items/{id}"),
        ("GET", "/inner/deep/items/{id}"),
    ]
    found = route_for(routes_of(app), "POST", "/v1/orders/3?page=1")
    assert found is not None
    assert found.parameters == ("order_id",)
    line = order.__code__.co_firstlineno
    assert found.where == f"tests/engine/application/test_routes.py:{line}"
    assert route_for(routes_of(app), "GET", "/v1/orders/3") is None


def test_a_path_that_is_named_goes_before_one_with_a_parameter() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/users/{name}")
    def user(name: str) -> None: ...

    @app.get("/users/me")
    def me() -> None: ...

    found = route_for(routes_of(app), "GET", "/users/me")
    assert found is not None
    assert found.endpoint is me


def test_what_has_no_routes_has_none() -> None:
    assert routes_of(lambda scope, receive, send: None) == []


OTHERS = {
    "flaskapp.py": """\
from flask import Blueprint, Flask
from flask.views import MethodView

bp = Blueprint("shop", __name__, url_prefix="/shop")


class Item(MethodView):
    def get(self, item_id): ...

    def put(self, item_id): ...


bp.add_url_rule("/items/<int:item_id>", view_func=Item.as_view("item"))
app = Flask(__name__, static_folder=None)
app.register_blueprint(bp)
""",
    "litestarapp.py": """\
from litestar import Controller, Litestar, get, patch


class Items(Controller):
    path = "/items"

    @get("/{item_id:int}", sync_to_thread=False)
    def one(self, item_id: int) -> None: ...

    @patch("/{item_id:int}", sync_to_thread=False)
    def change(self, item_id: int) -> None: ...


app = Litestar([Items], openapi_config=None)
""",
    "show.py": """\
import importlib, json, sys

from test_harness.application.routes import routes_of

routes = routes_of(importlib.import_module(sys.argv[1]).app)
print(json.dumps([[one.method, one.path, one.where] for one in routes]))
""",
}


@pytest.mark.runs
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "flaskapp",
            [
                ["GET", "/shop/items/{item_id}", "flaskapp.py:8"],
                ["PUT", "/shop/items/{item_id}", "flaskapp.py:10"],
            ],
        ),
        (
            "litestarapp",
            [
                ["GET", "/items/{item_id}", "litestarapp.py:7"],
                ["PATCH", "/items/{item_id}", "litestarapp.py:10"],
            ],
        ),
    ],
)
def test_views_and_controllers_have_the_line_of_each_method(
    name: str, expected: list[list[str]], suite_python: Path, tmp_path: Path
) -> None:
    build_tree(tmp_path, OTHERS)
    done = run(suite_python, "show.py", name, cwd=tmp_path)
    found = [one for one in json.loads(done.stdout) if one[0] not in ("HEAD", "OPTIONS")]
    assert sorted(found) == expected
