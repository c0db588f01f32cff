"""Which roles the code asks for before it lets somebody in."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ..code.modules import Module
from ..code.nodes import terminal, walk
from ..code.source import Source

_SPEAKS = re.compile(rb"(?i)role")
_ROLE = re.compile(r"(?i)roles?(_?name)?$")
# What lets in by a role.
_GUARDS = re.compile(r"(?i)role|guard|permi|require|allow|authori[sz]|restrict")
# What only gives one, or is one.
_GIVES = re.compile(
    r"(?i)^(set|change|assign|add|create|update|get|grant|parse|list|delete)_|^(user)?roles?$"
)
_TEXT = re.compile(r"[\w-]{1,40}")
_REFUSES = ("abort", "HTTPException", "redirect")


class RoleGuards:
    """Counts what speaks for each role.

    One that is asked for alone says more than several at once, and a refusal of all others more
    than a mere look.

    Args:
        source: The modules; only those are read that speak of roles, or of a member.
        members: What the members of the enum are called.

    Attributes:
        names: How much speaks for each, by what it may be called: a member of an enum or its value.
        texts: The same by its value, where the code surely asks for a role.
    """

    def __init__(self, source: Source, members: Iterable[str]) -> None:
        self.source = source
        self.names: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        modules = [
            *source.containing(_SPEAKS, most_aside=0),
            *source.having(*(name.encode() for name in members), most_aside=0),
        ]
        for module in dict.fromkeys(modules):
            for node in walk(module.tree) if source.live(module) else ():
                if isinstance(node, ast.Call):
                    surely = "role" in terminal(node.func).lower()
                    self._count(module, list(_asked_by(node)), 8, surely)
                elif isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
                    self._count(module, list(_refused_unless(node)), 8, True)
                elif isinstance(node, ast.Compare):
                    self._count(module, list(_compared(node, (ast.Eq, ast.In))), 2, True)

    def _count(self, module: Module, asked: list[ast.expr], weight: int, surely: bool) -> None:
        known = [found for one in asked if (found := _named(self.source, module, one))]
        for member, text in known:
            share = max(weight // len(known), 1)
            for name in {member.lower(), text.lower()} - {""}:
                self.names[name] += share
            if surely and text:
                self.texts[text] += share


def _asked_by(call: ast.Call) -> Iterator[ast.expr]:
    name = terminal(call.func)
    if _GUARDS.search(name) and not _GIVES.search(name):
        words = call.keywords
        if len(words) > 1:
            # Of several, some say what else there is to know of a permission.
            words = [word for word in words if _ROLE.search(word.arg or "")]
        for given in (*call.args, *(word.value for word in words)):
            yield from given.elts if isinstance(given, ast.List | ast.Tuple | ast.Set) else [given]


def _refused_unless(node: ast.If) -> Iterator[ast.expr]:
    refuses = any(
        isinstance(inner, ast.Raise)
        or (isinstance(inner, ast.Call) and terminal(inner.func) in _REFUSES)
        for statement in node.body
        for inner in walk(statement)
    )
    if refuses and isinstance(node.test, ast.Compare):
        yield from _compared(node.test, (ast.NotEq, ast.NotIn, ast.IsNot, ast.Lt))


def _compared(node: ast.Compare, wanted: tuple[type[ast.cmpop], ...]) -> Iterator[ast.expr]:
    """Yield what a role is compared with, where that is done in one of some ways."""
    sides = (node.left, node.comparators[0])
    roles = [side for side in sides if _ROLE.search(_without_value(side))]
    if len(roles) == 1 and isinstance(node.ops[0], wanted):
        other = sides[1] if roles[0] is sides[0] else sides[0]
        yield from other.elts if isinstance(other, ast.List | ast.Tuple | ast.Set) else [other]


def _without_value(node: ast.expr) -> str:
    """Return what something is called, and not that it is the value or the name of that."""
    if isinstance(node, ast.Attribute) and node.attr in ("value", "name"):
        return terminal(node.value)
    return terminal(node) if isinstance(node, ast.Name | ast.Attribute | ast.Call) else ""


def _named(source: Source, module: Module, node: ast.expr) -> tuple[str, str] | None:
    """Return what a role is called as a member of an enum, and the text that it is."""
    if isinstance(node, ast.Attribute) and node.attr in ("value", "name"):
        node = node.value
    member, value = "", ast.AST()
    if isinstance(node, ast.Attribute):
        symbol = source.resolve(module, node)
        if symbol is None or symbol.owner is None:
            return None
        member, value = node.attr, symbol.node or value
    else:
        value = node
    text = ""
    if isinstance(value, ast.Constant) and type(value.value) in (str, int):
        text = str(value.value) if _TEXT.fullmatch(str(value.value)) else ""
    return (member, text) if member or text else None
