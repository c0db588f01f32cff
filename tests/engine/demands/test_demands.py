"""What a settings module asks for is read off how its import fails, whatever it reads with."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from test_harness import __version__
from tests.worlds import ROOT, environment, run

pytestmark = pytest.mark.runs

UV = Path(sys.executable).with_name("uv")
READER = Path(__file__).with_name("reader.py")
LIBRARIES = [
    "asyncpg", "attrs", "cryptography", "django-environ", "dynaconf", "environs",
    "psycopg2-binary", "pydantic-settings", "pydantic[email]", "python-decouple",
    "sqlalchemy[asyncio]", "starlette", "typed-settings",
]  # fmt: skip
HARNESS = f"""\
[harness]
version = "{__version__}"
[application]
project = "x"
framework = "none"
import_path = ""
mode = "async"
health_path = ""
base_url = ""
[database]
engine = "postgresql"
driver = "asyncpg"
metadata = ""
migrations = ""
"""
SECRET = "only-for-tests-0123456789abcdef0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody has it
PASSWORD = "Only-for-tests-0123"  # noqa: S105 - nobody has it
KEY = "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZiE="
HEX = "0123456789abcdef" * 4
ASYNCPG = "postgresql+asyncpg://tests:tests@database.invalid/tests"


@dataclass(frozen=True)
class Case:
    """A module of settings, and what it is seen to ask for.

    Args:
        code: The module `conf`.
        asked: Each variable as `name @ line: what it must be -> the first value`.
        variables: What is set already.
        files: What lies beside it.
    """

    code: str
    asked: list[str]
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


CASES = {
    # ------------------------------------------------------------------- names made at run time
    "a-name-of-parts": Case(
        'import os\nfor key in ("host", "port"):\n    os.environ[f"APP_DB_{key}".upper()]\n',
        ["APP_DB_HOST @ 3:  -> localhost"],
    ),
    "the-next-name-of-parts": Case(
        'import os\nfor key in ("host", "port"):\n    os.environ[f"APP_DB_{key}".upper()]\n',
        ["APP_DB_PORT @ 3:  -> 5432"],
        {"APP_DB_HOST": "localhost"},
    ),
    "a-copy-of-the-environment": Case(
        'import os\nvalues = dict(os.environ)\nvalues["SHOP_KEY"]\n',
        [f"SHOP_KEY @ 3:  -> {SECRET} (a guess)"],
    ),
    # ------------------------------------------------------------------------- plain variables
    "nothing-for-an-int": Case(
        'import os\nPORT = int(os.getenv("PORT"))\n', ["PORT @ 2: a whole number -> 8000"]
    ),
    "no-int": Case(
        'import os\nCOUNT = int(os.getenv("WORKERS", "1"))\n',
        ["WORKERS @ 2: a whole number -> 30"],
        {"WORKERS": "test"},
    ),
    "nothing-used-later": Case(
        'import os\nclass C:\n    origins = os.getenv("ORIGINS")\nhosts = C.origins.split(",")\n',
        ["ORIGINS @ 3:  -> http://localhost"],
    ),
    "named-by-an-exit": Case(
        "import os, sys\nfor name in ('A_A', 'B_B'):\n    if not os.environ.get(name):\n"
        "        sys.exit(f'{name} is not set')\n",
        ["A_A @ 3:  -> test"],
    ),
    "several-named-at-once": Case(
        "import os\nmissing = [name for name in ('A_PORT', 'B_PORT') if name not in os.environ]\n"
        "if missing:\n    raise SystemExit(', '.join(missing))\n",
        ["A_PORT @ 2:  -> 8000", "B_PORT @ 2:  -> 8000"],
    ),
    "refused-without-its-name": Case(
        "import os\nclass C:\n    secret = os.getenv('APP_SECRET')\n"
        "    other = os.getenv('OTHER')\n"
        "if len(C.secret or '') < 40:\n    raise RuntimeError('too short')\n",
        [f"APP_SECRET @ 3: at least 40 long -> {SECRET}"],
        {"APP_SECRET": "short"},
    ),
    "refused-with-an-error-of-its-own": Case(
        "import os\nclass DatabaseNotConfigured(Exception): ...\nHOST = os.getenv('STORE_HOST')\n"
        "if HOST is None:\n    raise DatabaseNotConfigured\n",
        ["STORE_HOST @ 3:  -> localhost"],
    ),
    "refused-in-a-method": Case(
        "import os\nclass Settings:\n    def __init__(self):\n"
        "        self.key = os.getenv('KEY_A')\n"
        "        self.check()\n    def check(self):\n        if not self.key:\n"
        "            raise ValueError('incomplete')\nSettings()\n",
        ["KEY_A @ 4:  -> test"],
    ),
    "asked-through-a-function": Case(
        "import os\ndef region():\n    return os.environ.get('REGION')\nregion().lower()\n",
        ["REGION @ 3:  -> test"],
    ),
    "asked-by-a-reader-of-any": Case(
        "import os\ndef read(name):\n    return os.environ.get('PIER_' + name)\n"
        "class Base:\n    SIGNING = read('SIGNING')\n    OTHER = read('OTHER')\n"
        "if not Base.SIGNING:\n    raise RuntimeError('incomplete')\n",
        [f"PIER_SIGNING @ 5:  -> {SECRET}"],
    ),
    "refused-by-a-reader-of-any": Case(
        "import os\ndef read(name, cast):\n    value = os.environ['PIER_' + name]\n"
        "    return cast(value)\nHOST = read('HOST', str)\nSPEED = read('SPEED', int)\n",
        ["PIER_SPEED @ 6: a whole number -> 1"],
        {"PIER_HOST": "x", "PIER_SPEED": "fast"},
    ),
    "several-of-a-table": Case(
        "import os\nvalues = {name: os.getenv(name) for name in ('A_PORT', 'B_PORT')}\n"
        "if not all(values.values()):\n    raise RuntimeError('incomplete')\n",
        ["A_PORT @ 2:  -> 8000", "B_PORT @ 2:  -> 8000"],
    ),
    "read-by-a-library-for-itself": Case(
        "import os\nimport client\napi = client.Client()\nkey = os.getenv('KEY_A')\n"
        "if not key and api:\n    raise RuntimeError('incomplete')\n",
        ["KEY_A @ 4:  -> test"],
        files={
            "site-packages/client.py": "import os\n\n\nclass Client:\n"
            "    def __init__(self):\n        self.loud = os.getenv('CLIENT_LOUD')\n"
        },
    ),
    "named-by-a-library": Case(
        "import client\nclient.Client()\n",
        [f"CLIENT_TOKEN @ 2:  -> {SECRET}"],
        files={
            "site-packages/client.py": "import os\n\n\nclass Client:\n"
            "    def __init__(self):\n        if not os.getenv('CLIENT_TOKEN'):\n"
            "            raise ValueError('Set CLIENT_TOKEN, please')\n"
        },
    ),
    "asked-at-once-of-a-reader-of-any": Case(
        "import os\ndef read(name, cast):\n    return cast(os.environ.get('PIER_' + name))\n"
        "SPEED = read('SPEED', int)\n",
        ["PIER_SPEED @ 4:  -> test"],
    ),
    "refused-by-a-library-that-does-not-say-why": Case(
        "import os\nimport client\ntitle = os.getenv('TITLE', 'x')\nclient.make(title)\n",
        ["TITLE @ 3:  -> test (a guess)"],
        files={"site-packages/client.py": "def make(title):\n    raise ValueError('no')\n"},
    ),
    # --------------------------------------------------------------------------------- a grammar
    "two-parts": Case(
        "import os\nuser, password = os.environ['API_LOGIN'].split(':')\n",
        [f"API_LOGIN @ 2: written as user:password -> tests:{PASSWORD}"],
        {"API_LOGIN": "test"},
    ),
    "three-parts": Case(
        "import os\nparts = os.environ['API_LOGIN'].split('/')\nif len(parts) != 3:\n"
        "    raise ValueError('API_LOGIN is not complete')\n",
        ["API_LOGIN @ 2: written as text/text/text -> test/test/test"],
        {"API_LOGIN": "test"},
    ),
    "a-second-part": Case(
        "import os\nkey = os.environ['KEYS'].split(',')[1]\n",
        ["KEYS @ 2: written as text,text -> test,test"],
        {"KEYS": "test"},
    ),
    "nothing-leads-to-what-has-an-example": Case(
        "import os\nimport client\nclass C:\n    start = os.getenv('API_PREFIX')\n"
        "    mail = os.getenv('MAIL_HOST')\n    mode = os.getenv('APP_MODE')\n"
        "    port = os.getenv('SOME_PORT')\n"
        "made = [f'{C.start}/users']\nfor one in made:\n    client.add(one)\n",
        ["API_PREFIX @ 4:  -> /api (a guess)", "MAIL_HOST @ 5:  -> mail.test (a guess)"],
        {"SOME_PORT": "1"},
        {
            ".env.example": "API_PREFIX=/api\nMAIL_HOST=mail.test # none\nSOME_PORT=2\n",
            "site-packages/client.py": "def add(rule):\n    if rule[0] != '/':\n"
            "        raise ValueError(f'{rule!r} must start with a slash')\n",
        },
    ),
    "one-of-several-that-a-call-is-given": Case(
        "import os\nmade = dict(\n    host=os.getenv('REDIS_HOST'),\n"
        "    port=int(os.getenv('REDIS_PORT')),\n    user=os.getenv('REDIS_USER'),\n)\n",
        ["REDIS_PORT @ 4: a whole number -> 6379"],
    ),
    "a-host-of-a-service-is-no-address": Case(
        "import os\nhost = os.environ['REDIS_HOST']\n",
        ["REDIS_HOST @ 2:  -> localhost"],
    ),
    "an-example-comes-first": Case(
        "import os\nuser, password = os.environ['API_LOGIN'].split(':')\n",
        ["API_LOGIN @ 2: written as user:password -> ann:sesame"],
        {"API_LOGIN": "test"},
        {".env.example": "API_LOGIN=ann:sesame # both\n", ".env": "API_LOGIN=real:real\n"},
    ),
    "a-pattern": Case(
        "import os, re\ncode = os.getenv('TENANT', '')\n"
        "if not re.fullmatch(r'[A-Z]{3}-\\d{2}', code):\n    raise ValueError('bad tenant')\n",
        [r"TENANT @ 2: like the pattern [A-Z]{3}-\d{2} -> AAA-00"],
    ),
    "a-beginning": Case(
        "import os\nkey = os.getenv('PAY_KEY', '')\nif not key.startswith('sk_test_'):\n"
        "    raise ValueError('no test key')\n",
        [f"PAY_KEY @ 2: with 'sk_test_' at its beginning -> sk_test_{SECRET}"],
    ),
    # ----------------------------------------------------------------------------- of a few values
    "a-key-of-a-table": Case(
        "import os\nCONFIGS = {'prod': 1, 'testing': 2}\nchosen = CONFIGS[os.getenv('APP_KIND')]\n",
        ["APP_KIND @ 3: one of prod, testing -> testing"],
    ),
    "an-enumeration": Case(
        "import enum, os\nclass Mode(enum.Enum):\n    A = 'production'\n    B = 'local'\n"
        "mode = Mode(os.environ['KIND'])\n",
        ["KIND @ 5: one of production, local -> local"],
        {"KIND": "test"},
    ),
    "not-in-a-list": Case(
        "import os\nKNOWN = ('production', 'local')\nkind = os.getenv('KIND', '')\n"
        "if kind not in KNOWN:\n    raise ValueError(f'bad {kind}')\n",
        ["KIND @ 3: one of production, local -> local"],
    ),
    "a-module-of-that-name": Case(
        "import importlib, os\nimportlib.import_module(f\"modes.{os.environ['KIND']}\")\n",
        ["KIND @ 2: one of local, production -> local"],
        {"KIND": "test"},
        {"modes/__init__.py": "", "modes/local.py": "", "modes/production.py": ""},
    ),
    "production-by-default": Case(
        "import os\nMODE = os.getenv('APP_ENV', 'production')\n"
        "if MODE == 'production' and not os.getenv('SENTRY_DSN'):\n"
        "    raise RuntimeError('SENTRY_DSN is needed in production')\n",
        ["APP_ENV @ 2:  -> local"],
        files={".env.example": "APP_ENV=local\n"},
    ),
    "a-scheme": Case(
        "import os\nfrom urllib.parse import urlparse\nparts = urlparse(os.environ['CACHE'])\n"
        "if parts.scheme not in ('redis', 'rediss'):\n    raise ValueError('bad')\n",
        ["CACHE @ 3: an address, with one of the schemes redis, rediss -> redis://localhost"],
        {"CACHE": "test"},
    ),
    # ---------------------------------------------------------------------------------------- keys
    "a-secret-of-one-of-some-lengths": Case(
        "import os\nSIZES = [16, 24, 32]\ndef configure(secret):\n"
        "    if len(secret) not in SIZES:\n"
        "        raise ValueError('secret must be 16, 24 or 32 characters')\n"
        "configure(os.getenv('JWT_SECRET'))\n",
        ["JWT_SECRET @ 6: a key of the right length, at least 32 long, at most 32 long -> "
         "only-for-tests-0123456789abcdef!"],
        {"JWT_SECRET": SECRET},
    ),
    "a-key-of-fernet": Case(
        "import os\nfrom cryptography.fernet import Fernet\nKEY = os.getenv('CRYPT')\n"
        "def make():\n    return Fernet(KEY)\nmake()\n",
        [f"CRYPT @ 3: a key of Fernet: 32 bytes in URL-safe Base64 -> {KEY}"],
        {"CRYPT": "test"},
    ),
    "base64": Case(
        "import base64, os\nbase64.b64decode(os.environ['DATA'], validate=True)\n",
        [f"DATA @ 2: Base64 -> {KEY}"],
        {"DATA": "only-for-tests"},
    ),
    "hexadecimal": Case(
        "import os\nbytes.fromhex(os.getenv('DATA', 'xx'))\n",
        [f"DATA @ 2: hexadecimal digits -> {HEX}"],
    ),
    "a-key-of-a-length": Case(
        "import os\nfrom cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
        "AESGCM(os.environ['DATA'].encode())\n",
        ["DATA @ 3: a key of the right length -> only-for-tests-0123456789abcdef!"],
        {"DATA": "test"},
    ),
    # ----------------------------------------------------------------------------------- databases
    "no-address": Case(
        "import os\nfrom sqlalchemy import create_engine\nURL = os.getenv('STORE')\n"
        "create_engine(URL)\n",
        [f"STORE @ 3: the address of a database -> {ASYNCPG}"],
    ),
    "an-address-of-parts": Case(
        "import os\nfrom sqlalchemy import create_engine\n"
        "URL = f\"postgresql://{os.getenv('DB_USER')}:x@{os.getenv('DB_HOST')}\" + "
        "f\":{os.getenv('DB_PORT')}/x\"\ncreate_engine(URL)\n",
        ["DB_USER @ 3:  -> tests", "DB_HOST @ 3:  -> localhost", "DB_PORT @ 3:  -> 5432"],
    ),
    "a-synchronous-driver": Case(
        "from pydantic_settings import BaseSettings\n"
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        "class Settings(BaseSettings):\n    store: str\nsettings = Settings()\n"
        "create_async_engine(settings.store)\n",
        [f"STORE @ 4: the address of a database with an asynchronous driver -> {ASYNCPG}"],
        {"STORE": "postgresql+psycopg2://x@y.invalid/z"},
    ),
    "a-driver-that-is-not-installed": Case(
        "import os\nfrom sqlalchemy.ext.asyncio import create_async_engine\n"
        "create_async_engine(os.environ['STORE'])\n",
        [f"STORE @ 3: the address of a database with an asynchronous driver -> {ASYNCPG}"],
        {"STORE": "mysql+asyncmy://x@y.invalid/z"},
    ),
    "another-kind-of-database": Case(
        "import os\nfrom sqlalchemy import create_engine, event\n"
        "from test_harness.errors import DatabaseLockedError\n"
        "engine = create_engine(os.getenv('STORE', 'sqlite://'))\n"
        "@event.listens_for(engine, 'do_connect')\ndef refuse(*_):\n"
        "    raise DatabaseLockedError('It is not the test database.', 'Name that.')\n"
        "engine.connect()\n",
        [f"STORE @ 4: the address of a database -> {ASYNCPG}"],
    ),
    # --------------------------------------------------------------------------------------- files
    "a-file": Case(
        "import os\nopen(os.environ['TARIFFS'])\n",
        ["TARIFFS @ 2: a file that is there -> data/tariffs.example.yaml"],
        {"TARIFFS": "test"},
        {"data/tariffs.example.yaml": "", "data/tariffs.production.yaml": "", "a.toml": ""},
    ),
    "a-path-to-nothing": Case(
        "import os\nfrom pathlib import Path\nPath(os.getenv('TARIFFS')).read_text()\n",
        ["TARIFFS @ 3: a file that is there -> tariffs.toml"],
        files={"tariffs.toml": ""},
    ),
    "the-next-file": Case(
        "import os, tomllib\nvalues = tomllib.load(open(os.environ['APP_CONFIG'], 'rb'))\n"
        "values['database']\n",
        ["APP_CONFIG @ 2: a file that is there -> b.local.toml"],
        {"APP_CONFIG": "a.example.toml"},
        {"a.example.toml": "x = 1\n", "b.local.toml": "[database]\n"},
    ),
    "a-folder": Case(
        "import os\nfrom pathlib import Path\nmedia = Path(os.environ['MEDIA'])\n"
        "if not media.is_dir():\n    raise RuntimeError('no media')\n",
        ["MEDIA @ 3: a folder -> /tmp"],
        {"MEDIA": "test"},
    ),
    "a-folder-that-is-listed": Case(
        "import os\nos.listdir(os.environ['MEDIA'])\n",
        ["MEDIA @ 2: a folder -> /tmp"],
        {"MEDIA": "test"},
    ),
    # ----------------------------------------------------------------------------------- libraries
    "decouple": Case(
        "from decouple import config\nconfig('PAY_TOKEN')\n", [f"PAY_TOKEN @ 2:  -> {SECRET}"]
    ),
    "decouple-cast": Case(
        "from decouple import config\nconfig('PAY', cast=int)\n",
        ["PAY @ 2: a whole number -> 1"],
        {"PAY": "test"},
    ),
    "decouple-choices": Case(
        "from decouple import Choices, config\nconfig('PAY', cast=Choices(['a', 'b']))\n",
        ["PAY @ 2: one of a, b -> a"],
        {"PAY": "test"},
    ),
    "environs": Case(
        "from environs import Env\nenv = Env()\nwith env.prefixed('APP_'):\n    env.int('PAY')\n",
        ["APP_PAY @ 4: a whole number -> 1"],
    ),
    "environs-one-of": Case(
        "from environs import Env, validate\n"
        "Env().str('PAY', validate=validate.OneOf(['x', 'y']))\n",
        ["PAY @ 2: one of x, y -> x"],
        {"PAY": "test"},
    ),
    "environs-at-once": Case(
        "from environs import Env\nenv = Env(eager=False)\n"
        "env.int('PAY')\nenv.str('SAY')\nenv.seal()\n",
        ["PAY @ 3:  -> test", "SAY @ 4:  -> test"],
    ),
    "starlette": Case(
        "from starlette.config import Config\nconfig = Config(env_prefix='APP_')\n"
        "config('DEPTH')\n",
        ["APP_DEPTH @ 3:  -> test"],
    ),
    "starlette-cast": Case(
        "from starlette.config import Config\nconfig = Config()\nconfig('LOUD', cast=bool)\n",
        ["LOUD @ 3: true or false -> false"],
        {"LOUD": "test"},
    ),
    "django-environ": Case("import environ\nenviron.Env()('PAY')\n", ["PAY @ 2:  -> test"]),
    "dynaconf-validators": Case(
        "from dynaconf import Dynaconf, Validator\nsettings = Dynaconf(envvar_prefix='SHOP',"
        " validators=[Validator('MODE', must_exist=True, is_in=['x', 'y'])])\n"
        "settings.validators.validate()\n",
        ["SHOP_MODE @ 3: one of x, y -> x"],
    ),
    "dynaconf": Case(
        "from dynaconf import Dynaconf\nsettings = Dynaconf(envvar_prefix='SHOP')\n"
        "settings.CAPACITY\n",
        ["SHOP_CAPACITY @ 3:  -> test"],
    ),
    "typed-settings": Case(
        "import typed_settings as ts\n@ts.settings\nclass S:\n    host: str\n    port: int\n"
        "    more: str = ''\nts.load(S, 'shop')\n",
        ["SHOP_HOST @ 7:  -> localhost", "SHOP_PORT @ 7:  -> 8000"],
    ),
    # ------------------------------------------------------------------------------------ pydantic
    "pydantic-types": Case(
        """\
from enum import Enum
from typing import Annotated, Literal
from pydantic import AnyHttpUrl, BaseModel, DirectoryPath, EmailStr, Field, PostgresDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
class Db(BaseModel):
    host: str
    ports: list[int]
class Level(Enum):
    loud = "loud"
    off = "off"
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_", env_nested_delimiter="__")
    mode: Literal["production", "local"]
    level: Level
    secret: SecretStr = Field(min_length=70)
    code: str = Field(pattern=r"^[A-Z]{2}-\\d{4}$")
    gate: Annotated[int, Field(ge=1024, lt=9000)]
    dsn: PostgresDsn
    site: AnyHttpUrl | None
    origins: list[str]
    mail: EmailStr
    db: Db
    folder: DirectoryPath
    other: float = Field(alias="OTHER_NAME")
    loud: bool
Settings()
""",
        [
            "SHOP_MODE @ 13: one of production, local -> local",
            "SHOP_LEVEL @ 14: one of loud, off -> off",
            f"SHOP_SECRET @ 15: at least 70 long -> {SECRET}only-fo",
            r"SHOP_CODE @ 16: like the pattern ^[A-Z]{2}-\d{4}$ -> AA-0000",
            "SHOP_GATE @ 17: a whole number, at least 1024, less than 9000 -> 8000",
            f"SHOP_DSN @ 18: the address of a database -> {ASYNCPG}",
            "SHOP_SITE @ 19: an address, with one of the schemes http, https -> http://localhost",
            "SHOP_ORIGINS @ 20: a JSON list -> []",
            "SHOP_MAIL @ 21: an e-mail address -> tests@settings.example.com",
            'SHOP_DB @ 22: JSON -> {"host": "localhost", "ports": []}',
            "SHOP_FOLDER @ 23: a folder -> /tmp",
            "OTHER_NAME @ 24: a number -> 1.0",
            "SHOP_LOUD @ 25: true or false -> false",
        ],
    ),
    "pydantic-nested": Case(
        "from pydantic import BaseModel\n"
        "from pydantic_settings import BaseSettings\n"
        "class Db(BaseModel):\n    host: str\n    port: int\n"
        "class Settings(BaseSettings, env_nested_delimiter='__'):\n    db: Db\nSettings()\n",
        ["DB__PORT @ 5: a whole number -> 5432"],
        {"DB__HOST": "x"},
    ),
    "pydantic-json": Case(
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    hosts: list[str]\nSettings()\n",
        ["HOSTS @ 3: a JSON list -> []"],
        {"HOSTS": "test"},
    ),
    "pydantic-validator": Case(
        "from pydantic import field_validator\nfrom pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    login: str\n    @field_validator('login')\n"
        "    @classmethod\n    def check(cls, value):\n"
        "        user, _, password = value.partition(':')\n        if len(password) < 8:\n"
        "            raise ValueError('incomplete')\n        return value\nSettings()\n",
        [f"LOGIN @ 4: written as user:password, at least 8 long -> tests:{PASSWORD}"],
        {"LOGIN": "test"},
    ),
    "pydantic-validator-of-all": Case(
        "from pydantic import model_validator\nfrom pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    api_secret: str = 'changeme'\n    more: str = ''\n"
        "    @model_validator(mode='after')\n    def check(self):\n"
        "        if self.api_secret == 'changeme':\n"
        "            raise ValueError('replace api_secret')\n        return self\nSettings()\n",
        [f"API_SECRET @ 4:  -> {SECRET}"],
    ),
    "pydantic-production-by-default": Case(
        "from pydantic import model_validator\nfrom pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    environment: str = 'production'\n    dsn: str = ''\n"
        "    @model_validator(mode='after')\n    def check(self):\n"
        "        if self.environment == 'production' and not self.dsn:\n"
        "            raise ValueError('dsn is needed in production')\n        return self\n"
        "Settings()\n",
        ["ENVIRONMENT @ 4:  -> local"],
        files={".env.example": "ENVIRONMENT=local\n"},
    ),
    "pydantic-by-a-default-factory": Case(
        "from pydantic import BaseModel, Field\n"
        "from pydantic_settings import BaseSettings, SettingsConfigDict\n"
        "class Gate(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='GATE_')\n"
        "    port: int\nclass All(BaseModel):\n    gate: Gate = Field(default_factory=Gate)\n"
        "All()\n",
        ["GATE_PORT @ 5: a whole number -> 8000"],
    ),
    "pydantic-a-stage-that-is-refused-later": Case(
        "from enum import Enum\nfrom pydantic_settings import BaseSettings\n"
        "class Stage(str, Enum):\n    prod = 'prod'\n    local = 'local'\n"
        "class Settings(BaseSettings):\n    env: Stage = Stage.prod\n    key: str = ''\n"
        "settings = Settings()\nif settings.env == Stage.prod and not settings.key:\n"
        "    raise RuntimeError('incomplete')\n",
        ["ENV @ 7: one of prod, local -> local"],
    ),
    "pydantic-a-list-that-is-not-empty": Case(
        "from pydantic import Field\nfrom pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    ports: list[int] = Field(min_length=2)\nSettings()\n",
        ["PORTS @ 4: a JSON list, at least 2 long -> [1, 1]"],
    ),
    "pydantic-no-settings-class": Case(
        "import os\nfrom pydantic import BaseModel\nclass Settings(BaseModel):\n    host: str\n"
        "    port: int\nSettings(\n    host=os.getenv('C_HOST'),\n"
        "    port=os.getenv('C_PORT'),\n)\n",
        ["C_HOST @ 7:  -> localhost", "C_PORT @ 8:  -> 8000"],
    ),
    "pydantic-refused-later": Case(
        "from cryptography.fernet import Fernet\nfrom pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    data_key: str = 'changeme'\n"
        "settings = Settings()\nFernet(settings.data_key)\n",
        [f"DATA_KEY @ 4: a key of Fernet: 32 bytes in URL-safe Base64 -> {KEY}"],
    ),
    # ------------------------------------------------------------------------- no value mends these
    "a-mistake": Case("import os\nos.getenv('A')\nnope\n", []),
    "a-field-that-the-code-gives": Case(
        "from pathlib import Path\nfrom pydantic import DirectoryPath\n"
        "from pydantic_settings import BaseSettings\n"
        "class Mail(BaseSettings):\n    folder: DirectoryPath\n"
        "Mail(folder=Path('lacking'))\n",
        [],
        {"FOLDER": "."},
    ),
    "a-package-that-is-missing": Case("import os\nos.getenv('A')\nimport not_installed\n", []),
    "a-file-that-everyone-copies": Case(
        "open('config.yaml')\n", [], files={"settings/config.example.yaml": ""}
    ),
    "what-a-database-says": Case(
        "import os, sqlite3\nconnection = sqlite3.connect(os.getenv('FILE_A', ':memory:'))\n"
        "connection.execute('SELECT nothing')\n",
        [],
    ),
    "a-service-that-does-not-answer": Case(
        "import os, socket\nserver = (os.getenv('HOST_A', '127.0.0.1'), 9)\n"
        "socket.create_connection(server, 1)\n",
        [],
    ),
    "a-wrong-call": Case("import os\ndef f():\n    pass\nf(os.getenv('A'))\n", []),
    "a-name-that-a-module-lacks": Case("import os\nfrom os import nope\n", []),
}  # fmt: skip


LOADS_A_KEY = (
    "import os\nfrom cryptography.hazmat.primitives.serialization import load_pem_{kind}_key\n"
    "load_pem_{kind}_key(os.environ['{name}'].encode(){more})\n"
)
KEYS = {
    "private": Case(
        LOADS_A_KEY.format(kind="private", name="SIGNING", more=", None"), [], {"SIGNING": "test"}
    ),
    "public": Case(
        LOADS_A_KEY.format(kind="public", name="JWT_PUBLIC_KEY", more=""),
        [],
        {"JWT_PUBLIC_KEY": "test", "MINE": "-----BEGIN PRIVATE KEY-----\nof-the-developer\n"},
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was read of each case, by an environment that has the libraries."""
    base = tmp_path_factory.mktemp("demands")
    run(UV, "venv", "--quiet", "--python", sys.executable, ".venv", cwd=base)
    python = base / ".venv" / "bin" / "python"
    run(
        UV, "pip", "install", "--quiet", "--python", python, *LIBRARIES, "--editable", ROOT,
        cwd=base,
    )  # fmt: skip
    given = {
        name: {
            "files": {"conf.py": case.code, "tests/harness.toml": HARNESS, **case.files},
            "variables": case.variables,
        }
        for name, case in (CASES | KEYS).items()
    }
    done = subprocess.run(
        [str(python), str(READER), str(base / "cases")],
        input=json.dumps(given),
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name in CASES | KEYS
        if (path := base / "cases" / f"{name}.json").exists()
    }


@pytest.mark.parametrize("name", CASES)
def test_what_is_asked_for_is_read_off_the_failure(name: str, results: dict[str, Any]) -> None:
    asked = [
        f"{want['name']} @ {want['place'].removeprefix('conf.py:')}: {want['must']} -> "
        f"{want['values'][0]}{'' if want['sure'] else ' (a guess)'}"
        for want in results[name]["wants"]
    ]
    assert asked == CASES[name].asked


def test_keys_go_together_and_are_nobodys(results: dict[str, Any]) -> None:
    [signing], [checking] = (results[name]["wants"] for name in KEYS)
    assert signing["must"] == checking["must"] == "a key in PEM"
    private, public = signing["values"]
    assert private.startswith("-----BEGIN PRIVATE KEY-----\n")
    # In a process of its own, and with no key that somebody has exported.
    assert checking["values"] == [public, private]
    assert "of-the-developer" not in private + public


def test_the_line_of_a_mistake_is_named(results: dict[str, Any]) -> None:
    found = results["a-mistake"]
    assert (found["error"], found["place"]) == ("NameError", "conf.py:3")


def test_the_example_of_a_file_is_named(results: dict[str, Any]) -> None:
    assert results["a-file-that-everyone-copies"]["fix"] == (
        "copy settings/config.example.yaml to config.yaml, as a new developer does."
    )


def test_nothing_of_production_is_ever_tried(results: dict[str, Any]) -> None:
    tried = [
        value for found in results.values() for want in found["wants"] for value in want["values"]
    ]
    assert len(tried) > 200
    assert [value for value in tried if "prod" in value] == []
