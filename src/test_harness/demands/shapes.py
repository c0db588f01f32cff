"""What a value has to look like, read off the error of whatever refused it."""

from __future__ import annotations

import ast
import enum
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from test_harness.demands.grammar import Grammar, Shape, choices_of
from test_harness.demands.reads import is_of_the_project
from test_harness.demands.statements import around, guards, simple, top
from test_harness.errors import DatabaseLockedError

Frames = Sequence[tuple[FrameType, int]]

# What Python's own conversions say.
_SAID = (
    (re.compile(r"invalid literal for int\(\)"), "int"),
    (re.compile(r"could not convert string to float|\[<class 'decimal\."), "float"),
    (re.compile(r"Fernet key must be"), "fernet"),
    (re.compile(r"non-hexadecimal number|Non-hexadecimal digit|Odd-length string"), "hex"),
    (re.compile(r"Incorrect padding|base64"), "base64"),
    (re.compile(r"badly formed hexadecimal UUID"), "uuid"),
    (re.compile(r"Invalid isoformat string|does not match format"), "date"),
    (re.compile(r"No time zone found"), "timezone"),
    (re.compile(r"\bPEM\b|ould not (?:deserialize key data|parse the provided.*key)"), "pem"),
    (re.compile(r"does not appear to be an IPv[46]|IPv4 or IPv6"), "ip"),
    (re.compile(r"[Ii]nvalid (?:key size|AES key length)|[Kk]ey must be .*(?:bytes|bits)"), "key"),
    (re.compile(r"(?i)\b(?:key|secret) must be \d.*\b(?:characters|chars)\b"), "key"),
    (re.compile(r"(?i)invalid truth value|not a (?:valid )?bool"), "bool"),
    (re.compile(r"Not a valid int"), "int"),
    (re.compile(r"os\.PathLike|onfiguration file"), "file"),
    (re.compile(r"Unknown level: "), "level"),
    (re.compile(r"Redis URL must specify"), "redis"),
    (re.compile(r"[Uu]nknown url type|Invalid URL|[Nn]o scheme|missing .*protocol"), "url"),
)  # fmt: skip
# Where an error comes from, by the module that raised it.
_FROM = (
    ("cryptography.fernet", "fernet"),
    ("json.", "json"),
    ("tomllib", "toml"),
    ("cryptography.hazmat", "pem"),
    ("base64", "base64"),
    ("zoneinfo", "timezone"),
    ("ipaddress", "ip"),
    ("uuid", "uuid"),
)
# What a value is given to.
_CALLED = {
    "fromhex": "hex", "unhexlify": "hex", "b64decode": "base64", "json.loads": "json", "int": "int",
    "float": "float", "Fernet": "fernet", "UUID": "uuid", "ZoneInfo": "timezone", "open": "file",
    "read_text": "file", "read_bytes": "file", "create_engine": "database", "make_url": "database",
    "listdir": "folder", "scandir": "folder", "iterdir": "folder", "makedirs": "folder",
    "mkdir": "folder", "chdir": "folder", "StaticFiles": "folder",
}  # fmt: skip
_DIALECTS = ("sqlalchemy.dialects", "sqlalchemy.engine.url", "sqlalchemy.util.langhelpers")
_ASYNC = re.compile(r"requires an async driver")
_ENDS_IN_NOTHING = re.compile(r"\bNone(Type)?\b")
ASYNC_DRIVERS = {
    "postgresql": ("asyncpg", "psycopg"),
    "sqlite": ("aiosqlite",),
    "mysql": ("asyncmy", "aiomysql"),
}
SYNC_DRIVERS = {
    "postgresql": ("psycopg2", "psycopg", "pg8000"),
    "sqlite": ("pysqlite",),
    "mysql": ("pymysql", "mysqldb", "mysqlconnector"),
}


def is_about_nothing(error: BaseException) -> bool:
    """Tell whether an error comes of a value that is not there at all."""
    return bool(_ENDS_IN_NOTHING.search(str(error)))


def shape_of(error: BaseException, frames: Frames) -> Shape:
    """Return what is known of the value that an error is about.

    Args:
        error: What was raised.
        frames: Those that it came through, the innermost first.
    """
    modules = [frame.f_globals.get("__name__", "") for frame, _ in frames]
    inside = modules[: next((i for i, it in enumerate(frames) if _ours(it)), len(modules))]
    shape = _of_the_code(error, frames)
    if isinstance(error, DatabaseLockedError):
        shape = {"kind": "database"}
    elif _ASYNC.search(str(error)):
        shape.update(kind="database", drivers="async")
    elif any(module.startswith(_DIALECTS) for module in inside):
        is_async = any(frame.f_code.co_name == "create_async_engine" for frame, _ in frames)
        shape.update(kind="database", drivers="async" if is_async else "")
    elif isinstance(error, NotADirectoryError):
        shape["kind"] = "folder"
    elif isinstance(error, (FileNotFoundError, IsADirectoryError)):
        shape.setdefault("kind", "file")
    elif (isinstance(error, ValueError) and (choices := _of_enumeration(frames))) or (
        choices := _of_validator(frames)
    ):
        shape["choices"] = choices
    elif "choices" not in shape and "parts" not in shape:
        kind = next((kind for pattern, kind in _SAID if pattern.search(str(error))), "")
        kind = kind or next((k for name, k in _FROM if inside and inside[0].startswith(name)), "")
        if kind:
            shape["kind"] = kind
    return shape


def _ours(step: tuple[FrameType, int]) -> bool:
    return is_of_the_project(step[0].f_code.co_filename)


def _of_the_code(error: BaseException, frames: Frames) -> Shape:
    """Return what the application's own line says, and the conditions that it depends on."""
    ours = next((step for step in frames if _ours(step)), None)
    if ours is None:
        return {}
    frame, line = ours
    file = frame.f_code.co_filename
    statement = simple(file, line)
    if statement is None:
        return {}
    grammar = Grammar({**frame.f_globals, **frame.f_locals})
    conditions: list[ast.AST] = [*guards(file, line)]
    if isinstance(error, (KeyError, ModuleNotFoundError)):
        choices = _keys(error, statement, frame) or modules_beside(error)
        if choices:
            return {"choices": choices}
    if isinstance(statement, (ast.Raise, ast.Expr)) and conditions:
        return grammar.read(*_before(file, line), *conditions)
    shape = grammar.read(statement)
    # What is left are parts of a text, and the way it is decoded.
    kept = {"separator", "parts", "kind"} if not isinstance(statement, ast.Assert) else {*shape}
    shape = {key: value for key, value in shape.items() if key in kept}
    called = {
        name
        for one in ast.walk(statement)
        if isinstance(one, ast.Call)
        for name in (ast.unparse(one.func), getattr(one.func, "attr", ""))
    }
    for name in _CALLED.keys() & called:
        shape["kind"] = _CALLED[name]
    return shape


def _before(file: str, line: int) -> list[ast.AST]:
    """Return the assignments in the same function: `parts = text.split(":")`."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    outer = next((one for one in around(file, line) if isinstance(one, functions)), None)
    where = ast.walk(outer) if outer else top(file)
    return [one for one in where if isinstance(one, ast.Assign) and one.lineno < line]


def _keys(error: BaseException, statement: ast.stmt, frame: FrameType) -> list[str]:
    """Return the keys of the mapping that a value is looked up in: `CONFIGS[environ["MODE"]]`."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript) and isinstance(node.value, (ast.Name, ast.Attribute)):
            names = ast.unparse(node.value).split(".")
            found: Any = {**frame.f_globals, **frame.f_locals}.get(names[0])
            for name in names[1:]:
                found = getattr(found, "__dict__", {}).get(name)
            if isinstance(found, dict) and error.args and error.args[0] not in found:
                # A copy of the environment says nothing of what may be in it.
                return [] if "PATH" in found else [key for key in found if isinstance(key, str)]
    return []


def modules_beside(error: BaseException) -> list[str]:
    """Return the modules beside one that is not there: `import_module(f"config.{mode}")`."""
    parent, _, _ = (getattr(error, "name", None) or "").rpartition(".")
    package = sys.modules.get(parent)
    folders = [Path(folder) for folder in getattr(package, "__path__", ())]
    if not any(is_of_the_project(str(folder / "module.py")) for folder in folders):
        return []
    return sorted(path.stem for folder in folders for path in folder.glob("[a-z]*.py"))


def _of_enumeration(frames: Frames) -> list[str]:
    for frame, _ in frames:
        if frame.f_globals.get("__name__") == "enum":
            kind: Any = frame.f_locals.get("cls")
            if issubclass(type(kind), enum.EnumMeta):
                return choices_of(kind)
    return []


def _of_validator(frames: Frames) -> list[str]:
    """Return what a library allows, from the object of it that refuses: a list, or a `OneOf`."""
    for frame, _ in frames:
        if _ours((frame, 0)):
            return []
        owner = frame.f_locals.get("self")
        field = frame.f_locals.get("field")
        for one in (owner, *getattr(field, "validators", ())):
            for name in ("choices", "valid_values", "_valid_values", "options"):
                found = vars(one).get(name) if hasattr(one, "__dict__") else None
                if isinstance(found, (list, tuple, set, frozenset)) and found:
                    return [str(value) for value in found]
    return []
