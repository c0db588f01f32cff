"""Discovery of the login: route, payload, style, refusals and hashers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extensions.discovery import Facts, as_data
from tests.discovery.snippets import BASE, BEARER, RENEWS, SHOP, proposed, read
from tests.worlds import build_tree

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
        ("email: str, password: str", "pass", "query", ["email", "password"], ""),
        (
            "mail: EmailStr, pwd: str = Query(min_length=8)",
            "pass",
            "query",
            ["mail", "pwd"],
            "",
        ),
        ("who: Credentials = Depends()", "pass", "query", ["email", "password"], ""),
        (
            "who: Annotated[Credentials, Query()]",
            "pass",
            "query",
            ["email", "password"],
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
    proposals = proposed(tmp_path, {"web.py": FLASK.format(code=code)})
    assert (proposals["auth"], proposals["login_path"]) == (style, path)


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
        "shop/main.py": f"{SHOP}from shop import oauth\n",
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
    found = read(tmp_path, {"shop/main.py": SHOP, "shop/routes.py": login})
    assert found["auth"]["login"]["nested_in"] == "user"


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
    files = {"shop/main.py": SHOP, "shop/models.py": models, "shop/routes.py": login}
    hasher = read(tmp_path, files)["proposals"]["password_hasher"]
    assert hasher == "passlib.apps:custom_app_context.hash"


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


JOINS = """
from fastapi import FastAPI, Depends
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel

app = FastAPI()


class Joining(BaseModel):
    FIELDS
    password: str


@app.post("/signup", status_code=201)
def signup(body: Joining): ...


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends()):
    return {"access_token": create_access_token(form.username)}
"""


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ("username: str\n    email: str", {"username": "$name", "email": "$email"}),
        ("email: str\n    user_name: str", {"email": "$email", "user_name": "$name"}),
        ("username: str", {"username": "$login"}),
    ],
)
def test_a_user_name_beside_an_address_is_no_address(
    tmp_path: Path, fields: str, sent: dict[str, str]
) -> None:
    found = read(tmp_path, {"shop/main.py": JOINS.replace("FIELDS", fields)})
    payload = json.loads(found["proposals"]["flows"]["signup_payload"])
    assert payload == {**sent, "password": "$password"}


WEB_AND_API = """
import jwt
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.security import OAuth2PasswordBearer
from fastapi.templating import Jinja2Templates

templates = Jinja2Templates("templates")
bearer = OAuth2PasswordBearer(tokenUrl="/token")
app = FastAPI()


def get_current_user(token: str = Depends(bearer)):
    return jwt.decode(token, "x", algorithms=["HS256"])["sub"]


def get_current_web_user(request: Request):
    return jwt.decode(request.cookies["session"], "x", algorithms=["HS256"])["sub"]


@app.post("/token")
def login(email: str, password: str):
    return {"access_token": jwt.encode({"sub": email}, "x")}


{page}


@app.get("/api/items")
def items(user: str = Depends(get_current_user)):
    return [user]
"""


@pytest.mark.parametrize(
    "page",
    [
        '@app.get("/me", response_class=HTMLResponse)\n'
        "def me(request: Request):\n    return request.session['user']",
        '@app.get("/me")\n'
        "def me(request: Request, current_user=Depends(get_current_web_user)):\n"
        "    return templates.TemplateResponse(request, 'me.html', {'user': current_user})",
        '@app.get("/profile")\n'
        "def profile(request: Request) -> HTMLResponse:\n    return request.session['user']",
    ],
)
def test_a_page_is_not_taken_for_the_protected_path_of_an_api(tmp_path: Path, page: str) -> None:
    files = {"main.py": WEB_AND_API.replace("{page}", page)}
    assert proposed(tmp_path, files)["protected_path"] == "/api/items"


def test_a_page_is_the_protected_path_where_browsers_log_in(tmp_path: Path) -> None:
    code = (
        "from flask import Flask, redirect, render_template, request\n"
        "from flask_login import current_user, login_required, login_user\n"
        "app = Flask(__name__)\n"
        "@app.post('/login')\ndef login():\n"
        "    login_user(request.form['email'], request.form['password'])\n"
        "    return redirect('/')\n"
        "@app.get('/me')\n@login_required\ndef me():\n"
        "    return render_template('me.html', user=current_user)\n"
    )
    assert proposed(tmp_path, {"main.py": code})["protected_path"] == "/me"


@pytest.mark.parametrize(
    ("hashing", "hasher"),
    [
        pytest.param(
            "from passlib.hash import sha256_crypt\n\n\ndef keep(user, password):\n"
            "    user.password = sha256_crypt.hash(password)\n",
            "passlib.hash:sha256_crypt.hash",
            id="any_scheme_of_passlib",
        ),
        pytest.param(
            "from argon2 import PasswordHasher\n\n\ndef keep(user, password):\n"
            "    hasher = PasswordHasher()\n    user.password = hasher.hash(password)\n",
            "argon2:PasswordHasher.hash",
            id="made_where_it_hashes",
        ),
        pytest.param(
            "import bcrypt\n\n\ndef keep(user, password):\n"
            "    user.password = bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()\n",
            "bcrypt:hashpw",
            id="bcrypt_itself",
        ),
        pytest.param(
            "from bcrypt import checkpw\n\n\ndef is_hers(user, password):\n"
            "    return checkpw(password.encode(), user.password.encode())\n",
            "bcrypt:hashpw",
            id="bcrypt_that_only_looks",
        ),
        pytest.param(
            "from passlib.hash import bcrypt\n\n\ndef is_hers(user, password):\n"
            "    return bcrypt.verify(password, user.password)\n",
            "passlib.hash:bcrypt.hash",
            id="passlib_that_only_looks",
        ),
        pytest.param(
            "from werkzeug.security import check_password_hash\n\n\ndef is_hers(user, password):\n"
            "    return check_password_hash(user.password, password)\n",
            "werkzeug.security:generate_password_hash",
            id="werkzeug_that_only_looks",
        ),
        pytest.param(
            "def keep(user, password):\n    user.password = password\n", "builtins:str", id="none"
        ),
    ],
)
def test_hashers_that_no_function_of_the_application_holds(
    tmp_path: Path, hashing: str, hasher: str
) -> None:
    main = "from fastapi import Body, FastAPI\nfrom shop.models import User\n"
    main += "from shop import keeping\n"
    main += "app = FastAPI()\n\n\n@app.post('/login')\n"
    main += "def login(email: str = Body(), password: str = Body()):\n"
    main += "    return {'token': create_access_token(User)}\n"
    models = BASE.replace("hashed_password", "password")
    files = {"shop/main.py": main, "shop/models.py": models, "shop/keeping.py": hashing}
    assert read(tmp_path, files)["proposals"]["password_hasher"] == hasher


def test_a_digest_that_the_login_compares(tmp_path: Path) -> None:
    main = "import hashlib\nfrom fastapi import Body, FastAPI\nfrom shop.models import User\n"
    main += "app = FastAPI()\n\n\n@app.post('/login')\n"
    main += "def login(email: str = Body(), password: str = Body()):\n"
    main += "    digest = hashlib.sha256(password.encode()).hexdigest()\n"
    main += "    return {'token': create_access_token(User.hashed_password == digest)}\n"
    files = {"shop/main.py": main, "shop/models.py": BASE}
    hasher = "hashlib:sha256"
    assert read(tmp_path, files)["proposals"]["password_hasher"] == hasher


@pytest.mark.parametrize(
    ("asked", "code", "flags"),
    [
        ("", "", ["is_active"]),
        ("", "print(User.is_verified)\n", ["is_active"]),
        ("", "def may(user):\n    return user.id and user.is_verified\n",
         ["is_active", "is_verified"]),
        (", requires_verification=True", "", ["is_active", "is_verified"]),
        (",\n    # requires_verification=True,\n", "", ["is_active"]),
        (", requires_verification=False", "", ["is_active"]),
    ],
)  # fmt: skip
def test_fastapi_users_asks_for_verification_where_it_is_told_to(
    tmp_path: Path, asked: str, code: str, flags: list[str]
) -> None:
    main = f"""\
from fastapi import FastAPI
from fastapi_users import FastAPIUsers
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTable
from sqlalchemy import Boolean, Column
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTable[int], Base):
    is_active = Column(Boolean, default=True)
    is_verified = Column(Boolean, default=False)


transport = BearerTransport(tokenUrl="auth/login")


def strategy():
    return JWTStrategy("x", 1)


backend = AuthenticationBackend(name="jwt", transport=transport, get_strategy=strategy)
users = FastAPIUsers[User, int](None, [backend])
app = FastAPI()
app.include_router(users.get_auth_router(backend{asked}), prefix="/auth")
app.include_router(users.get_verify_router(User), prefix="/auth")
"""
    proposals = read(tmp_path, {"shop/main.py": f"{main}\n{code}"})["proposals"]
    assert proposals["login_path"] == "/auth/login"
    assert sorted(proposals["user_flags"]) == flags


@pytest.mark.parametrize(
    ("login", "current", "asked"),
    [
        ("pass", "return user", []),
        ("if not user.is_verified: raise Refused", "return user", ["is_verified"]),
        ("assert user and user.may_log_in()", "return user", ["is_verified"]),
        ("pass", "return user if user.is_verified else None", ["is_verified"]),
        ("query.filter_by(is_verified=True)", "return user", ["is_verified"]),
        ("query.where(User.is_verified)", "return user", ["is_verified"]),
        # What is only shown is nothing that a login turns on.
        ("print(user.is_verified)", "return user", []),
    ],
)  # fmt: skip
def test_a_login_need_not_ask_whether_a_user_is_verified(
    tmp_path: Path, login: str, current: str, asked: list[str]
) -> None:
    main = f"""\
from fastapi import Body, Depends, FastAPI
from shop.models import User

app = FastAPI()


def get_current_user() -> User:
    {current}


@app.post("/login")
def login(email: str = Body(), password: str = Body()):
    {login}
    return {{"token": create_access_token(User)}}


@app.post("/verify")
def verify(code: str = Body(), user: User = Depends(get_current_user)):
    if user.is_verified:
        return "already"


@app.get("/me")
def me(user: User = Depends(get_current_user)): ...
"""
    models = f"""\
{BASE}
    is_active = Column(Boolean)
    is_verified = Column(Boolean)

    def may_log_in(self):
        return self.is_verified
"""
    proposals = read(tmp_path, {"shop/main.py": main, "shop/models.py": models})["proposals"]
    assert proposals["user_flags"] == ["is_active", "is_verified"]
    assert proposals["asked_flags"] == ["is_active", *asked]


def test_who_logs_in_to_the_api_is_nobody_on_the_pages_beside_it(tmp_path: Path) -> None:
    main = """\
from fastapi import APIRouter, Body, Depends, FastAPI
from shop.models import User

api, pages, app = APIRouter(), APIRouter(), FastAPI()


def get_current_user() -> User: ...


@api.post("/login")
def login(email: str = Body(), password: str = Body()):
    return {"token": create_access_token(User)}


@api.get("/items")
def me(user: User = Depends(get_current_user)): ...


@pages.get("/profile")
def profile(user: User = Depends(get_current_user)): ...


app.include_router(api, prefix="/api/v1")
app.include_router(pages)
"""
    found = read(tmp_path, {"shop/main.py": main, "shop/models.py": BASE})
    assert found["proposals"]["protected_path"] == "/api/v1/items"


def test_a_service_that_is_injected_asks_for_the_user(tmp_path: Path) -> None:
    main = """\
from typing import Annotated

from fastapi import Body, Depends, FastAPI
from shop.models import User

app = FastAPI()


def get_current_user() -> User: ...


class Orders:
    def __init__(self, user: Annotated[User, Depends(get_current_user)]) -> None:
        self.user = user


@app.post("/login")
def login(email: str = Body(), password: str = Body()):
    return {"token": create_access_token(User)}


@app.get("/orders/mine")
def mine(orders: Annotated[Orders, Depends()]): ...
"""
    found = read(tmp_path, {"shop/main.py": main, "shop/models.py": BASE})
    assert found["proposals"]["protected_path"] == "/orders/mine"


def test_a_cookie_that_a_middleware_sets_for_the_login(tmp_path: Path) -> None:
    main = """\
import jwt
from fastapi import Body, FastAPI

from shop.models import User
from shop.tokens import Staged, read

app = FastAPI()


@app.post("/login")
async def login(handler: Staged, email: str = Body(), password: str = Body()) -> None:
    await handler.execute(email, password)


@app.middleware("http")
async def carry(request, call_next):
    request.state.user = read(request.cookies.get("ticket"))
    response = await call_next(request)
    response.set_cookie(key="ticket", value=request.state.token)
    return response
"""
    tokens = "import jwt\n\nStaged = object\n\n\n"
    tokens += "def read(token):\n    return jwt.decode(token, 'x')\n"
    files = {"shop/main.py": main, "shop/models.py": BASE, "shop/tokens.py": tokens}
    proposals = read(tmp_path, files)["proposals"]
    assert (proposals["auth"], proposals["access_cookie"]) == ("jwt_cookie", "ticket")


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("", ("", [])),
        ("is_admin = Column(Boolean)", ("/admin/users", ["is_admin"])),
        ("role = Column(String)", ("/admin/users", [])),
    ],
)
def test_what_only_an_administrator_reads_is_of_use_where_a_row_can_be_one(
    tmp_path: Path, column: str, found: tuple[str, list[str]]
) -> None:
    main = """\
from fastapi import Body, Depends, FastAPI
from shop.models import User

app = FastAPI()


def get_current_user() -> User: ...


def require_admin(user: User = Depends(get_current_user)):
    if user.id != 1:
        raise Refused


@app.post("/login")
def login(email: str = Body(), password: str = Body()):
    return {"token": create_access_token(User)}


@app.get("/admin/users")
def users(user: User = Depends(require_admin)): ...
"""
    files = {"shop/main.py": main, "shop/models.py": f"{BASE}\n    {column}\n"}
    proposals = read(tmp_path, files)["proposals"]
    assert (proposals.get("protected_path", ""), proposals.get("user_flags", [])) == found


HANDED_ON = {
    "app.py": """\
from flask import Flask

from routes import auth

app = Flask(__name__)
app.register_blueprint(auth)
""",
    "routes.py": """\
from flask import Blueprint

from controllers import log_in, read_me
from guard import check

auth = Blueprint("auth", __name__, url_prefix="/api/auth")


@auth.before_request
def before():
    return check()


@auth.post("/login/")
def login():
    return log_in()


@auth.get("/me/")
def me():
    return read_me()
""",
    "controllers.py": """\
import os

import jwt
from flask import request


def log_in():
    body: dict = request.get_json()
    email = body.get("email")
    password = body.get("password")
    if not verify_password(email, password):
        return {"error": "no"}, 401
    return {"auth_token": jwt.encode({"sub": email}, os.getenv("JWT_SECRET"), "HS256")}


def verify_password(email, password):
    return email == password


def read_me():
    return {"email": request.user}
""",
    "guard.py": """\
import os

import jwt
from flask import request


def check():
    if "/me" in request.path:
        token = request.headers.get("Authorization").split(" ")[1]
        request.user = jwt.decode(token, os.getenv("JWT_SECRET"), algorithms=["HS256"])["sub"]
""",
    "requirements.txt": "flask\nsqlalchemy\npyjwt\n",
}


def test_a_login_may_be_handed_on_with_the_whole_request(tmp_path: Path) -> None:
    found = as_data(Facts(build_tree(tmp_path, HANDED_ON)))
    login = found["findings"]["login"]["value"]
    assert (login["path"], login["fields"]) == ("/api/auth/login/", ["email", "password"])
    assert found["findings"]["auth"]["value"] == "jwt_bearer"
    assert found["findings"]["token_field"]["value"] == "auth_token"
    # Nothing that is read says that it is refused: what is run before looks at the path.
    protected = found["findings"]["protected_path"]
    assert (protected["value"], protected["confidence"]) == ("/api/auth/me/", "low")
    # It is read no sooner than somebody logs in, who gets nothing without it.
    assert [one["name"] for one in found["proposals"]["environment"]] == ["JWT_SECRET"]
