"""Discovery of settings: the variables that a test run has to set, and their values."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from extensions.discovery import Facts
from tests.discovery.snippets import APP, BEARER, SHOP, proposed, read
from tests.worlds import build_tree


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
    proposals = proposed(
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
    assert proposed(tmp_path, files)["environment"][0]["value"] == value


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
    environment = proposed(tmp_path, files)["environment"]
    assert {item["name"]: item["value"] for item in environment} == expected
    assert {item["why"].partition(":")[0] for item in environment} == {"leads to the database"}


@pytest.mark.parametrize(
    ("reads", "example", "expected"),
    [
        ("MODE = os.getenv('APP_ENV', 'production')", "local", {"APP_ENV": "local"}),
        ("MODE = os.getenv('APP_ENV', 'production')", "production", {}),
        ("MODE = os.getenv('APP_ENV', 'local')", "test", {}),
        (
            "from pydantic_settings import BaseSettings\n\n\nclass S(BaseSettings):\n"
            "    app_env: str = 'production'\n\n\ns = S()",
            "development",
            {"APP_ENV": "development"},
        ),
    ],
)
def test_a_stage_that_is_production_by_default_is_what_the_example_says(
    tmp_path: Path, reads: str, example: str, expected: dict[str, str]
) -> None:
    files = {"main.py": f"import os\n{reads}\n{APP}", ".env.example": f"APP_ENV={example}\n"}
    environment = proposed(tmp_path, files)["environment"]
    assert {item["name"]: item["value"] for item in environment} == expected


def test_the_real_env_is_not_read(tmp_path: Path) -> None:
    code = "import os\n\nKEY = os.environ['APP_SECRET']\n"
    proposals = proposed(tmp_path, {"config.py": code, ".env": "APP_SECRET=the-real-one\n"})
    assert "the-real-one" not in json.dumps(proposals)
    assert [variable["name"] for variable in proposals["environment"]] == ["APP_SECRET"]


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
    main = f"{SHOP}from shop.settings import settings\n"
    files = {"shop/main.py": main, "shop/settings.py": settings, "shop/routes.py": BEARER}
    root = build_tree(tmp_path, {"shop/__init__.py": "", "shop/tokens.py": "", **files})
    assert [variable["name"] for variable in Facts(root).environment] == ["SECRET_KEY"]


NESTED = """\
from dataclasses import dataclass
from typing import Annotated, Optional

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Database(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="DB_")
    host: str = "127.0.0.1"
    secret: str


class Api(BaseModel):
    title: str
    tags: list[str]
    port: int = 8000


class Pool(BaseModel):
    size: int


class Storage(BaseModel):
    bucket: str
    pool: Pool


@dataclass
class Mail:
    sender: str


class Plain(BaseModel):
    debug: bool = False


class Settings(BaseSettings):
    model_config = SettingsConfigDict(CONFIG)
    FIELD


settings = MADE
"""
ENGINE_OF_A_GROUP = """
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(f"postgresql+asyncpg://app@{settings.db.host}/app")
"""
OWN = {"DB_HOST": "production.invalid", "DB_SECRET": "only-for-tests-"}


@pytest.mark.parametrize(
    ("field", "made", "expected"),
    [
        ("db: Database", "Settings(db=Database())", OWN),
        ("db: Database = Database()", "Settings()", OWN),
        ("db: Database = Field(default_factory=Database)", "Settings()", OWN),
        ("db: Database = Field(default_factory=lambda: Database())", "Settings()", OWN),
        ("db: Annotated[Database, Field(default_factory=Database)]", "Settings()", OWN),
        ("db: Database | None = Field(None, validate_default=True)", "Settings(Database())", OWN),
        ("db: Optional[Database] = None", "Settings(db=Database())", OWN),
        ("db: 'Database'", "Settings(db=Database())", OWN),
        ("api: Api", "Settings()", {"API": '{"title": "test", "tags": []}'}),
        ("mail: Mail", "Settings()", {"MAIL": '{"sender": "sender@settings.example.com"}'}),
        ("plain: Plain", "Settings()", {"PLAIN": "{}"}),
        ("store: Storage", "Settings()", {"STORE": '{"bucket": "test", "pool": {"size": "1"}}'}),
    ],
)
def test_a_field_that_is_a_group_of_settings_is_never_given_a_plain_text(
    tmp_path: Path, field: str, made: str, expected: dict[str, str]
) -> None:
    code = NESTED.replace("CONFIG", "").replace("FIELD", field).replace("MADE", made)
    code += ENGINE_OF_A_GROUP if "db" in field else ""
    listed = proposed(tmp_path, {"main.py": code + APP})["environment"]
    found = {variable["name"]: variable["value"] for variable in listed}
    found.pop("DB_SECRET" if "db" not in field else "", None)
    assert found.keys() == expected.keys()
    assert all(found[name].startswith(value) for name, value in expected.items())


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("store: Storage", {"STORE__BUCKET", "STORE__POOL__SIZE"}),
        ("api: Api", {"API__TITLE", "API__TAGS"}),
        ("mail: Mail", {"MAIL__SENDER"}),
        ("plain: Plain", set()),
    ],
)
def test_what_is_in_a_group_is_set_with_the_delimiter(
    tmp_path: Path, field: str, names: set[str]
) -> None:
    config = 'env_nested_delimiter="__"'
    code = NESTED.replace("CONFIG", config).replace("FIELD", field).replace("MADE", "Settings()")
    found = proposed(tmp_path, {"main.py": code + APP})["environment"]
    assert {one["name"] for one in found if "__" in one["name"]} == names


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        ('os.getenv("SECRET_KEY") or ""', ["SECRET_KEY"]),
        ('os.getenv("JWT_SECRET", "")', ["JWT_SECRET"]),
        ('os.getenv("SECRET_KEY", "of-the-code")', []),
        ('os.getenv("SECRET_KEY") or "of-the-code"', []),
        ('os.getenv("SECRET_KEY") or secrets.token_hex()', []),
        ('os.getenv("STRIPE_SECRET_KEY", "")', []),
        ('os.getenv("GREETING") or ""', []),
    ],
)
def test_what_signs_is_not_left_empty(tmp_path: Path, reading: str, names: list[str]) -> None:
    head = "import os\nfrom fastapi import FastAPI\n"
    files = {"shop/main.py": f"{head}KEY = {reading}\napp = FastAPI()\n"}
    environment = read(tmp_path, files)["proposals"]["environment"]
    assert [one["name"] for one in environment] == names


@pytest.mark.parametrize(
    ("imports", "found"),
    [("from pydantic_settings import BaseSettings\nclass RedisSettings(BaseSettings): ...", False),
     ("from arq.connections import RedisSettings", True)],
)  # fmt: skip
def test_settings_of_a_cache_are_no_queue(tmp_path: Path, imports: str, found: bool) -> None:
    main = f"{imports}\nfrom fastapi import FastAPI\nsettings = RedisSettings()\napp = FastAPI()\n"
    facts = Facts(build_tree(tmp_path, {"main.py": main}))
    assert ("service_arq" in facts.findings) is found


@pytest.mark.parametrize(
    ("files", "gate"),
    [
        ({".coveragerc": "[report]\nfail_under = 80\n"}, 80),
        ({"pytest.ini": "[pytest]\naddopts = --cov=shop --cov-fail-under=75\n"}, 75),
        ({".coveragerc": "[run]\n", "Makefile": "test:\n\tpytest --cov-fail-under 90\n"}, 90),
        (
            {
                "pyproject.toml": "[tool.coverage.report]\nfail_under = 85\n"
                "[tool.pytest.ini_options]\naddopts = '--cov-fail-under=60'\n"
            },
            85,
        ),
        ({"pytest.ini": "[pytest]\n"}, 0),
    ],
)
def test_the_gate_of_coverage_is_the_highest_there_is(
    tmp_path: Path, files: dict[str, str], gate: int
) -> None:
    assert proposed(tmp_path, {"shop/main.py": APP, **files})["coverage_gate"] == gate
