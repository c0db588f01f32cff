"""`make harness-check` says what is true of the answers, what is not, and what to write."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from test_harness.commands import findings
from test_harness.commands.installing import Environment
from tests.projects import project_in
from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

# A backend of everyday's make: settings from the environment, a form to log in, one migration.
SHOP = {
    "requirements.txt": "fastapi\nsqlalchemy\nalembic\npyjwt\npython-multipart\n",
    "shop/__init__.py": "",
    "shop/config.py": 'import os\n\nSECRET = os.environ["SECRET_KEY"]\n',
    "shop/models.py": """\
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///shop.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def get_db():
    with Session(engine) as session:
        yield session
""",
    "shop/security.py": """\
import hashlib

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from shop.config import SECRET
from shop.models import User, get_db

scheme = OAuth2PasswordBearer(tokenUrl="/token")


def hash_password(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def current_user(token: str = Depends(scheme), db: Session = Depends(get_db)) -> User:
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    return db.get(User, int(claims["sub"]))
""",
    "shop/main.py": """\
from contextlib import asynccontextmanager

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy.orm import Session

from shop.config import SECRET
from shop.models import User, get_db
from shop.security import current_user, hash_password


@asynccontextmanager
async def lifespan(app):
    yield {"greeting": "hello"}


app = FastAPI(lifespan=lifespan)


@app.post("/token")
def token(form: OAuth2PasswordRequestForm = Depends(), db: Session = Depends(get_db)):
    user = db.query(User).filter(User.email == form.username).first()
    if user is None or user.hashed_password != hash_password(form.password):
        raise HTTPException(401)
    claims = {"sub": str(user.id)}
    return {"access_token": jwt.encode(claims, SECRET, "HS256"), "token_type": "bearer"}


@app.get("/me")
def me(request: Request, user: User = Depends(current_user)):
    return {request.state.greeting: user.email}
""",
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": """\
from alembic import context

from shop.models import Base, engine

with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
""",
    "migrations/versions/0001_start.py": '''\
"""Make the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String, nullable=False, unique=True),
        sa.Column("hashed_password", sa.String, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id"), nullable=False),
    )


def downgrade():
    op.drop_table("orders")
    op.drop_table("users")
''',
}
REACHES_FOR = """\
import socket


class Cache:
    def ping(self):
        socket.create_connection(("127.0.0.1", 11211), timeout=2).close()


def connect():
    Cache().ping()
"""


@pytest.fixture(scope="module")
def adopted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, build_tree(tmp_path_factory.mktemp("findings") / "shop", SHOP))


Look = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def look(adopted: Path, suite_python: Path, tmp_path: Path) -> Look:
    """Return a function that edits a copy of the backend and looks: (result, what was seen)."""
    project = shutil.copytree(adopted, tmp_path / "shop")

    def change(files: dict[str, tuple[str, str]], **variables: str) -> dict[str, tuple[str, str]]:
        for name, (old, new) in files.items():
            path = project / name
            before = path.read_text() if path.exists() else ""
            assert not old or before.count(old) == 1
            path.write_text(before.replace(old, new) if old else before + new)
        done = run(
            suite_python, "-m", "test_harness", "check", cwd=project, check=False,
            VIRTUAL_ENV=str(suite_python.parents[1]), TEST_HARNESS_STRICT="1", **variables,
        )  # fmt: skip
        table = done.stdout.partition("under the lock:\n")[2].partition("\n\n")[0]
        rows = re.findall(
            r"^  (OK|warning|ERROR|-) +([a-z]+(?: [a-z]+)?)  +(.*(?:\n {4,}.*)*)", table, re.M
        )
        seen = {name: (result, re.sub(r"\n {24}", "\n", text)) for result, name, text in rows}
        assert seen, done.stdout
        assert ("The suite was not run" in done.stdout) == ("\n  ERROR" in f"\n{table}")
        assert done.returncode or "ERROR" not in table
        return seen

    return change


def results(seen: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Return what is not as it should be."""
    return {name: result for name, (result, _) in seen.items() if result != "OK"}


def test_everything_is_looked_at_and_right(look: Look) -> None:
    seen = look({})
    assert results(seen) == {}
    assert list(seen) == [
        "application", "metadata", "every base", "import", "schema", "engines", "migrations",
        "session", "rollback", "factories", "start up", "login",
    ]  # fmt: skip
    assert seen["metadata"][1] == "shop.models:Base has 2 tables."
    assert seen["factories"][1] == "Each of 2 models can be saved."
    assert seen["login"][1] == "A user of UserFactory logs in, and GET /me answers 200."


def test_a_wrong_path_of_the_application(look: Look) -> None:
    seen = look({"tests/harness.toml": ("shop.main:app", "shop.main:application")})
    assert seen["application"] == (
        "ERROR",
        "shop.main has no 'application', which 'shop.main:application' asks for.\n"
        "  Fix: Correct the import path in harness.toml.",
    )
    assert set(results(seen)) == set(seen)
    assert seen["login"] == ("-", "not looked at, because of what is wrong above")


def test_a_missing_variable(look: Look) -> None:
    seen = look({"tests/test.env": ("SECRET_KEY=", "ANOTHER_KEY=")})
    assert seen["application"] == (
        "ERROR",
        "shop.main needs settings that are not there: SECRET_KEY.\n"
        "  Fix: Give each a value that is safe in tests in test.env.",
    )


def test_metadata_without_tables_and_where_they_are(look: Look) -> None:
    seen = look(
        {
            "shop/empty.py": (
                "",
                "from sqlalchemy.orm import DeclarativeBase\n\n\n"
                "class Base(DeclarativeBase):\n    pass\n",
            ),
            "tests/harness.toml": ("shop.models:Base", "shop.empty:Base"),
        }
    )
    assert seen["metadata"] == (
        "ERROR",
        "shop.empty:Base has no tables.\n"
        "  Fix: Name in [database] metadata of harness.toml the one that has them: "
        "shop.models:Base.",
    )


def test_what_is_no_obstacle_is_a_warning(look: Look) -> None:
    seen = look(
        {
            "shop/main.py": ("app = FastAPI", 'open("started.log", "w").close()\napp = FastAPI'),
            "shop/models.py": (
                "def get_db",
                """Base.metadata.create_all(engine)


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def get_db""",
            ),
            "migrations/versions/0002_tags.py": (
                "",
                '''"""Make the table of tags."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table(
        "tags", sa.Column("id", sa.Integer, primary_key=True), sa.Column("nick", sa.String)
    )


def downgrade():
    op.drop_table("tags")
''',
            ),
        },
        # So that nothing is accepted for being there already.
        CI="true",
    )
    assert results(seen) == dict.fromkeys(("import", "migrations", "factories"), "warning")
    assert seen["import"][1] == (
        "While the application is imported, shop/models.py:26 talks to the database.\n"
        "  Fix: none is needed here, where it is led to the test database.\n"
        "While the application is imported, shop/main.py:18 writes the file started.log.\n"
        "  Fix: name another place for it in test.env, or replace in conftest.py the function that "
        "does it."
    )
    assert seen["migrations"][1] == (
        "They do not lead to what the models say:\n"
        "  missing:   column tags.name (VARCHAR NOT NULL)\n"
        "  left over: column tags.nick (VARCHAR NULL)\n"
        "  Fix: run `alembic revision --autogenerate`; what it leaves out is to be written by hand"
    )
    assert seen["factories"][1] == (
        "No Tag can be made: (sqlite3.OperationalError) table tags has no column named name\n"
        "  Fix: declare in factories.py, in TagFactory, what it asks for."
    )


def test_migrations_that_do_not_reach_their_head_are_not_said_to_match(
    look: Look, tmp_path: Path
) -> None:
    # A schema is kept between runs for files of the same content, and this one has to be made.
    once = '''"""Succeed for the schema of the tests, and for the first look at it."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    with Path("migrated").open("a") as times:
        times.write("+")
    if Path("migrated").stat().st_size > 2:
        raise FileExistsError("migrated")
    op.execute("UPDATE users SET email = lower(email)")


def downgrade():
    pass
'''
    once += f"# Of {tmp_path}.\n"
    seen = look({"migrations/versions/0002_once.py": ("", once)}, CI="true")
    assert seen["migrations"][0] == "warning"
    assert seen["migrations"][1].startswith(
        "They do not lead to what the models say:\n  in another database than it was in before, "
        "the upgrade of 0002 fails: FileExistsError"
    )


def test_a_service_that_start_up_cannot_reach_is_named_with_the_double_to_write(
    look: Look,
) -> None:
    seen = look(
        {
            "shop/cache.py": ("", REACHES_FOR),
            "shop/main.py": (
                "    yield {",
                "    from shop import cache\n\n    cache.connect()\n    yield {",
            ),
        }
    )
    result, text = seen["start up"]
    assert result == "ERROR"
    problem, _, fix = text.partition("\n  Fix: ")
    assert problem == (
        "The application's startup failed: "
        "ConnectionRefusedError: [Errno 111] Connection refused (shop/cache.py:6).\n"
        "shop/cache.py:6 connects to memcached (port 11211)."
    )
    assert seen["session"][0] == seen["factories"][0] == "OK"
    assert seen["login"][0] == "-"
    double = fix.partition("conftest.py:\n")[2]
    seen = look({"tests/conftest.py": ("", "\n" + re.sub("^ {4}", "", double, flags=re.M) + "\n")})
    assert results(seen) == {}


def test_a_login_that_is_refused(look: Look) -> None:
    seen = look({"shop/main.py": ("user is None or", "user is None or user.id or")})
    result, text = seen["login"]
    assert result == "ERROR"
    assert text.startswith("The login of a user made by UserFactory was refused. POST /token")


def test_what_a_route_raises_is_shown_with_its_place(look: Look) -> None:
    seen = look({"shop/main.py": ("user is None or", "1 / 0 or")})
    result, text = seen["login"]
    assert result == "ERROR"
    assert re.fullmatch(r"ZeroDivisionError: division by zero \(shop/main\.py:\d+\)", text)


def test_what_a_driver_has_open_is_rolled_back_before_its_session_is_closed(
    template: Path, suite_python: Path, tmp_path: Path
) -> None:
    answers = {"database_engine": "postgresql", "database_driver": "asyncpg", "mode": "async"}
    project = render(template, tmp_path / "shop", **answers)
    with project_in(project / "tests"):
        found = findings.look(Environment(suite_python, "", made=False), project, project / "tests")
    assert found.right, found.table or found.output
    assert re.search(r"^  OK +login  +A user of UserFactory logs in", found.table, re.MULTILINE)
