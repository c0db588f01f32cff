"""Discovery: each form a fact comes in, decoys, and everything that is no backend at all."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from extensions.discovery import Facts, as_data, discover, message
from extensions.discovery.code.files import LARGEST, aside
from extensions.discovery.report.table import report
from tests.worlds import ROOT, build_tree, files_of, run

BASE = """\
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    email = Column(String)
    hashed_password = Column(String)
"""
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


def found(root: Path, files: Mapping[str, str]) -> dict[str, Any]:
    """Write a backend and return what is proposed for it."""
    return discover(build_tree(root, files))


@pytest.mark.parametrize(
    ("files", "address"),
    [
        pytest.param({"main.py": APP}, "main:app", id="object"),
        pytest.param({"app/__init__.py": APP}, "app:app", id="package"),
        pytest.param(
            {"src/shop/main.py": APP.replace("app =", "application =")},
            "shop.main:application",
            id="src",
        ),
        pytest.param(
            {
                "shop.py": (
                    "from flask import Flask\n"
                    "\ndef create_app(testing=False):\n"
                    "    app = Flask('shop')\n"
                    "    return app\n"
                )
            },
            "shop:create_app()",
            id="factory",
        ),
        pytest.param(
            {
                "shop.py": (
                    "from flask import Flask\n\ndef create_app(config):\n    return Flask('shop')\n"
                ),
                "wsgi.py": "from shop import create_app\n\napp = create_app('prod')\n",
            },
            "wsgi:app",
            id="factory that needs arguments",
        ),
        pytest.param(
            {
                "api.py": (
                    "import fastapi\n"
                    "\ndef get_application() -> fastapi.FastAPI:\n"
                    "    app_ = fastapi.FastAPI()\n"
                    "    return app_\n"
                    "\n\napp = get_application()\n"
                )
            },
            "api:app",
            id="bound by calling",
        ),
        pytest.param(
            {
                "api.py": (
                    "from litestar import Litestar\n"
                    "\n\nclass Builder:\n"
                    "    def build(self) -> Litestar:\n"
                    "        return make()\n"
                    "\n\nserved = Builder().build()\n"
                )
            },
            "api:served",
            id="built by an object",
        ),
        pytest.param(
            {
                "api.py": (
                    "from fastapi import FastAPI\n"
                    "\n\nclass Shop(FastAPI):\n"
                    "    pass\n"
                    "\n\napi = Shop()\n"
                )
            },
            "api:api",
            id="subclass",
        ),
        pytest.param(
            {
                "main.py": (
                    "from fastapi import FastAPI\n"
                    "\nsub = FastAPI()\n"
                    "app = FastAPI()\n"
                    "app.mount('/sub', sub)\n"
                )
            },
            "main:app",
            id="mounted",
        ),
        pytest.param(
            {"one.py": APP, "two.py": APP, "Procfile": "web: uvicorn two:app --port 80\n"},
            "two:app",
            id="the one that is served",
        ),
        pytest.param(
            {
                "run.py": (
                    "from fastapi import FastAPI\n"
                    "\n\ndef run():\n"
                    "    app = FastAPI()\n"
                    "    serve(app)\n"
                )
            },
            "",
            id="only inside of a function that runs it",
        ),
    ],
)
def test_the_application_is_found(tmp_path: Path, files: dict[str, str], address: str) -> None:
    assert found(tmp_path, files)["app_path"] == address


@pytest.mark.parametrize(
    "decoy",
    ["tests/conftest.py", "test_main.py", "examples/main.py", "docs/main.py", "old_code/main.py"],
)
def test_decoys_are_not_the_application(tmp_path: Path, decoy: str) -> None:
    proposals = found(
        tmp_path, {decoy: APP + BASE, "deep/down/in/web.py": APP, "deep/orm.py": BASE}
    )
    assert proposals["app_path"] == "deep.down.in.web:app"
    assert proposals["metadata_path"] == "deep.orm:Base"


@pytest.mark.parametrize(
    ("source", "base"),
    [
        (BASE, "models:Base"),
        (
            (
                "from sqlalchemy.orm import declarative_base\n"
                "Model = declarative_base()\n"
                "\n\nclass User(Model):\n"
                "    __tablename__ = 'u'\n"
            ),
            "models:Model",
        ),
        (
            (
                "from sqlalchemy.orm import as_declarative\n"
                "\n\n@as_declarative()\n"
                "class Root:\n"
                "    pass\n"
                "\n\nclass User(Root):\n"
                "    __tablename__ = 'u'\n"
            ),
            "models:Root",
        ),
        (
            (
                "from sqlalchemy.orm import registry\n"
                "\nreg = registry()\n"
                "\n\n@reg.mapped\n"
                "class User:\n"
                "    __tablename__ = 'u'\n"
            ),
            "models:reg",
        ),
        (
            (
                "from sqlalchemy.orm import registry\n"
                "\nreg = registry()\n"
                "Base = reg.generate_base()\n"
                "\n\nclass User(Base):\n"
                "    __tablename__ = 'u'\n"
            ),
            "models:Base",
        ),
        (
            (
                "from flask_sqlalchemy import SQLAlchemy\n"
                "\ndb = SQLAlchemy()\n"
                "\n\nclass User(db.Model):\n"
                "    id = db.Column(primary_key=True)\n"
            ),
            "models:db.Model",
        ),
        (
            (
                "from flask_sqlalchemy import SQLAlchemy as Database\n"
                "\n\nclass Mine(Database):\n"
                "    pass\n"
                "\n\nstore = Mine()\n"
                "Model = store.Model\n"
                "\n\nclass User(Model):\n"
                "    pass\n"
            ),
            "models:store.Model",
        ),
        (
            (
                "from sqlmodel import SQLModel\n"
                "\n\nclass Schema(SQLModel):\n"
                "    pass\n"
                "\n\nclass User(Schema, table=True):\n"
                "    pass\n"
            ),
            "sqlmodel:SQLModel",
        ),
        (
            ("from advanced_alchemy.base import UUIDBase\n\n\nclass User(UUIDBase):\n    pass\n"),
            "advanced_alchemy.base:orm_registry.metadata",
        ),
        ("from alchemical import Model\n\n\nclass User(Model):\n    pass\n", "alchemical:Model"),
        (
            (
                "from sqlalchemy import Column, MetaData, Table\n"
                "\nmeta = MetaData()\n"
                "users = Table('users', meta, Column('id'))\n"
            ),
            "models:meta",
        ),
        (
            ("from somewhere.orm import Base\n\n\nclass User(Base):\n    __tablename__ = 'u'\n"),
            "somewhere.orm:Base",
        ),
    ],
)
def test_the_base_is_found(tmp_path: Path, source: str, base: str) -> None:
    assert found(tmp_path, {"models.py": source})["metadata_path"] == base


def test_mapped_classes_are_told_from_all_others(tmp_path: Path) -> None:
    build_tree(
        tmp_path,
        {
            "orm/base.py": (
                "from sqlalchemy.orm import DeclarativeBase\n"
                "\n\nclass Base(DeclarativeBase):\n"
                "    pass\n"
            ),
            "orm/mixins.py": (
                "from .base import Base\n"
                "\n\nclass Named:\n"
                "    name = 1\n"
                "\n\nclass Row(Named, Base):\n"
                "    __abstract__ = True\n"
            ),
            "orm/__init__.py": "from .mixins import *\nfrom .user import User\n",
            "orm/user.py": (
                "from orm.mixins import Row\n"
                "\n\nclass User(Row):\n"
                "    __tablename__ = 'u'\n"
                "\n\nclass Admin(User):\n"
                "    pass\n"
            ),
            "orm/role.py": "import orm\n\n\nclass Role(orm.Row):\n    __tablename__ = 'r'\n",
            "schemas.py": (
                "from pydantic import BaseModel\n\n\nclass User(BaseModel):\n    email: str\n"
            ),
            "domain.py": "class Role:\n    pass\n",
        },
    )
    models = as_data(Facts(tmp_path))["models"]["list"]
    assert models == ["orm.role:Role", "orm.user:Admin", "orm.user:User"]


@pytest.mark.parametrize(
    ("url", "engine", "driver"),
    [
        ("'sqlite+aiosqlite:///x.db'", "sqlite", "aiosqlite"),
        ("'postgresql+' + 'asyncpg://' + HOST", "postgresql", "asyncpg"),
        ("f'mysql+pymysql://{HOST}/x'", "mysql", "pymysql"),
        ("'postgresql+psycopg://%s' % HOST", "postgresql", "psycopg"),
        ("'postgresql+pg8000://{}'.format(HOST)", "postgresql", "pg8000"),
        ("os.getenv('URL', 'sqlite:///x.db')", "sqlite", "pysqlite"),
        ("os.environ.get('URL') or 'sqlite:///x.db'", "sqlite", "pysqlite"),
        ("URL.create('postgresql+psycopg2', host=HOST)", "postgresql", "psycopg2"),
        ("str(PostgresDsn.build(scheme='postgresql+psycopg', host=HOST))", "postgresql", "psycopg"),
        ("settings.dsn", "postgresql", "psycopg"),
        ("str(settings.cache_or_database)", "mysql", "aiomysql"),
        ("settings.url().replace('+asyncpg', '+psycopg')", "postgresql", "psycopg"),
        ("read()['url']", "postgresql", "psycopg2"),
    ],
)
def test_the_database_is_found(tmp_path: Path, url: str, engine: str, driver: str) -> None:
    code = f"""\
import os
from pydantic import PostgresDsn
from sqlalchemy import URL, create_engine
from config import HOST, settings
def read():
    return {{"url": "postgresql+psycopg2://x"}}
engine = create_engine({url})
"""
    settings = """\
import os
from pydantic import PostgresDsn
from pydantic_settings import BaseSettings
HOST = os.environ["HOST"]
class Settings(BaseSettings):
    dsn: PostgresDsn
    main: str = "mysql+aiomysql://x"
    @property
    def cache_or_database(self):
        return self.main
    def url(self):
        return f"postgresql+asyncpg://{self.dsn}"
def get_settings() -> Settings:
    return Settings()
settings = get_settings()
"""
    requirements = "sqlalchemy\npsycopg[binary]\n" if "dsn" in url else "sqlalchemy\n"
    proposals = found(
        tmp_path, {"db.py": code, "config.py": settings, "requirements.txt": requirements}
    )
    assert (proposals["database_engine"], proposals["database_driver"]) == (engine, driver)


LOGIN = """\
import jwt
from fastapi import APIRouter, Body, Depends, FastAPI, Form, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials, OAuth2PasswordRequestForm
from pydantic import BaseModel
class Credentials(BaseModel):
    email: str
    password: str
class Nested(BaseModel):
    user: Credentials
router = APIRouter(prefix="/auth")
@router.post("/login")
async def login({parameters}):
    {body}
    return {{"access_token": jwt.encode({{}}, "x")}}
app = FastAPI()
app.include_router(router, prefix="/v1")
"""


@pytest.mark.parametrize(
    ("parameters", "body", "encoding", "fields", "nested"),
    [
        (
            "form: OAuth2PasswordRequestForm = Depends()",
            "pass",
            "form",
            ["username", "password"],
            "",
        ),
        ("body: Credentials", "pass", "json", ["email", "password"], ""),
        ("body: Credentials = Body(embed=True)", "pass", "json", ["email", "password"], "body"),
        ("user: Credentials, device: Nested", "pass", "json", ["email", "password"], "user"),
        ("body: Nested", "pass", "json", ["email", "password"], "user"),
        ("login: str = Form(), password: str = Form()", "pass", "form", ["login", "password"], ""),
        ("mail: str = Body(), pwd: str = Body()", "pass", "json", ["mail", "pwd"], ""),
        (
            "who: HTTPBasicCredentials = Depends(HTTPBasic())",
            "pass",
            "basic",
            ["username", "password"],
            "",
        ),
        (
            "request: Request",
            "d = await request.json(); d['name'], d.get('password')",
            "json",
            ["name", "password"],
            "",
        ),
        (
            "request: Request",
            "f = await request.form(); f['email'], f['password']",
            "form",
            ["email", "password"],
            "",
        ),
    ],
)
def test_the_login_is_found(
    tmp_path: Path, *, parameters: str, body: str, encoding: str, fields: list[str], nested: str
) -> None:
    build_tree(tmp_path, {"main.py": LOGIN.format(parameters=parameters, body=body)})
    login = as_data(Facts(tmp_path))["auth"]["login"]
    assert login["path"] == "/v1/auth/login"
    assert (login["encoding"], login["fields"], login["nested_in"]) == (encoding, fields, nested)


FLASK = """\
from flask import Blueprint, Flask, jsonify, request, session
from flask.views import MethodView
from flask_jwt_extended import create_access_token, set_access_cookies
bp = Blueprint("auth", __name__, url_prefix="/auth")
{code}
def create_app():
    app = Flask(__name__)
    app.register_blueprint(bp)
    return app
"""


@pytest.mark.parametrize(
    ("code", "style", "path"),
    [
        (
            (
                "@bp.route('/login', methods=['POST'])\n"
                "def login():\n"
                "    data = request.get_json()\n"
                "    data['email'], data['password']\n"
                "    return {'token': create_access_token('x')}"
            ),
            "jwt_bearer",
            "/auth/login",
        ),
        (
            (
                "@bp.post('/login')\n"
                "def login():\n"
                "    request.form['username'], request.form['password']\n"
                "    session['user_id'] = 1\n"
                "    return ''"
            ),
            "session_cookie",
            "/auth/login",
        ),
        (
            (
                "@bp.route('/sign-in')\n"
                "class SignIn(MethodView):\n"
                "    def post(self):\n"
                "        request.json['email'], request.json['password']\n"
                "        answer = jsonify(ok=True)\n"
                "        set_access_cookies(answer, create_access_token('x'))\n"
                "        return answer"
            ),
            "jwt_cookie",
            "/auth/sign-in",
        ),
        (
            (
                "dead = Blueprint('dead', __name__)\n"
                "@dead.post('/login')\n"
                "def old():\n"
                "    request.json['user'], request.json['password']\n"
                "    return {'token': 1}\n"
                "@bp.post('/tokens')\n"
                "def tokens():\n"
                "    request.json['email'], request.json['password']\n"
                "    return {'token': create_access_token('x')}"
            ),
            "jwt_bearer",
            "/auth/tokens",
        ),
    ],
)
def test_the_style_is_read_off_the_login(tmp_path: Path, code: str, style: str, path: str) -> None:
    proposals = found(tmp_path, {"web.py": FLASK.format(code=code)})
    assert (proposals["auth"], proposals["login_path"]) == (style, path)


@pytest.mark.parametrize(
    ("source", "session", "mode"),
    [
        (
            (
                "from sqlalchemy.orm import sessionmaker\n"
                "make = sessionmaker()\n"
                "def get_db():\n"
                "    db = make()\n"
                "    yield db\n"
            ),
            "db:get_db",
            "sync",
        ),
        (
            (
                "from collections.abc import AsyncIterator\n"
                "from sqlalchemy.ext.asyncio import AsyncSession\n"
                "async def opened() -> AsyncIterator[AsyncSession]:\n"
                "    yield factory()\n"
            ),
            "db:opened",
            "async",
        ),
        (
            (
                "from contextlib import contextmanager\n"
                "from sqlmodel import Session\n"
                "@contextmanager\n"
                "def work():\n"
                "    with Session(engine) as session:\n"
                "        yield session\n"
            ),
            "db:work",
            "sync",
        ),
        (
            (
                "from sqlalchemy.orm import Session\n"
                "def current(request) -> Session:\n"
                "    return request.state.db\n"
            ),
            "db:current",
            "sync",
        ),
        (
            (
                "from sqlalchemy.orm import scoped_session, sessionmaker\n"
                "session = scoped_session(sessionmaker())\n"
            ),
            "db:session",
            "sync",
        ),
        (
            (
                "from sqlalchemy.ext.asyncio import async_sessionmaker\n"
                "make = async_sessionmaker()\n"
            ),
            "db:make",
            "async",
        ),
    ],
)
def test_the_session_is_found(tmp_path: Path, source: str, session: str, mode: str) -> None:
    data = as_data(Facts(build_tree(tmp_path, {"db.py": source})))
    assert (data["session"]["path"], data["sync_async"]) == (session, mode)


def test_a_session_of_something_else_is_none(tmp_path: Path) -> None:
    source = (
        "import requests\n"
        "\n\ndef get_session():\n"
        "    with requests.Session() as http:\n"
        "        yield http\n"
    )
    build_tree(tmp_path, {"web.py": APP, "http.py": source})
    assert as_data(Facts(tmp_path))["session"] is None


@pytest.mark.parametrize(
    ("files", "roots", "address"),
    [
        ({"app/main.py": APP, "app/x.py": "import app.main\n"}, ["."], "app.main:app"),
        ({"src/app/main.py": APP, "src/app/x.py": "import app.main\n"}, ["src"], "app.main:app"),
        (
            {"api/src/app/main.py": APP, "api/src/app/x.py": "import app.main\n"},
            ["api/src"],
            "app.main:app",
        ),
        (
            {"src/__init__.py": "", "src/main.py": APP, "src/x.py": "import src.main\n"},
            ["."],
            "src.main:app",
        ),
        (
            {"__init__.py": "", "main.py": APP, "x.py": "import shop.main\n"},
            [".."],
            "shop.main:app",
        ),
        (
            {
                "main.py": APP + ("import core.logging\nimport logging\n"),
                "core/logging.py": "import logging\n",
            },
            ["."],
            "main:app",
        ),
    ],
)
def test_import_roots_are_found(
    tmp_path: Path, files: dict[str, str], roots: list[str], address: str
) -> None:
    proposals = found(tmp_path / "shop", files)
    assert (proposals["import_roots"], proposals["app_path"]) == (roots, address)


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("token: str", "TOKEN", r"test"),
        ("secret_key: SecretStr", "SECRET_KEY", r"\S{32,}"),
        ("port: int", "PORT", r"\d+"),
        ("debug: bool", "DEBUG", r"false"),
        ("admin: EmailStr", "ADMIN", r"\S+@settings\.example\.com"),
        ("kind: Literal['staging', 'test']", "KIND", r"test"),
        ("hosts: list[str]", "HOSTS", r"\[\]"),
        ("site: HttpUrl", "SITE", r"http://localhost"),
        ("admin_password: str", "ADMIN_PASSWORD", r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*\W).{12,}"),
        (
            "database_url: PostgresDsn",
            "DATABASE_URL",
            r"postgresql\S*://\S+@production\.invalid/\S+",
        ),
        ("named: str = Field(alias='OTHER')", "OTHER", r"test"),
        ("hinted: str", "HINTED", r"from the example"),
    ],
)
def test_a_required_variable_gets_a_value_of_its_shape(
    tmp_path: Path, field: str, name: str, value: str
) -> None:
    settings = (
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
        f"    {field}\n    known: int = 1\n\n\nsettings = Settings()\n"
    )
    proposals = found(
        tmp_path, {"config.py": settings, ".env.example": "HINTED='from the example'\n"}
    )
    (variable,) = proposals["environment"]
    assert variable["name"] == name
    assert re.fullmatch(value, variable["value"])
    assert variable["why"].endswith(": config.py:5")


@pytest.mark.parametrize(
    ("code", "example", "value"),
    [
        ("ENV = os.environ['APP_ENV']\nDEBUG = ENV in ('dev', 'prod')\n", "prod", "dev"),
        ("ENV = os.environ['APP_ENV']\nTESTS = ENV == 'testing'\n", "", "testing"),
        ("ENV = os.environ['APP_ENV']\n", "local", "local"),
        ("ENV = os.environ['APP_ENV']\n", "production", "test"),
    ],
)
def test_a_stage_is_never_that_of_production(
    tmp_path: Path, code: str, example: str, value: str
) -> None:
    files = {"config.py": f"import os\n\n{code}", ".env.example": f"APP_ENV={example}\n"}
    assert found(tmp_path, files)["environment"][0]["value"] == value


ENGINE = "from sqlalchemy import create_engine\nimport settings\n\nengine = create_engine({})\n"


@pytest.mark.parametrize(
    ("settings", "url", "expected"),
    [
        pytest.param(
            "import os\n\nURL = os.getenv('STORE', 'postgresql+psycopg2://me@db/mine')\n",
            "settings.URL",
            {"STORE": "postgresql+psycopg2://app:app@production.invalid/app"},
            id="with a default",
        ),
        pytest.param(
            "import os\n\nHOST = os.getenv('MY_HOST', 'db')\nNAME = os.environ['MY_NAME']\n",
            "f'postgresql+psycopg2://me@{settings.HOST}:5432/{settings.NAME}'",
            {"MY_HOST": "production.invalid", "MY_NAME": "app"},
            id="of parts",
        ),
        pytest.param(
            "from pydantic import BaseModel\nfrom pydantic_settings import BaseSettings\n\n\n"
            "class Database(BaseModel):\n    host: str = 'db'\n    port: int = 5432\n\n\n"
            "class Settings(BaseSettings):\n    database: Database = Database()\n"
            "    model_config = {'env_nested_delimiter': '__'}\n\n\nvalues = Settings()\n",
            "f'mysql+pymysql://me@{settings.values.database.host}"
            ":{settings.values.database.port}/mine'",
            {"DATABASE__HOST": "production.invalid", "DATABASE__PORT": "3306"},
            id="in groups",
        ),
        pytest.param(
            "import os\n\nHERE = os.getenv('DB_FILE', 'mine.db')\n",
            "f'sqlite:///{settings.HERE}'",
            {"DB_FILE": "production.sqlite3"},
            id="a file",
        ),
        pytest.param(
            "import os\n\nURL = os.getenv('DB_URI', 'me:me@db:5432/mine')\n",
            "'postgresql+psycopg2://' + settings.URL",
            {"DB_URI": "app:app@production.invalid/app"},
            id="without its beginning",
        ),
    ],
)
def test_what_leads_to_the_database_leads_nowhere_in_tests(
    tmp_path: Path, settings: str, url: str, expected: dict[str, str]
) -> None:
    files = {"settings.py": settings, "db.py": ENGINE.format(url), "main.py": f"import db\n{APP}"}
    environment = found(tmp_path, files)["environment"]
    assert {item["name"]: item["value"] for item in environment} == expected
    assert {item["why"].partition(":")[0] for item in environment} == {"leads to the database"}


REFUSALS = """\
from fastapi import Depends, FastAPI, Form, HTTPException, status
from fastapi.security import {scheme}
import jwt

app = FastAPI()
bearer = {made}


def current_user(token=Depends(bearer)):
    {missing}
    try:
        return jwt.decode(token, "secret", algorithms=["HS256"])
    except jwt.PyJWTError:
        raise HTTPException({forged}, "Could not validate credentials")


@app.post("/login")
def login(username: str = Form(), password: str = Form()):
    user = find(username)
    if user is None or not verify_password(password, user.hash):
        raise HTTPException({wrong}, "Incorrect password")
    if not user.active:
        raise HTTPException(418, "Inactive user")
    return {{"access_token": jwt.encode({{}}, "secret")}}


@app.get("/me")
def me(user=Depends(current_user)):
    return user
"""


@pytest.mark.parametrize(
    ("refusals", "requirements", "statuses"),
    [
        (
            {
                "scheme": "OAuth2PasswordBearer", "made": "OAuth2PasswordBearer('/login')",
                "missing": "pass", "forged": "status.HTTP_403_FORBIDDEN", "wrong": "400",
            },
            "fastapi\n",
            (400, 401, 403),
        ),
        (
            {
                "scheme": "HTTPBearer", "made": "HTTPBearer()", "missing": "pass",
                "forged": "http.HTTPStatus.UNAUTHORIZED", "wrong": "401",
            },
            "fastapi==0.115.6\n",
            (401, 403, 401),
        ),
        (
            {
                "scheme": "HTTPBearer", "made": "HTTPBearer(auto_error=False)",
                "missing": "if not token:\n        raise HTTPException(404, 'Not authenticated')",
                "forged": "401", "wrong": "401",
            },
            "fastapi\n",
            (401, 404, 401),
        ),
    ],
)  # fmt: skip
def test_refusals_are_read_off_the_code(
    tmp_path: Path, refusals: dict[str, str], requirements: str, statuses: tuple[int, int, int]
) -> None:
    files = {"main.py": REFUSALS.format(**refusals), "requirements.txt": requirements}
    proposals = found(tmp_path, files)
    names = ("login_refused_status", "no_token_status", "bad_token_status")
    assert tuple(proposals[name] for name in names) == statuses


def test_a_factory_gets_the_name_of_the_configuration_for_tests(tmp_path: Path) -> None:
    files = {
        "config.py": "class Dev: ...\n\n\nconfigs = {'production': Dev, 'testing': Dev}\n",
        "shop.py": (
            "from flask import Flask\nfrom config import configs\n"
            "\n\ndef create_app(config_name):\n"
            "    app = Flask('shop')\n    app.config.from_object(configs[config_name])\n"
            "    return app\n"
        ),
    }
    assert found(tmp_path, files)["app_path"] == "shop:create_app('testing')"


def test_migrations_without_a_revision_are_none(tmp_path: Path) -> None:
    files = {"alembic.ini": "[alembic]\nscript_location = a\n", "a/env.py": "import alembic\n"}
    assert found(tmp_path, {**files, "models.py": BASE, "main.py": APP})["migrations"] == ""


def test_the_message_has_a_line_for_each_fact_and_names_what_is_missing(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP, "models.py": BASE})
    lines = message(Facts(tmp_path)).splitlines()
    assert lines[0] == "Read from 2 Python files; `--data NAME=ANSWER` corrects a line."
    assert "  app_path:          main:app  (main.py:3, sure)" in lines
    assert any(line.startswith("  not found:") and "database_engine" in line for line in lines)
    assert len(lines) <= 20


def test_the_real_env_is_not_read(tmp_path: Path) -> None:
    code = "import os\n\nKEY = os.environ['APP_SECRET']\n"
    proposals = found(tmp_path, {"config.py": code, ".env": "APP_SECRET=the-real-one\n"})
    assert "the-real-one" not in json.dumps(proposals)
    assert [variable["name"] for variable in proposals["environment"]] == ["APP_SECRET"]


@pytest.mark.parametrize(
    ("files", "ini", "folder"),
    [
        (
            {"alembic.ini": ("[alembic]\nscript_location = db\n"), "db/env.py": "alembic"},
            "alembic.ini",
            "db",
        ),
        (
            {"alembic.ini": ("[alembic]\nscript_location = %(here)s/db\n"), "db/env.py": "alembic"},
            "alembic.ini",
            "db",
        ),
        (
            {
                "alembic.ini": ("[alembic]\nscript_location = shop:db\n"),
                "shop/__init__.py": "",
                "shop/db/env.py": "alembic",
            },
            "alembic.ini",
            "shop/db",
        ),
        (
            {"db/alembic.ini": ("[alembic]\nscript_location = .\n"), "db/env.py": "alembic"},
            "db/alembic.ini",
            "db",
        ),
        (
            {
                "migrations/alembic.ini": "[alembic]\n",
                "migrations/env.py": "from flask import current_app  # alembic",
            },
            "migrations/alembic.ini",
            "migrations",
        ),
        (
            {
                "pyproject.toml": ("[tool.alembic]\nscript_location = 'db'\n"),
                "db/env.py": "alembic",
            },
            "pyproject.toml",
            "db",
        ),
        ({"db/env.py": "from alembic import context"}, None, "db"),
    ],
)
def test_migrations_are_found(
    tmp_path: Path, files: dict[str, str], ini: str | None, folder: str
) -> None:
    revisions = {
        f"{folder}/versions/1.py": "revision = '1'\ndown_revision = None\n",
        f"{folder}/versions/2.py": "revision: str = '2'\ndown_revision: str | None = '1'\n",
        # Nobody runs these any more.
        f"{folder}/archive/old/3.py": "revision = '3'\ndown_revision = None\n",
    }
    alembic = as_data(Facts(build_tree(tmp_path, {**files, **revisions})))["alembic"]
    assert (alembic["ini"], alembic["folder"]) == (ini, folder)
    assert (alembic["revisions"], alembic["heads"]) == (2, ["2"])


BROKEN = {
    "syntax error": b"def broken(:\n    pass\n",
    "Python 3.14": b"try:\n    pass\nexcept A, B:\n    pass\n\ndef f[T](x: T): ...\ntype X = int\n",
    "BOM": b"\xef\xbb\xbfx = 1\n",
    "UTF-16": "x = 'ä'\n".encode("utf-16"),
    "Latin-1": "# -*- coding: latin-1 -*-\nname = 'Jürgen'\n".encode("latin-1"),
    "undeclared Latin-1": "name = 'Jürgen'\n".encode("latin-1"),
    "NUL": b"x = 1\n\0\0\n",
    "nothing": b"",
    "deep": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "unclosed": b"x = '''\nnever ends\n",
    "binary": bytes(range(256)) * 8,
    "tabs": b"def f():\n\tif 1:\n        pass\n",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path, broken: bytes) -> None:
    build_tree(tmp_path, {"app/main.py": APP + "from app import odd\n", "app/models.py": BASE})
    (tmp_path / "app" / "odd.py").write_bytes(broken)
    facts = Facts(tmp_path)
    assert facts["app_path"].value == "app.main:app"
    assert facts["metadata"].value["base"] == "app.models:Base"
    assert facts.notes == []


@pytest.mark.parametrize(
    "name",
    [name for name in BROKEN if name not in ("UTF-16", "deep", "nothing", "binary", "unclosed")],
)
def test_the_rest_of_a_broken_file_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "web.py").write_bytes(BROKEN[name] + APP.encode())
    assert discover(tmp_path)["app_path"] == "web:app"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 3\n[tool]\nalembic = []\npoetry = 1\n"),
        ("setup.cfg", "[options\nx"),
        ("alembic.ini", "script_location\n"),
        ("alembic.ini", "[alembic]\nscript_location = ../../../etc\n"),
        ("docker-compose.yml", "services: [1, {2: 3}]\n"),
        ("docker-compose.yml", "a: &a [*a]\nservices: {x: {environment: 5, image: 7}}\n"),
        ("docker-compose.yml", "{{ jinja }}: [\n"),
        (".env.example", "=\n==\nA\nB=\n\0C=${D:-${E}}\n"),
        ("Pipfile", "]"),
        ("requirements.txt", "-r\n@\n[]\n# x\n-e .\n"),
    ],
)
def test_other_files_may_be_broken_too(tmp_path: Path, name: str, content: str) -> None:
    facts = Facts(build_tree(tmp_path, {"main.py": APP, name: content}))
    assert facts["app_path"].value == "main:app"
    assert facts.notes == []


def test_what_is_no_file_of_the_backend_is_left_alone(tmp_path: Path) -> None:
    outside = build_tree(tmp_path / "outside", {"main.py": APP, "secret.py": APP})
    root = build_tree(tmp_path / "root", {"web/site.py": APP.replace("app =", "site =")})
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "web" / "loop").symlink_to(root / "web", target_is_directory=True)
    (root / "linked").symlink_to(outside, target_is_directory=True)
    (root / "main.py").symlink_to(outside / "main.py")
    (root / "gone.py").symlink_to(root / "nowhere.py")
    (root / "self.py").symlink_to(root / "self.py")
    (root / "app.py").mkdir()
    if sys.platform != "win32":
        os.mkfifo(root / "pipe.py")
    assert discover(root)["python_files"] == 1
    assert discover(root)["app_path"] == "web.site:site"


def test_a_link_inside_of_the_backend_counts(tmp_path: Path) -> None:
    root = build_tree(tmp_path, {"code/web.py": APP})
    (root / "main.py").symlink_to(root / "code" / "web.py")
    assert discover(root)["python_files"] == 2


@pytest.mark.parametrize(
    "folder", ["node_modules/x", ".venv/lib", "venv", "build/lib", "dist", "env", "vendor", ".git"]
)
def test_what_others_wrote_is_skipped(tmp_path: Path, folder: str) -> None:
    assert found(tmp_path, {f"{folder}/main.py": APP})["python_files"] == 0


def test_an_environment_of_any_name_is_skipped(tmp_path: Path) -> None:
    files = {"py313/pyvenv.cfg": "", "py313/main.py": APP, "web.py": APP}
    proposals = found(tmp_path, files)
    assert (proposals["python_files"], proposals["app_path"]) == (1, "web:app")


def test_a_generated_file_is_skipped_and_named(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    (tmp_path / "generated.py").write_bytes(b"x = 1\n" * (10 * LARGEST // 6))
    facts = Facts(tmp_path)
    assert facts["app_path"].value == "main:app"
    assert facts.notes == ["generated.py is too large to be read."]


def test_nothing_of_the_backend_is_run(tmp_path: Path) -> None:
    build_tree(
        tmp_path,
        {
            "main.py": f"{APP}open('ran', 'w')\nraise SystemExit\n",
            "setup.py": "raise SystemExit('never run')\n",
            "conftest.py": "raise SystemExit('never imported')\n",
        },
    )
    before = files_of(tmp_path)
    assert discover(tmp_path)["app_path"] == "main:app"
    assert files_of(tmp_path) == before
    assert "main" not in sys.modules


@pytest.mark.parametrize("files", [{}, {"notes.txt": "hello\n"}, {"index.js": "let app = 1\n"}])
def test_without_python_there_is_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    proposals = found(tmp_path, files)
    assert proposals["python_files"] == 0
    assert not any(value for key, value in proposals.items() if key != "package_manager")


def test_a_missing_folder_has_nothing(tmp_path: Path) -> None:
    assert discover(tmp_path / "missing")["python_files"] == 0


def test_what_was_not_found_is_named_with_what_to_answer(tmp_path: Path) -> None:
    shown = report(Facts(build_tree(tmp_path, {"script.py": "print('hello')\n"})))
    assert "application: write module:name, or module:name() for a function" in shown
    assert "base of the models: write module:name of the base or MetaData" in shown


def test_runners_up_are_shown(tmp_path: Path) -> None:
    build_tree(tmp_path, {"one.py": APP, "two.py": APP})
    facts = Facts(tmp_path)
    assert facts["app_path"].confidence == "medium"
    assert [value for value, _ in facts["app_path"].others] == ["two:app"]
    assert "or two:app" in report(facts)


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    shown = run(sys.executable, "-m", "extensions.discovery", tmp_path, cwd=ROOT).stdout
    assert re.search(r"^application +main:app +main\.py:3 +high$", shown, re.M)


def test_the_command_prints_json(tmp_path: Path) -> None:
    build_tree(tmp_path, {"main.py": APP})
    shown = run(sys.executable, "-m", "extensions.discovery", tmp_path, "--json", cwd=ROOT).stdout
    data = json.loads(shown)
    assert data["app"] == {"kind": "object", "path": "main:app", "also": []}
    assert data["findings"]["app"] == {
        "value": data["app"],
        "where": "main.py:3",
        "confidence": "high",
    }
    assert {
        *("framework", "app", "metadata", "session", "sync_async", "db", "auth", "user_model"),
        *("models", "alembic", "dependencies", "python_requires", "existing_tests"),
    } <= data.keys()


def test_the_command_refuses_what_is_no_folder(tmp_path: Path) -> None:
    done = run(
        sys.executable, "-m", "extensions.discovery", tmp_path / "missing", cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert "is not a folder" in done.stdout


@pytest.mark.parametrize(
    ("path", "distance"),
    [
        ("app/main.py", 0),
        ("app/testing_ground/main.py", 0),
        ("app/latest.py", 0),
        ("scripts/fill.py", 1),
        ("alembic/env.py", 1),
        ("alembic/versions/0001.py", 2),
        ("examples/main.py", 2),
        ("tests/main.py", 3),
        ("app/test_main.py", 3),
        ("conftest.py", 3),
    ],
)
def test_what_lies_aside_is_known_by_its_path(path: str, distance: int) -> None:
    assert aside(path) == distance
