"""What says which role a user has: a column of the user, or of a row that belongs to some."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..code.modules import Module, Symbol
from ..code.nodes import assigned_name, terminal, walk
from ..code.source import Source
from ..database.models import Models
from ..findings import Candidate, Confidence, Finding, choose
from .role_guards import RoleGuards

_ROLES = re.compile(r"(?i)^_?(user_?|account_?|member_?)?role(_?name)?$")
_FLAGS = re.compile(r"(?i)^_?(is_?)(super|(super_?)?(admin|user|staff|superuser|administrator))$")
# Rows that say which role somebody may get, or had.
_OFFERS = re.compile(r"Invit|Request|Log|Audit|History")
# The likeliest first: those that are above all by what they are called, and those that may be.
_ADMINS = (r"^admin", r"admin", r"^super_?(user|admin)?$", r"^root$", r"^owner$")
_HIGH = (
    r"^super", r"^staff$", r"^manager$", r"(^|_)(master|chief|director|boss|captain|principal)$",
    r"^(head|lead|president|supervisor|moderator|operator)$",
)  # fmt: skip
_TEXTS = re.compile(r"\b(str|String|Text|VARCHAR|Unicode|Literal)\b")
_NUMBERS = re.compile(r"\b(int|(Small)?Integer|SMALLINT)\b")
_TABLES = re.compile(r"(?i)^_?(user_?)?roles?$")
_CALLED = ("name", "code", "slug", "key", "title")


@dataclass(frozen=True)
class _Member:
    """One role: its name, what the harness is told to say for it, its place, and its member."""

    name: str
    said: str
    where: str
    key: str = ""
    number: int | None = None

    @property
    def names(self) -> set[str]:
        """What the code may call it."""
        return {self.name.lower(), self.said.lower(), self.key.lower()}

    def is_default_in(self, column: str) -> bool:
        """Whether a column, as it is written, says that users have it unless told otherwise."""
        texts = "|".join(re.escape(text) for text in (self.name, self.said))
        value = rf"['\"]({texts})['\"]" + (rf"|[\w.]*\.{self.key}(\.value)?" if self.key else "")
        return bool(re.search(rf"default=({value})(\W|$)", column))


class Roles:
    """Finds what says who may do what.

    Attributes:
        attribute: Of the user's class, or `module:Model.attribute` of a class that belongs to one,
            or that users have in a relationship.
        admin: What the role of an administrator is called there: None where there are roles, and
            nothing tells which of them may do most.
    """

    def __init__(self, source: Source, models: Models, user: Symbol | None) -> None:
        self.source = source
        self.attribute, self.admin = Finding(), Finding()
        self._columns_text: dict[str, str] = {}
        if user is None:
            return
        candidates = list(self._columns(user, ""))
        if any("SQLAlchemyBaseUserTable" in base for base in source.external_bases(user)):
            candidates.append(Candidate("is_superuser", user.where, 9.0, []))
        for model in models.mapped.values():
            if model.symbol.path != user.path and _belongs_to(model.symbol, user):
                candidates += self._columns(model.symbol, f"{model.address}.")
        candidates += self._tables(user, models)
        self.attribute = choose(candidates, sure=10, clear=2)
        members: list[_Member] = next(
            (c.data for c in candidates if c.value == self.attribute.value), []
        )
        self.admin = self._highest(members)

    def _highest(self, members: list[_Member]) -> Finding:
        """Return the role that may do most; an unknown one where nothing tells which of them."""
        if not self.attribute:
            return Finding()
        column, where = self.attribute.value, self.attribute.where
        asked = RoleGuards(self.source, [one.key for one in members if one.key])
        if not members and not _FLAGS.match(column):
            # Any text may be a role: those are there that the code asks for.
            members = [_Member(text, text, where) for text in sorted(asked.texts)]
        told = {one: max(asked.names[name] for name in one.names) for one in members}
        # What everybody is at first lets nobody in.
        above = [
            one for one in members if not one.is_default_in(self._columns_text.get(column, ""))
        ]
        guards = sorted((one for one in above if told[one]), key=lambda one: -told[one])
        numbers = sorted((one for one in above if one.number is not None), key=_number)
        choices: list[tuple[list[_Member], Confidence]] = [
            *((_called(pattern, members), "medium") for pattern in _ADMINS),
            (guards, "medium"),
            *((_called(pattern, above), "low") for pattern in _HIGH),
            (numbers[::-1], "low"),
        ]
        for found, sure in choices:
            if found:
                others = tuple((one.said, one.where) for one in members if one != found[0])
                return Finding(found[0].said, found[0].where, sure, others)
        # None is an answer, where an empty text is the lack of one.
        return Finding(None if members else "")

    def _tables(self, user: Symbol, models: Models) -> Iterator[Candidate]:
        """Roles that are rows of a table, which users have: `user.roles`."""
        for module, node in self.source.ancestry(user):
            for statement in node.body:
                name, text = assigned_name(statement), ast.unparse(statement)
                if not _TABLES.match(name) or "relationship" not in text.lower():
                    continue
                named = re.findall(r"\w+", text)
                for model in models.mapped.values():
                    if model.symbol.name in named and model.symbol.path != user.path:
                        columns = dict(models.attributes(model.symbol))
                        for column in [called for called in _CALLED if called in columns][:1]:
                            value = f"{model.address}.{column}"
                            yield Candidate(value, module.where(statement), 8.0, [])

    def _columns(self, holder: Symbol, prefix: str) -> Iterator[Candidate]:
        for module, node in self.source.ancestry(holder):
            for statement in node.body:
                name, text = assigned_name(statement), ast.unparse(statement)
                if not name or "ForeignKey" in text or "relationship" in text.lower():
                    continue
                kind = 0.0
                members = self._members(module, statement)
                if _ROLES.match(name):
                    kind = 5.0 if members or "Enum" in text else 3.0 * bool(_TEXTS.search(text))
                    if _NUMBERS.search(text):
                        kind = 5.0 * any(one.said.isdecimal() for one in members)
                elif _FLAGS.match(name) and re.search(r"(?i)\bbool", text) and not prefix:
                    kind = 4.0
                if kind:
                    score = kind + (5 if not prefix else 3) + min(self._asked(name), 2)
                    score -= 4 * bool(_OFFERS.search(holder.name))
                    where = module.where(statement)
                    self._columns_text.setdefault(f"{prefix}{name}", text)
                    yield Candidate(f"{prefix}{name}", where, score, members)

    def _members(self, module: Module, statement: ast.stmt) -> list[_Member]:
        """Return the members of an enum in a column."""
        numbers = bool(_NUMBERS.search(ast.unparse(statement)))
        for symbol in self.source.classes_in(module, statement):
            bases = self.source.base_names(symbol)
            if bases & {"Enum", "StrEnum", "IntEnum"}:
                assert isinstance(symbol.node, ast.ClassDef)
                assert symbol.module is not None
                return [
                    _member(one, symbol.module.where(one), numbers=numbers)
                    for one in symbol.node.body
                    if isinstance(one, ast.Assign)
                ]
        for call in walk(statement):
            if isinstance(call, ast.Call) and terminal(call.func) == "Enum":
                texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                return [_Member(str(text), str(text), module.where(call)) for text in texts]
        return []

    def _asked(self, name: str) -> int:
        """Count the modules in use that look at the attribute of some object."""
        return sum(self.source.live(module) for module in self.source.having(f".{name}".encode()))


def _member(statement: ast.Assign, where: str, *, numbers: bool) -> _Member:
    """Return a member, which a column of numbers has by its value."""
    name, given = terminal(statement.targets[0]), statement.value
    value = given.value if isinstance(given, ast.Constant) else None
    number = value if isinstance(value, int) else None
    if isinstance(value, str):
        return _Member(value, value, where, name)
    said = str(number) if numbers and number is not None else name
    return _Member(name, said, where, name, number)


def _called(pattern: str, members: list[_Member]) -> list[_Member]:
    return [one for one in members if re.search(pattern, one.name, re.I)]


def _number(member: _Member) -> int:
    return member.number or 0


def _belongs_to(holder: Symbol, user: Symbol) -> bool:
    """Whether rows of a class point to a user."""
    assert isinstance(user.node, ast.ClassDef)
    assert isinstance(holder.node, ast.ClassDef)
    tables = re.findall(r"__tablename__ = '(\w+)'", ast.unparse(user.node)) or [user.name.lower()]
    text = "\n".join(ast.unparse(statement) for statement in holder.node.body)
    return bool(re.search(rf"ForeignKey\((.*\b)?['\"]?({'|'.join(tables)}|{user.name})\.", text))
