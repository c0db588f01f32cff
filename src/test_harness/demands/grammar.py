"""What a text has to look like, as the conditions say that it is refused by."""

from __future__ import annotations

import ast
import enum
import re
from collections.abc import Iterator, Mapping
from typing import Any

Shape = dict[str, Any]

_OF_PATHS = {
    "is_dir": "folder",
    "isdir": "folder",
    "is_file": "file",
    "isfile": "file",
    "exists": "path",
}
_MATCHING = ("match", "fullmatch", "search")
_COMPILED = ("compile", *_MATCHING)


class Grammar:
    """Reads conditions on texts.

    Args:
        namespace: What the names in them stand for.

    Attributes:
        shape: What was read: `choices`, `pattern`, `start`, `end`, `contains`, `shortest`,
            `longest`, `kind`, and `separator` with the `parts` that it is between.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace
        self._split: set[str] = set()
        self.shape: Shape = {}

    def read(self, *nodes: ast.AST) -> Shape:
        """Read conditions, or whole functions, and return what they say together."""
        inner = [one for node in nodes for one in ast.walk(node)]
        for one in inner:
            if isinstance(one, ast.Assign):
                self._assigned(one)
        for one in inner:
            if isinstance(one, ast.Compare) and len(one.ops) == 1:
                self._compared(one.left, one.ops[0], one.comparators[0])
            elif isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
                self._called(one, one.func)
            elif isinstance(one, ast.Subscript):
                self._looked_up(one)
        return self.shape

    def _assigned(self, node: ast.Assign) -> None:
        separator = _separator(node.value)
        if separator is None:
            return
        target = node.targets[0]
        if isinstance(target, ast.Tuple):
            names = [one.id if isinstance(one, ast.Name) else "" for one in target.elts]
            if isinstance(node.value, ast.Call) and _attribute(node.value) == "partition":
                names = names[::2]
            self.shape.update(separator=separator, parts=names)
        elif isinstance(target, ast.Name):
            self._split.add(target.id)
            self.shape.setdefault("separator", separator)

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> None:
        if isinstance(operator, (ast.In, ast.NotIn)):
            if isinstance(left, ast.Constant) and isinstance(left.value, str):
                if isinstance(operator, ast.NotIn) or not left.value.isalnum():
                    self.shape.setdefault("contains", []).append(left.value)
            elif choices := _texts(self._value(right)):
                # `urlparse(text).scheme in ("redis", "rediss")`
                of_address = isinstance(left, ast.Attribute) and left.attr == "scheme"
                self.shape.update(
                    {"kind": "url", "schemes": choices} if of_address else {"choices": choices}
                )
            elif isinstance(left, ast.Call) and (sizes := _numbers(self._value(right))):
                self._length(left, ast.NotEq(), max(sizes))
        elif isinstance(left, ast.Call) and isinstance(number := self._value(right), int):
            self._length(left, operator, number)

    def _length(self, call: ast.Call, operator: ast.cmpop, number: int) -> None:
        """Read what refuses a text: `len(text) < 32`, `text.count(":") != 1`."""
        first = call.args[0] if call.args else None
        if _attribute(call) == "count" and isinstance(first, ast.Constant):
            self.shape.update(separator=first.value, parts=[""] * (number + 1))
        if not (isinstance(call.func, ast.Name) and call.func.id == "len"):
            return
        parts = isinstance(first, ast.Name) and first.id in self._split
        if parts or _separator(first) is not None:
            self.shape.setdefault("separator", _separator(first) or self.shape.get("separator"))
            self.shape["parts"] = [""] * (number + isinstance(operator, ast.LtE))
        elif isinstance(operator, (ast.NotEq, ast.Eq)):
            self.shape.update(shortest=number, longest=number)
        elif isinstance(operator, (ast.Lt, ast.LtE)):
            self.shape["shortest"] = number + isinstance(operator, ast.LtE)
        elif isinstance(operator, (ast.Gt, ast.GtE)):
            self.shape["longest"] = number - isinstance(operator, ast.GtE)

    def _called(self, call: ast.Call, function: ast.Attribute) -> None:
        first = self._value(call.args[0]) if call.args else None
        name = function.attr
        if name in ("startswith", "endswith") and first:
            ends = _texts([first] if isinstance(first, str) else first)
            if ends:
                self.shape["start" if name == "startswith" else "end"] = ends[0]
        elif name in ("isdigit", "isdecimal", "isnumeric"):
            self.shape["kind"] = "int"
        elif name in _OF_PATHS:
            self.shape["kind"] = _OF_PATHS[name]
        elif name in _COMPILED and isinstance(first, (str, re.Pattern)) and _is_re(function.value):
            self._pattern(first, name)
        elif name in _MATCHING:
            compiled = self._value(function.value)
            if isinstance(compiled, re.Pattern):
                self._pattern(compiled, name)

    def _pattern(self, given: str | re.Pattern[Any], how: str) -> None:
        pattern = given if isinstance(given, str) else given.pattern
        if isinstance(pattern, str):
            self.shape["pattern"] = pattern
            self.shape["whole"] = how == "fullmatch"

    def _looked_up(self, node: ast.Subscript) -> None:
        """Read `text.split(":")[1]`, which wants a second part."""
        separator = _separator(node.value)
        number = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if separator is not None and isinstance(number, int) and number > 0:
            parts = max(number + 1, len(self.shape.get("parts", ())))
            self.shape.update(separator=separator, parts=[""] * parts)

    def _value(self, node: ast.expr) -> Any:
        """Return what an expression stands for where nothing has to be run to know it."""
        if isinstance(node, ast.Name):
            return self._namespace.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._value(node.value)
            found = vars(owner).get(node.attr) if hasattr(owner, "__dict__") else None
            return None if isinstance(found, property) else found
        if isinstance(node, ast.Call) and not node.keywords and node.args:
            # `set(MODES)`, and `MODES.keys()` below.
            return self._value(node.args[0]) if isinstance(node.func, ast.Name) else None
        if isinstance(node, ast.Call) and _attribute(node) in ("keys", "values"):
            owner = self._value(node.func.value)  # type: ignore[attr-defined]
            return list(getattr(owner, _attribute(node))()) if isinstance(owner, dict) else None
        try:
            return ast.literal_eval(node)
        except ValueError:
            return None


def choices_of(kind: type[enum.Enum]) -> list[str]:
    """Return the texts that the members of an enumeration are made from."""
    return [str(member.value) for member in kind]


def _texts(value: Any) -> list[str]:
    """Return a collection of texts as a list; an empty one for anything else."""
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return choices_of(value)
    if not isinstance(value, (list, tuple, set, frozenset, dict)) or not value:
        return []
    plain = [one.value if isinstance(one, enum.Enum) else one for one in value]
    return [*plain] if all(isinstance(one, str) for one in plain) else []


def _numbers(value: Any) -> list[int]:
    is_list = isinstance(value, (list, tuple, set, frozenset))
    return [one for one in value if isinstance(one, int)] if is_list else []


def _separator(node: ast.AST | None) -> str | None:
    """Return what `text.split(":")` parts a text by, None for anything else."""
    if isinstance(node, ast.ListComp | ast.GeneratorExp):
        node = node.generators[0].iter
    if not isinstance(node, ast.Call) or _attribute(node) not in ("split", "rsplit", "partition"):
        return None
    first: ast.AST | None = next(iter(node.args), None)
    if first is None:
        return " "
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _attribute(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_re(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("re", "regex")


def walk_functions(functions: Iterator[Any]) -> Shape:
    """Return what functions say together of the text that they are given."""
    import inspect
    import textwrap

    shape: Shape = {}
    for function in functions:
        plain = inspect.unwrap(getattr(function, "__func__", function))
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
        except (OSError, TypeError, SyntaxError):
            continue
        shape.update(Grammar(getattr(plain, "__globals__", {})).read(tree))
    return shape
