"""What the decorators of a view check: webargs, flask-smorest, APIFlask, spectree, own ones."""

from __future__ import annotations

import ast
import typing
from typing import Any

from test_harness.walk.schemas.annotations import is_model
from test_harness.walk.schemas.call import Call, is_checked_with
from test_harness.walk.schemas.calls import sent
from test_harness.walk.schemas.reader import Reader, Reading
from test_harness.walk.schemas.sources import Source
from test_harness.walk.schemas.symbols import Live, Method, Symbol

_SCHEMA_FIRST = ("use_args", "use_kwargs", "arguments", "input", "expect", "use_schema")
# What models are called where decorators hand them to a view, by the place that they are sent in.
_PLACES = {
    "json": "json",
    "body": "json",
    "data": "json",
    "payload": "json",
    "form": "form",
    "query": "query",
    "params": "query",
    "headers": "header",
    "header": "header",
    "cookies": "cookie",
}


def read_decorators(reading: Reading, source: Source) -> None:
    """Note what the decorators of a view use of the request.

    Args:
        reading: Where it is gathered.
        source: The view.
    """
    reader = Reader(reading, source, {}, depth=0)
    for node in source.node.decorator_list:
        is_called = isinstance(node, ast.Call)
        target: Symbol = reader.visit(node.func if isinstance(node, ast.Call) else node)
        given = [reader.visit(one) for one in node.args] if isinstance(node, ast.Call) else []
        keywords = node.keywords if isinstance(node, ast.Call) else []
        named = {one.arg: reader.visit(one.value) for one in keywords if one.arg}
        if is_called and _is_understood(reader, Call(target, given, named)):
            continue
        if isinstance(target, Live):
            reader.called(target.value, Call(target, given, named))


def read_annotations(reading: Reading, source: Source, path: tuple[str, ...]) -> None:
    """Note the models that a view is handed besides what stands in the path.

    Args:
        reading: Where it is gathered.
        source: The view.
        path: The names of what stands in the path.
    """
    try:
        hints = typing.get_type_hints(source.function)
    except Exception:  # noqa: BLE001 - names that are only there for type checkers
        return
    for name, kind in hints.items():
        if name in _PLACES and name not in path and is_model(kind):
            sent(reading.uses, Live(kind), _PLACES[name])


def _is_understood(reader: Reader, call: Call) -> bool:
    """Tell whether a decorator is one of those that are known by name, and note what it checks."""
    models = {name: one for name, one in call.named.items() if is_checked_with(one)}
    if _name_of(call.target) in _SCHEMA_FIRST and isinstance(call.first, Live):
        location = call.named.get("location")
        place = location.value if isinstance(location, Live) else "json"
        sent(reader.uses, call.first, place if isinstance(place, str) else "json")
        return True
    for name, model in models.items():
        if name in _PLACES:
            sent(reader.uses, model, _PLACES[name])
    return bool(models.keys() & _PLACES.keys())


def _name_of(target: Any) -> str:
    if isinstance(target, Method):
        return target.name
    return getattr(target.value, "__name__", "") if isinstance(target, Live) else ""
