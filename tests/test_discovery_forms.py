"""Discovery: forms that facts have in large backends, each of which was once read wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from extensions.discovery import Facts, as_data
from extensions.discovery.report.table import report
from tests.worlds import build_tree

APP = "from fastapi import FastAPI\n\nfrom shop import routes\n\napp = FastAPI()\n"
BEARER = """\
from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from shop import tokens

scheme = HTTPBearer()
router = APIRouter()


@router.get("/me")
def me(given=Depends(scheme)):
    return tokens.owner(given.credentials)
"""


def read(root: Path, files: dict[str, str]) -> dict[str, Any]:
    return as_data(Facts(build_tree(root, {"shop/__init__.py": "", **files})))


@pytest.mark.parametrize(
    ("tokens", "style", "sure"),
    [
        ("import jwt\n\n\ndef owner(token):\n    return jwt.decode(token)\n", "jwt_bearer", "high"),
        ("def owner(token):\n    return KEYS[token]\n", "opaque_bearer", "medium"),
    ],
)
def test_a_bearer_scheme_does_not_say_which_kind_of_token_it_is(
    tmp_path: Path, tokens: str, style: str, sure: str
) -> None:
    # That JWTs serve another purpose elsewhere says nothing.
    state = "import jwt\n\n\ndef signed(state):\n    return jwt.encode(state)\n"
    files = {
        "shop/main.py": f"{APP}from shop import oauth\n",
        "shop/routes.py": BEARER,
        "shop/tokens.py": tokens,
        "shop/oauth.py": state,
    }
    found = read(tmp_path, files)
    assert found["auth"]["style"] == style
    assert found["findings"]["auth"]["confidence"] == sure


def test_a_body_is_nested_under_its_alias(tmp_path: Path) -> None:
    login = """\
from fastapi import APIRouter, Body
from pydantic import BaseModel

router = APIRouter()


class Credentials(BaseModel):
    email: str
    password: str


@router.post("/login")
def login(credentials: Credentials = Body(..., embed=True, alias="user")):
    return {"token": create_access_token(credentials)}
"""
    found = read(tmp_path, {"shop/main.py": APP, "shop/routes.py": login})
    assert found["auth"]["login"]["nested_in"] == "user"


@pytest.mark.parametrize(
    "made",
    ['{"production": Production}["production"]()', 'getattr(stages, "Production")()'],
)
def test_settings_that_are_derived_over_several_modules(tmp_path: Path, made: str) -> None:
    files = {
        "shop/main.py": "from shop.config import settings\n\nfrom fastapi import FastAPI\n"
        "\napp = FastAPI()\n",
        "shop/base.py": "from pydantic_settings import BaseSettings\n\n\n"
        "class Common(BaseSettings):\n    debug: bool = False\n",
        "shop/stages.py": "from shop.base import Common\n\n\n"
        "class Production(Common):\n    secret_key: str\n",
        "shop/config.py": "from shop import stages\nfrom shop.stages import Production\n\n"
        f"settings = {made}\n",
    }
    names = {v["name"]: v["why"] for v in read(tmp_path, files)["proposals"]["environment"]}
    assert names == {"SECRET_KEY": "required: shop/stages.py:5"}


def test_the_session_that_most_routes_take_out_of_the_state(tmp_path: Path) -> None:
    database = """\
from sqlalchemy.ext.asyncio import AsyncSession


async def get_read_session(request):
    async with request.state.read_sessionmaker() as session:
        yield session


async def get_session(request):
    try:
        session = request.state.session
    except AttributeError:
        raise RuntimeError("the middleware is missing") from None
    yield session
"""
    takes = "from fastapi import Depends\nfrom shop.database import get_read_session, get_session\n"
    takes += "".join(f"def r{n}(s=Depends(get_session)): ...\n" for n in range(90))
    takes += "".join(f"def w{n}(s=Depends(get_read_session)): ...\n" for n in range(9))
    files = {"shop/main.py": APP, "shop/database.py": database, "shop/routes.py": takes}
    session = read(tmp_path, files)["session"]
    assert (session["path"], session["is_async"]) == ("shop.database:get_session", True)


def test_the_context_that_passlib_brings_along(tmp_path: Path) -> None:
    models = """\
from passlib.apps import custom_app_context as context
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    email = Column(String)
    password_hash = Column(String)

    def set(self, password):
        self.password_hash = context.hash(password)
"""
    login = """\
from fastapi import APIRouter, Body
from shop.models import User

router = APIRouter()


@router.post("/login")
def login(email: str = Body(), password: str = Body()):
    return {"token": create_access_token(User)}
"""
    files = {"shop/main.py": APP, "shop/models.py": models, "shop/routes.py": login}
    hasher = read(tmp_path, files)["proposals"]["password_hasher"]
    assert hasher == "passlib.apps:custom_app_context.hash"


def test_a_backend_that_has_no_table_yet(tmp_path: Path) -> None:
    database = """\
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+asyncpg://localhost/shop")
metadata = MetaData()
"""
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "shop/database.py": database,
    }
    found = read(tmp_path, files)
    assert found["proposals"]["metadata_path"] == "shop.database:metadata"
    assert found["sync_async"] == "async"
    assert "login route" not in report(Facts(tmp_path))


def test_an_address_in_the_environment_is_nobody_that_tests_make(tmp_path: Path) -> None:
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop.config import settings\n"
        "\napp = FastAPI()\n",
        "shop/config.py": "from pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    first_superuser: str\n    email_host: str\n"
        "\n\nsettings = Settings()\n",
        ".env.example": "FIRST_SUPERUSER=admin@example.com\nEMAIL_HOST=mail.example.com\n",
    }
    given = {v["name"]: v["value"] for v in read(tmp_path, files)["proposals"]["environment"]}
    assert given == {
        "EMAIL_HOST": "mail.example.com",
        "FIRST_SUPERUSER": "first-superuser@settings.example.com",
    }


@pytest.mark.parametrize(
    ("example", "engine", "given"),
    [("", "sqlite", set()), ("DB_ENGINE=postgres\n", "postgresql", {"DB_ENGINE"})],
)
def test_a_setting_that_chooses_the_database(
    tmp_path: Path, example: str, engine: str, given: set[str]
) -> None:
    config = """\
from pydantic_settings import BaseSettings
from sqlalchemy import create_engine


class Settings(BaseSettings):
    db_engine: str = "sqlite"
    db_host: str = "localhost"

    def url(self):
        if self.db_engine == "sqlite":
            return "sqlite:///shop.db"
        return f"postgresql+psycopg2://{self.db_host}/shop"


settings = Settings()
engine = create_engine(settings.url())
"""
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop.config import engine\n"
        "\napp = FastAPI()\n",
        "shop/config.py": config,
        ".env.example": example,
        "requirements.txt": "fastapi\nsqlalchemy\npsycopg2\n",
    }
    found = read(tmp_path, files)
    assert found["proposals"]["database_engine"] == engine
    assert found["findings"]["db"]["confidence"] == "medium"
    names = {v["name"] for v in found["proposals"]["environment"]}
    assert names & {"DB_ENGINE"} == given


def test_code_that_asks_often_which_database_it_is_on_outvotes_no_setting(tmp_path: Path) -> None:
    asks = "def is_fuzzy(name):\n    return name == 'postgresql'\n\n\n"
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop import config, search\n"
        "\napp = FastAPI()\n",
        "shop/config.py": "from pydantic_settings import BaseSettings\n\n\n"
        'class Settings(BaseSettings):\n    db_engine: str = "sqlite"\n\n\n'
        "settings = Settings()\n",
        "shop/search.py": asks * 9,
        "requirements.txt": "fastapi\nsqlalchemy\npsycopg2\n",
    }
    assert read(tmp_path, files)["findings"]["db"]["value"]["engines"][0] == "sqlite"


def test_a_variable_that_is_refused_but_for_some_values(tmp_path: Path) -> None:
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop import config\n"
        "\napp = FastAPI()\n",
        "shop/config.py": "from os import getenv\n\necho = getenv('DB_ECHO')\n"
        "if echo not in ['true', 'false']:\n    raise ValueError('DB_ECHO')\n"
        "colour = getenv('COLOUR')\n"
        "if colour not in ('red', 'blue'):\n    raise ValueError('COLOUR')\n"
        "size = getenv('SIZE')\nif size not in ('s', 'm'):\n    size = 's'\n",
    }
    given = {v["name"]: v["value"] for v in read(tmp_path, files)["proposals"]["environment"]}
    assert given == {"COLOUR": "red", "DB_ECHO": "false"}


def test_settings_that_a_validator_of_the_whole_demands(tmp_path: Path) -> None:
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop.config import settings\n"
        "\napp = FastAPI()\n",
        "shop/config.py": "from pydantic import model_validator\n"
        "from pydantic_settings import BaseSettings\n\n\n"
        "class Settings(BaseSettings):\n    issuer: str | None = None\n"
        '    region: str | None = None\n    level: str | None = "low"\n\n'
        '    @model_validator(mode="after")\n    def complete(self):\n'
        '        for name in ["issuer", "level"]:\n            if getattr(self, name) is None:\n'
        "                raise ValueError(name)\n        return self\n\n\nsettings = Settings()\n",
    }
    given = {v["name"] for v in read(tmp_path, files)["proposals"]["environment"]}
    assert given == {"ISSUER"}


def test_a_setting_that_is_made_of_another(tmp_path: Path) -> None:
    code = RENEWS % "user: User = Depends(get_current_user)"
    settings = """
from fastapi import APIRouter
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    version: str = "v3"
    prefix: str = f"/api/{version}"


settings = Settings()
router = APIRouter()
"""
    code = settings + code.replace("@app.", "@router.").replace("app = FastAPI()\n", "")
    code += "\n\napp = FastAPI()\napp.include_router(router, prefix=settings.prefix)\n"
    found = read(tmp_path, {"shop/main.py": code})
    assert found["proposals"]["login_path"] == "/api/v3/auth/token"


def test_an_extension_is_a_base_before_anything_is_mapped(tmp_path: Path) -> None:
    files = {
        "shop/main.py": "from flask import Flask\n\nfrom shop.extensions import db\n\n"
        "app = Flask(__name__)\ndb.init_app(app)\n",
        "shop/extensions.py": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n",
    }
    assert read(tmp_path, files)["metadata"]["metadata"] == "shop.extensions:db.metadata"


def test_a_placeholder_that_a_validator_refuses_is_replaced(tmp_path: Path) -> None:
    settings = """
from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    secret_key: SecretStr = SecretStr("CHANGE_ME")
    other_key: str = "CHANGE_ME"

    @field_validator("secret_key")
    @classmethod
    def strong(cls, value):
        if len(value.get_secret_value()) < 32:
            raise ValueError("weak")
        return value


settings = Settings()
"""
    main = f"{APP}from shop.settings import settings\n"
    files = {"shop/main.py": main, "shop/settings.py": settings, "shop/routes.py": BEARER}
    root = build_tree(tmp_path, {"shop/__init__.py": "", "shop/tokens.py": "", **files})
    assert [variable["name"] for variable in Facts(root).environment] == ["SECRET_KEY"]


RENEWS = """\
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()
scheme = OAuth2PasswordBearer(tokenUrl="/auth/token")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password: Mapped[str]


def get_current_user(token: str = Depends(scheme)):
    return decode(token)


@app.post("/auth/token")
def login(form: OAuth2PasswordRequestForm = Depends()):
    return {"access_token": encode(form.username)}


@app.get("/me")
def me(user: User = Depends(get_current_user)):
    return user


@app.post("/auth/refresh")
def refresh(%s):
    "Return a refreshed token."
    return {"access_token": encode(user.email)}
"""


@pytest.mark.parametrize(
    ("asks", "path"),
    [
        ("user: User = Depends(get_current_user)", None),
        ("refresh_token: str, user: User = Depends(get_current_user)", "/auth/refresh"),
    ],
)
def test_a_new_access_token_for_the_old_one_is_no_refresh(
    tmp_path: Path, asks: str, path: str | None
) -> None:
    found = read(tmp_path, {"shop/main.py": RENEWS % asks})
    assert found["proposals"]["login_path"] == "/auth/token"
    assert found["proposals"]["flows"].get("refresh_path") == path


@pytest.mark.parametrize(
    "handled",
    [
        "@app.exception_handler(RequestValidationError)\n"
        "def misfit(request, error):\n    return JSONResponse({}, status_code=400)\n",
        "def misfit(request, error):\n    return JSONResponse({}, status_code=400)\n\n\n"
        "app.add_exception_handler(RequestValidationError, misfit)\n",
        "def misfit(request, error):\n    return JSONResponse({}, status_code=400)\n\n\n"
        "handlers = {RequestValidationError: misfit}\n",
    ],
    ids=["decorated", "added", "listed"],
)
def test_a_handler_may_answer_what_does_not_fit(tmp_path: Path, handled: str) -> None:
    code = RENEWS % "user: User = Depends(get_current_user)"
    found = read(tmp_path, {"shop/main.py": code + "\n\n" + handled})
    assert found["proposals"]["flows"]["malformed_status"] == 400
