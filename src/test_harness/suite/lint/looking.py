"""A plugin of pytest that looks at what tests patch, in the running code, and runs no test.

Under pytest everything is as it is for the tests: paths, variables, and the lock of the harness.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("test harness").addoption(
        "--look-at-patches", type=Path, help="a file of what is patched, and of what is found"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> bool:
    file: Path = session.config.getoption("--look-at-patches")
    asked = json.loads(file.read_text(encoding="utf-8"))
    answers = [look(one) for one in asked]
    file.write_text(json.dumps(answers), encoding="utf-8")
    return True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    session.exitstatus = pytest.ExitCode.OK


def look(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wrong with one patch: `gone`, `replacement`, `calls`, or why nobody knows."""
    owner_name, _, name = asked["target"].rpartition(".")
    try:
        owner = resolved(owner_name)
    except GoneError as gone:
        return {"gone": str(gone)}
    except Exception as error:  # noqa: BLE001 - whatever the import of an application raises
        return {"unknown": f"{owner_name} cannot be imported: {type(error).__name__}: {error}"}
    if not hasattr(owner, name):
        is_builtin = isinstance(owner, ModuleType) and hasattr(builtins, name)
        return {} if is_builtin else {"gone": f"`{owner_name}` has no `{name}` any more"}
    try:
        signature = inspect.signature(getattr(owner, name))
    except (TypeError, ValueError):
        return {}
    is_method = inspect.isclass(owner) and inspect.isfunction(inspect.getattr_static(owner, name))
    return {
        "replacement": _against(asked["replacement"], signature, asked["target"]),
        "calls": [_bound(call, signature, asked["target"], is_method) for call in asked["calls"]],
    }


class GoneError(Exception):
    """A name on the way to what is patched does not exist."""


def resolved(name: str) -> Any:
    """Return the module or the class of a full name, as `unittest.mock` finds it.

    Raises:
        GoneError: There is none.
    """
    first, *rest = name.split(".")
    try:
        found: Any = importlib.import_module(first)
    except ModuleNotFoundError as error:
        if error.name != first:
            raise
        raise GoneError(f"There is no module `{first}`") from None
    done = first
    for part in rest:
        step = f"{done}.{part}"
        if not hasattr(found, part):
            try:
                importlib.import_module(step)
            except ModuleNotFoundError as error:
                if error.name not in (step, done):
                    raise
                raise GoneError(f"`{done}` has no `{part}` any more") from None
        found, done = getattr(found, part), step
    return found


def _against(
    replacement: Mapping[str, Any] | None, signature: inspect.Signature, target: str
) -> str:
    """Return why a function cannot stand for the real one; empty where it can."""
    if replacement is None:
        return ""
    kinds = inspect.Parameter
    real = [
        one
        for one in signature.parameters.values()
        if one.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
    ]
    required = [one.name for one in real if one.default is kinds.empty]
    takes_any = any(one.kind is kinds.VAR_POSITIONAL for one in signature.parameters.values())
    most = len(replacement["positional"])
    fewest = most - replacement["defaults"]
    if len(required) > most and not replacement["any"] and not replacement["any_keyword"]:
        missing = ", ".join(required[most:])
        return f"`{target}` is called with `{missing}` too, which its double does not take"
    if fewest > len(real) and not takes_any:
        extra = ", ".join(replacement["positional"][len(real) : fewest])
        return f"`{target}` has no `{extra}`, which its double asks for"
    return ""


def _bound(
    call: Mapping[str, Any], signature: inspect.Signature, target: str, is_method: bool
) -> str:
    """Return why the real one could not be called like that; empty where it could."""
    arguments = [None] * (call["positional"] + is_method)
    try:
        signature.bind(*arguments, **dict.fromkeys(call["keywords"]))
    except TypeError as error:
        return f"`{target}` could not have been called like this: {error}"
    return ""
