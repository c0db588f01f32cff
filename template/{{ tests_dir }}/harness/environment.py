"""The variables the application needs to be imported: `test.env`, read before anything of it is."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from harness.errors import SettingsError
from harness.settings import TESTS_DIR


def parse_environment(text: str, name: str) -> dict[str, str]:
    """Return the variables of a file of `NAME=value` lines.

    Blank lines and lines that start with `#` are passed over; one pair of quotes around a value is
    taken off.

    Raises:
        SettingsError: A line is not of that form; the message names it.
    """
    variables = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, separator, value = line.partition("=")
        key, value = key.removeprefix("export ").strip(), value.strip()
        if not separator or not key.isidentifier():
            raise SettingsError(
                f"{name}:{number} is not a NAME=value line: {line!r}.",
                "Write it as NAME=value, or start it with # to switch it off.",
            )
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        variables[key] = value
    return variables


def load_environment(
    path: Path = TESTS_DIR / "test.env", environ: MutableMapping[str, str] = os.environ
) -> None:
    """Set the variables of `test.env` that are not set already.

    What the caller exported wins, so that CI and a developer can point at other services.
    """
    if not path.exists():
        return
    for key, value in parse_environment(path.read_text(encoding="utf-8"), path.name).items():
        environ.setdefault(key, value)
