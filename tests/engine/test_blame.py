"""What fails is put down to who is behind it: the answer of a route, or a fault of the harness."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from test_harness.known import Entry, Seen, read_known, write_known
from tests.engine.commands.hooks import ENGINE
from tests.worlds import ROOT, build_tree, run

pytestmark = pytest.mark.runs

FASTAPI = """\
import os

from fastapi import FastAPI, Response
from sqlalchemy.orm import DeclarativeBase

ANSWER = os.environ.get("ANSWER", "200")


class Base(DeclarativeBase):
    pass


app = FastAPI()


@app.get("/items/{number}")
KIND item(number: int) -> Response:
    if ANSWER == "crash":
        raise KeyError(f"shelf {number}")
    return Response(status_code=int(ANSWER))
"""
LITESTAR = """\
import os

from litestar import Litestar, Response, get
from sqlalchemy.orm import DeclarativeBase

ANSWER = os.environ.get("ANSWER", "200")


class Base(DeclarativeBase):
    pass


@get("/items/{number:int}")
async def item(number: int) -> Response[str]:
    if ANSWER == "crash":
        raise KeyError(f"shelf {number}")
    return Response("", status_code=int(ANSWER))


app = Litestar([item], debug=False)
"""
FLASK = """\
import os

from flask import Flask
from flask.views import MethodView
from sqlalchemy.orm import DeclarativeBase

ANSWER = os.environ.get("ANSWER", "200")


class Base(DeclarativeBase):
    pass


class Items(MethodView):
    def get(self, number):
        if ANSWER == "crash":
            raise KeyError(f"shelf {number}")
        return "", int(ANSWER)


app = Flask(__name__)
app.add_url_rule("/items/<int:number>", view_func=Items.as_view("items"))
"""
SETTINGS = """\
[harness]
version = "{version}"

[application]
project = "shop"
framework = "{framework}"
import_path = "shop:app"
mode = "{mode}"
health_path = ""
base_url = "http://localhost"

[database]
engine = "sqlite"
driver = "{driver}"
metadata = "shop:Base"
migrations = ""
"""
CHECKS = """\
import pytest

from test_harness.application.assertions import assert_status


async def test_an_item_is_there(client):
    assert_status(await client.get("/items/17"), 200)


@pytest.mark.security
async def test_an_item_is_shut(client):
    assert (await client.get("/items/17")).status_code != 200
"""
INI = """\
[pytest]
testpaths = tests
pythonpath = tests .
addopts = --import-mode=importlib
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
# The line that answers, of each.
APPLICATIONS = {
    "fastapi async": (FASTAPI.replace("KIND", "async def"), 16),
    "fastapi sync": (FASTAPI.replace("KIND", "def"), 16),
    "litestar async": (LITESTAR, 13),
    "flask sync": (FLASK, 15),
}
THERE, SHUT = (f"test_health_own::test_an_item_is_{what}" for what in ("there", "shut"))


class Shop:
    """A project of one route, whose answer a variable says."""

    def __init__(self, folder: Path, python: Path, kind: str) -> None:
        framework, mode = kind.split()
        text, self.line = APPLICATIONS[kind]
        is_async = mode == "async"
        checks = CHECKS if is_async else CHECKS.replace("async ", "").replace("await ", "")
        version = (ROOT / "src" / "test_harness" / "version.py").read_text().split('"')[-2]
        conftest = ROOT / "template" / "{{ tests_dir }}" / "conftest.py"
        settings = SETTINGS.format(
            version=version, framework=framework, mode=mode,
            driver="aiosqlite" if is_async else "pysqlite",
        )  # fmt: skip
        self.folder = build_tree(
            folder,
            {
                "shop.py": text,
                "pytest.ini": INI if is_async else "".join(INI.splitlines(keepends=True)[:4]),
                "tests/conftest.py": conftest.read_text(encoding="utf-8"),
                "tests/harness.toml": settings,
                "tests/requirements.txt": "pytest>=8\n",
                "tests/test.env": "",
                "tests/checks/test_health_own.py": checks,
                ".venv/bin/python": f'#!/bin/sh\nexec "{python}" "$@"\n',
            },
        )
        (self.folder / ".venv" / "bin" / "python").chmod(0o755)
        self.known = self.folder / "tests" / "known_failures.txt"
        self._python = python

    def adopt(self, answer: str) -> str:
        return run(
            sys.executable, "-B", ENGINE, "check", "--tests", "tests", "--adoption",
            cwd=self.folder, ANSWER=answer,
        ).stdout  # fmt: skip

    def run(self, answer: str, *which: str) -> subprocess.CompletedProcess[str]:
        command = (self._python, "-B", "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider")
        return run(*command, *which, cwd=self.folder, check=False, ANSWER=answer)


@pytest.fixture
def one_shop(tmp_path: Path, suite_python: Path) -> Shop:
    return Shop(tmp_path / "project", suite_python, "fastapi async")


@pytest.mark.parametrize("kind", APPLICATIONS)
def test_a_known_failure_is_one_answer_of_one_route(
    tmp_path: Path, suite_python: Path, kind: str
) -> None:
    shop = Shop(tmp_path / "project", suite_python, kind)
    place = f"shop.py:{shop.line}"
    write_known(shop.known, [Entry(THERE, Seen("GET /items/{number}", "500", place))])
    assert shop.run("500").returncode == 0
    other = shop.run("404")
    where = f"known_failures.txt:5: known is GET /items/{{number}}: 500 ({place})"
    assert f"{where}; seen now is GET /items/{{number}}: 404 ({place})." in other.stdout
    assert other.returncode == 1


def test_what_fails_when_the_harness_comes_is_written_down_with_what_was_seen(
    one_shop: Shop,
) -> None:
    printed = one_shop.adopt("500")
    seen = Seen("GET /items/{number}", "500", "shop.py:16")
    assert list(read_known(one_shop.known).values()) == [Entry(THERE, seen)]
    assert "\n  test_an_item_is_there: GET /items/{number}: 500 (shop.py:16)\n" in printed
    assert "\nGreen: 1 passed, 1 expected to fail (" in printed
    passing = one_shop.run("200", "-k", "there")
    assert f"known is {seen}; it passes.\n  Fix: Delete its entry in" in passing.stdout
    assert passing.returncode == 1


@pytest.mark.parametrize("kind", ["fastapi async", "flask sync"])
def test_an_exception_of_the_application_is_known_by_what_it_says(
    tmp_path: Path, suite_python: Path, kind: str
) -> None:
    shop = Shop(tmp_path / "project", suite_python, kind)
    seen = Seen("GET /items/{number}", "KeyError: 'shelf ...'", "shop.py:1")
    write_known(shop.known, [Entry(THERE, seen)])
    assert shop.run("crash", "-k", "there").returncode == 0
    assert "seen now is GET /items/{number}: 500 (shop.py:" in shop.run("500").stdout
    text = (shop.folder / "shop.py").read_text().replace("shelf ", "drawer ")
    build_tree(shop.folder, {"shop.py": text})
    done = shop.run("crash", "-k", "there")
    assert "seen now is GET /items/{number}: KeyError: 'drawer ...' (shop.py:" in done.stdout
    assert done.returncode == 1


def test_a_hole_is_red_until_a_person_accepts_it(one_shop: Shop) -> None:
    printed = one_shop.adopt("200")
    assert not one_shop.known.exists()
    assert "\nRED: 1 failed, 1 passed (" in printed
    assert "\n    Fix: Mend the application; or a person accepts it, with the lines " in printed
    _, _, shown = printed.partition("what known_failures.txt says ---")
    _, _, shown = shown.partition("\n")
    block = "\n".join(shown.splitlines()[:6])
    assert block.startswith(f"{SHUT}\n  route: GET /items/{{number}}\n  answer: 200\n")

    one_shop.known.write_text(block.replace("\n  accepted by: WHO\n  reason: WHY", ""))
    refused = one_shop.run("200")
    said = f"ERROR: known_failures.txt:1 lets {SHUT} fail, a check of security, and nobody says so."
    assert said in refused.stdout
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR

    one_shop.known.write_text(block)
    assert one_shop.run("200").returncode == 0
    assert one_shop.run("500").returncode == 1


def test_what_is_skipped_now_is_not_known_to_fail_any_more(one_shop: Shop) -> None:
    write_known(one_shop.known, [Entry(THERE, Seen("GET /items/{number}", "500", ""))])
    checks = one_shop.folder / "tests" / "checks" / "test_health_own.py"
    mark = '@pytest.mark.skip(reason="not today")\nasync def test_an_item_is_there'
    checks.write_text(checks.read_text().replace("async def test_an_item_is_there", mark))
    done = one_shop.run("500")
    assert "known is GET /items/{number}: 500; it is skipped: not today.\n  Fix: " in done.stdout
    assert done.returncode == 1


def test_a_file_of_before_still_counts_and_says_how_it_is_renewed(one_shop: Shop) -> None:
    one_shop.known.write_text(f"# Failed: GET http://localhost/items/17 answered 500\n{THERE}\n")
    done = one_shop.run("500")
    assert done.returncode == 0
    assert done.stdout.count("known_failures.txt is bound to no answer for 1 of its tests: ") == 1
    block = f"{THERE}\n  route: GET /items/{{number}}\n  answer: 500\n  line: shop.py:16\n"
    assert block in done.stdout
    one_shop.known.write_text(block)
    renewed = one_shop.run("500")
    assert renewed.returncode == 0
    assert "bound to no answer" not in renewed.stdout


def test_a_line_that_is_none_ends_the_run_with_its_number(one_shop: Shop) -> None:
    one_shop.known.write_text(f"{THERE}\n  answer 500\n")
    done = one_shop.run("500")
    assert "\nERROR: known_failures.txt:2 is nothing that is known of a failure: " in done.stdout
    assert done.returncode == pytest.ExitCode.USAGE_ERROR


ENV = """\
from alembic import context
from sqlalchemy import create_engine

from shop import Base

with create_engine("sqlite:///shop.db").connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """\
\"\"\"Begin.\"\"\"

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("parcels", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("parcels")
"""
MODELS = """

from sqlalchemy.orm import Mapped, mapped_column


class Parcel(Base):
    __tablename__ = "parcels"
    id: Mapped[int] = mapped_column(primary_key=True)
    weight: Mapped[int]


class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_a_missing_migration_is_named_with_its_model(one_shop: Shop) -> None:
    settings = (one_shop.folder / "tests" / "harness.toml").read_text()
    checks = ROOT / "template" / "{{ tests_dir }}" / "checks"
    infrastructure, factories = (
        (checks / f"test_{name}.py").read_text() for name in ("infrastructure", "factories_async")
    )
    build_tree(
        one_shop.folder,
        {
            "shop.py": (one_shop.folder / "shop.py").read_text() + MODELS,
            "alembic.ini": "[alembic]\nscript_location = migrations\n",
            "migrations/env.py": ENV,
            "migrations/script.py.mako": "",
            "migrations/versions/0001_begin.py": REVISION,
            "tests/harness.toml": settings.replace('migrations = ""', 'migrations = "alembic.ini"'),
            "tests/checks/test_infrastructure.py": infrastructure,
            "tests/checks/test_factories_async.py": factories,
        },
    )
    lines = (one_shop.folder / "shop.py").read_text().splitlines()
    places = {
        name: f"shop.py:{lines.index(f'class {name}(Base):') + 1}" for name in ("Parcel", "Invoice")
    }
    printed = one_shop.adopt("500")
    for name, what in (("Parcel", "column parcels.weight"), ("Invoice", "table invoices")):
        said = f"The migrated schema has no {what}, which {name} has ({places[name]}).\n"
        assert f"{said}  Fix: Write the migration, `alembic revision --autogenerate`, " in printed
    assert "\nGreen: 11 passed (10 of the harness itself), 5 expected to fail (" in printed
    assert sorted(read_known(one_shop.known)) == [
        "test_factories_async::test_rows_are_saved_and_read_back[Invoice]",
        "test_factories_async::test_rows_are_saved_and_read_back[Parcel]",
        "test_factories_async::test_rows_of_all_classes_get_along_in_any_order",
        THERE,
        "test_infrastructure::test_every_table_of_the_metadata_exists",
    ]


TWICE = """
    number: Mapped[str] = mapped_column(unique=True)


@app.get("/twice")
async def twice():
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    async with AsyncSession(create_async_engine("sqlite+aiosqlite:///shop.db")) as session:
        session.add_all([Invoice(number="1" * 5000), Invoice(number="1" * 5000)])
        await session.commit()
"""
ASKS_TWICE = 'async def test_it(client, db):\n    await client.get("/twice")\n'


def test_a_failure_shows_the_lines_of_the_project_unless_all_is_asked_for(one_shop: Shop) -> None:
    text = (one_shop.folder / "shop.py").read_text() + MODELS + TWICE
    build_tree(one_shop.folder, {"shop.py": text, "tests/api/test_it.py": ASKS_TWICE})
    short, long = (one_shop.run("500", "tests/api", *more).stdout for more in ((), ("--tb=long",)))
    assert "UNIQUE constraint failed: invoices.number" in short
    assert "    await session.commit()" in short
    assert "site-packages" not in short
    assert len(short.splitlines()) < 40
    assert max(map(len, short.splitlines())) < 300
    assert "site-packages" in long


def test_a_typo_is_shown_with_the_lines_that_lead_to_it_where_all_is_asked_for(
    one_shop: Shop,
) -> None:
    build_tree(one_shop.folder, {"shop.py": "import rooms\n", "rooms.py": "\nprint(romos)\n"})
    problem = "shop cannot be imported: NameError: name 'romos' is not defined (rooms.py:2)"
    short, long = (one_shop.run("500", *more).stdout for more in ((), ("-vv", "--tb=long")))
    assert problem in short
    assert "Traceback" not in short
    assert problem in long
    shown = long.partition("Traceback (the lines of the project):\n")[2].splitlines()
    assert [line.strip() for line in shown if line.startswith("    ") and "^" not in line] == [
        "import rooms",
        "print(romos)",
    ]


def test_a_fault_of_the_harness_is_never_booked(one_shop: Shop) -> None:
    checks = {"broken": "{}[1]\n", "own": "def test_it():\n    {}[2]\n"}
    build_tree(
        one_shop.folder,
        {f"tests/checks/test_health_{name}.py": text for name, text in checks.items()},
    )
    printed = one_shop.adopt("200")
    said = "\n  A fault of the harness, and not of the application: KeyError: "
    assert f"{said}1 (tests/checks/test_health_broken.py:1).\n    Fix: report it " in printed
    assert "\nRED: 0 failed, 1 error, 0 passed (" in printed
    (one_shop.folder / "tests" / "checks" / "test_health_broken.py").unlink()
    assert f"{said}2 (tests/checks/test_health_own.py:2).\n    Fix: report it " in one_shop.adopt(
        "200"
    )
    assert not one_shop.known.exists()


MAILS = """

@app.post("/forgot")
def forgot(how: str):
    if how == "built":
        open("templates/reset.html")
    if how == "kept":
        open("orders.csv")
    import smtplib

    with smtplib.SMTP("localhost") as server:
        server.sendmail("me@example.com", ["ada@example.com"], "Subject: Hello\\n\\nNo link.")
"""
READS_MAILS = """\
import pytest


@pytest.mark.parametrize("how", ["built", "kept", "sent"])
async def test_it(client, mailbox, how):
    await client.post(f"/forgot?how={how}")
    mailbox.token_for("ada@example.com")


def test_none(mailbox):
    mailbox.token_for("ada@example.com")
"""


def test_a_mail_that_something_else_builds_is_not_looked_at(one_shop: Shop) -> None:
    settings = (one_shop.folder / "tests" / "harness.toml").read_text()
    doubles = 'base_url = "http://localhost"\ndoubles = "mail"'
    build_tree(
        one_shop.folder,
        {
            "shop.py": (one_shop.folder / "shop.py").read_text() + MAILS,
            "tests/harness.toml": settings.replace('base_url = "http://localhost"', doubles),
            "tests/checks/test_flow_own.py": READS_MAILS,
        },
    )
    printed = one_shop.run("500", "tests/checks/test_flow_own.py").stdout
    assert "POST /forgot makes a mail of templates/reset.html, which is not there and " in printed
    assert (
        "the application has no mail with a link or code that is known (answer "
        "flows.mail_token_pattern of harness.toml): 'Hello' has none"
    ) in printed
    assert "FileNotFoundError: [Errno 2] No such file or directory: 'orders.csv'" in printed
    assert "no mail to ada@example.com was sent; there are no mails." in printed
    assert "2 failed, 2 skipped" in printed


SEVERAL = """\
import pytest


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_shelf(client, time):
    print("\\n".join(f"said {line}." for line in range(200)))
    await client.get("/items/7")


def test_another():
    assert "\\n".join(f"no {line}." for line in range(3)) == ""
"""


def test_one_cause_is_shown_once_and_what_was_captured_by_its_end(one_shop: Shop) -> None:
    build_tree(one_shop.folder / "tests", {"test_several.py": SEVERAL})
    short = one_shop.run("crash", "tests/test_several.py").stdout
    assert [short.count(text) for text in ("async def test_shelf", "\nsaid ")] == [1, 40]
    assert len(re.findall("(?m)^E +KeyError: 'shelf 7'$", short)) == 3
    assert "... 160 lines before these: -vv shows them\nsaid 160." in short
    assert "def test_another" in short
    whole = one_shop.run("crash", "--tb=long", "tests/test_several.py").stdout
    assert (whole.count("async def test_shelf"), whole.count("\nsaid ")) == (3, 600)
