"""The variables the application needs to be imported: `test.env`, read before anything of it is."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from test_harness.errors import SettingsError


def load_environment(path: Path, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables of a file of `NAME=value` lines, as python-dotenv reads them.

    What the caller exported wins, so that CI and a developer can point at other services.

    Args:
        path: The file; where there is none, nothing is set.
        environ: What is set, unless it is set already.

    Raises:
        SettingsError: A line is not of that form; the message names it.
    """
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig") as stream:
        for binding in parse_stream(stream):
            if binding.error or (binding.key is not None and binding.value is None):
                line = binding.original.string.strip().partition("\n")[0]
                raise SettingsError(
                    f"{path.name}:{binding.original.line} is not a NAME=value line: {line!r}.",
                    "Write it as NAME=value, or start it with # to switch it off.",
                )
    for key, value in dotenv_values(path, encoding="utf-8-sig").items():
        environ.setdefault(key, value or "")
