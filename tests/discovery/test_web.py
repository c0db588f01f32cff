"""Discovery of the web application: where it is, its routes and what they answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from extensions.discovery.code.evaluation import Evaluator
from extensions.discovery.code.files import Tree
from extensions.discovery.code.source import Source
from extensions.discovery.web.routes import Routes
from tests.discovery.snippets import APP, BASE, RENEWS, proposed, read
from tests.worlds import build_tree


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


FACTORY = (
    "from flask import Flask\n\n\ndef create_app(config):\n"
    "    app = Flask('shop')\n    app.config.from_object(config)\n    return app\n"
)


@pytest.mark.parametrize(
    ("imports", "given", "path"),
    [
        ("", "'for-tests'", "shop:create_app('for-tests')"),
        ("", "config={'TESTING': True}", "shop:create_app(config={'TESTING': True})"),
        ("from settings import Testing", "Testing", "shop:create_app(settings.Testing)"),
        ("import settings", "settings.Testing()", "shop:create_app(settings.Testing())"),
        (
            "from settings import table",
            "table['tests']",
            "shop:create_app(settings.table['tests'])",
        ),
        ("NAME = 'for-tests'", "NAME", "shop:create_app('for-tests')"),
        ("from tests.configs import Derived", "Derived", "shop:create_app(settings.Testing)"),
        (
            "path = 'x'",
            "{'TESTING': True, 'SQLALCHEMY_DATABASE_URI': f'sqlite:///{path}', 'A': path()}",
            "shop:create_app({'TESTING': True, 'SQLALCHEMY_DATABASE_URI': 'sqlite://'})",
        ),
        # What only the tests have, or what they made before.
        ("from tests.configs import Own", "Own", ""),
        ("made = object()", "made", ""),
    ],
)
def test_a_factory_gets_what_the_tests_of_the_backend_give_it(
    tmp_path: Path, imports: str, given: str, path: str
) -> None:
    files = {
        "shop.py": FACTORY,
        "settings.py": "class Testing:\n    TESTING = True\n\n\ntable = {'tests': Testing}\n",
        "tests/__init__.py": "",
        "tests/configs.py": (
            "from settings import Testing\n\n\nclass Own:\n    TESTING = True\n"
            "\n\nclass Derived(Testing):\n    SECRET_KEY = 'x'\n"
        ),
        "tests/conftest.py": (
            f"import pytest\nfrom shop import create_app\n{imports}\n\n\n"
            f"@pytest.fixture\ndef app():\n    return create_app({given})\n"
        ),
    }
    assert (proposed(tmp_path, files)["app_path"] or "") == path


@pytest.mark.parametrize(
    ("default", "path"),
    [("'production'", "shop:create_app('testing')"), ("'development'", "shop:create_app()")],
)
def test_a_factory_that_is_for_production_by_default_is_called_as_tests_do(
    tmp_path: Path, default: str, path: str
) -> None:
    files = {
        "shop.py": FACTORY.replace("(config)", f"(config={default})", 1),
        "tests/test_shop.py": "from shop import create_app\n\napp = create_app('testing')\n",
    }
    assert proposed(tmp_path, files)["app_path"] == path


@pytest.mark.parametrize(
    ("set_there", "path"),
    [
        ("", "shop:create_app({'SQLALCHEMY_DATABASE_URI': 'sqlite://'})"),
        ("    app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///shop.db'\n", "shop:create_app()"),
    ],
    ids=["by_tests_only", "by_itself"],
)
def test_a_database_that_only_tests_name_is_given_as_they_do(
    tmp_path: Path, set_there: str, path: str
) -> None:
    files = {
        "shop.py": (
            "from flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n\n"
            "db = SQLAlchemy()\n\n\ndef create_app(test_config=None):\n"
            f"    app = Flask('shop')\n{set_there}"
            "    app.config.from_mapping(test_config or {})\n"
            "    db.init_app(app)\n    return app\n"
        ),
        "tests/conftest.py": (
            "import pytest\nfrom shop import create_app\n\n\n@pytest.fixture\ndef app():\n"
            "    config = {'SQLALCHEMY_DATABASE_URI': 'sqlite://'}\n"
            "    return create_app(config)\n"
        ),
    }
    made = proposed(tmp_path, files)
    assert (made["app_path"], made["database_engine"]) == (path, "sqlite")


def test_a_factory_that_wants_a_class_gets_that_for_tests(tmp_path: Path) -> None:
    classes = ("Config", "ProductionConfig", "TestingConfig")
    files = {
        "shop.py": FACTORY,
        "configs.py": "".join(f"class {name}:\n    X = 1\n\n\n" for name in classes),
    }
    assert proposed(tmp_path, files)["app_path"] == "shop:create_app(configs.TestingConfig)"


@pytest.mark.parametrize(
    ("example", "asked", "value"),
    [
        ("APP_SETTINGS=configs.LocalConfig\n", "os.getenv('APP_SETTINGS')", "configs.LocalConfig"),
        ("APP_SETTINGS=configs.ProdConfig\n", "os.getenv('APP_SETTINGS')", "configs.LocalConfig"),
        ("", "os.environ['APP_SETTINGS']", "configs.LocalConfig"),
    ],
)
def test_a_variable_that_names_a_class_of_configuration(
    tmp_path: Path, example: str, asked: str, value: str
) -> None:
    files = {
        ".env.example": example or "A=1\n",
        "shop.py": (
            "import os\nfrom flask import Flask\nfrom flask_sqlalchemy import SQLAlchemy\n\n"
            f"app = Flask('shop')\napp.config.from_object({asked})\ndb = SQLAlchemy(app)\n"
        ),
        "configs.py": (
            "import os\n\n\nclass ProdConfig:\n    SECRET_KEY = os.environ['KEY']\n\n\n"
            "class LocalConfig(ProdConfig):\n"
            "    SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL')\n"
        ),
    }
    made = {one["name"]: one["value"] for one in proposed(tmp_path, files)["environment"]}
    assert made["APP_SETTINGS"] == value
    # What the class reads is read as well.
    assert "production" in made["DATABASE_URL"]
    assert made["KEY"]


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


PLACES = {
    "shop/__init__.py": "",
    "shop/auth.py": """
from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()
prefix = "/auth"


class Credentials(BaseModel):
    email: str
    password: str


@router.post("/signup", status_code=201)
def signup(body: Credentials): ...


@router.post("/login")
def login(body: Credentials):
    return {"access_token": create_access_token(body.email)}
""",
    "shop/berths.py": """
from fastapi import APIRouter, Depends
from fastapi.security import OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl="/login")
router = APIRouter(prefix="/berths")
prefix = ""


def current_user(token: str = Depends(scheme)):
    return decode(token)


@router.get("")
def berths(user=Depends(current_user)):
    return []
""",
}
GOES_THROUGH = "from fastapi import FastAPI\nimport importlib\nimport pkgutil\n"


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("for module in (auth, berths):\n    app.include_router(module.router)\n", ""),
        ("for one in [auth, berths]:\n    app.include_router(one.router, prefix='/v1')\n", "/v1"),
        ("ALL = [auth, berths]\nfor one in ALL:\n    app.include_router(one.router)\n", ""),
        ("[app.include_router(one.router) for one in (auth, berths)]\n", ""),
        ("for router in [m.router for m in (auth, berths)]:\n    app.include_router(router)\n", ""),
        ("for m in sorted({auth, berths}):\n    app.include_router(getattr(m, 'router'))\n", ""),
        ("for i, m in enumerate((auth, berths)):\n    app.include_router(m.router)\n", ""),
        (
            "for m, p in zip((auth, berths), ('/a', '/a')):\n"
            "    app.include_router(m.router, prefix=p)\n",
            "/a",
        ),
        (
            "ALL = {'/x': auth, '/x/': berths}\nfor p, m in ALL.items():\n"
            "    app.include_router(m.router, prefix=p)\n",
            "/x",
        ),
        (
            "ALL = {'a': auth, 'b': berths}\n"
            "for m in ALL.values():\n    app.include_router(m.router)\n",
            "",
        ),
        (
            "for one in ((auth, '/t'), (berths, '/t')):\n"
            "    app.include_router(one[0].router, prefix=one[1])\n",
            "/t",
        ),
        (
            "for one in ({'m': auth}, {'m': berths}):\n    app.include_router(one['m'].router)\n",
            "",
        ),
        (
            "def include(app):\n    found = [auth, berths]\n    for m in found:\n"
            "        app.include_router(m.router)\ninclude(app)\n",
            "",
        ),
        (
            "def found():\n    return [auth, berths]\nfor m in found():\n"
            "    app.include_router(m.router)\n",
            "",
        ),
        (
            "for version in ('v1', 'v2'):\n    for m in (auth, berths):\n"
            "        app.include_router(m.router, prefix=f'/{version}')\n",
            "/v1",
        ),
        (
            "for name in ('auth', 'berths'):\n"
            "    app.include_router(importlib.import_module(f'shop.{name}').router)\n",
            "",
        ),
        (
            "for name in ('auth', 'berths'):\n    found = importlib.import_module('shop.' + name)\n"
            "    app.include_router(found.router)\n",
            "",
        ),
        (
            "import shop\nfor _, name, _ in pkgutil.iter_modules(shop.__path__):\n"
            "    found = importlib.import_module(f'{shop.__name__}.{name}')\n"
            "    app.include_router(found.router)\n",
            "",
        ),
        (
            "import shop\nfor one in pkgutil.iter_modules(shop.__path__, 'shop.'):\n"
            "    app.include_router(importlib.import_module(one.name).router)\n",
            "",
        ),
    ],
)
def test_routers_that_a_loop_includes_are_followed(tmp_path: Path, code: str, prefix: str) -> None:
    main = f"{GOES_THROUGH}from shop import auth, berths\napp = FastAPI()\n{code}"
    found = proposed(tmp_path, {**PLACES, "main.py": main})
    assert found["login_path"] == f"{prefix}/login"
    assert found["protected_path"].replace("//", "/") == f"{prefix}/berths"
    assert found["flows"]["signup_path"] == f"{prefix}/signup"


def test_loops_with_the_same_name_do_not_mix(tmp_path: Path) -> None:
    code = (
        "for m in (auth,):\n    app.include_router(m.router, prefix='/open')\n"
        "for m in (berths,):\n    app.include_router(m.router, prefix='/own')\n"
    )
    main = f"{GOES_THROUGH}from shop import auth, berths\napp = FastAPI()\n{code}"
    found = proposed(tmp_path, {**PLACES, "main.py": main})
    assert (found["login_path"], found["protected_path"]) == ("/open/login", "/own/berths")


def mounted(root: Path) -> set[str]:
    """Return the paths that an application has."""
    source = Source(Tree(root))
    routes = Routes(source, Evaluator(source))
    routes.widen(b"berths", b"all")
    return {route.path for route in routes.routes if route.mounted}


@pytest.mark.parametrize(
    ("main", "paths"),
    [
        pytest.param(
            "from flask import Flask\nfrom shop import auth, berths\ndef create_app():\n"
            "    app = Flask('shop')\n    for m in (auth, berths):\n"
            "        app.register_blueprint(m.bp, url_prefix=f'/api')\n    return app\n",
            ["/api/berths", "/api/login"],
            id="blueprints",
        ),
        pytest.param(
            "from flask import Flask\nfrom shop import auth, berths\napp = Flask('shop')\n"
            "for path, view in (('/in', auth.login), ('/all', berths.berths)):\n"
            "    app.add_url_rule(path, view_func=view, methods=['POST'])\n",
            ["/all", "/in"],
            id="rules",
        ),
    ],
)
def test_what_a_loop_of_flask_registers_is_followed(
    tmp_path: Path, main: str, paths: list[str]
) -> None:
    blueprint = "from flask import Blueprint, request\n\nbp = Blueprint('{0}', __name__)\n"
    files = {
        "shop/__init__.py": "",
        "shop/auth.py": f"{blueprint.format('a')}\n@bp.post('/login')\ndef login():\n    pass\n",
        "shop/berths.py": f"{blueprint.format('b')}\n@bp.get('/berths')\ndef berths():\n    pass\n",
        "main.py": main,
    }
    assert set(paths) <= mounted(build_tree(tmp_path, files))


@pytest.mark.parametrize(
    "handlers",
    ["[m.Desk for m in (auth, berths)]", "[*(m.Desk for m in [auth, berths])]"],
)
def test_controllers_of_a_list_that_is_made_are_followed(tmp_path: Path, handlers: str) -> None:
    desk = "from litestar import Controller, get\nclass Desk(Controller):\n    path = '/{0}'\n"
    desk += "    @get('/all')\n    async def all(self) -> None: ...\n"
    main = "from litestar import Litestar\nfrom shop import auth, berths\n"
    main += f"app = Litestar(route_handlers={handlers})\n"
    files = {
        "shop/__init__.py": "",
        "shop/auth.py": desk.format("auth"),
        "shop/berths.py": desk.format("berths"),
        "main.py": main,
    }
    assert {"/auth/all", "/berths/all"} <= mounted(build_tree(tmp_path, files))


@pytest.mark.parametrize(
    ("registers", "methods"),
    [
        pytest.param("bp.route('/in', methods=['POST'])(views.login)", ("POST",), id="flask"),
        pytest.param("bp.post('/in')(views.login)", ("POST",), id="verb"),
        pytest.param(
            "bp.route('/in')(limiter.limit('5/hour')(views.login))", ("GET",), id="wrapped"
        ),
    ],
)
def test_a_decorator_that_is_called_registers(
    tmp_path: Path, registers: str, methods: tuple[str, ...]
) -> None:
    bp = "from flask import Blueprint\nfrom shop import views\nbp = Blueprint('a', __name__)\n"
    main = "from flask import Flask\nfrom shop import desk\napp = Flask('shop')\n"
    files = {
        "shop/__init__.py": "",
        "shop/views.py": "def login():\n    return {}\n",
        "shop/desk.py": f"{bp}{registers}\n",
        "main.py": f"{main}app.register_blueprint(desk.bp, url_prefix='/accounts')\n",
    }
    source = Source(Tree(build_tree(tmp_path, files)))
    routes = Routes(source, Evaluator(source)).routes
    assert [(route.path, route.methods) for route in routes] == [("/accounts/in", methods)]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        pytest.param("services.login(data)", "def login(body):", id="by_position"),
        pytest.param("services.login(body=data)", "def login(body):", id="by_name"),
        pytest.param(
            "desk.login(request.json)", "class Desk:\n    def login(self, body):", id="self"
        ),
    ],
)
def test_a_body_that_is_handed_on_is_read_where_it_goes(
    tmp_path: Path, given: str, taken: str
) -> None:
    indent = "        " if "class" in taken else "    "
    service = f"{taken}\n{indent}return check(body['email'], body['password'])\ndesk = 1\n"
    if "class" in taken:
        service = service.replace("desk = 1", "desk = Desk()")
    main = "from flask import Flask, request\nfrom shop import services\n"
    main += "from shop.services import desk\napp = Flask('shop')\n"
    main += (
        f"@app.post('/login')\ndef login():\n    data = request.get_json()\n    return {given}\n"
    )
    found = read(tmp_path, {"shop/services.py": service, "main.py": main})
    login = found["auth"]["login"]
    assert (login["path"], login["encoding"]) == ("/login", "json")
    assert login["fields"] == ["email", "password"]


def test_routers_that_one_function_puts_into_each_other(tmp_path: Path) -> None:
    """Both are names of the function, and the prefix is what its caller gives."""
    board = "from fastapi import APIRouter\nfrom shop import berths\n"
    board += "def build(*, begins: str) -> APIRouter:\n    outer = APIRouter()\n"
    board += "    inner = APIRouter()\n    inner.include_router(berths.router)\n"
    board += "    outer.include_router(inner, prefix=begins)\n    return outer\n"
    main = "from fastapi import FastAPI\nfrom shop.board import build\nBEGINS = '/api/v3'\n"
    main += "def create() -> FastAPI:\n    app = FastAPI()\n"
    main += "    app.include_router(build(begins=BEGINS))\n    return app\napp = create()\n"
    berths = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/berths')\n"
    berths += "@router.get('/all')\ndef all_berths(): ...\n"
    files = {"shop/__init__.py": "", "shop/board.py": board, "shop/berths.py": berths}
    assert mounted(build_tree(tmp_path, {**files, "main.py": main})) == {"/api/v3/berths/all"}


def test_the_factory_that_finishes_the_application_is_the_one(tmp_path: Path) -> None:
    first = "from fastapi import FastAPI\ndef bare_app() -> FastAPI:\n"
    first += "    app = FastAPI()\n    app.include_router(routes)\n    return app\n"
    then = "from fastapi import FastAPI\nfrom shop.setup.factory import bare_app\n"
    then += (
        "def make_app() -> FastAPI:\n    app: FastAPI = bare_app()\n    wire(app)\n    return app\n"
    )
    files = {"shop/setup/factory.py": first, "shop/main.py": then, "shop/setup/__init__.py": ""}
    assert read(tmp_path, files)["app"]["path"] == "shop.main:make_app"


def test_resources_that_are_spread_from_a_list_of_another_module(tmp_path: Path) -> None:
    users = "from flask_restful import Resource\nclass Login(Resource):\n    def post(self): ...\n"
    users += "class Me(Resource):\n    def get(self): ...\n"
    routes = (
        "from shop.users import Login, Me\nroutes = ((Login, '/login'), (Me, '/me', '/self'))\n"
    )
    main = (
        "from flask import Flask\nfrom flask_restful import Api\nfrom shop.routes import routes\n"
    )
    main += "app = Flask(__name__)\napi = Api(app)\n[api.add_resource(*each) for each in routes]\n"
    files = {"shop/__init__.py": "", "shop/users.py": users, "shop/routes.py": routes}
    root = build_tree(tmp_path, {**files, "main.py": main})
    assert mounted(root) == {"/login", "/me", "/self"}


def test_routes_of_starlette_that_a_class_holds(tmp_path: Path) -> None:
    below = "from starlette.routing import Route\nasync def me(request): ...\n"
    below += "class Users:\n    routes = [Route('/me', endpoint=me)]\n"
    main = "from starlette.applications import Starlette\nfrom starlette.routing import Mount\n"
    main += "from shop.users import Users\nroutes = [Mount('/users', routes=Users.routes)]\n"
    main += "app = Starlette(routes=routes)\n"
    files = {"shop/__init__.py": "", "shop/users.py": below, "main.py": main}
    assert mounted(build_tree(tmp_path, files)) == {"/users/me"}


@pytest.mark.parametrize("made", ["self.app = FastAPI()", "self.app: FastAPI = FastAPI()"])
@pytest.mark.parametrize("served", ["app = creator.app", "app = Creator().app"])
def test_an_object_may_hold_the_application(tmp_path: Path, made: str, served: str) -> None:
    main = f"""\
from fastapi import FastAPI


class Creator:
    def __init__(self):
        self.title = "shop"
        {made}


creator = Creator()
title = creator.title
{served}
"""
    found = read(tmp_path, {"shop/main.py": main})["findings"]
    assert found["app_path"]["value"] == "shop.main:app"
    assert found["framework"]["value"] == "fastapi"
