"""Who is let in where, of backends whose routes and permissions are put together at run time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.discovery.snippets import proposed

MODELS = """\
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Role(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(20))
    password = db.Column(db.String(200))
    FLAG
    roles = db.relationship(Role)
"""
ROUTES = """\
from flask import Blueprint, request
from flask_jwt_extended import create_access_token
from shop.guards import login_required, role_required
from shop.models import User
api = Blueprint("api", __name__, url_prefix="/api/users")
@api.post("/login")
def login():
    sent = request.get_json()
    user = User.query.filter_by(username=sent["username"]).one()
    check_password_hash(user.password, sent["password"])
    return {"access_token": create_access_token(user.id)}
@api.get("/info")
@login_required
def info():
    return {}
@api.get("/open")
def opened():
    return {}
@api.post("/roles")
@role_required(GUARD)
def roles():
    return {}
"""
GUARDS = """\
def login_required(function):
    return function
def role_required(*what, **more):
    return lambda function: function
"""
APP = """\
import importlib
from flask import Flask
from shop.models import db
NAMES = open("names.txt").read().split()
def create_app():
    app = Flask(__name__)
    db.init_app(app)
    for name in NAMES:
        app.register_blueprint(importlib.import_module(f"shop.{name}").api)
    return app
"""


def found(folder: Path, flag: str = "", guard: str = "'boss'") -> dict[str, Any]:
    files = {
        "shop/__init__.py": APP,
        "shop/models.py": MODELS.replace("FLAG", flag or "pass"),
        "shop/users.py": ROUTES.replace("GUARD", guard),
        "shop/guards.py": GUARDS,
        "requirements.txt": "flask\nflask-sqlalchemy\nflask-jwt-extended\n",
    }
    return proposed(folder, files)


def test_where_the_login_is_registered_unseen_so_is_the_protected_path(tmp_path: Path) -> None:
    seen = found(tmp_path)
    assert (seen["login_path"], seen["protected_path"]) == ("/api/users/login", "/api/users/info")


@pytest.mark.parametrize(
    ("guard", "admin"),
    [
        ("'boss'", "boss"),
        ("name='boss'", "boss"),
        ("name='add roles', module='users', uuid='1e1cbdb2-6bdb-4091-91ec-5268fa8f2b73'", ""),
        ("role='boss', log=True", "boss"),
    ],
)
def test_of_several_words_only_a_role_is_one(tmp_path: Path, guard: str, admin: str) -> None:
    assert found(tmp_path, guard=guard).get("admin_role") == admin


def test_is_super_is_a_flag_of_administrators(tmp_path: Path) -> None:
    seen = found(tmp_path, flag="is_super = db.Column(db.Boolean, default=False)")
    assert seen["role_attribute"] == "is_super"


KEPT = """\
from decouple import config
import jwt
def made(user):
    return jwt.encode({"sub": user.id}, config("JWT_KEY"))
def paid(user):
    return config("INVOICES_FROM")
"""
CHECKED = """\
from flask import Flask, request
from marshmallow import Schema, fields
from shop.models import User, db
from shop.tokens import made
class Login(Schema):
    username = fields.String()
    password = fields.String()
class SignUp(Login):
    email = fields.Email()
class Shown(Schema):
    password = fields.String()
    secret = fields.String()
def validate_schema(schema):
    return lambda function: function
def marshal_schema(schema):
    return lambda function: function
app = Flask(__name__)
db.init_app(app)
@app.post("/login")
@marshal_schema(Shown)
@validate_schema(Login)
def login():
    return {"token": made(found(request.get_json()))}
@app.post("/register")
@validate_schema(SignUp)
def register():
    return create(request.get_json())
"""


def test_what_a_decorator_of_the_application_checks_is_sent(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/models.py": MODELS.replace("FLAG", "pass"),
        "shop/tokens.py": KEPT,
        "main.py": CHECKED,
        "requirements.txt": "flask\nflask-sqlalchemy\npyjwt\npython-decouple\n",
    }
    seen = proposed(tmp_path, files)
    login = [seen[name] for name in ("login_path", "login_field", "password_field")]
    assert login == ["/login", "username", "password"]
    sent = {"email": "$email", "password": "$password", "username": "$name"}
    assert json.loads(seen["flows"]["signup_payload"]) == sent
    # Read only when somebody logs in, and nobody can without it.
    assert [one["name"] for one in seen["environment"]] == ["JWT_KEY"]
