"""The operations of Flask, its extensions, and Litestar, each in a process that has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import build_tree, run
from tools.environments import UV

pytestmark = pytest.mark.runs

EXTENSIONS = ("flask-restful", "flask-restx", "flask-smorest", "flask-wtf", "email-validator")
FILES = {
    "views.py": """\
import marshmallow as ma
import msgspec
from dataclasses import dataclass
from flask import Blueprint, Flask, abort, request
from flask.views import MethodView
from flask_restful import reqparse
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from functools import wraps
from pydantic import BaseModel, TypeAdapter
from webargs import fields
from webargs.flaskparser import use_args, use_kwargs
from wtforms import IntegerField, PasswordField, SelectField, StringField, SubmitField
from wtforms.validators import DataRequired, Email, EqualTo, Length, NumberRange

app = Flask(__name__)
bp = Blueprint("shop", __name__, url_prefix="/shop")


class Card(BaseModel):
    name: str
    size: int = 1


class Item(ma.Schema):
    name = ma.fields.Str(required=True, validate=ma.validate.Length(2, 9))
    kind = ma.fields.Str(validate=ma.validate.OneOf(["a", "b"]))
    number = ma.fields.Int(data_key="no", load_default=1)
    seen = ma.fields.DateTime(dump_only=True)
    inner = ma.fields.Nested("Item", many=True)


class Packed(msgspec.Struct):
    x: int
    y: str = "here"


@dataclass
class Point:
    x: int
    y: float = 0.0


class Signup(FlaskForm):
    email = StringField("Email", validators=[DataRequired(), Email()])
    word = PasswordField("Word", validators=[Length(min=8)])
    again = PasswordField("Again", validators=[EqualTo("word")])
    kind = SelectField("Kind", choices=[("", "-"), ("a", "A"), ("b", "B")])
    age = IntegerField("Age", [NumberRange(1, 99)])
    submit = SubmitField("Go")


class Picture(FlaskForm):
    file = FileField()


parser = reqparse.RequestParser()
parser.add_argument("name", required=True)
parser.add_argument("age", type=int, location="json")
parser.add_argument("page", type=int, default=1, location="args")


def body(kind):
    return TypeAdapter(kind).validate_json(request.get_data())


def checked(kind):
    def decorate(view):
        @wraps(view)
        def wrapper(*args, **kwargs):
            kind.model_validate(request.get_json())
            return view(*args, **kwargs)

        return wrapper

    return decorate


def hidden(view):
    def wrapper():
        return view()

    wrapper.__name__ = "wrapper"
    return wrapper


@app.before_request
def guard(): ...


@app.post("/by-helper")
def by_helper():
    return body(Card).name


@app.post("/by-decorator")
@checked(Card)
def by_decorator(): ...


@app.post("/by-annotation")
def by_annotation(body: Card): ...


@app.post("/by-spread")
def by_spread():
    return Card(**request.json)


@app.post("/by-fields")
def by_fields():
    return Point(x=request.json["a"], y=request.json.get("b"))


@app.post("/by-load")
def by_load():
    return Item().load(request.json)


@app.post("/by-partial")
def by_partial():
    return Item(partial=True, exclude=("inner", "kind")).load(request.get_json())


@app.post("/by-msgspec")
def by_msgspec():
    return msgspec.json.decode(request.data, type=Packed)


@app.post("/by-args")
@use_args(Item(only=("name",)))
@use_kwargs({"page": fields.Int(required=True)}, location="query")
def by_args(item, page): ...


@app.post("/by-parser")
def by_parser():
    return parser.parse_args()


@app.route("/by-form", methods=["GET", "POST"])
def by_form():
    form = Signup()
    return form.validate_on_submit()


@app.post("/by-file")
def by_file():
    return Picture().validate()


@app.post("/keys")
@hidden
def keys():
    data = request.get_json(silent=True)
    if "name" not in data or data.get("size") is None:
        abort(400)
    return request.args.get("page", 1, type=int), request.args.getlist("tag")


@app.put("/fields")
def fields_of_a_form():
    name, mail = request.form["name"], request.form.get("mail")
    return name, mail, request.files["picture"]


@bp.route("/<any(a, b):kind>/<uuid:key>/<string(length=2):land>/<path:rest>")
def path(kind, key, land, rest): ...


class Thing(MethodView):
    schema = Item(only=("name",))

    def get(self, number): ...

    def put(self, number):
        return self.schema.load(self.payload())

    def options(self, number): ...

    def payload(self):
        return request.get_json()


bp.add_url_rule("/things/<int(min=1):number>", view_func=Thing.as_view("thing"))
app.register_blueprint(bp)
""",
    "smorest.py": """\
import marshmallow as ma
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint


class Item(ma.Schema):
    name = ma.fields.Str(required=True)


app = Flask(__name__)
app.config.update(
    API_TITLE="t", API_VERSION="1", OPENAPI_VERSION="3.0.2", OPENAPI_URL_PREFIX="/docs"
)
api = Api(app)
bp = Blueprint("items", __name__, url_prefix="/items")


@bp.route("/<int:number>")
class Items(MethodView):
    @bp.arguments(Item)
    @bp.response(201, Item)
    def post(self, data, number): ...

    @bp.arguments(Item, location="query")
    def get(self, query, number): ...


api.register_blueprint(bp)
""",
    "restx.py": """\
from flask import Blueprint, Flask
from flask_restx import Api, Resource, fields

app = Flask(__name__)
bp = Blueprint("v1", __name__, url_prefix="/v1")
api = Api(bp)
model = api.model("Item", {"name": fields.String(required=True), "no": fields.Integer(min=3)})


@api.route("/items/<int:number>")
class Item(Resource):
    @api.expect(model)
    def post(self, number): ...


app.register_blueprint(bp)
""",
    "lite.py": """\
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Litestar, Request, get, post
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter


@dataclass
class Item:
    name: str
    size: int = 1


def paged(page: int = 1) -> int:
    return page


async def guarded(connection, handler) -> None: ...


@post("/items/{key:uuid}", deprecated=True, guards=[guarded])
async def make(key: UUID, data: Item, strict: bool = False) -> Item: ...


@post("/forms")
async def form(
    data: Annotated[Item, Body(media_type=RequestEncodingType.URL_ENCODED)],
    key: Annotated[str, Parameter(header="X-Key")],
    paging: int,
) -> None: ...


@get("/hidden", include_in_schema=False)
async def hidden(number: int, request: Request) -> None: ...


HANDLERS = {
    "route_handlers": [make, form, hidden],
    "dependencies": {"paging": Provide(paged, sync_to_thread=False)},
}
app = Litestar(**HANDLERS)
""",
    "lite_silent.py": """\
from lite import HANDLERS
from litestar import Litestar

app = Litestar(**HANDLERS, openapi_config=None)
""",
    "fast.py": """\
from typing import Annotated

from fastapi import FastAPI, Form, UploadFile

app = FastAPI()


@app.post("/pictures")
def picture(file: UploadFile, title: Annotated[str, Form()]) -> None: ...
""",
}
MODULES = ("views", "smorest", "restx", "lite", "lite_silent", "fast")
TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FILE = {"type": "string", "format": "binary"}


def thing(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def without_titles(value: Any) -> Any:
    """Return a schema without what it is called, which each library does in its own way."""
    if isinstance(value, list):
        return [without_titles(one) for one in value]
    if isinstance(value, dict):
        return {k: without_titles(one) for k, one in value.items() if k != "title"}
    return value


CARD = thing({"name": TEXT, "size": {**NUMBER, "default": 1}}, "name")
NAME = {**TEXT, "minLength": 2, "maxLength": 9}
NO = {**NUMBER, "default": 1}
ITEM = thing(
    {
        "name": NAME,
        "kind": {**TEXT, "enum": ["a", "b"]},
        "no": NO,
        "inner": {"type": "array", "items": {"type": "object"}},
    },
    "name",
)
BODIES = [
    ("POST /by-helper", "json", CARD),
    ("POST /by-decorator", "json", CARD),
    ("POST /by-annotation", "json", CARD),
    ("POST /by-spread", "json", CARD),
    (
        "POST /by-fields",
        "json",
        thing({"a": NUMBER, "b": {"type": "number", "default": 0.0}}, "a"),
    ),
    ("POST /by-load", "json", ITEM),
    ("POST /by-partial", "json", thing({"name": NAME, "no": NO})),
    ("POST /by-msgspec", "json", thing({"x": NUMBER, "y": {**TEXT, "default": "here"}}, "x")),
    ("POST /by-args", "json", thing({"name": NAME}, "name")),
    ("POST /by-parser", "json", thing({"name": TEXT, "age": NUMBER}, "name")),
    (
        "POST /by-form",
        "form",
        thing(
            {
                "email": {**TEXT, "format": "email"},
                "word": {**TEXT, "minLength": 8},
                "again": {**TEXT, "x-same-as": "word"},
                "kind": {**TEXT, "enum": ["a", "b"]},
                "age": {**NUMBER, "minimum": 1, "maximum": 99},
                "submit": {**TEXT, "enum": ["y"]},
            },
            "email", "word", "again", "kind", "age",
        ),
    ),
    ("POST /by-file", "multipart", thing({"file": FILE})),
    ("POST /keys", "json", thing({"name": {}, "size": {}}, "name", "size")),
    (
        "PUT /fields",
        "multipart",
        thing({"name": {}, "mail": {}, "picture": FILE}, "name", "picture"),
    ),
    ("PUT /shop/things/{number}", "json", thing({"name": NAME}, "name")),
    ("GET /by-form", "", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, suite_python: Path) -> dict[str, Any]:
    """What is known of each of the applications."""
    folder = tmp_path_factory.mktemp("operations")
    packages = folder / "packages"
    install = (UV, "pip", "install", "--quiet", "--python", suite_python, "--target", packages)
    run(*install, *EXTENSIONS, cwd=folder)
    shown = Path(__file__).with_name("operations_shown.py")
    build_tree(folder, {**FILES, "shown.py": shown.read_text()})
    done = run(suite_python, "shown.py", *MODULES, cwd=folder, PYTHONPATH=str(packages))
    lines = done.stdout.splitlines()[-len(MODULES) :]
    return dict(zip(MODULES, map(json.loads, lines), strict=True))


def of(seen: dict[str, Any], module: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = seen[module]["operations"][name]
    return found


@pytest.mark.parametrize(("name", "encoding", "body"), BODIES, ids=[one[0] for one in BODIES])
def test_a_payload_is_read_off_the_view(
    name: str, encoding: str, body: Any, seen: dict[str, Any]
) -> None:
    found = of(seen, "views", name)
    assert (found["encoding"], without_titles(found["body"])) == (encoding, body)
    assert found["in_front"][0] == "guard"


def test_parameters_are_read_off_the_view(seen: dict[str, Any]) -> None:
    assert of(seen, "views", "POST /by-args")["parameters"] == [["query", "page", NUMBER, True]]
    assert of(seen, "views", "POST /by-parser")["parameters"] == [["query", "page", NO, False]]
    assert of(seen, "views", "POST /keys")["parameters"] == [
        ["query", "page", NO, False],
        ["query", "tag", {"type": "array", "items": {}}, False],
    ]


def test_parameters_of_the_path_are_what_their_converters_accept(seen: dict[str, Any]) -> None:
    assert of(seen, "views", "GET /shop/{kind}/{key}/{land}/{rest}")["parameters"] == [
        ["path", "kind", {**TEXT, "enum": ["a", "b"]}, True],
        ["path", "key", {**TEXT, "format": "uuid"}, True],
        ["path", "land", {**TEXT, "minLength": 2, "maxLength": 2}, True],
        ["path", "rest", {**TEXT, "format": "path"}, True],
    ]
    assert of(seen, "views", "GET /shop/things/{number}")["parameters"] == [
        ["path", "number", {**NUMBER, "minimum": 1}, True]
    ]


def test_what_flask_adds_is_marked(seen: dict[str, Any]) -> None:
    marks = {name: one["marks"] for name, one in seen["views"]["operations"].items()}
    assert marks["GET /static/{filename}"] == ["framework"]
    assert marks["HEAD /by-form"] == ["automatic"]
    assert marks["OPTIONS /by-form"] == ["automatic"]
    assert marks["OPTIONS /shop/things/{number}"] == []


def test_extensions_of_flask_make_documents(seen: dict[str, Any]) -> None:
    made = of(seen, "smorest", "POST /items/{number}")
    assert made["body"]["required"] == ["name"]
    assert made["answers"]["201"]["properties"] == {"name": TEXT}
    read = of(seen, "smorest", "GET /items/{number}")
    assert read["parameters"][1:] == [["query", "name", TEXT, True]]
    assert of(seen, "smorest", "GET /docs/openapi.json")["marks"] == ["framework"]
    of_restx = of(seen, "restx", "POST /v1/items/{number}")
    assert of_restx["body"]["properties"] == {"name": TEXT, "no": {**NUMBER, "minimum": 3}}
    assert seen["smorest"]["notes"] == seen["restx"]["notes"] == []


@pytest.mark.parametrize("module", ["lite", "lite_silent"])
def test_litestar_is_known_by_its_document_and_without_it(
    module: str, seen: dict[str, Any]
) -> None:
    made = of(seen, module, "POST /items/{key}")
    assert [one[:2] for one in made["parameters"]] == [["path", "key"], ["query", "strict"]]
    assert made["parameters"][0][2] == {**TEXT, "format": "uuid"}
    assert made["in_front"][0] == "guarded"
    assert made["body"]["required"] == ["name"]
    form = of(seen, module, "POST /forms")
    assert form["encoding"] == "form"
    assert sorted(one[:2] + one[3:] for one in form["parameters"]) == [
        ["header", "X-Key", True],
        ["query", "page", False],
    ]
    assert of(seen, module, "GET /hidden")["parameters"] == [["query", "number", NUMBER, True]]
    assert of(seen, module, "OPTIONS /hidden")["marks"] == ["automatic", "framework"]


def test_files_of_fastapi_are_files(seen: dict[str, Any]) -> None:
    found = of(seen, "fast", "POST /pictures")
    assert found["encoding"] == "multipart"
    assert found["body"]["properties"]["file"]["format"] == "binary"
