"""Discovery of the database: its kind, sessions, mapped classes and migrations."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.discovery import Facts, as_data
from extensions.discovery.report.table import report
from tests.discovery.snippets import APP, BASE, SHOP, proposed, read
from tests.worlds import build_tree


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
    assert proposed(tmp_path, {"models.py": source})["metadata_path"] == base


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
    proposals = proposed(
        tmp_path, {"db.py": code, "config.py": settings, "requirements.txt": requirements}
    )
    assert (proposals["database_engine"], proposals["database_driver"]) == (engine, driver)


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


def test_migrations_without_a_revision_are_none(tmp_path: Path) -> None:
    files = {"alembic.ini": "[alembic]\nscript_location = a\n", "a/env.py": "import alembic\n"}
    assert proposed(tmp_path, {**files, "models.py": BASE, "main.py": APP})["migrations"] == ""


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
    files = {"shop/main.py": SHOP, "shop/database.py": database, "shop/routes.py": takes}
    session = read(tmp_path, files)["session"]
    assert (session["path"], session["is_async"]) == ("shop.database:get_session", True)


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


@pytest.mark.parametrize(
    ("address", "fields", "example", "given"),
    [
        (
            "{self.DB_TYPE}+{self.CONNECTOR}://",
            "    DB_TYPE: str\n    CONNECTOR: str\n",
            "",
            {"DB_TYPE": "mysql", "CONNECTOR": "aiomysql"},
        ),
        ("{self.DB_DRIVER}://", '    DB_DRIVER: str = ""\n', "", {"DB_DRIVER": "mysql+aiomysql"}),
        (
            "{self.DB_DRIVER}://",
            "    DB_DRIVER: str | None = None\n",
            "DB_DRIVER=mysql+asyncmy # the driver\n",
            {"DB_DRIVER": "mysql+asyncmy"},
        ),
        (
            "mysql+{self.DB_DRIVER}://",
            "    DB_DRIVER: str\n",
            "DB_DRIVER=asyncmy\n",
            {"DB_DRIVER": "asyncmy"},
        ),
        ("{self.DB_DRIVER}://", '    DB_DRIVER: str = "mysql+aiomysql"\n', "", {}),
        ("{self.DB_DRIVER}://", '    DB_DRIVER: Literal["mysql+aiomysql"]\n', "",
         {"DB_DRIVER": "mysql+aiomysql"}),
    ],
)  # fmt: skip
def test_how_an_address_begins_may_be_put_together(
    tmp_path: Path, address: str, fields: str, example: str, given: dict[str, str]
) -> None:
    config = f"""\
from typing import Literal
from pydantic_settings import BaseSettings
from sqlalchemy.ext.asyncio import create_async_engine


class Settings(BaseSettings):
{fields}
    DB_HOST: str

    @property
    def url(self):
        return f"{address}{{self.DB_HOST}}/shop"


settings = Settings()
engine = create_async_engine(settings.url)
"""
    files = {
        "shop/main.py": "from fastapi import FastAPI\n\nfrom shop.config import engine\n"
        "\napp = FastAPI()\n",
        "shop/config.py": config,
        ".env.example": example,
        "requirements.txt": "fastapi\nsqlalchemy\naiomysql\n",
    }
    listed = read(tmp_path, files)["proposals"]["environment"]
    assert {v["name"]: v["value"] for v in listed if v["name"] != "DB_HOST"} == given


@pytest.mark.parametrize(
    "kept", ["URL = settings.url", "URL = settings.database.url", "url = settings.url"]
)
def test_an_address_may_be_kept_under_a_name_before_it_is_used(tmp_path: Path, kept: str) -> None:
    files = {
        "shop/config.py": """\
from functools import lru_cache
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    db_driver: str
    db_host: str

    @property
    def url(self):
        return f"{self.db_driver}://app:app@{self.db_host}/shop"

    @property
    def database(self):
        return self


@lru_cache
def get_settings():
    return Settings()
""",
        "shop/db.py": f"""\
from sqlalchemy.ext.asyncio import create_async_engine
from shop.config import get_settings

settings = get_settings()
{kept}
engine = create_async_engine({kept.partition(" ")[0]})
""",
        "shop/main.py": SHOP.replace("import routes", "import db"),
        "requirements.txt": "asyncpg\nfastapi\n",
    }
    given = {one["name"]: one["value"] for one in proposed(tmp_path, files)["environment"]}
    assert given == {"DB_DRIVER": "postgresql+asyncpg", "DB_HOST": "production.invalid"}


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


def test_an_extension_is_a_base_before_anything_is_mapped(tmp_path: Path) -> None:
    files = {
        "shop/main.py": "from flask import Flask\n\nfrom shop.extensions import db\n\n"
        "app = Flask(__name__)\ndb.init_app(app)\n",
        "shop/extensions.py": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n",
    }
    assert read(tmp_path, files)["metadata"]["metadata"] == "shop.extensions:db.metadata"


PLAIN = "from sqlalchemy import create_engine\nfrom sqlalchemy.ext.asyncio import AsyncEngine\n"
LATER = "from sqlalchemy.ext.asyncio import create_async_engine"


@pytest.mark.parametrize(
    "code",
    [
        f"{PLAIN}engine = AsyncEngine(create_engine(url=URL))\n",
        f"{PLAIN}engine = AsyncEngine(sync_engine=create_engine(URL, echo=True))\n",
        f"{PLAIN}plain = create_engine(URL)\nengine = AsyncEngine(plain)\n",
        f"{PLAIN}def make():\n    return create_engine(URL)\nengine = AsyncEngine(make())\n",
        f"{PLAIN}def make():\n    plain = create_engine(URL)\n    return AsyncEngine(plain)\n",
        (
            f"{PLAIN}class Store:\n    def __init__(self):\n"
            "        self.plain = create_engine(URL)\n"
            "        self.engine = AsyncEngine(self.plain)\n"
        ),
        f"{LATER} as create_engine\nengine = create_engine(URL)\n",
        f"{LATER} as made\nengine = made(URL)\n",
        "from alchemical.aio import Alchemical\ndb = Alchemical(URL)\n",
        (
            f"{LATER}\nclass DBConnection:\n    def __init__(self, url):\n"
            "        self.engine = create_async_engine(url)\ndb = DBConnection(URL)\n"
        ),
    ],
)
def test_the_address_of_an_asynchronous_engine_has_a_driver_for_it(
    tmp_path: Path, code: str
) -> None:
    code = f"import os\nURL = os.environ['DATABASE_URL']\n{code}{APP}"
    files = {"main.py": code, "requirements.txt": "fastapi\nsqlalchemy\nasyncpg\n"}
    found = proposed(tmp_path, files)
    (variable,) = found["environment"]
    assert variable["value"].startswith("postgresql+asyncpg://")
    assert (found["mode"], found["database_driver"]) == ("async", "asyncpg")


@pytest.mark.parametrize(
    ("code", "mode", "sure"),
    [
        pytest.param(
            "from sqlalchemy import create_engine\nengine = create_engine('sqlite:///a.db')\n",
            "sync",
            "high",
            id="certain",
        ),
        pytest.param(
            "class SQLAlchemyConfig:\n    url = 'sqlite:///a.db'\nconfig = SQLAlchemyConfig()\n",
            "sync",
            "low",
            id="a class of the application",
        ),
        pytest.param(
            (
                "class SQLAlchemyAsyncConfig:\n    pass\nfrom sqlalchemy import create_engine\n"
                "config = SQLAlchemyAsyncConfig()\nengine = create_engine('sqlite:///a.db')\n"
            ),
            "sync",
            "high",
            id="a class of the application beside an engine",
        ),
        pytest.param(
            (
                "from aiopg.sa import create_engine\nasync def start():\n"
                "    return await create_engine('postgresql://db/x')\n"
            ),
            "async",
            "medium",
            id="awaited",
        ),
        pytest.param(
            (
                "from company.storage import create_engine\n"
                "engine = create_engine('postgresql://db/x')\n"
            ),
            "sync",
            "low",
            id="another package",
        ),
        pytest.param(
            (
                "import databases\nfrom sqlalchemy import create_engine\n"
                "engine = create_engine('sqlite:///a.db')\n"
                "database = databases.Database('sqlite:///a.db')\n"
            ),
            "async",
            "medium",
            id="asked by another package",
        ),
    ],
)
def test_what_only_looks_like_an_engine_is_stated_with_less_confidence(
    tmp_path: Path, code: str, mode: str, sure: str
) -> None:
    facts = Facts(build_tree(tmp_path, {"main.py": f"{code}{APP}"}))
    assert (facts["sync_async"].value, facts["sync_async"].confidence) == (mode, sure)


def test_a_session_and_an_engine_that_disagree_are_not_stated_as_certain(tmp_path: Path) -> None:
    code = (
        "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n"
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        "db = SQLAlchemy()\nengine = create_async_engine('sqlite+aiosqlite:///a.db')\n"
        "class User(db.Model):\n    id = db.Column(primary_key=True)\napp = Flask(__name__)\n"
    )
    facts = Facts(build_tree(tmp_path, {"main.py": code}))
    assert (facts["sync_async"].value, facts["sync_async"].confidence) == ("sync", "medium")


@pytest.mark.parametrize(
    ("code", "mode", "driver"),
    [
        (
            "from fastapi_async_sqlalchemy import SQLAlchemyMiddleware\n"
            "app.add_middleware(SQLAlchemyMiddleware, db_url='postgresql+asyncpg://localhost/a')\n",
            "async",
            "asyncpg",
        ),
        (
            "from fastapi_sqlalchemy import DBSessionMiddleware\n"
            "app.add_middleware(DBSessionMiddleware, db_url='postgresql+psycopg2://localhost/a')\n",
            "sync",
            "psycopg2",
        ),
        (
            "from advanced_alchemy.config import SQLAlchemyAsyncConfig as Config\n"
            "class Ours(Config):\n    pass\n"
            "config = Ours(connection_string='postgresql+asyncpg://localhost/a')\n",
            "async",
            "asyncpg",
        ),
        (
            "class Alchemical:\n    def __init__(self, url):\n        self.url = url\n"
            "db = Alchemical('postgresql+asyncpg://localhost/a')\n",
            "async",
            "asyncpg",
        ),
    ],
)
def test_a_wrapper_is_what_the_driver_of_its_address_says(
    tmp_path: Path, code: str, mode: str, driver: str
) -> None:
    facts = Facts(build_tree(tmp_path, {"models.py": BASE, "main.py": f"{APP}{code}"}))
    found = facts["sync_async"]
    assert (found.value, found.confidence, found.where.partition(":")[0]) == (
        mode, "medium", "main.py"
    )  # fmt: skip
    assert facts["db"].value["driver"] == driver


def test_a_class_of_its_own_that_is_called_like_one_of_a_library_makes_no_engine(
    tmp_path: Path,
) -> None:
    code = (
        "from pydantic import BaseModel\nfrom sqlalchemy import create_engine\n"
        "class SQLAlchemyAsyncConfig(BaseModel):\n    url: str\n"
        "config = SQLAlchemyAsyncConfig(url='sqlite+aiosqlite:///a.db')\n"
        "engine = create_engine('postgresql+psycopg://localhost/a')\n"
    )
    facts = Facts(build_tree(tmp_path, {"models.py": BASE, "main.py": f"{APP}{code}"}))
    assert (facts["sync_async"].value, facts["sync_async"].confidence) == ("sync", "high")
    assert facts["db"].value["engines"] == ["postgresql"]


def test_sessions_of_flask_where_models_come_from_the_base(tmp_path: Path) -> None:
    """Models of the base that was given to the extension, and not of `db.Model`."""
    base = BASE.split("\n\n\nclass User", maxsplit=1)[0]
    files = {
        "shop/base.py": f"{base}\n",
        "shop/db.py": "from flask_sqlalchemy import SQLAlchemy\nfrom shop.base import Base\n"
        "db = SQLAlchemy(model_class=Base)\n",
        "shop/models.py": "from sqlalchemy.orm import Mapped, mapped_column\n"
        "from shop.base import Base\n\n\nclass Boat(Base):\n    __tablename__ = 'boats'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n",
        "main.py": "from flask import Flask\nfrom shop.db import db\nfrom shop.models import Boat\n"
        "app = Flask('shop')\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///a.db'\n"
        "db.init_app(app)\n",
    }
    found = read(tmp_path, files)
    assert found["sync_async"] == "sync"
    assert found["session"]["path"] == "shop.db:db.session"


def test_the_base_that_migrations_compare_with_is_the_one_before_anything_is_mapped(
    tmp_path: Path,
) -> None:
    base = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass {}(DeclarativeBase):\n    pass\n"
    files = {
        "main.py": APP,
        "attempts/first.py": base.format("Attempt"),
        "shop/infra.py": base.format("Model"),
        "migrations/env.py": "from alembic import context\nfrom shop.infra import Model\n"
        "target_metadata = [Model.metadata]\n",
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
    }
    assert read(tmp_path, files)["metadata"]["base"] == "shop.infra:Model"


OPEN = "import os\nfrom sqlalchemy import create_engine\nengine = create_engine({arguments})\n"


@pytest.mark.parametrize(
    ("arguments", "packages", "engine"),
    [
        pytest.param("os.environ['ADDRESS']", "fastapi\nsqlalchemy\n", "sqlite", id="no_driver"),
        pytest.param(
            "os.environ['ADDRESS'], connect_args={'check_same_thread': False}",
            "fastapi\nsqlalchemy\npsycopg2\n",
            "sqlite",
            id="an_argument_of_sqlite",
        ),
        pytest.param(
            "os.environ['ADDRESS']", "fastapi\nsqlalchemy\npymysql\n", "mysql", id="a_driver"
        ),
    ],
)
def test_an_address_that_nothing_says_anything_of(
    tmp_path: Path, arguments: str, packages: str, engine: str
) -> None:
    files = {
        "shop/db.py": OPEN.replace("{arguments}", arguments),
        "shop/models.py": BASE,
        "shop/main.py": f"{APP}from shop import db, models\n",
        "requirements.txt": packages,
    }
    assert read(tmp_path, files)["findings"]["db"]["value"]["engines"][0] == engine


@pytest.mark.parametrize(
    ("replaced", "example", "address"),
    [
        ("'postgresql://', 'postgresql+asyncpg://'", "postgresql", "postgresql"),
        ("'postgresql', 'postgresql+asyncpg'", "postgresql", "postgresql"),
        ("'postgresql', 'postgresql+asyncpg'", "postgresql+asyncpg", "postgresql"),
        # What hosting services hand out is replaced, and nothing else.
        ("'postgres://', 'postgresql+asyncpg://'", "postgresql", "postgresql+asyncpg"),
        ("'postgres://', 'postgresql://'", "postgresql", "postgresql+asyncpg"),
        ("' ', ''", "postgresql", "postgresql+asyncpg"),
    ],
)
def test_an_address_has_a_driver_where_the_code_puts_none_in(
    tmp_path: Path, replaced: str, example: str, address: str
) -> None:
    files = {
        "main.py": (
            "import os\nfrom fastapi import FastAPI\n"
            "from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine\n"
            f"url = os.environ['DATABASE_URL'].replace({replaced})\n"
            "engine = create_async_engine(url)\nSession = async_sessionmaker(engine)\n"
            "app = FastAPI()\n"
        ),
        "models.py": BASE,
        ".env.example": f"DATABASE_URL={example}://app:app@db/app\n",
        "requirements.txt": "fastapi\nsqlalchemy\nasyncpg\npsycopg2-binary\n",
    }
    (found,) = proposed(tmp_path, files)["environment"]
    assert found["value"].partition("://")[0] == address


def test_a_database_that_only_a_container_names(tmp_path: Path) -> None:
    files = {
        "main.py": "import os\n" + APP + "from sqlalchemy import create_engine\n"
        "import models\nengine = create_engine(os.environ['STORE'])\n",
        "models.py": BASE,
        "docker-compose.yml": "services:\n  web:\n    build: .\n    env_file: [deploy/web.env]\n"
        "  db:\n    build: ./db\n    environment: [MYSQL_DATABASE=app]\n",
        "deploy/web.env": "STORE=mysql+pymysql://app:app@db/app\n",
        "requirements.txt": "fastapi\nsqlalchemy\n",
    }
    found = proposed(tmp_path, files)
    assert (found["database_engine"], found["database_driver"]) == ("mysql", "pymysql")
    (variable,) = found["environment"]
    assert variable["value"] == "mysql+pymysql://app:app@production.invalid/app"


SECOND = """\
from sqlalchemy import Column, Integer
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class Event(Base):
    __tablename__ = "events"

    id = Column(Integer, primary_key=True)
"""


@pytest.mark.parametrize(
    ("settings", "other", "of"),
    [
        ({"alembic.ini": "a", "main/alembic.ini": "b"}, "metrics", "main/alembic.ini"),
        ({"alembic.ini": "b", "main/alembic.ini": "a"}, "metrics", "alembic.ini"),
        ({"alembic.ini": "b", "alembic_old.ini": "a"}, "models", "alembic.ini"),
        ({"alembic.ini": "b", "backup/alembic.ini": "a"}, "models", "alembic.ini"),
    ],
)
def test_of_two_environments_that_of_the_models_is_the_one(
    tmp_path: Path, settings: dict[str, str], other: str, of: str
) -> None:
    files = {
        "main.py": f"import metrics\nimport models\n{APP}",
        "models.py": BASE + "\n\nclass Second(Base):\n    __tablename__ = 's'\n"
        "    id = Column(Integer, primary_key=True)\n",
        "metrics.py": SECOND,
        "a/env.py": f"from alembic import context\nfrom {other} import Base\n"
        "target_metadata = Base.metadata\n",
        "b/env.py": "from alembic import context\nfrom models import Base\n"
        "target_metadata = Base.metadata\n",
        # The other one has gone further.
        **{f"a/versions/{n}.py": _revision(n) for n in range(1, 6)},
        **{f"b/versions/{n}.py": _revision(n) for n in range(1, 3)},
    }
    files |= {
        name: f"[alembic]\nscript_location = {'../' * name.count('/')}{folder}\n"
        for name, folder in settings.items()
    }
    assert proposed(tmp_path, files)["migrations"] == of


def test_a_section_that_is_not_called_alembic_is_named(tmp_path: Path) -> None:
    files = {
        "main.py": f"import models\n{APP}",
        "models.py": BASE,
        "alembic.ini": "[main]\nscript_location = b\n",
        "b/env.py": "from alembic import context\n",
        "b/versions/1.py": _revision(1),
    }
    assert proposed(tmp_path, files)["migrations"] == "alembic.ini:main"


def _revision(number: int) -> str:
    return (
        f"revision = '{number}'\ndown_revision = {repr(str(number - 1)) if number > 1 else None}\n"
    )
