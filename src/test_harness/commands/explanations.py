"""What usually lies behind a red run, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

Explanation = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

# Raised in a test, in a fixture, or before there was one: pytest shows each its own way.
OWN_ERROR = re.compile(
    r"^(?:E +|!+ )?(?:[\w.]+Error: |[\w.]*Exit: |ERROR: )?(\S.*)\nE? +Fix: (.*?)(?: !+)?$",
    re.MULTILINE,
)
DATABASE_PORTS = {"5432", "3306"}
DRIVERS = re.compile(r"psycopg|asyncpg|connection to server at|pymysql|asyncmy|MySQL|MariaDB")


def _missing_module(found: re.Match[str]) -> str:
    name = found[1]
    top = name.partition(".")[0]
    folders = [Path.cwd(), Path.cwd() / "src"]
    places = [folder / one for folder in folders for one in (top, f"{top}.py")]
    place = next((one for one in places if one.exists()), None)
    if place is None:
        return (
            f"The module {name!r} was not found.\n    Fix: install the package that has it "
            "into this environment, or add its folder to `pythonpath` in pytest.ini."
        )
    shown = place.relative_to(Path.cwd()).as_posix()
    return (
        f"The module {name!r} was not found, and {shown} lies in the project.\n    Fix: correct "
        "the import, or add the folder that it starts from to `pythonpath` in pytest.ini."
    )


def _no_answer(found: re.Match[str]) -> str:
    line = found[0]
    at = re.search(r"[\"'(]*([\w.-]+)[\"']?(?:, ?(?:port )?|:)(\d{2,5})\b", line)
    where = f"{at[1]}:{at[2]}" if at else ""
    if DRIVERS.search(line) or (at and at[2] in DATABASE_PORTS):
        return (
            f"The database server{where and f' at {where}'} did not answer (connection refused)."
            "\n    Fix: start it (`docker compose -f docker-compose.test.yml up -d --wait`), or "
            "correct TEST_DATABASE_URL."
        )
    return (
        f"{f'What should listen at {where}' if where else 'A server'} did not answer (connection "
        "refused).\n    Fix: start it, or have a double stand in for it in conftest.py; the "
        "traceback says who asked."
    )


EXPLANATIONS: list[Explanation] = [
    (
        # The traceback of what pytest itself, or a plugin, did not expect: its last line says what.
        re.compile(r"^INTERNALERROR> (\w[\w.]*: .*)(?=\n(?!INTERNALERROR))", re.MULTILINE),
        lambda found: (
            f"pytest broke off in a plugin or a conftest.py: {found[1]}\n    Fix: report "
            "the lines that begin with INTERNALERROR, or take the plugin away that they name."
        ),
    ),
    (
        # The plugin that pytest loads before the harness.
        re.compile(r"ModuleNotFoundError: No module named 'faker\.contrib"),
        lambda found: (
            "A module of the project is called faker, like the package whose plugin pytest loads."
            "\n    Fix: add `-p no:faker` to addopts in pytest.ini."
        ),
    ),
    (
        re.compile(r"ModuleNotFoundError: No module named '((?!faker\.contrib)[\w.]+)'"),
        _missing_module,
    ),
    (
        re.compile(r"FileNotFoundError: .*?'([^'\n]+)'"),
        lambda found: (
            f"There is no {found[1]!r} (FileNotFoundError).\n    Fix: write it as for a "
            "new developer, or install it if it is a program; what test.env says wins over it."
        ),
    ),
    (
        # In what is said, and not in a line of source that a traceback shows.
        re.compile(
            r"^(?:E +|\S*(?:Error|Exception): )\S.*"
            r"(?:[Cc]onnection ?[Rr]efused|Connect call failed).*$",
            re.MULTILINE,
        ),
        _no_answer,
    ),
    (
        re.compile(
            r'relation "([\w.]+)" does not exist|no such table: ([\w.]+)'
            # MySQL names the database too, which is another for each run.
            r"|Table '\w+\.(\w+)' doesn't exist"
        ),
        lambda found: (
            f"The table {found[found.lastindex or 1]!r} is missing in the test database.\n    Fix: "
            "write the migration that creates it (`alembic revision --autogenerate` where a model "
            "has it), or name the right metadata in harness.toml."
        ),
    ),
    (
        re.compile(r"[Aa]ddress already in use"),
        lambda found: "A port is taken.\n    Fix: stop the other process that listens on it.",
    ),
    (
        re.compile(r"unrecognized arguments: (\S+)"),
        lambda found: (
            f"pytest does not know {found[1]}.\n    Fix: install the plugin that adds it."
        ),
    ),
]


def explanation(said: str) -> tuple[str, str] | None:
    """Return what is known about an error by what it says, and its fix; None if nothing is."""
    for pattern, message in EXPLANATIONS:
        if found := pattern.search(said):
            problem, _, fix = message(found).partition("\n    Fix: ")
            return problem, fix
    return None


def explain(output: str) -> list[str]:
    """Return what is known about the output of a run without results, most specific first."""
    own = [f"{found[1]}\n    Fix: {found[2]}" for found in OWN_ERROR.finditer(output)]
    known = [
        message(found) for pattern, message in EXPLANATIONS for found in pattern.finditer(output)
    ]
    errors = re.findall(r"^E +(\w*(?:Error|Exception)\b.*)$", output, re.MULTILINE)
    return list(dict.fromkeys([*own, *known]))[:5] or errors[:1]
