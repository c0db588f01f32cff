"""Invitations are found, tried, and checked: each fault of them turns its own check red."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tomllib

from test_harness.auth.flows import invitations_sync
from test_harness.auth.flows.account import Account
from tests.worlds import build_tree, render, run

GUILD = {
    "requirements.txt": "flask\nflask-sqlalchemy\npyjwt\n",
    "guild.py": """\
import datetime
import functools
import secrets
import smtplib
import time
from email.message import EmailMessage

import jwt
from flask import Flask, abort, g, request
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

KEY = "a-key-of-at-least-thirty-two-bytes-0"
db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(80), unique=True, nullable=False)
    password = db.Column(db.String(200), nullable=False)
    role = db.Column(db.String(20), nullable=False, default="member")


class Invitation(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(80), nullable=False)
    token = db.Column(db.String(64), unique=True, nullable=False)
    ends = db.Column(db.Float, nullable=False)
    state = db.Column(db.String(10), nullable=False, default="open")


def login_required(view):
    @functools.wraps(view)
    def inner(**values):
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(shown, KEY, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            abort(401)
        g.user = db.session.get(User, int(claims["sub"])) or abort(401)
        return view(**values)

    return inner


def mail(invitation):
    message = EmailMessage()
    message["From"], message["To"] = "guild@example.com", invitation.email
    message["Subject"] = "You are invited"
    message.set_content(f"Come to https://guild.example/join?token={invitation.token}")
    with smtplib.SMTP("mail.example.com") as server:
        server.send_message(message)


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///guild.db"
    db.init_app(app)

    @app.post("/login")
    def login():
        body = request.get_json()
        user = db.session.query(User).filter_by(email=body["email"]).first()
        if user is None or not check_password_hash(user.password, body["password"]):
            abort(401)
        claims = {"sub": str(user.id), "exp": int(time.time()) + 900}
        return {"token": jwt.encode(claims, KEY, "HS256")}

    @app.get("/me")
    @login_required
    def me():
        return {"email": g.user.email}

    @app.post("/invitations")
    @login_required
    def invite():
        body = request.get_json()
        ends = time.time() + 2 * 24 * 3600
        made = Invitation(email=body["email"], token=secrets.token_urlsafe(), ends=ends)
        db.session.add(made)
        db.session.commit()
        mail(made)
        return {"id": made.id, "email": made.email}, 202

    @app.post("/invitations/accept")
    def accept():
        body = request.get_json()
        found = db.session.query(Invitation).filter_by(token=body["token"]).first()
        if found is None or found.state != "open" or found.ends < time.time():
            abort(410)
        found.state = "accepted"
        hashed = generate_password_hash(body["password"])
        db.session.add(User(email=found.email, password=hashed))
        db.session.commit()
        return {"email": found.email}, 201

    @app.post("/invitations/<int:key>/resend")
    @login_required
    def resend(key):
        mail(db.get_or_404(Invitation, key))
        return {}, 202

    @app.delete("/invitations/<int:key>")
    @login_required
    def cancel(key):
        db.get_or_404(Invitation, key).state = "over"
        db.session.commit()
        return "", 204

    return app
""",
}
# What is broken, and the one check that says so.
FAULTS = {
    'found.state != "open"': ('found.state == "over"', "is_accepted_once"),
    " or found.ends < time.time()": ("", "is_good_for_a_while"),
    "2 * 24": ("1 * 24", "is_good_until_then"),
    'return {"id": made.id,': ('return {"id": made.id, "token": made.token,', "is_in_no_answer"),
    '.state = "over"': ('.state = "open"', "a_cancelled_invitation"),
    "mail(db.get_or_404(Invitation, key))": ("pass", "sent_again_is_accepted"),
    "@login_required\n    def invite": ("def invite", "nobody_invites_without"),
}
CHECK = "tests/checks/test_flow_invitations_sync.py"


@pytest.mark.runs
def test_invitations_are_found_tried_and_checked(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, build_tree(tmp_path / "guild", GUILD))
    flows = tomllib.loads((project / "tests/harness.toml").read_text(encoding="utf-8"))["flows"]
    assert {key: value for key, value in flows.items() if key.startswith("invite_")} == {
        "invite_path": "/invitations",
        "invite_payload": '{"email": "$email"}',
        "invite_accept_path": "/invitations/accept",
        "invite_accept_payload": '{"password": "$password", "token": "$token"}',
        "invite_resend_path": "/invitations/$invitation/resend",
        "invite_cancel_path": "DELETE /invitations/$invitation",
    }
    said = run(
        suite_python,
        "-m",
        "test_harness",
        "check",
        "--adoption",
        cwd=project,
        check=False,
        VIRTUAL_ENV=str(suite_python.parents[1]),
    ).stdout
    for name, value in {
        "invite_status": 202,
        "invite_accept_status": 201,
        "invite_refused_status": 410,
        "invite_resend_status": 202,
        "invite_minutes": 2880,
    }.items():
        assert re.search(rf"^  {name} is {value}, not \d+: ", said, re.MULTILINE), said
    command = ["-m", "pytest", "-q", "-p", "no:randomly", CHECK]
    # Every user may invite here.
    assert "8 passed, 1 skipped" in run(suite_python, *command, cwd=project).stdout
    module = project / "guild.py"
    right = module.read_text(encoding="utf-8")
    for old, (new, name) in FAULTS.items():
        assert right.count(old) == 1, old
        module.write_text(right.replace(old, new), encoding="utf-8")
        said = run(suite_python, *command, cwd=project, check=False).stdout
        red = re.findall(r"^FAILED \S+::(\w+)", said, re.MULTILINE)
        assert [it for it in red if name in it], (old, said)


@pytest.mark.runs
def test_where_none_is_mailed_they_are_not_checked(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    text = GUILD["guild.py"].replace("        mail(made)\n", "")
    project = render(template, build_tree(tmp_path / "guild", {**GUILD, "guild.py": text}))
    said = run(
        suite_python,
        "-m",
        "test_harness",
        "check",
        "--adoption",
        cwd=project,
        check=False,
        VIRTUAL_ENV=str(suite_python.parents[1]),
    ).stdout
    assert "invite_path is '', not '/invitations': no invitation was seen to be mailed" in said
    said = run(suite_python, "-m", "pytest", "-q", CHECK, cwd=project).stdout
    assert "the application has no invitations" in said
    assert "passed" not in said


def test_who_accepts_by_a_login_is_one_user_however_often(monkeypatch: pytest.MonkeyPatch) -> None:
    flows = SimpleNamespace(invite_accept_payload='{"token": "$token"}')
    auth = SimpleNamespace(user_login_attribute="email")
    made: list[dict[str, Any]] = []

    def create(**given: Any) -> Any:
        made.append(given)
        return given

    client: Any = SimpleNamespace(request=lambda **sent: sent)
    for name, value in {
        "settings": lambda: SimpleNamespace(flows=flows, auth=auth),
        "user_factory": lambda: SimpleNamespace(create=create),
        "request": lambda step, account, token: {"url": step, "json": token},
    }.items():
        monkeypatch.setattr(invitations_sync, name, value)
    of: Any = SimpleNamespace(client_as=lambda user: client, make_client=lambda: None)
    account = Account("ada@example.com", "a password")
    one = invitations_sync.Invitation(of, None, client, account, None)
    answers: list[Any] = [one.accept("first"), one.accept("second")]
    assert answers == [
        {"url": "invite_accept", "json": "first"},
        {"url": "invite_accept", "json": "second"},
    ]
    assert made == [{"email": account.login}]
