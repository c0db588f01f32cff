"""The mapped class of a user who logs in, its attributes and the function that hashes passwords."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, assigned_name, terminal, walk
from ..code.source import Source
from ..database.models import Model, Models
from ..findings import Candidate, Finding, choose, data_of
from ..web.schemas import PASSWORD
from .authentication import Authentication
from .hashers import Hashers

_HASHED = re.compile(
    r"^_?(hashed_?pass_?word|pass_?word_?hash(ed)?|pass_?word|pass_?wd|pwd|pw_?hash|hash_?pass_?word|hash_?pwd"
    r"|encrypted_?pass_?word|pass_?word_?digest|pass_?hash|hashed_?pwd|hash|hashed_?pass|secret_?hash|crypted_?password)$",
    re.I,
)
_NAMES = re.compile(
    r"(?i)^(db|orm|auth|app|core|sys|system|base)?_?(users?|accounts?|members?)(model|orm|table|db|entity|record|s)?$"
)
_LOGINS = ("email", "username", "user_name", "login", "name", "phone", "phone_number", "mobile",
           "nickname", "email_address", "mail", "handle", "login_id")  # fmt: skip
_FLAGS = re.compile(
    r"(?i)^_?(is_?)?(e?mail_?|account_?|user_?)?(active|activated|verified|enabled|confirmed|approved)$"
)
_VERIFIED = re.compile(r"(?i)verif|confirm")
_ASKED = re.compile(
    rb"(?m)^[^#\n]*(\brequires_verification\s*=\s*(?!False)|\bverified=True"
    rb"|\b(if|and|or|not) [^\n#]*\.is_verified\b)"
)
_ADMIN = re.compile(r"(?i)^(is_?)?(super_?)?(admin|user|staff)$")

Way = Sequence[tuple[Module, FunctionNode]]


class Users:
    """Finds who logs in.

    Attributes:
        model: `module:Class`.
        login: The attribute that a user is found by.
        password: The attribute that holds the hash.
        hasher: `module:function` that makes it.
        flags: The attributes that say whether a user may log in.
        admin_flags: Those that say who is an administrator.
        asked: Those of them that a login is refused by, as far as can be read.
    """

    def __init__(
        self, source: Source, models: Models, authentication: Authentication,
        *, current_user: str, for_admins: bool, way: Way = (),
    ) -> None:  # fmt: skip
        self.source = source
        self.models = models
        self.authentication = authentication
        self.steps = authentication.steps
        self.chosen: Symbol | None = None
        self.model = self._choose(current_user)
        self.attributes: dict[str, ast.AST] = {}
        if self.chosen is not None:
            self.attributes.update(models.attributes(self.chosen))
        self.password = self._password()
        self.login = self._login()
        self.hasher = Hashers(source, authentication, self.chosen, self.password).found
        self.flags = [
            name for name, node in self.attributes.items() if _FLAGS.match(name) and _is_flag(node)
        ]
        self.admin_flags = [
            n for n, node in self.attributes.items() if _ADMIN.match(n) and _is_flag(node)
        ]
        if self._of_fastapi_users():
            self.admin_flags.append("is_superuser")
        self.flags += self.admin_flags if for_admins else []
        if self._of_fastapi_users():
            self.flags.append("is_active")
            # Whatever the column says, it keeps nobody out unless it is asked for.
            self.flags = [name for name in self.flags if name != "is_verified"]
            named = source.having(b"requires_verification", b"verified=True", b".is_verified")
            if any(_ASKED.search(module.data) for module in named):
                self.flags.append("is_verified")
        self.flags = list(dict.fromkeys(self.flags))
        # Who is not verified gets in to most applications; who is not active to none that is right.
        self.asked = [
            name for name in self.flags if not _VERIFIED.search(name) or self._is_asked(name, way)
        ]

    def _of_fastapi_users(self) -> bool:
        """Whether the package brings the columns of the user."""
        bases = self.source.external_bases(self.chosen) if self.chosen is not None else []
        return any("SQLAlchemyBaseUserTable" in base for base in bases)

    def _is_asked(self, name: str, way: Way) -> bool:
        """Whether something on the way of a login, or to the protected path, turns on a flag."""
        steps = [*self.steps, *way]
        if self._of_fastapi_users() or not steps:
            return True
        names = {name} | {
            other
            for other, node in self.attributes.items()
            if isinstance(node, FunctionNode) and _names(node) & {name}
        }
        return any(names & _asked_for(function) for _, function in steps)

    def _choose(self, current_user: str) -> Finding:
        named = self._named_in_login()
        candidates = []
        for model in self.models.mapped.values():
            score = self._score(model)
            score += min(named.get(model.symbol.path, 0), 4) * 1.5
            if current_user == model.symbol.path:
                score += 6
            if score >= 5:
                candidates.append(Candidate(model.address, model.symbol.where, score, model.symbol))
        best = choose(candidates, sure=10, clear=3)
        if best:
            self.chosen = data_of(best, candidates)
        return best

    def _score(self, model: Model) -> float:
        names = [name for name, _ in self.models.attributes(model.symbol)]
        score = 0.0
        if _NAMES.match(model.symbol.name):
            score += 8 if "user" in model.symbol.name.lower() else 6
        elif model.symbol.name.endswith(("User", "UserModel", "UserORM", "Users")):
            score += 6
        score += 5 if any(_HASHED.match(name) for name in names) else 0
        score += 2 if any(name in _LOGINS[:3] for name in names) else 0
        bases = self.source.external_bases(model.symbol)
        for base in bases:
            if base.rpartition(".")[2] in (
                "UserMixin",
                "SQLAlchemyBaseUserTable",
                "SQLAlchemyBaseUserTableUUID",
            ):
                score += 5
        module = model.symbol.module
        if module is not None and not self.source.live(module):
            score -= 4
        return score

    def _named_in_login(self) -> dict[str, int]:
        """Count how often each mapped class is named on the way of a login."""
        counts: dict[str, int] = {}
        for module, function in self.steps:
            for node in walk(function):
                if isinstance(node, ast.Name):
                    symbol = self.source.resolve(module, node)
                    if symbol is not None and symbol.path in self.models.mapped:
                        counts[symbol.path] = counts.get(symbol.path, 0) + 1
        return counts

    def _password(self) -> Finding:
        if self.chosen is None:
            return Finding()
        if self._of_fastapi_users():
            return Finding("hashed_password", self.chosen.where, "high")
        candidates = []
        for name, node in self.attributes.items():
            if not _HASHED.match(name) or isinstance(node, FunctionNode):
                continue
            score = 10.0
            score += 4 if "hash" in name.lower() else 0
            score += 3 if name.startswith("_") else 0
            score += 1 if PASSWORD.match(name) else 0
            where = self._where(name)
            candidates.append(Candidate(name, where, score))
        return choose(candidates, sure=10, clear=1)

    def _where(self, name: str) -> str:
        assert self.chosen is not None
        for module, node in self.source.ancestry(self.chosen):
            for statement in node.body:
                if name in (assigned_name(statement), getattr(statement, "name", "")):
                    return module.where(statement)
        return ""

    def _login(self) -> Finding:
        if self.chosen is None:
            return Finding()
        names = [
            name for name, node in self.attributes.items() if not isinstance(node, FunctionNode)
        ]
        if self._of_fastapi_users():
            return Finding("email", self.chosen.where, "high")
        candidates = []
        compared = self._compared()
        wanted = (
            self.authentication.chosen.payload.login_field if self.authentication.chosen else ""
        )
        for name in names:
            score = float(min(compared.get(name, 0), 4) * 3)
            score += 6 if name == wanted else 0
            score += 2 if name in _LOGINS else 0
            score += 1 if name in _LOGINS[:2] else 0
            score += 0.5 if name == "email" else 0
            if score > 1 and name in (*_LOGINS, wanted):
                candidates.append(Candidate(name, self._where(name), score))
        return choose(candidates, sure=5, clear=2)

    def _compared(self) -> dict[str, int]:
        """Count the attributes that a user is looked for by on the way of a login."""
        counts: dict[str, int] = {}
        for depth, (_, function) in enumerate(self.steps):
            weight = 2 if depth < 6 else 1
            for node in walk(function):
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
                    for side in (node.left, *node.comparators):
                        if isinstance(side, ast.Attribute) and side.attr in _LOGINS:
                            owner = terminal(side.value)
                            if owner[:1].isupper() or owner in ("cls", "model", "c"):
                                counts[side.attr] = counts.get(side.attr, 0) + weight
                elif isinstance(node, ast.Call):
                    if terminal(node.func) in (
                        "filter_by",
                        "get_one_or_none",
                        "get_by",
                        "get_one",
                        "find_one",
                        "first_by",
                        "find_by",
                    ):
                        for word in node.keywords:
                            if word.arg in _LOGINS:
                                counts[word.arg] = counts.get(word.arg, 0) + weight
                    match = re.search(r"by_(email|username|login|name|phone)", terminal(node.func))
                    if match:
                        counts[match.group(1)] = counts.get(match.group(1), 0) + 1
        return counts


def _is_flag(node: ast.AST) -> bool:
    return not isinstance(node, FunctionNode) and bool(re.search(r"(?i)\bbool", ast.unparse(node)))


def _asked_for(function: FunctionNode) -> set[str]:
    """Return the attributes that the course of a function, or a query of it, depends on."""
    found: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
            found |= _names(node.test)
        elif isinstance(node, ast.BoolOp | ast.Compare | ast.UnaryOp):
            found |= _names(node)
        elif isinstance(node, ast.Call) and terminal(node.func) in ("where", "filter", "filter_by"):
            found |= {word.arg for word in node.keywords if word.arg}
            for given in node.args:
                found |= _names(given)
    return found


def _names(node: ast.AST) -> set[str]:
    return {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
