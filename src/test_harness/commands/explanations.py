"""What usually lies behind a red run, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable

Explanation = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

EXPLANATIONS: list[Explanation] = [
    (
        # Raised in a test, in a fixture, or before there was one: pytest shows each its own way.
        re.compile(
            r"^(?:E +|!+ )?(?:[\w.]+Error: |[\w.]*Exit: |ERROR: )?(\S.*)\nE? +Fix: (.*?)(?: !+)?$",
            re.MULTILINE,
        ),
        lambda found: f"{found[1]}\n    Fix: {found[2]}",
    ),
    (
        # The traceback of what pytest itself, or a plugin, did not expect: its last line says what.
        re.compile(r"^INTERNALERROR> (\w[\w.]*: .*)(?=\n(?!INTERNALERROR))", re.MULTILINE),
        lambda found: (
            f"pytest or a plugin of it broke, and not the application: {found[1]}\n    Fix: report "
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
        lambda found: (
            f"The module {found[1]!r} was not found.\n    Fix: install the package that has it "
            "into this environment, or add its folder to `pythonpath` in pytest.ini."
        ),
    ),
    (
        re.compile(r"FileNotFoundError: .*?'([^'\n]+)'"),
        lambda found: (
            f"The application reads {found[1]}, which is not there.\n    Fix: write it as for a "
            "new developer; what test.env says wins over it."
        ),
    ),
    (
        re.compile(r"[Cc]onnection ?[Rr]efused|Connect call failed"),
        lambda found: (
            "A server did not answer (connection refused).\n    Fix: start it (`docker compose -f "
            "docker-compose.test.yml up -d --wait`), or correct TEST_DATABASE_URL."
        ),
    ),
    (
        re.compile(
            r'relation "([\w.]+)" does not exist|no such table: ([\w.]+)'
            # MySQL names the database too, which is another for each run.
            r"|Table '\w+\.(\w+)' doesn't exist"
        ),
        lambda found: (
            f"The table {found[found.lastindex or 1]!r} is missing in the test database.\n    Fix: "
            "write the migration that creates it, or name the right metadata in harness.toml."
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


def explain(output: str) -> list[str]:
    """Return what is known about the failures in the output of a run, most specific first."""
    messages = []
    for pattern, message in EXPLANATIONS:
        for found in pattern.finditer(output):
            text = message(found)
            if text not in messages:
                messages.append(text)
    errors = re.findall(r"^E +(\w*(?:Error|Exception)\b.*)$", output, re.MULTILINE)
    return messages[:5] or errors[:1] or ["The first failure above says what broke."]
