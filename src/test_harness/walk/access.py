"""Who is answered what: `access.toml` beside `harness.toml`, one line for each route.

The command adds lines to `[observed]`, as it saw them, and changes none. A person who has looked at
a line moves it to `[reviewed]`. What looks wrong is left out of the line, for a person to write.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from test_harness.endings import write_text
from test_harness.errors import SettingsError
from test_harness.settings.observed import read_toml

FILE = "access.toml"
# Whoever else asks.
EVERYONE = "everyone"
# Those whose answers are often others than those of everyone else.
_APART = {"anonymous", "inactive"}
SECTIONS = ("reviewed", "observed", "unreached")
HEADER = """\
# Who is answered what. `test-harness routes` adds what it saw to [observed], and changes no line:
# move those that are as they are meant to be to [reviewed]. What looked wrong was left out, and its
# check fails until you write the status, or mend the route.

[reviewed]
"""
# What a line begins with.
_NAME = re.compile(r'"(?:[^"\\]|\\.)*"')
# What those are allowed who have not logged in, whatever is written by it.
_ENDS = re.compile(r"(?i)\b(log|sign)[_-]?(out|off)\b")
_OPEN = re.compile(
    r"(?i)log_?-?(in|out)|sign_?-?(in|up|out)|regist|token|auth|password|reset|forgot|verif|confirm"
    r"|activat|invit|webhook|callback|hook|contact|newsletter|subscri|feedback|cart|health|metric"
    r"|track|search|graphql|oauth|sso|session|refresh|otp|captcha|accounts?/?$|users?/?$"
)


@dataclass(frozen=True)
class Access:
    """What is written of one route.

    Args:
        statuses: What each principal is answered, by its name.
        section: Where it stands.
        line: The line of the file that it stands in.
    """

    statuses: Mapping[str, int] = field(default_factory=dict)
    section: str = "observed"
    line: int = 0


def read_access(path: Path) -> dict[str, Access]:
    """Return what is written, by the names of routes; nothing where there is no file.

    Args:
        path: The file.

    Raises:
        SettingsError: It is not TOML, or a line is not as they are written.
    """
    if not path.exists():
        return {}
    lines: dict[str, int] = {}
    for at, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if quoted := _NAME.match(text):
            lines.setdefault(quoted[0], at)
    found: dict[str, Access] = {}
    for section, entries in (read_toml(path) or {}).items():
        if section not in SECTIONS or not isinstance(entries, dict):
            near = difflib.get_close_matches(section, SECTIONS, n=1)
            raise SettingsError(
                f"{path.name} has an unknown section [{section}].",
                f"Rename it to [{near[0]}]." if near else f"Use one of {', '.join(SECTIONS)}.",
            )
        for name, value in entries.items():
            line = lines.get(json.dumps(name, ensure_ascii=False), 0)
            where = f"{path.name}:{line}"
            statuses = {} if section == "unreached" else _statuses(value, where, name)
            if name in found:
                raise SettingsError(
                    f"{where} has {name} in [{section}], and in [{found[name].section}].",
                    "Delete one of the lines.",
                )
            found[name] = Access(statuses, section, line)
    return found


def status_for(written: Access, who: str) -> int | None:
    """Return what somebody is to be answered; None where nothing is written of it.

    Args:
        written: Of the route.
        who: The name of the principal.
    """
    return written.statuses.get(who, written.statuses.get(EVERYONE))


def _statuses(value: Any, where: str, name: str) -> dict[str, int]:
    if not isinstance(value, dict) or not all(type(one) is int for one in value.values()):
        raise SettingsError(
            f"{where} says of {name} what is no status for each who asks.",
            "Write it as { anonymous = 401, owner = 200 }.",
        )
    return value


def append_access(
    path: Path,
    seen: Mapping[str, tuple[Mapping[str, int], list[str]]],
    unreached: Mapping[str, str],
) -> None:
    """Write what was seen of routes that the file does not have.

    Args:
        path: The file; it is made where there is none.
        seen: What each principal was answered, and what looked wrong, by the names of routes.
        unreached: Why there is no request for a route, by its name.
    """
    sections = {
        "observed": [line for name, one in seen.items() for line in _lines(name, *one)],
        "unreached": [f"{_quoted(name)} = {_quoted(why)}" for name, why in unreached.items()],
    }
    text = path.read_text(encoding="utf-8") if path.exists() else HEADER
    for section, lines in sections.items():
        if lines:
            text = _with(text, section, lines)
    write_text(path, text)


def _with(text: str, section: str, added: list[str]) -> str:
    """Return a text with lines at the end of one of its sections."""
    lines = text.rstrip("\n").splitlines()
    if f"[{section}]" not in lines:
        lines += ["", f"[{section}]"]
    first = lines.index(f"[{section}]") + 1
    end = next((at for at in range(first, len(lines)) if lines[at].startswith("[")), len(lines))
    while end > first and not lines[end - 1].strip():
        end -= 1
    return "\n".join([*lines[:end], *added, *lines[end:]]) + "\n"


def _lines(name: str, statuses: Mapping[str, int], wrong: list[str]) -> list[str]:
    shown = statuses if wrong else _shortened(statuses)
    pairs = ", ".join(f"{_key(who)} = {status}" for who, status in shown.items())
    return [*(f"# {said}" for said in wrong), f"{_quoted(name)} = {{ {pairs} }}"]


def _shortened(statuses: Mapping[str, int]) -> Mapping[str, int]:
    """Return statuses with one for everyone, where only those differ that often do."""
    common = {status for who, status in statuses.items() if who not in _APART}
    if len(common) != 1 or len(statuses) == 1:
        return statuses
    (status,) = common
    apart = {who: one for who, one in statuses.items() if who in _APART and one != status}
    return {**apart, EVERYONE: status}


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def looks_open(name: str) -> bool:
    """Tell whether a route is one of those that write for people who have not logged in.

    Args:
        name: Of the route.
    """
    return bool(_OPEN.search(name))


def ends_a_session(name: str) -> bool:
    """Tell whether a route is one by which people leave, which those may who may nothing else.

    Args:
        name: Of the route.
    """
    return bool(_ENDS.search(name))
