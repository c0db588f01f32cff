"""What was seen in the running application where `harness.toml` says otherwise: `observed.toml`.

The harness writes it once, when it comes; from then on it belongs to the people of the project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from test_harness.endings import write_text
from test_harness.errors import SettingsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEADER = """\
# What the running application was seen to do where harness.toml says otherwise. It counts for as
# long as harness.toml says what it said then (instead_of). Where it is right, set reviewed to true;
# where it is not, mend the application and delete the entry.
"""


@dataclass(frozen=True)
class Observation:
    """A setting that was seen to be another than it was read to be.

    Args:
        section: Of `harness.toml`.
        key: The setting.
        value: What it was seen to be.
        instead_of: What `harness.toml` said, or would say if it did not leave the line out.
        seen: What was done, and what came of it.
        where: `file:line` of what answered; empty if unknown.
        reviewed: Whether a person has said that it is right.
    """

    section: str
    key: str
    value: int | str
    instead_of: int | str
    seen: str
    where: str = ""
    reviewed: bool = False


def read_toml(path: Path) -> dict[str, Any] | None:
    """Return what a TOML file says; None where there is none.

    Raises:
        SettingsError: It is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not valid TOML: {error}.", "Correct the line that is named."
        ) from None


def read_observed(path: Path) -> list[Observation]:
    """Return what was observed; nothing where there is no file.

    Args:
        path: The file.

    Raises:
        SettingsError: It is not TOML, or an entry is not as they are written.
    """
    return [
        _observation(section, key, entry, path.name)
        for section, table in (read_toml(path) or {}).items()
        for key, entry in (table.items() if isinstance(table, dict) else [("", table)])
    ]


def _observation(section: str, key: str, entry: Any, file: str) -> Observation:
    named = f"[{section}.{key}]".replace(".]", "]")
    kinds: dict[str, tuple[type, ...]] = {
        **dict.fromkeys(("value", "instead_of"), (int, str)),
        **dict.fromkeys(("seen", "where"), (str,)),
        "reviewed": (bool,),
    }
    if not isinstance(entry, dict):
        raise SettingsError(
            f"{file} says {section} = {entry!r}, which is no entry.",
            "Write it as [section.key] with a value, or delete the line.",
        )
    wrong = [name for name in entry if name not in kinds] or [
        name
        for name, kind in kinds.items()
        if name not in entry or not isinstance(entry[name], kind)
    ]
    if wrong:
        raise SettingsError(
            f"{file} has an entry {named} whose {wrong[0]!r} cannot be read.",
            f"Write {', '.join(kinds)} as in the other entries, or delete the entry.",
        )
    return Observation(section, key, **entry)


def write_observed(path: Path, observations: Iterable[Observation]) -> None:
    """Write a file of observations.

    Args:
        path: The file.
        observations: What goes into it, in this order.
    """
    write_text(path, HEADER + "".join(map(_shown, observations)))


def _shown(one: Observation) -> str:
    lines = {known.name: _in_toml(getattr(one, known.name)) for known in fields(one)[2:]}
    body = "".join(f"{name} = {value}\n" for name, value in lines.items())
    return f"\n[{one.section}.{one.key}]\n{body}"


def _in_toml(value: Any) -> str:
    """Return a number, a truth or a text, which TOML writes as JSON does."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
