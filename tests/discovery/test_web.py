"""Discovery of the web application: where it is, its routes and what they answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.discovery.snippets import APP, BASE, RENEWS, proposed, read


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
    assert proposed(tmp_path, files)["app_path"] == address


@pytest.mark.parametrize(
    "decoy",
    ["tests/conftest.py", "test_main.py", "examples/main.py", "docs/main.py", "old_code/main.py"],
)
def test_decoys_are_not_the_application(tmp_path: Path, decoy: str) -> None:
    proposals = proposed(
        tmp_path, {decoy: APP + BASE, "deep/down/in/web.py": APP, "deep/orm.py": BASE}
    )
    assert proposals["app_path"] == "deep.down.in.web:app"
    assert proposals["metadata_path"] == "deep.orm:Base"


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
    assert proposed(tmp_path, files)["app_path"] == "shop:create_app('testing')"


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
