"""Overrides end with their test, and protections are off but for the test that asks for them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import folder_for_all
from tests.worlds import build_tree, render, run
from tools.environments import suite_environment

pytestmark = pytest.mark.runs

MODELS = """\
from sqlalchemy import {engine}
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)


engine = {engine}("{url}")
"""
ASYNC = MODELS.replace("sqlalchemy import", "sqlalchemy.ext.asyncio import").format(
    engine="create_async_engine", url="sqlite+aiosqlite:///shop.db"
)
SYNC = MODELS.format(engine="create_engine", url="sqlite:///shop.db")
CONFIG = (
    "class Config:\n    size = 1\n\n\nconfig = Config()\n\n\ndef greeting():\n    return 'hello'\n"
)

FASTAPI = """\
from fastapi import Depends, FastAPI, Request
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.util import get_remote_address
from starlette.middleware.trustedhost import TrustedHostMiddleware

from shop import config, models

limiter = Limiter(key_func=get_remote_address)
app, below = FastAPI(), FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["shop.example.com"])
app.mount("/below", below)


def mailer():
    return "the mailer"


@app.get("/")
@below.get("/")
def show(found=Depends(mailer)):
    return {"mailer": found, "size": config.config.size, "greeting": config.greeting()}


@app.post("/orders")
@limiter.limit("2/minute")
def order(request: Request):
    return {}
"""
FLASK = """\
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from shop import config, models

app = Flask(__name__)
app.config.update(SECRET_KEY="only for tests of this", GREETING="hello")
app.config["RATELIMIT_STORAGE_URI"] = "memory://"
CSRFProtect(app)
limiter = Limiter(get_remote_address, app=app)


@app.get("/")
def show():
    return {"size": config.config.size, "greeting": app.config["GREETING"]}


@app.post("/orders")
@limiter.limit("2/minute")
def order():
    return {}
"""
LITESTAR = """\
from litestar import Litestar, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.csrf import CSRFConfig
from litestar.middleware.rate_limit import RateLimitConfig

from shop import config, models


@get("/")
async def show() -> dict[str, object]:
    return {"size": config.config.size, "greeting": config.greeting()}


@post("/orders", status_code=200)
async def order() -> None:
    return None


app = Litestar(
    [show, order],
    allowed_hosts=AllowedHostsConfig(["shop.example.com"]),
    csrf_config=CSRFConfig(secret="only for tests of this"),
    middleware=[RateLimitConfig(rate_limit=("minute", 2), exclude=["^/$"]).middleware],
)
"""

# What each test does, in the order they are run; `await` goes where nothing waits.
OF_ALL = """\
import pytest


async def test_orders_are_taken(client):
    for _ in range(5):
        assert (await client.post("/orders")).status_code == 200


async def test_a_setting_is_another(client, override):
    override.setting("shop.config:config.size", 5)
    override.setting(GREETING, BYE)
    assert (await client.get("/")).json()["size"] == 5
    assert (await client.get("/")).json()["greeting"] == "bye"


async def test_an_error_ends_an_override(client, override, rate_limits):
    override.setting("shop.config:config.size", 7)
    override.setting(GREETING, BYE)
    raise RuntimeError("on purpose")


async def test_it_is_as_before(client):
    shown = (await client.get("/")).json()
    assert (shown["size"], shown["greeting"]) == (1, "hello")
    for _ in range(5):
        assert (await client.post("/orders")).status_code == 200


async def test_what_is_not_there_is_no_override(override):
    with pytest.raises(Exception, match="nowhere"):
        override.setting("shop.config:nowhere", 5)
"""
DEPENDENCIES = """

async def test_a_dependency_is_replaced(client, override):
    from shop.main import mailer

    override.dependency(mailer, "a fake")
    for path in ("/", "/below/"):
        assert (await client.get(path)).json()["mailer"] == "a fake"


async def test_an_error_ends_a_dependency(client, override):
    from shop.main import mailer

    override.dependency(mailer, lambda: "another")
    raise RuntimeError("on purpose")


async def test_a_dependency_is_as_before(client):
    for path in ("/", "/below/"):
        assert (await client.get(path)).json()["mailer"] == "the mailer"
"""
NO_DEPENDENCIES = """

async def test_the_framework_has_no_dependencies(override):
    with pytest.raises(Exception, match="has no dependency overrides") as said:
        override.dependency(print, "a fake")
    assert "override.setting(" in str(said.value)
"""
PROTECTION = """

@pytest.mark.parametrize("time", [1, 2])
async def test_KIND_is_on(client, KIND, time):
    assert KIND is True
    assert [(await client.post("/orders")).status_code for _ in range(3)] == STATUSES


async def test_KIND_is_off_again(client):
    assert [(await client.post("/orders")).status_code for _ in range(3)] == [200, 200, 200]
"""
UNKNOWN = """

async def test_KIND_is_not_known(client, KIND):
    assert KIND is False
"""


def text_of(mode: str, greeting: str, statuses: dict[str, list[int]], *more: str) -> str:
    """Return the tests of an application that answers so when its protections are on."""
    bye = "'bye'" if greeting == "GREETING" else "lambda: 'bye'"
    text = OF_ALL.replace("GREETING", repr(greeting)).replace("BYE", bye) + "".join(more)
    for kind in ("csrf_protection", "rate_limits", "trusted_hosts"):
        part = PROTECTION if kind in statuses else UNKNOWN
        text += part.replace("KIND", kind).replace("STATUSES", str(statuses.get(kind)))
    if mode == "sync":
        text = text.replace("async def", "def").replace("(await client", "(client")
    return text


LIMITED = [200, 200, 429]
APPLICATIONS = {
    "fastapi": (
        FASTAPI,
        "async",
        {"rate_limits": LIMITED, "trusted_hosts": [400, 400, 400]},
        DEPENDENCIES,
    ),
    "flask": (
        FLASK,
        "sync",
        {"csrf_protection": [400, 400, 400], "rate_limits": LIMITED},
        NO_DEPENDENCIES,
    ),
    "litestar": (
        LITESTAR,
        "async",
        {
            "csrf_protection": [403, 403, 403],
            "rate_limits": LIMITED,
            "trusted_hosts": [400, 400, 400],
        },
        NO_DEPENDENCIES,
    ),
}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the packages that protect applications."""
    folder = folder_for_all(tmp_path_factory, "environment-of-protections") / ".venv"
    return suite_environment(folder, sys.executable, "flask-limiter", "flask-wtf", "slowapi")


@pytest.mark.parametrize("framework", APPLICATIONS)
def test_only_the_test_that_asks_is_another(
    template: Path, python: Path, tmp_path: Path, framework: str
) -> None:
    application, mode, statuses, more = APPLICATIONS[framework]
    greeting = "GREETING" if framework == "flask" else "shop.config:greeting"
    files = {
        "shop/__init__.py": "",
        "shop/config.py": CONFIG,
        "shop/main.py": application,
        "shop/models.py": SYNC if mode == "sync" else ASYNC,
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n',
    }
    project = render(template, build_tree(tmp_path / "project", files), framework=framework)
    text = text_of(mode, greeting, statuses, more)
    (project / "tests" / "test_shop.py").write_text(text)
    suite = (python, "-m", "pytest", "-q", "tests/test_shop.py")
    done = run(*suite, cwd=project, check=False, COLUMNS="200")
    meant = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert [line.partition("::")[2].partition(" - ")[0] for line in meant] == [
        name
        for name in ("test_an_error_ends_an_override", "test_an_error_ends_a_dependency")
        if name in text
    ], done.stdout
    assert all("on purpose" in line for line in meant), done.stdout
