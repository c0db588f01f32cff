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
    from test_harness.settings.flows import FlowSettings

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
        "verify_path": "GET /v1/account/confirm-email?token=$token",
        "refresh_path": "/v1/account/refresh",
        "refresh_payload": '{"token": "$access", "refresh_token": "$token"}',
        "logout_path": "DELETE /v1/account/logout",
        "reset_request_path": "/v1/account/forgot-password",
        "reset_request_payload": '{"email": "$email"}',
        "reset_confirm_path": "/v1/account/reset-password",
        "reset_confirm_payload": '{"code": "$token", "new_password": "$password"}',
        "reset_minutes": 120,
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


def test_forms_around_a_login_are_found(tmp_path: Path) -> None:
    needs = "flask\nflask-login\nflask-wtf\nsqlalchemy\n"
    build_tree(tmp_path, {"app.py": PAGES, "requirements.txt": needs})
    found = proposals(Facts(tmp_path))
    assert found["flows"] == {
        "signup_path": "/register",
        "signup_payload": '{"username": "$login", "password": "$password", '
        '"confirm": "$password", "agree_terms": true}',
        "reset_request_path": "/forgot",
        "reset_request_payload": '{"username": "$login"}',
        "reset_confirm_path": "/reset/$token",
        "reset_confirm_payload": '{"username": "$login", "password": "$password"}',
        "encoding": "form",
        "mail_token_pattern": r"(?:token|code|key|reset)[=/]([\w.~%+=-]+)",
        "reset_minutes": 10,
    }


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
