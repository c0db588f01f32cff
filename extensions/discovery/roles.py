"""What says which role a user has: a column of the user, or of a row that belongs to one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .authentication import Authentication
from .findings import Candidate, Finding, choose
from .models import Models
from .modules import Module, Symbol
from .nodes import terminal, walk
from .source import Source

_ROLES = re.compile(r"(?i)^_?(user_?|account_?|member_?)?role(_?name)?$")
_FLAGS = re.compile(r"(?i)^_?(is_?)(super_?)?(admin|user|staff|superuser|administrator)$")
# Rows that say which role somebody may get, or had.
_OFFERS = re.compile(r"Invit|Request|Log|Audit|History")
# The likeliest first.
_ADMINS = (r"^admin", r"admin", r"^super", r"^root$", r"^owner$", r"^staff$", r"^manager$")
_TEXTS = re.compile(r"\b(str|String|Text|VARCHAR|Unicode|Literal)\b")


class Roles:
    """Finds what says who may do what.

    Attributes:
        attribute: Of the user's class, or `module:Model.attribute` of a class that belongs to one.
        admin: What the role of an administrator is called there.
    """

    def __init__(
        self, source: Source, models: Models, authentication: Authentication, user: Symbol | None
    ) -> None:
        self.source = source
        self.authentication = authentication
        self.attribute, self.admin = Finding(), Finding()
        if user is None:
            return
        candidates = list(self._columns(user, ""))
        if any("SQLAlchemyBaseUserTable" in base for base in source.external_bases(user)):
            candidates.append(Candidate("is_superuser", user.where, 9.0, []))
        for model in models.mapped.values():
            if model.symbol.path != user.path and _belongs_to(model.symbol, user):
                candidates += self._columns(model.symbol, f"{model.address}.")
        self.attribute = choose(candidates, sure=10, clear=2)
        names: list[tuple[str, str]] = next(
            (c.data for c in candidates if c.value == self.attribute.value), []
        )
        admins = [name for wanted in _ADMINS for name, _ in names if re.search(wanted, name, re.I)]
        if admins:
            where = dict(names)[admins[0]]
            others = tuple((name, place) for name, place in names if name != admins[0])
            self.admin = Finding(admins[0], where, "medium", others)

    def _columns(self, holder: Symbol, prefix: str) -> Iterator[Candidate]:
        for module, node in self.source.ancestry(holder):
            for statement in node.body:
                target = getattr(statement, "target", None) or next(
                    iter(getattr(statement, "targets", [])), None
                )
                name, text = terminal(target), ast.unparse(statement)
                if not name or "ForeignKey" in text or "relationship" in text.lower():
                    continue
                kind = 0.0
                members = self._members(module, statement)
                if _ROLES.match(name):
                    kind = 5.0 if members or "Enum" in text else 3.0 * bool(_TEXTS.search(text))
                elif _FLAGS.match(name) and re.search(r"(?i)\bbool", text) and not prefix:
                    kind = 4.0
                if kind:
                    score = kind + (5 if not prefix else 3) + min(self._asked(name), 2)
                    score -= 4 * bool(_OFFERS.search(holder.name))
                    where = module.where(statement)
                    yield Candidate(f"{prefix}{name}", where, score, members)

    def _members(self, module: Module, statement: ast.stmt) -> list[tuple[str, str]]:
        """Return the names of an enum in a column, each with its place."""
        for symbol in self.source.classes_in(module, statement):
            bases = {base.rpartition(".")[2] for base in self.source.external_bases(symbol)}
            if bases & {"Enum", "StrEnum"}:
                assert isinstance(symbol.node, ast.ClassDef)
                assert symbol.module is not None
                return [
                    (_value(one), symbol.module.where(one))
                    for one in symbol.node.body
                    if isinstance(one, ast.Assign)
                ]
        for call in walk(statement):
            if isinstance(call, ast.Call) and terminal(call.func) == "Enum":
                texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
                return [(str(text), module.where(call)) for text in texts]
        return []

    def _asked(self, name: str) -> int:
        """Count the modules in use that look at the attribute of some object."""
        return sum(
            self.authentication.live(module) for module in self.source.having(f".{name}".encode())
        )


def _value(member: ast.Assign) -> str:
    given = member.value
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value
    return terminal(member.targets[0])


def _belongs_to(holder: Symbol, user: Symbol) -> bool:
    """Whether rows of a class point to a user."""
    assert isinstance(user.node, ast.ClassDef)
    assert isinstance(holder.node, ast.ClassDef)
    tables = re.findall(r"__tablename__ = '(\w+)'", ast.unparse(user.node)) or [user.name.lower()]
    text = "\n".join(ast.unparse(statement) for statement in holder.node.body)
    return bool(re.search(rf"ForeignKey\((.*\b)?['\"]?({'|'.join(tables)}|{user.name})\.", text))
