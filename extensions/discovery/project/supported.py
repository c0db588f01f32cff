"""What the harness cannot work with, seen in what a project asks for and imports."""

from __future__ import annotations

import re

from ..code.files import Tree
from ..code.source import Source
from ..findings import Finding
from .packages import LOCKS, Packages

# A lock says what is installed; without one, what is asked for counts.
_ASKING = r"requirements[\w.-]*\.(txt|in)|requirements/[\w.-]+\.(txt|in)|pyproject\.toml|Pipfile"
_LOCKED = (
    r'^name = "sqlalchemy"\s*\nversion = "(?P<toml>\d+)'
    r'|"sqlalchemy": \{[^}]*?"version": "==(?P<json>\d+)'
)
_ASKED = re.compile(
    r"(?im)^(?!\s*#).*?(?<![\w./-])sqlalchemy(?:\[[^\]\n]*\])?[\"']?\s*"
    r"(?P<poetry>=\s*(?:\{[^}\n]*?version\s*=\s*)?[\"'])?\s*"
    r"(?P<versions>[\^~<>=!\d][^\"'\n;#}]*)"
)
_BELOW_2 = re.compile(r"==\s*1\b|~=\s*1\.\d|\^\s*1\b|~\s*1\b|<\s*2(?:\.0)*\s*(?:,|$)|<=?\s*1\b")
_OLD_PYTHON = re.compile(
    r"<\s*3\.(?:[0-9]|10)(?:\.0)?\s*(?:,|$)|<=\s*3\.[0-9]\b|(?:==|~)\s*3\.[0-9](?:\.|\s*(?:,|$))"
    r"|~=\s*3\.[0-9]\."
    r"|^\s*3\.[0-9](?:\.[\d*]+)?\s*$"
)
_DECLARING = ("pyproject.toml:", "setup.py:", "setup.cfg:")

# What keeps data otherwise, by the module that is imported for it.
_LAYERS = {
    "tortoise": "Tortoise ORM",
    "peewee": "Peewee",
    "playhouse": "Peewee",
    "django.db": "Django's ORM",
    "pony": "Pony ORM",
    "piccolo": "Piccolo",
    "prisma": "Prisma",
    "ormar": "ormar",
    "gino": "GINO",
    "beanie": "Beanie",
    "mongoengine": "MongoEngine",
    "odmantic": "ODMantic",
    "motor": "Motor",
    "pymongo": "PyMongo",
    "asyncpg": "asyncpg",
    "psycopg2": "psycopg2",
    "psycopg": "psycopg",
    "aiomysql": "aiomysql",
    "asyncmy": "asyncmy",
    "pymysql": "PyMySQL",
    "MySQLdb": "mysqlclient",
    "aiosqlite": "aiosqlite",
    "sqlite3": "sqlite3",
}
_SQLALCHEMY = ("sqlalchemy", "sqlmodel", "flask-sqlalchemy", "advanced-alchemy", "alchemical")
_IMPORTS_SQLALCHEMY = re.compile(rb"(?i)\b(?:import|from)\s+\w*(?:sqlalchemy|sqlmodel|alchem)")


def too_old(tree: Tree, packages: Packages) -> str:
    """Say in one sentence what is too old for the harness, and in one what would work.

    Only what is certain counts: a range that allows what the harness needs is no obstacle.
    """
    if version := _sqlalchemy_below_2(tree):
        return (
            f"The project has SQLAlchemy {version[0]} ({version[1]}), and the test harness works "
            "from 2.0 on: bring it to 2.0 first, as https://docs.sqlalchemy.org/20/changelog/"
            "migration_20.html says."
        )
    python = packages.python
    if python and python.where.startswith(_DECLARING) and _OLD_PYTHON.search(str(python.value)):
        return (
            f"The project allows Python {python.value} ({python.where}) only, and the test harness "
            "works from 3.10 on: raise that range, if the code runs there, and give the tests an "
            "environment of their own with `uv venv --seed --python 3.12 tests/.venv` if the "
            "project cannot have a newer one yet."
        )
    return ""


def _sqlalchemy_below_2(tree: Tree) -> tuple[str, str] | None:
    locks = [name for name in LOCKS if name in tree]
    for name in locks:
        found = re.search(_LOCKED, tree.text(name), re.MULTILINE)
        if found:
            major = int(found["toml"] or found["json"])
            line = tree.text(name).count("\n", 0, found.start()) + 1
            return ("1", f"{name}:{line}") if major < 2 else None
    asked = []
    for name in [*tree.named(_ASKING), *(it for it in ("setup.py", "setup.cfg") if it in tree)]:
        text = tree.text(name)
        for found in _ASKED.finditer(text):
            versions = found["versions"].strip().rstrip(",")
            if found["poetry"] and versions[0].isdigit():
                versions = f"=={versions}"
            line = text.count("\n", 0, found.start("versions")) + 1
            asked.append((bool(_BELOW_2.search(versions)), versions, f"{name}:{line}"))
    if asked and all(is_old for is_old, *_ in asked):
        _, versions, where = asked[0]
        return versions, where
    return None


def data_layer(source: Source, packages: Packages) -> Finding:
    """Return what the application keeps its data with: `sqlalchemy`, a name, or `none`."""
    if packages.has(*_SQLALCHEMY):
        return Finding("sqlalchemy", packages.names.get("sqlalchemy", ""), "high")
    modules = [module for module in source.modules if not module.aside]
    if any(_IMPORTS_SQLALCHEMY.search(source.tree.read(module.path)) for module in source.modules):
        return Finding("sqlalchemy", "", "high")
    for name, title in _LAYERS.items():
        imported = re.compile(rf"(?m)^\s*(?:from|import)\s+{re.escape(name)}\b")
        for module in modules:
            text = source.tree.text(module.path)
            if found := imported.search(text):
                line = text.count("\n", 0, found.start()) + 1
                line += found[0].count("\n")
                return Finding(title, f"{module.path}:{line}", "high")
    return Finding("none", "", "medium")
