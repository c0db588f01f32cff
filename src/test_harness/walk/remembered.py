"""The requests that were found, in a file of the project's: `requests.toml` beside `harness.toml`.

The command adds a table for each operation that has none; what stands there is never changed, for
it may be a person's.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from test_harness.application.passwords import PASSWORD
from test_harness.auth.flows.account import NEW_PASSWORD
from test_harness.endings import write_text
from test_harness.errors import SettingsError
from test_harness.settings.observed import read_toml
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import KINDS, Recipe, Symbol

FILE = "requests.toml"
HEADER = """\
# A request for each route that is granted, and by whom it is asked. `test-harness routes` adds
# those that are missing, and changes none. A column of a row that tests make stands as "tasks.id"
# in a path, and as { row = "tasks.id" } elsewhere; see README.md for the rest.
"""
# What a table may have, and of which kind it is.
TABLE: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("as", "content", "scenario", "skip"), (str,)),
    **dict.fromkeys(("path", "query", "headers", "form", "files", "rows"), (dict,)),
    "json": (dict, list, str, int, float, bool),
    "after": (list,),
    "status": (int,),
}
# What a later version may choose otherwise, and stands in no file of a project's.
SECRETS = {"password": PASSWORD, "new password": NEW_PASSWORD}
_BY_NAME = {secret: Symbol("secret", name) for name, secret in SECRETS.items()}
_KINDS = {**KINDS, "secret": str}
_CALLED = {dict: "a table, { name = value }", str: "text", int: "a whole number", list: "a list"}
_COLUMN = re.compile(r"\w+(\.\w+){1,2}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# What a table, or a line of one, is called.
_HEAD = re.compile(r"""\s*\[?\s*(?:("(?:[^"\\]|\\.)*")|'([^']*)'|([\w-]+))""")


def read_requests(path: Path) -> dict[str, Recipe]:
    """Return the recipes in a file by the names of their operations; none where there is no file.

    Args:
        path: The file.

    Raises:
        SettingsError: It is not TOML, or a table is not as they are written.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    tables = read_toml(path) or {}
    lines = text.splitlines()
    heads = _heads(lines)
    return {
        name: _Reading(path, lines, heads.get(name, 0), name).recipe(table)
        for name, table in tables.items()
    }


def _heads(lines: list[str]) -> dict[str, int]:
    """Return which line is the first that begins with a name, by the names."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        if head := _HEAD.match(line):
            quoted, literal, bare = head.groups()
            with suppress(ValueError):  # An escape that only TOML has.
                found.setdefault(literal or bare or json.loads(quoted or '""'), number)
    return found


def check_operations(
    path: Path, recipes: Mapping[str, Recipe], operations: Iterable[Operation]
) -> list[str]:
    """Return a sentence for each recipe whose operation the application does not have.

    Args:
        path: The file that they are in.
        recipes: Those that are there, by their names.
        operations: Those of the application.
    """
    known = dict.fromkeys(map(str, operations))
    said = []
    for name, recipe in recipes.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            fix = f"Rename it to [{json.dumps(near[0])}]" if near else "Delete the table"
            said.append(
                f"{recipe.where} is of {name}, which the application does not have.\n  Fix: {fix}."
            )
    return said


def append_requests(path: Path, recipes: Mapping[str, Recipe]) -> None:
    """Write recipes behind what a file has.

    Args:
        path: The file; it is made where there is none.
        recipes: By the names of their operations, none of which the file has.
    """
    if not recipes:
        return
    before = path.read_text(encoding="utf-8") if path.exists() else HEADER
    gap = "" if before.endswith("\n") else "\n"
    text = before + gap + "".join(f"\n{shown(name, one)}" for name, one in recipes.items())
    write_text(path, text)


def shown(name: str, recipe: Recipe) -> str:
    """Return the table of a recipe.

    Args:
        name: Of its operation.
        recipe: What is written.
    """
    lines = [f"[{json.dumps(name, ensure_ascii=False)}]", f"as = {_toml(recipe.principal)}"]
    if recipe.skip:
        lines = [lines[0], f"skip = {_toml(recipe.skip)}"]
    if recipe.after:
        lines.append(f"after = {_toml(list(recipe.after))}")
    if recipe.path:
        values = {key: _of_path(value) for key, value in recipe.path.items()}
        lines.append(f"path = {_toml(values)}")
    for key in ("query", "headers", "json", "form", "files", "content", "rows", "scenario"):
        value = getattr(recipe, key)
        if value or (value is not None and key in {"json", "form"}):
            lines.append(f"{key} = {_toml(value)}")
    if recipe.status:
        lines.append(f"status = {recipe.status}")
    return "\n".join(lines) + "\n"


def _of_path(value: Any) -> Any:
    if isinstance(value, Symbol) and value.kind == "row":
        return value.of
    is_alike = isinstance(value, str) and _COLUMN.fullmatch(value)
    return Symbol("text", value) if is_alike else value


def _toml(value: Any) -> str:
    if isinstance(value, str):
        value = _BY_NAME.get(value, value)
    if isinstance(value, Symbol):
        return f"{{ {value.kind} = {_toml(value.of)} }}"
    if value is None:
        return "{ null = true }"
    if isinstance(value, Mapping):
        if len(value) == 1 and next(iter(value)) in {*_KINDS, "literal", "null"}:
            value = {"literal": Symbol("literal", dict(value))}
            inner = _pairs(value["literal"].of)
            return f"{{ literal = {inner} }}"
        return _pairs(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _pairs(value: Mapping[str, Any]) -> str:
    pairs = ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items())
    return f"{{ {pairs} }}" if pairs else "{}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


class _Reading:
    """Reads one table, and says where what is wrong in it stands."""

    def __init__(self, path: Path, lines: list[str], first: int, name: str) -> None:
        self._path, self._lines, self._first, self._name = path, lines, first, name

    def recipe(self, table: Any) -> Recipe:
        """Return what the table says.

        Raises:
            SettingsError: It has a key or a value that is not known.
        """
        if not isinstance(table, dict):
            raise self._error("", "is no table", 'Write it as ["GET /path"].')
        if not re.fullmatch(r"[A-Z]+ /\S*", self._name):
            raise self._error("", "names no operation", 'Write it as ["GET /path/{name}"].')
        for key, value in table.items():
            if key not in TABLE:
                near = difflib.get_close_matches(key, TABLE, n=1)
                fix = f"Rename it to {near[0]!r}." if near else f"Use one of {', '.join(TABLE)}."
                raise self._error(key, f"has an unknown key {key!r}", fix)
            if not isinstance(value, TABLE[key]) or (key == "status" and value is True):
                wanted = _CALLED[TABLE[key][0]]
                raise self._error(
                    key, f"has {key} = {value!r}, which is not {wanted}", f"Write {wanted}."
                )
        if any(not isinstance(one, str) for one in table.get("after", ())):
            raise self._error(
                "after", "names what is no operation", 'Write after = ["POST /login"].'
            )
        if any(not isinstance(one, dict) for one in table.get("rows", {}).values()):
            raise self._error(
                "rows", "gives a row no columns", 'Write rows = { tasks = { status = "done" } }.'
            )
        given: dict[str, Any] = {key: self._value(key, one) for key, one in table.items()}
        if "as" in given:
            given["principal"] = given.pop("as")
        if "path" in given:
            given["path"] = {key: self._in_path(key, one) for key, one in given["path"].items()}
        if "files" in given and any(not isinstance(one, str) for one in given["files"].values()):
            raise self._error(
                "files", "has what is no name of a file", 'Write files = { file = "picture.png" }.'
            )
        given["after"] = tuple(given.get("after", ()))
        return Recipe(**given, where=self._where(""))

    def _in_path(self, key: str, value: Any) -> Any:
        if isinstance(value, (dict, list)):
            raise self._error(
                "path", f"gives {{{key}}} no value", f'Write path = {{ {key} = "table.column" }}.'
            )
        is_column = isinstance(value, str) and _COLUMN.fullmatch(value)
        return Symbol("row", value) if is_column else value

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(key, one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(kind, of)] = value.items()
            if kind == "literal":
                return {name: self._value(key, one) for name, one in of.items()}
            if kind == "null" and of is True:
                return None
            if kind in _KINDS:
                return self._symbol(key, kind, of)
        return {name: self._value(key, one) for name, one in value.items()}

    def _symbol(self, key: str, kind: str, of: Any) -> Any:
        if not isinstance(of, _KINDS[kind]) or isinstance(of, bool):
            raise self._error(key, f"has {kind} = {of!r}, which is not {_CALLED[_KINDS[kind]]}",
                              f"Write {_CALLED[_KINDS[kind]]}.")  # fmt: skip
        if kind == "secret":
            if of not in SECRETS:
                known = " or ".join(map(repr, SECRETS))
                raise self._error(key, f"has secret = {of!r}, which is none", f"Write {known}.")
            return SECRETS[of]
        if kind in {"row", "theirs", "new", "basic", "user"} and not _COLUMN.fullmatch(str(of)):
            raise self._error(key, f"has {kind} = {of!r}, which is no column of a row",
                              f'Write {{ {kind} = "tasks.id" }}.')  # fmt: skip
        return Symbol(kind, of)

    def _where(self, key: str) -> str:
        at = self._first
        for number in range(self._first + 1, len(self._lines)):
            line = self._lines[number].strip()
            if line.startswith("["):
                break
            if key and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
                at = number
                break
        return f"{self._path.parent.name}/{self._path.name}:{at + 1}"

    def _error(self, key: str, problem: str, fix: str) -> SettingsError:
        return SettingsError(f"{self._where(key)}: {self._name} {problem}.", fix)
