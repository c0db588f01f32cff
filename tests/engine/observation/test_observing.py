"""What is read wrongly is seen, written down and counts; a hole is never how it should be."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from test_harness.commands import observing
from test_harness.commands.installing import Environment
from test_harness.settings.observed import read_observed
from tests.projects import project_in
from tests.worlds import build_tree, render, run

# Guards that stand in an attribute of a class, and statuses that stand in a table: neither is read.
CLUB = {
    "requirements.txt": "flask\nflask-sqlalchemy\npyjwt\n",
    "club.py": """\
import functools
import time

import jwt
from flask import Blueprint, Flask, g, request
from flask.views import MethodView
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

KEY = "a-key-of-at-least-thirty-two-bytes-0"
CHECKS = {"verify_signature": True}
ANSWERS = {jwt.ExpiredSignatureError: 401, jwt.InvalidTokenError: 422}
db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(80), unique=True, nullable=False)
    password = db.Column(db.String(200), nullable=False)
    is_verified = db.Column(db.Boolean, nullable=False, default=False)

    def set_password(self, password):
        self.password = generate_password_hash(password)


def members_only(view):
    @functools.wraps(view)
    def inner(**values):
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not shown or " " in shown:
            return {"said": "no token"}, 401
        try:
            claims = jwt.decode(shown, KEY, algorithms=["HS256"], options=CHECKS)
        except jwt.InvalidTokenError as error:
            kinds = [kind for kind in ANSWERS if isinstance(error, kind)]
            return {"said": str(error)}, ANSWERS[kinds[0]]
        g.user = db.session.get(User, int(claims["sub"]))
        return view(**values)

    return inner


class Login(MethodView):
    def post(self):
        body = request.get_json()
        user = db.session.query(User).filter_by(email=body["email"]).first()
        if user is None or not check_password_hash(user.password, body["password"]):
            return {"said": "wrong"}, 401
        claims = {"sub": str(user.id), "exp": int(time.time()) + 900}
        return {"token": jwt.encode(claims, KEY, "HS256")}


class Profile(MethodView):
    decorators = [members_only]

    def get(self):
        return {"email": g.user.email, "verified": g.user.is_verified}


pages = Blueprint("pages", __name__)


@pages.get("/health")
def health():
    return {}


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///club.db"
    db.init_app(app)
    app.add_url_rule("/login", view_func=Login.as_view("login"))
    app.add_url_rule("/profile", view_func=Profile.as_view("profile"))
    app.register_blueprint(pages, url_prefix=next(iter({"/api": 1})))
    return app
""",
}
READ_OF_THE_CLUB = {
    "auth": "jwt_bearer",
    "protected_path": "/profile",
    "user_model": "club:User",
    "token_key": "club:KEY",
}


@pytest.mark.runs
def test_two_statuses_of_refusals_are_learned_and_a_forged_token_turns_the_run_red(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = render(template, build_tree(tmp_path / "club", CLUB), **READ_OF_THE_CLUB)
    tests = {"VIRTUAL_ENV": str(suite_python.parents[1]), "TEST_HARNESS_STRICT": "1"}
    check = (suite_python, "-m", "test_harness", "check")
    adopted = run(*check, "--adoption", cwd=project, check=True, **tests).stdout
    seen = {
        f"{one.section}.{one.key}": one for one in read_observed(project / "tests/observed.toml")
    }
    assert {name: one.value for name, one in seen.items()} == {
        "application.health_path": "/api/health",
        "auth.bad_token_status": 422,
        "refusals.expired": 401,
        "flows.malformed_status": 400,
    }
    forged = seen["auth.bad_token_status"]
    assert forged.seen == "GET /profile with a changed credential answered 422"
    assert (
        forged.where
        == f"club.py:{CLUB['club.py'][: CLUB['club.py'].index('def get')].count(chr(10)) + 1}"
    )
    assert "Wrote tests/factories.py: UserFactory.\n" in adopted
    assert "\n4 are not. They count, and are in tests/observed.toml until " in adopted
    assert "are not reviewed" not in adopted  # Each was named a few lines above.
    # What is left is of the login alone, which fails where a field is missing.
    known = (project / "tests/known_failures.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"^test_\w+", known, re.MULTILINE)) == {
        "test_flow_login_sync",
        "test_routes_sync",
    }

    module = project / "club.py"
    code = module.read_text(encoding="utf-8")
    module.write_text(code.replace('signature": True', 'signature": False'), encoding="utf-8")
    sabotaged = run(*check, cwd=project, check=False, **tests).stdout
    failed = set(re.findall(r"^FAILED \S+::(\w+)", sabotaged, re.MULTILINE))
    assert failed == {
        "test_what_has_to_be_refused_opens_nothing",
        "test_a_token_cannot_say_that_it_needs_no_signature",
        "test_a_token_without_its_signature_is_refused",
        "test_a_token_signed_with_an_empty_key_is_refused",
        "test_a_token_cannot_choose_how_it_is_checked",
        "test_a_token_ends_when_it_says",
        "test_a_token_that_begins_later_is_refused",
        "test_rights_are_not_written_into_a_token",
        "test_a_longer_life_is_not_written_into_a_token",
    }
    assert sabotaged.count("answered 200, not 422") >= 13


# Healthy, and not as others are: no rotation, a signup that wants more and tells nothing.
GUILD = {
    "requirements.txt": "fastapi\nsqlalchemy\naiosqlite\npyjwt\n",
    "guild.py": """\
import hashlib
import time

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = "a-key-of-at-least-thirty-two-bytes-0"
engine = create_async_engine("sqlite+aiosqlite:///guild.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    ended: Mapped[int] = mapped_column(default=0)


class Credentials(BaseModel):
    email: str
    password: str


class Signup(Credentials):
    nickname: str


class Refresh(BaseModel):
    refresh: str


def hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


async def get_db():
    async with AsyncSession(engine) as session:
        yield session


def made(user: User, kind: str) -> str:
    claims = {"sub": str(user.id), "exp": int(time.time()) + 900, "kind": kind}
    return jwt.encode({**claims, "ended": user.ended}, KEY, "HS256")


async def user_of(token: str, kind: str, db: AsyncSession, status: int) -> User:
    try:
        claims = jwt.decode(token, KEY, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(status) from None
    user = await db.get(User, int(claims["sub"]))
    if claims["kind"] != kind or user is None or user.ended != claims["ended"]:
        raise HTTPException(status + 1)
    return user


async def current_user(
    authorization: str = Header(""), db: AsyncSession = Depends(get_db)
) -> User:
    scheme, _, token = authorization.partition(" ")
    if scheme != "Token":
        raise HTTPException(403)
    user = await user_of(token, "access", db, 403)
    if not user.is_active:
        raise HTTPException(423)
    return user


app = FastAPI()


@app.get("/feed")
async def feed():
    return []


@app.get("/me")
async def me(user: User = Depends(current_user)):
    return {"email": user.email}


@app.post("/login")
async def login(body: Credentials, db: AsyncSession = Depends(get_db)):
    user = await db.scalar(select(User).where(User.email == body.email))
    if user is None or user.password != hashed(body.password):
        raise HTTPException(400)
    if not user.is_active:
        raise HTTPException(423)
    return {"tokens": {"jwt": made(user, "access"), "refresh": made(user, "refresh")}}


@app.post("/signup", status_code=202)
async def signup(body: Signup, db: AsyncSession = Depends(get_db)):
    if await db.scalar(select(User).where(User.email == body.email)):
        return {}
    db.add(User(email=body.email, password=hashed(body.password), is_active=True, ended=0))
    await db.commit()
    return {}


@app.post("/refresh")
async def refresh(body: Refresh, db: AsyncSession = Depends(get_db)):
    user = await user_of(body.refresh, "refresh", db, 409)
    return {"tokens": {"jwt": made(user, "access")}}


@app.post("/logout", status_code=205)
async def logout(user: User = Depends(current_user), db: AsyncSession = Depends(get_db)):
    user = await db.get(User, user.id)
    user.ended += 1
    await db.commit()
""",
}
# As somebody answered who does not know it well.
READ_OF_THE_GUILD: dict[str, Any] = {
    **dict.fromkeys(
        ("login_refused_status", "no_token_status", "bad_token_status", "other_scheme_status"), 401
    ),
    "login_path": "/login",
    "login_encoding": "form",
    "login_field": "email",
    "password_field": "password",
    "user_login_attribute": "email",
    "user_password_attribute": "password",
    "password_hasher": "guild:hashed",
    "user_model": "guild:User",
    "token_field": "access_token",
    "token_prefix": "Bearer",
    "protected_path": "/feed",
    "token_key": "guild:KEY",
    "flows": {
        "signup_path": "/signup",
        "signup_payload": '{"email": "$email", "password": "$password"}',
        "refresh_path": "/refresh",
        "refresh_payload": '{"refresh": "$token"}',
        "logout_path": "/logout",
    },
}
SEEN_IN_THE_GUILD: dict[str, int | str | None] = {
    "auth.login_encoding": "json",
    "auth.token_field": "tokens.jwt",
    "auth.token_prefix": "Token",
    "auth.protected_path": "/me",
    "auth.login_refused_status": 400,
    "auth.no_token_status": 403,
    "auth.bad_token_status": 403,
    "auth.other_scheme_status": 403,
    "refusals.refresh_as_access": 404,
    "flows.inactive_status": 423,
    "flows.deactivated_status": 423,
    "flows.signup_payload": '{"email": "$email", "password": "$password", "nickname": "$name"}',
    "flows.signup_status": 202,
    "flows.signup_again_status": 202,
    "flows.weak_passwords": "",
    "flows.refresh_token_field": "tokens.refresh",
    "flows.refresh_reuse": "accepted",
    "flows.refresh_refused_status": 409,
    "refusals.refresh_with_access": 410,
    "refusals.refresh_ended": 410,
    "flows.logout_status": 205,
    "flows.ended_status": 404,
}


@pytest.fixture(scope="module")
def guild(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_tree(tmp_path_factory.mktemp("observing") / "guild", GUILD)
    return render(template, path, **READ_OF_THE_GUILD)


def seen_in(project: Path, python: Path) -> dict[str, int | str]:
    """Return what is observed, by its name in the settings."""
    with project_in(project / "tests"):
        environment = Environment(python, "", made=False)
        observing.observe(environment, project, project / "tests", print)
    found = read_observed(project / "tests" / "observed.toml")
    return {f"{one.section}.{one.key}": one.value for one in found}


@pytest.mark.runs
def test_whatever_differs_among_healthy_applications_is_learned(
    guild: Path, suite_python: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shutil.copytree(guild, tmp_path / "guild")
    assert seen_in(project, suite_python) == SEEN_IN_THE_GUILD
    printed = capsys.readouterr().out
    assert (
        "protected_path is '/me', not '/feed': GET /me with a login (GET /feed opens to everybody) "
        in printed
    )
    written = project / "tests" / "observed.toml"
    before = written.read_bytes()
    # It is written once, whatever becomes of the application.
    (project / "guild.py").write_text("", encoding="utf-8")
    seen_in(project, suite_python)
    assert written.read_bytes() == before
    assert "Seen in the running application" not in capsys.readouterr().out


# What is changed, and what is seen then in the place of what was: None for nothing.
HOLES: dict[str, tuple[str, str, dict[str, int | str | None]]] = {
    "nobody has to show anything": (
        'raise HTTPException(403)\n    user = await user_of(token, "access", db, 403)',
        "return await db.scalar(select(User))",
        # How a signup is sent, and answered, needs no login to be seen.
        {
            name: value if name in {"flows.signup_payload", "flows.signup_status"} else None
            for name, value in SEEN_IN_THE_GUILD.items()
        },
    ),
    "a forged token opens": (
        'jwt.decode(token, KEY, algorithms=["HS256"])',
        'jwt.decode(token, options={"verify_signature": False})',
        {},
    ),
    "who is inactive comes in": (
        "if not user.is_active:",
        "if False:",
        dict.fromkeys(("flows.inactive_status", "flows.deactivated_status")),
    ),
    "a logout ends nothing": (
        "user.ended += 1",
        "pass",
        {
            **dict.fromkeys(("flows.ended_status", "refusals.refresh_ended")),
            "flows.logout_reuse": "accepted",
        },
    ),
    "an access token is traded": (
        'claims["kind"] != kind or ',
        "",
        dict.fromkeys(("refusals.refresh_with_access", "refusals.refresh_as_access")),
    ),
    "a forged token breaks the application": (
        "raise HTTPException(status) from None",
        "raise ValueError(token) from None",
        {
            "auth.bad_token_status": None,
            # Of what is refused, and not of what breaks.
            "flows.refresh_refused_status": 410,
            "refusals.refresh_with_access": None,
            "refusals.refresh_ended": None,
        },
    ),
}


@pytest.mark.runs
def test_a_path_that_answers_a_new_user_that_there_is_nothing_opens(
    guild: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(guild, tmp_path / "guild")
    module = project / "guild.py"
    code = module.read_text(encoding="utf-8")
    granted = 'return {"email": user.email}'
    assert code.count(granted) == 1
    module.write_text(code.replace(granted, "raise HTTPException(404)"), encoding="utf-8")
    assert seen_in(project, suite_python) == {**SEEN_IN_THE_GUILD, "auth.opened_status": 404}


@pytest.mark.runs
def test_where_accounts_are_opened_is_tried_where_it_was_not_read(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    guild = {**GUILD, "guild.py": GUILD["guild.py"].replace('"/signup"', '"/users"')}
    flows = {
        name: value
        for name, value in READ_OF_THE_GUILD["flows"].items()
        if not name.startswith("signup")
    }
    path = build_tree(tmp_path / "guild", guild)
    project = render(template, path, **{**READ_OF_THE_GUILD, "flows": flows})
    assert seen_in(project, suite_python) == {**SEEN_IN_THE_GUILD, "flows.signup_path": "/users"}


@pytest.mark.runs
def test_what_is_refused_is_learned_where_nobody_gets_in(
    guild: Path, suite_python: Path, tmp_path: Path
) -> None:
    """A login that is broken makes no fault of how a signup, or a wrong login, is refused."""
    project = shutil.copytree(guild, tmp_path / "guild")
    module = project / "guild.py"
    code = module.read_text(encoding="utf-8")
    for before, after in (
        ('return {"email": user.email}', 'raise RuntimeError("broken")'),
        ("        return {}\n    db.add", "        raise HTTPException(418)\n    db.add"),
    ):
        assert code.count(before) == 1, before
        code = code.replace(before, after)
    module.write_text(code, encoding="utf-8")
    read = project / "tests" / "harness.toml"
    toml = read.read_text(encoding="utf-8")
    read.write_text(toml.replace('encoding = "form"', 'encoding = "json"'), encoding="utf-8")
    seen = seen_in(project, suite_python)
    assert seen["auth.login_refused_status"] == 400
    assert seen["flows.signup_again_status"] == 418
    assert seen["flows.signup_status"] == 202
    assert "auth.protected_path" not in seen


@pytest.mark.runs
@pytest.mark.parametrize("hole", HOLES)
def test_a_hole_is_not_how_it_should_be(
    hole: str, guild: Path, suite_python: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(guild, tmp_path / "guild")
    module = project / "guild.py"
    code = module.read_text(encoding="utf-8")
    old, new, instead = HOLES[hole]
    assert old in code
    module.write_text(code.replace(old, new), encoding="utf-8")
    seen = seen_in(project, suite_python)
    wanted = {**SEEN_IN_THE_GUILD, **instead}
    assert seen == {name: value for name, value in wanted.items() if value is not None}


def test_what_takes_too_long_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    build_tree(tmp_path, {"tests/harness.toml": ""})
    monkeypatch.setattr(observing, "PATIENCE", 0.5)
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(observing, "suite_command", lambda *_: sleeping)
    said: list[str] = []
    environment = Environment(Path(sys.executable), "", made=False)
    with project_in(tmp_path / "tests"):
        observing.observe(environment, tmp_path, tmp_path / "tests", said.append)
    assert said[0].startswith("Factories were not written; ")
    assert (
        said[1].strip().startswith("The look at what the application does did not end within 0.5")
    )
    assert not (tmp_path / "tests" / "observed.toml").exists()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", ""),
        ("reviewed = true\n", ""),
        (
            "reviewed = true\nreviewed=false\n",
            "1 of 2 settings in tests/observed.toml were observed and are not reviewed.",
        ),
    ],
)
def test_what_nobody_has_reviewed_is_counted(tmp_path: Path, written: str, said: str) -> None:
    build_tree(tmp_path, {"tests/observed.toml": written})
    assert observing.not_reviewed(tmp_path / "tests") == said
