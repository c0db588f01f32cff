"""Row-level security binds an application under test as it does in production, on each driver."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.worlds import build_tree, render, run

pytestmark = pytest.mark.runs

MODELS = """
import os

from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import DDL, String, create_engine, event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.getenv("DATABASE_URL", "postgresql+DRIVER://app@db.example.com/shop"))


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(30), unique=True)


event.listen(Base.metadata, "after_create", DDL(\"""
    ALTER TABLE items ENABLE ROW LEVEL SECURITY;
    FORCE
    CREATE POLICY by_tenant ON items USING (tenant = current_setting('app.tenant', true));
\"""))
app = FastAPI()


@app.get("/health")
def health():
    return {"status": "ok"}

"""
ROUTES = """
def get_db(x_tenant: str = Header("")):
    with Session(engine) as session:
        session.execute(text("SELECT set_config('app.tenant', :t, true)"), {"t": x_tenant})
        yield session


@app.get("/items")
def items(db: Session = Depends(get_db)):
    return sorted(db.scalars(select(Item.tenant)))


@app.post("/items", status_code=201)
def create(tenant: str, name: str, db: Session = Depends(get_db)):
    try:
        with db.begin_nested():
            db.add(Item(tenant=tenant, name=name))
            db.flush()
    except DBAPIError as error:
        db.commit()
        raise HTTPException(409, str(error.orig)) from None
    db.commit()


@app.get("/roles")
def roles(role: str = "none"):
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE " + role))
        found = [connection.scalar(text("SELECT current_user"))]
        connection.commit()
        found += [connection.scalar(text("SELECT current_user"))]
        connection.execute(text("SET ROLE pg_monitor"))
        found += [connection.scalar(text("SELECT current_user"))]
        connection.execute(text("RESET ROLE"))
        return [*found, connection.scalar(text("SELECT current_user"))]
"""
FIELD = """
import asyncio

import pytest
from factories import ItemFactory
from sqlalchemy import func, select, text

from app.main import Item, engine

ROLE = "test_harness_application"


def test_a_tenant_sees_its_own(client, db):
    ItemFactory.create(tenant="a", name="1")
    ItemFactory.create(tenant="b", name="2")
    db.commit()
    assert client.get("/items", headers={"X-Tenant": "a"}).json() == ["a"]
    assert client.get("/items").json() == []
    assert db.scalar(select(func.count()).select_from(Item)) == 2


def test_a_tenant_writes_its_own(client, db):
    for tenant, name, said in (("a", "1", ""), ("b", "2", "row-level"), ("a", "1", "duplicate")):
        answer = client.post(
            "/items", params={"tenant": tenant, "name": name}, headers={"X-Tenant": "a"}
        )
        assert said in answer.text
    assert client.get("/items", headers={"X-Tenant": "a"}).json() == ["a"]
    assert db.scalar(select(func.count()).select_from(Item)) == 1


@pytest.mark.parametrize("again", range(2))
def test_a_role_of_the_application_is_its_own(client, db, again):
    me = db.scalar(text("SELECT current_user"))
    for _ in range(2):
        found = client.get("/roles", params={"role": "pg_monitor"}).json()
        assert found == ["pg_monitor", ROLE, "pg_monitor", ROLE]
        assert db.scalar(text("SELECT current_user")) == me != ROLE
    db.execute(text("SET LOCAL ROLE pg_monitor"))
    assert client.get("/roles", params={"role": ROLE}).json()[1] == ROLE
    assert db.scalar(text("SELECT current_user")) == "pg_monitor"


@pytest.mark.real_commits
def test_on_connections_of_its_own(client, db):
    ItemFactory.create(tenant="a", name="1")
    ItemFactory.create(tenant="b", name="2")
    db.commit()
    assert client.get("/items", headers={"X-Tenant": "a"}).json() == ["a"]
    assert client.get("/roles", params={"role": "pg_monitor"}).json()[1:] == [
        ROLE, "pg_monitor", ROLE
    ]
    assert db.scalar(select(func.count()).select_from(Item)) == 2
"""
AT_ONCE = """

@pytest.mark.performance_budget(statements=1000)
async def test_tasks_of_both_at_once(db):
    await ItemFactory.create_async(tenant="a", name="1")
    await db.commit()

    async def of_the_application():
        for _ in range(20):
            async with engine.connect() as connection:
                assert await connection.scalar(text("SELECT count(*) FROM items")) == 0
                streamed = await connection.stream(text("SELECT * FROM items"))
                assert [row async for row in streamed] == []

    async def of_the_test():
        for _ in range(60):
            assert await db.scalar(select(func.count()).select_from(Item)) == 1
            await asyncio.sleep(0)

    await asyncio.gather(of_the_test(), *(of_the_application() for _ in range(3)))
"""
CELLS = [
    ("psycopg2", "sync", "ALTER TABLE items FORCE ROW LEVEL SECURITY;"),
    ("psycopg", "async", "ALTER TABLE items FORCE ROW LEVEL SECURITY;"),
    ("asyncpg", "async", ""),
]
PACKAGES = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary", "asyncpg": "asyncpg"}
POLICY = "tenant = current_setting('app.tenant', true)"


def asynchronous(code: str) -> str:
    """Return synchronous code as it is written for an asynchronous driver."""
    code = code.replace(
        "from sqlalchemy import DDL, String, create_engine, ",
        "from sqlalchemy import DDL, String, ",
    )
    code = code.replace("DeclarativeBase, Mapped, Session,", "DeclarativeBase, Mapped,")
    code = code.replace(
        "\nengine = create_engine",
        "from sqlalchemy.ext.asyncio import AsyncSession as Session, create_async_engine\n\n"
        "engine = create_async_engine",
    )
    code = re.sub(r"^def ", "async def ", code, flags=re.MULTILINE)
    code = re.sub(r"\bwith (Session|db|engine)", r"async with \1", code)
    code = code.replace("ItemFactory.create(", "ItemFactory.create_async(")
    called = (
        r"(?:(?:session|db|connection)\.(?:execute|scalars?|commit|flush)"
        r"|client\.\w+|ItemFactory\.\w+)"
    )
    nested = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
    return re.sub(rf"({called}{nested})", r"(await \1)", code)


def adopt(template: Path, python: Path, root: Path, cell: tuple[str, str, str]) -> Path:
    driver, mode, force = cell
    made, field = MODELS + ROUTES, FIELD
    if mode == "async":
        made, field = asynchronous(made), asynchronous(FIELD) + AT_ONCE
    application = made.replace("DRIVER", driver).replace("    FORCE\n", f"    {force}\n")
    build_tree(root, {"app/__init__.py": "", "app/main.py": application.lstrip()})
    build_tree(root, {"requirements.txt": f"fastapi\nsqlalchemy[asyncio]\n{PACKAGES[driver]}\n"})
    render(template, root, overwrite=True)
    run(python, "-m", "pytest", "-q", "--write-factories", cwd=root)
    return build_tree(root, {"tests/api/test_field.py": field})


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell[0])
def test_policies_bind_the_application(
    template: Path, suite_python: Path, tmp_path: Path, cell: tuple[str, str, str]
) -> None:
    root = adopt(template, suite_python, tmp_path / "shop", cell)
    command = (suite_python, "-m", "pytest", "-q", "tests/api")
    printed = run(*command, cwd=root).stdout
    assert f"{5 + (cell[1] == 'async')} passed" in printed
    assert "row-level security" not in printed
    if cell is not CELLS[0]:
        return
    # Whoever says that none does is told so.
    without = run(*command, cwd=root, check=False, TEST_HARNESS_DATABASE_ROLE="").stdout
    assert "test_a_tenant_sees_its_own" in without
    assert "row-level security is not tested: the tests connect as the role" in without
    assert "the policies of items do not bind" in without
    # A backend whose policy lets everybody in is red, and the run says whom policies bind.
    main = root / "app" / "main.py"
    main.write_text(main.read_text(encoding="utf-8").replace(POLICY, "true"), encoding="utf-8")
    broken = run(*command, cwd=root, check=False).stdout
    assert "test_a_tenant_sees_its_own" in broken
    assert "those of the role 'test_harness_application', which the policies of items" in broken
