"""Which imports of a revision lead to the models: these change, and the revision with them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy import Table as MappedTable


def packages(metadata: MetaData) -> set[str]:
    """Return the top-level packages from whose modules the models can be reached.

    Args:
        metadata: The models.
    """
    modules = [
        (name, module)
        for name, module in list(sys.modules.items())
        if not name.startswith(("test_harness", "migrations", "sqlalchemy", "alembic"))
    ]
    with_models = {id(module) for _, module in modules if _has_models(module, metadata)}
    return {
        name.partition(".")[0]
        for name, module in modules
        if id(module) in with_models
        or any(id(thing) in with_models for thing in vars(module).values())
    }


def leading_to_models(text: str, metadata: MetaData) -> str:
    """Return the first import of a revision that leads to the models, empty where none does.

    Args:
        text: The revision.
        metadata: The models.
    """
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    if any(isinstance(node, ast.Constant) and node.value == "target_metadata" for node in nodes):
        return "target_metadata"
    used = {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}
    for module, names, called in _imports(tree):
        loaded = sys.modules.get(module)
        if loaded is None:
            continue
        if "*" in names:
            if _has_models(loaded, metadata):
                return f"{module}.*"
        elif names:
            for name in names:
                thing = getattr(loaded, name, sys.modules.get(f"{module}.{name}"))
                if _reaches(thing, metadata):
                    return f"{module}.{name}"
        elif _is_used(loaded, called, used, metadata):
            return module
    return ""


def _imports(tree: ast.Module) -> Iterator[tuple[str, list[str], str]]:
    """Yield each module that is imported, what is taken from it, and what it is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, [], alias.asname or alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, [alias.name for alias in node.names], ""
        elif (
            isinstance(node, ast.Call)
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and ast.unparse(node.func).rpartition(".")[2] in {"import_module", "__import__"}
        ):
            yield str(node.args[0].value), [], ""


def _is_used(module: ModuleType, called: str, used: set[str], metadata: MetaData) -> bool:
    """Tell whether what is used of a module leads to models; of a type of its own nothing does."""
    start = f"{called}."
    names = {it.removeprefix(start).partition(".")[0] for it in used if it.startswith(start)}
    if called and names:
        return any(_reaches(getattr(module, name, None), metadata) for name in names)
    return _has_models(module, metadata)


def _reaches(thing: Any, metadata: MetaData) -> bool:
    """Tell whether a thing is a model or the metadata, or a module or code that works with one."""
    if isinstance(thing, ModuleType):
        return _has_models(thing, metadata)
    if _is_model(thing, metadata) or _is_metadata(thing, metadata):
        return True
    if isinstance(thing, FunctionType):
        return _names_models(thing, metadata)
    if issubclass(type(thing), type):
        return any(
            _is_model(it, metadata)
            or (isinstance(it, FunctionType) and _names_models(it, metadata))
            for base in thing.__mro__
            for it in vars(base).values()
        )
    return False


def _names_models(function: FunctionType, metadata: MetaData) -> bool:
    """Tell whether a function speaks of models by the names of its module."""
    waiting, names = [function.__code__], set[str]()
    while waiting:
        code = waiting.pop()
        names.update(code.co_names)
        waiting += [it for it in code.co_consts if isinstance(it, CodeType)]
    return any(_is_model(function.__globals__.get(name), metadata) for name in names)


def _has_models(module: ModuleType, metadata: MetaData) -> bool:
    return any(
        _is_model(thing, metadata) or thing is metadata for thing in list(vars(module).values())
    )


def _is_metadata(thing: object, metadata: MetaData) -> bool:
    # The base of all models has it; a class of the application may have another under this name.
    return thing is metadata or (
        issubclass(type(thing), type) and vars(thing).get("metadata") is metadata
    )


def _is_model(thing: object, metadata: MetaData) -> bool:
    # By its type: a proxy, such as Flask's `current_app`, would look for what it stands for.
    if issubclass(type(thing), type):
        thing = getattr(thing, "__table__", None)
    return issubclass(type(thing), MappedTable) and thing.metadata is metadata  # type: ignore[attr-defined]
