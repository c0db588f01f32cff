"""What is around the login: questions, settings and discovery agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from extensions.discovery import Facts, proposals
from extensions.questions.samples import sample_flows
from extensions.questions.support import FLOW_KEYS, flows_refusal, user_states
from tests.worlds import ROOT, build_tree, render

APPLICATION = """
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket
from pydantic import BaseModel
from pydantic_settings import BaseSettings
import jwt
import smtplib

router = APIRouter(prefix="/v1/account")


class Settings(BaseSettings):
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = None
    mail_from: str | None = None
    RESET_TOKEN_EXPIRE_HOURS: int = 2


class Credentials(BaseModel):
    email: str
    password: str


class Registration(Credentials):
    password_again: str
    full_name: str
    birthday: str | None = None


class Forgotten(BaseModel):
    email: str


class Reset(BaseModel):
    code: str
    new_password: str


def current_user(token: str) -> dict:
    return jwt.decode(token, "key", algorithms=["HS256"], options={"require": ["exp", "sub"]})


@router.post("/login")
def login(data: Credentials) -> dict:
    if data.email == "disabled":
        raise HTTPException(403, "The account is inactive.")
    if not verify_password(data.password):
        raise HTTPException(401, "Wrong password.")
    return {"access_token": create_access_token(data.email)}


@router.post("/register", status_code=201)
def register(data: Registration) -> None:
    if data.email == "taken":
        raise HTTPException(409, "taken")


@router.get("/confirm-email")
def confirm(token: str) -> None:
    raise HTTPException(410, "gone")


class Pair(BaseModel):
    token: str
    refresh_token: str


@router.post("/refresh")
def refresh(pair: Pair) -> None:
    if pair["used"]:
        raise HTTPException(400, "once more")
    raise HTTPException(403, "no")


@router.delete("/logout", status_code=204)
def logout() -> None: ...


@router.post("/forgot-password", status_code=202)
def forgot(data: Forgotten) -> None:
    smtplib.SMTP(settings.smtp_host).send_message(data.email, "?code=" + signed(data.email))


@router.post("/reset-password")
def reset(data: Reset) -> None:
    raise HTTPException(400, "The code is not valid.")


@router.websocket("/feed")
async def feed(socket: WebSocket, token: str) -> None: ...


app = FastAPI()
app.include_router(router)
"""


def test_the_questions_know_what_the_settings_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "template" / "{{ tests_dir }}"))
    from test_harness.settings import FlowSettings

    assert {field.name for field in dataclasses.fields(FlowSettings)} == set(FLOW_KEYS)


@pytest.mark.parametrize(
    "signing",
    [
        "get_settings().security.key.get_secret_value())",
        "key)\n    key = get_settings().security.key.read_text()",
    ],
)
def test_the_cookie_beside_a_token_and_the_key_behind_a_call_are_found(
    tmp_path: Path, signing: str
) -> None:
    code = """
import jwt
from fastapi import FastAPI, Response
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from settings import get_settings

app = FastAPI()
scheme = OAuth2PasswordBearer("login")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    hashed_password: Mapped[str]


class Credentials(BaseModel):
    email: str
    password: str


@app.post("/login")
def login(data: Credentials, response: Response) -> dict:
    token = jwt.encode({"sub": data.email}, SIGNING
    response.set_cookie("refresh_token", token, httponly=True, secure=True, samesite="strict")
    return {"access_token": token}
"""
    code = code.replace("SIGNING", signing)
    settings = "def get_settings(): ...\n"
    needs = "fastapi\nsqlalchemy\npyjwt\n"
    build_tree(tmp_path, {"main.py": code, "settings.py": settings, "requirements.txt": needs})
    found = proposals(Facts(tmp_path))
    assert found["auth"] == "jwt_bearer"
    assert found["token_key"] == "main:get_settings().security.key"  # noqa: S105 - a path
    assert found["refresh_cookie"] == "refresh_token"
    assert found["flows"]["refresh_cookie_flags"] == "HttpOnly Secure SameSite=strict Path=/"


FLASK_COOKIES = """
from flask import Flask, request
from flask_jwt_extended import JWTManager, create_access_token, set_access_cookies
from flask_jwt_extended import create_refresh_token, jwt_required, set_refresh_cookies

app = Flask(__name__)
app.config["JWT_TOKEN_LOCATION"] = ["cookies"]
app.config["JWT_COOKIE_SAMESITE"] = "Strict"
app.config["JWT_REFRESH_COOKIE_PATH"] = "/refresh"
JWTManager(app)


@app.post("/login")
def login():
    data = request.get_json()
    check_password(data["email"], data["password"])
    answer = jsonify({})
    set_access_cookies(answer, create_access_token(data["email"]))
    set_refresh_cookies(answer, create_refresh_token(data["email"]))
    return answer


@app.post("/refresh")
@jwt_required(refresh=True)
def refresh():
    answer = jsonify({})
    set_access_cookies(answer, create_access_token(get_jwt_identity()))
    return answer
"""
FASTAPI_USERS = """
from fastapi import FastAPI
from fastapi_users import FastAPIUsers
from fastapi_users.authentication import AuthenticationBackend, CookieTransport, JWTStrategy

app = FastAPI()
transport = CookieTransport(cookie_max_age=3600)
backend = AuthenticationBackend("jwt", transport=transport, get_strategy=JWTStrategy)
users = FastAPIUsers(manager, [backend])
app.include_router(users.get_auth_router(backend), prefix="/auth")
"""


def test_flags_of_cookies_that_packages_set_are_found(tmp_path: Path) -> None:
    needs = "flask\nflask-jwt-extended\n"
    build_tree(tmp_path / "flask", {"app.py": FLASK_COOKIES, "requirements.txt": needs})
    build_tree(tmp_path / "users", {"app.py": FASTAPI_USERS, "requirements.txt": "fastapi-users"})
    found = proposals(Facts(tmp_path / "flask"))["flows"]
    assert found["cookie_flags"] == "HttpOnly SameSite=Strict Path=/"
    assert found["refresh_cookie_flags"] == "HttpOnly SameSite=Strict Path=/refresh"
    assert found["refresh_reuse"] == "accepted"
    found = proposals(Facts(tmp_path / "users"))["flows"]
    assert found["cookie_flags"] == "HttpOnly Secure SameSite=lax Path=/"


def test_what_is_around_a_login_is_found(tmp_path: Path) -> None:
    build_tree(
        tmp_path, {"app.py": APPLICATION, "requirements.txt": "fastapi\nsqlalchemy\npyjwt\n"}
    )
    proposed = proposals(Facts(tmp_path))
    assert {one["name"]: one["value"] for one in proposed["environment"]} == {
        "MAIL_FROM": "tests@settings.example.com",
        "SMTP_HOST": "localhost",
        "SMTP_PASSWORD": "Only-for-tests-0123",
        "SMTP_USER": "tests",
    }
    assert proposed["flows"] == {
        "signup_path": "/v1/account/register",
        "signup_payload": '{"email": "$email", "password": "$password", '
        '"password_again": "$password", "full_name": "Ada Lovelace"}',
        "signup_status": 201,
        "signup_again_status": 409,
        "verify_path": "GET /v1/account/confirm-email?token=$token",
        "verify_status": 200,
        "verify_refused_status": 410,
        "refresh_path": "/v1/account/refresh",
        "refresh_payload": '{"token": "$access", "refresh_token": "$token"}',
        "refresh_status": 200,
        "refresh_refused_status": 403,
        "refresh_reused_status": 400,
        "logout_path": "DELETE /v1/account/logout",
        "logout_status": 204,
        "reset_request_path": "/v1/account/forgot-password",
        "reset_request_payload": '{"email": "$email"}',
        "reset_request_status": 202,
        "reset_confirm_path": "/v1/account/reset-password",
        "reset_confirm_payload": '{"code": "$token", "new_password": "$password"}',
        "reset_confirm_status": 200,
        "reset_refused_status": 400,
        "reset_minutes": 120,
        "inactive_status": 403,
        "required_claims": "exp sub",
        "socket_path": "/v1/account/feed",
        "socket_token": "query:token",
    }


PAGES = """
from flask import Flask, redirect, render_template
from flask_login import current_user, login_required, login_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField

app = Flask(__name__)
mail = Mail(app)


def reset_token(name, expires_in=600):
    return sign(name, expires_in)


class LoginForm(FlaskForm):
    username = StringField()
    password = PasswordField()


class RegisterForm(LoginForm):
    confirm = PasswordField()
    agree_terms = BooleanField()


class ForgotForm(FlaskForm):
    username = StringField()


@app.post("/login")
def login():
    form = LoginForm()
    if form.validate_on_submit():
        user = find(form.username.data)
        if user.check_password(form.password.data):
            login_user(user)
            return redirect("/", 303)
    return render_template("login.html", form=form)


@app.post("/register")
def register():
    if current_user.is_authenticated:
        return redirect("/")
    form = RegisterForm()
    if form.validate_on_submit():
        return redirect("/login", 303)
    return render_template("register.html", form=form)


@app.post("/forgot")
def forgot():
    if current_user.is_authenticated:
        return redirect("/")
    form = ForgotForm()
    if form.validate_on_submit():
        mail.send(Message("/reset/" + reset_token(form.username.data)))
    return render_template("forgot.html", form=form)


@app.post("/reset/<token>")
def reset(token):
    user = user_by_token(token)
    if not user:
        return redirect("/")
    form = LoginForm()
    return render_template("reset.html", form=form)


@app.get("/activate/<code>/refresh")
def refresh_activation(code):
    return render_template("activate.html")


@app.post("/recover-password/<username>")
@login_required
def recover_for(username):
    return render_template("recover.html")
"""


def test_what_is_mailed_without_smtp_is_left_out(tmp_path: Path) -> None:
    build_tree(tmp_path, {"app.py": APPLICATION.replace("smtplib.SMTP(", "Sender(")})
    found = proposals(Facts(tmp_path))["flows"]
    assert found["signup_path"] == "/v1/account/register"
    assert [name for name in found if name.startswith(("verify", "reset", "mail"))] == []


def test_packages_that_answer_otherwise_to_what_is_no_json(tmp_path: Path) -> None:
    code = """
from flask import Flask
from flask_login import login_user
from webargs import fields
from webargs.flaskparser import use_args

app = Flask(__name__)


@app.post("/login")
@use_args({"email": fields.Str(), "password": fields.Str()})
def login(data):
    login_user(check_password(data))
    return {}
"""
    build_tree(tmp_path, {"app.py": code, "requirements.txt": "flask\nflask-login\nwebargs\n"})
    assert proposals(Facts(tmp_path))["flows"] == {"unreadable_status": 400}


def test_forms_that_are_shown_again_are_answered_as_pages(tmp_path: Path) -> None:
    needs = "flask\nflask-login\nflask-wtf\nsqlalchemy\n"
    build_tree(tmp_path, {"app.py": PAGES, "requirements.txt": needs})
    found = proposals(Facts(tmp_path))
    assert found["login_refused_status"] == 200
    assert found["flows"] == {
        "signup_path": "/register",
        "signup_payload": '{"username": "$login", "password": "$password", '
        '"confirm": "$password", "agree_terms": true}',
        "signup_status": 303,
        "signup_again_status": 200,
        "weak_password_status": 200,
        "reset_request_path": "/forgot",
        "reset_request_payload": '{"username": "$login"}',
        "reset_request_status": 200,
        "reset_confirm_path": "/reset/$token",
        "reset_confirm_payload": '{"username": "$login", "password": "$password"}',
        "reset_confirm_status": 200,
        "reset_refused_status": 302,
        "encoding": "form",
        "mail_token_pattern": r"(?:token|code|key|reset)[=/]([\w.~%+=-]+)",
        "reset_minutes": 10,
        "inactive_status": 200,
        "unverified_status": 200,
        "malformed_status": 200,
    }


SHOP = """\
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

app = FastAPI()
Token = Annotated[str, Depends(OAuth2PasswordBearer("/login"))]


def current_user(token: Token):
    user = users.get(jwt.decode(token, "key", ["HS256"])["sub"])
    {later}
    return user


@app.post("/login")
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()]):
    user = users.get(form.username)
    if not verify_password(form.password, user.password):
        raise HTTPException(status_code=401)
    {login}
    return {{"access_token": jwt.encode({{"sub": user.id}}, "key")}}


@app.get("/me")
def me(user=Depends(current_user)):
    return user
"""
INACTIVE = "if not user.is_active:\n        raise HTTPException({})"


@pytest.mark.parametrize(
    ("login", "later", "expected"),
    [
        (
            INACTIVE.format("status_code=400"),
            INACTIVE.format("403"),
            {"inactive_status": (400, 24), "deactivated_status": (403, 14)},
        ),
        (
            INACTIVE.format("423, 'Locked'").replace("not user.is_active", "user.disabled"),
            INACTIVE.format("401, 'Inactive user'").replace("not user.is_active", "gone(user)"),
            {"inactive_status": (423, 24), "deactivated_status": (401, 14)},
        ),
        (
            INACTIVE.format("403").replace("is_active", "email_verified"),
            "if not user.is_reactive or user.interactive:\n        raise HTTPException(403)",
            {"unverified_status": (403, 24)},
        ),
    ],
)
def test_what_an_inactive_user_gets_is_read_under_the_test(
    tmp_path: Path, login: str, later: str, expected: dict[str, tuple[int, int]]
) -> None:
    build_tree(tmp_path, {"shop.py": SHOP.format(login=login, later=later)})
    facts = Facts(tmp_path)
    found = {
        name: (facts[f"flow_{name}"].value, facts[f"flow_{name}"].where)
        for name in ("inactive_status", "unverified_status", "deactivated_status")
        if facts[f"flow_{name}"]
    }
    assert found == {name: (status, f"shop.py:{line}") for name, (status, line) in expected.items()}


@pytest.mark.parametrize("auth", ["jwt_bearer"])
def test_what_is_said_of_the_sample_is_what_is_found_in_it(
    template: Path, tmp_path: Path, auth: str
) -> None:
    project = render(template, tmp_path / "project", auth=auth)
    found = proposals(Facts(project))["flows"]
    said = sample_flows([auth, "async"])
    routes = {key: said[key] for key in said if key.endswith(("_path", "_payload"))}
    assert {key: found.get(key) for key in routes} == routes


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ({"logout_path": "/logout", "reset_minutes": 30}, ""),
        ({}, ""),
        (
            "/logout",
            "Write one `key: value` a line, for example `logout_path: /auth/logout`, or {}.",
        ),
        ({"logout_paht": "/logout"}, "There is no 'logout_paht': write logout_path."),
        ({"xyz": 1}, "There is no 'xyz': delete the line."),
        (
            {"logout_path": None},
            "logout_path is neither text nor a number: put its value in quotes.",
        ),
        (
            {"signup_payload": "email"},
            'signup_payload is no JSON object: write it as {"email": "$email"}.',
        ),
    ],
)
def test_what_cannot_be_used_is_refused(flows: object, message: str) -> None:
    assert flows_refusal(flows) == message


def test_the_flags_of_users_are_told_apart() -> None:
    assert user_states(["is_active", "email_verified"]) == {
        "active_attribute": "is_active",
        "verified_attribute": "email_verified",
    }
    assert user_states(["is_staff"]) == {}


HELPED = """
from flask import Blueprint, Flask, redirect, render_template
from flask.views import MethodView
from flask_login import login_required, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from helpers import register_view


class Settings:
    AUTH_PREFIX = "/auth"


class LoginForm(FlaskForm):
    login = StringField()
    password = PasswordField()


class Login(MethodView):
    def form(self):
        return LoginForm()

    def post(self):
        form = self.form()
        if form.validate_on_submit() and check_password(form):
            login_user(find(form))
            return redirect("/")
        return render_template("login.html", form=form)


class Profile(MethodView):
    decorators = [login_required]

    def get(self):
        return "you"


def create_app():
    app = Flask(__name__)
    app.config.from_object(Settings)
    auth = Blueprint("auth", __name__)
    register_view(auth, routes=["/login"], view_func=Login.as_view("login", limit=3))
    register_view(auth, routes=["/profile"], view_func=Profile.as_view("profile"))
    app.register_blueprint(auth, url_prefix=app.config["AUTH_PREFIX"])
    return app
"""


def test_views_that_a_helper_adds_are_found_with_the_forms_they_make(tmp_path: Path) -> None:
    needs = "flask\nflask-login\nflask-wtf\nsqlalchemy\n"
    helpers = "def register_view(owner, routes, view_func): ...\n"
    build_tree(tmp_path, {"app.py": HELPED, "helpers.py": helpers, "requirements.txt": needs})
    found = proposals(Facts(tmp_path))
    assert (found["login_path"], found["login_field"]) == ("/auth/login", "login")
    assert found["protected_path"] == "/auth/profile"
