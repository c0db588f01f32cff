"""The mapped class of a user who logs in, its attributes and the function that hashes passwords."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.call_graph import CallGraph
from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, required_parameters, terminal, walk
from ..code.source import Source
from ..database.models import Model, Models
from ..findings import Candidate, Finding, choose, data_of
from ..web.schemas import PASSWORD
from .authentication import Authentication

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
_HASH_NAMES = re.compile(
    r"(?i)^_?(get_?|create_?|make_?|generate_?|to_?|encrypt_?|compute_?|do_?)?((pass_?word|passwd|pass|pwd|pw)_?(hash(ed)?|encrypt|encode)"
    r"|hash(ed)?(_?(pass_?word|passwd|pwd|pass|pw))?|(encode|crypt|encrypt|hash)_?(pass_?word|passwd|pwd|raw)|pass_?word)$"
)
_HASHERS = {
    "CryptContext": "hash", "PasswordHash": "hash", "PasswordHasher": "hash",
    "PasswordHelper": "hash",
    "Bcrypt": "generate_password_hash",
}  # fmt: skip
_FUNCTIONS = {
    "werkzeug.security.generate_password_hash": "werkzeug.security:generate_password_hash",
    "passlib.hash.bcrypt.hash": "passlib.hash:bcrypt.hash",
    "passlib.hash.argon2.hash": "passlib.hash:argon2.hash",
    "passlib.hash.pbkdf2_sha256.hash": "passlib.hash:pbkdf2_sha256.hash",
    "passlib.apps.custom_app_context.hash": "passlib.apps:custom_app_context.hash",
    "flask_bcrypt.generate_password_hash": "flask_bcrypt:generate_password_hash",
    "flask_security.utils.hash_password": "flask_security.utils:hash_password",
    "flask_security.hash_password": "flask_security:hash_password",
}
_FLAGS = re.compile(
    r"(?i)^_?(is_?)?(e?mail_?|account_?|user_?)?(active|activated|verified|enabled|confirmed|approved)$"
)
_ADMIN = re.compile(r"(?i)^(is_?)?(super_?)?(admin|user|staff)$")
_HASH_METHODS = re.compile(
    r"(?i)^_?(set|hash|update|change|generate)_?(pass_?word|passwd|pwd)(_?hash)?$"
)
_LOW_LEVEL = re.compile(
    rb"hashpw|pbkdf2|scrypt|argon2|passlib|pwdlib|bcrypt|sha256|sha512|generate_password_hash|hashlib"
)


class Users:
    """Finds who logs in.

    Attributes:
        model: `module:Class`.
        login: The attribute that a user is found by.
        password: The attribute that holds the hash.
        hasher: `module:function` that makes it.
        flags: The attributes that say whether a user may log in.
    """

    def __init__(
        self, source: Source, models: Models, authentication: Authentication, call_graph: CallGraph,
        *, current_user: str, for_admins: bool,
    ) -> None:  # fmt: skip
        self.source = source
        self.models = models
        self.authentication = authentication
        self.steps = self._steps(call_graph)
        self.chosen: Symbol | None = None
        self.model = self._choose(current_user)
        self.attributes: dict[str, ast.AST] = {}
        if self.chosen is not None:
            self.attributes.update(models.attributes(self.chosen))
        self.password = self._password()
        self.login = self._login()
        self.hasher = self._hasher()
        self.flags = [
            name for name, node in self.attributes.items() if _FLAGS.match(name) and _is_flag(node)
        ]
        if for_admins:
            self.flags += [
                n for n, node in self.attributes.items() if _ADMIN.match(n) and _is_flag(node)
            ]
        if self._of_fastapi_users():
            self.flags += ["is_active", *(["is_superuser"] if for_admins else [])]
            if source.having(b"requires_verification", b"verified=True"):
                self.flags.append("is_verified")

    def _of_fastapi_users(self) -> bool:
        """Whether the package brings the columns of the user."""
        bases = self.source.external_bases(self.chosen) if self.chosen is not None else []
        return any("SQLAlchemyBaseUserTable" in base for base in bases)

    def _steps(self, call_graph: CallGraph) -> list[tuple[Module, FunctionNode]]:
        chosen = self.authentication.chosen
        if chosen is None or chosen.route.handler is None:
            return []
        return call_graph.reachable_from(chosen.route.module, chosen.route.handler)

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
                target = getattr(statement, "target", None) or next(
                    iter(getattr(statement, "targets", [])), None
                )
                if terminal(target) == name or getattr(statement, "name", "") == name:
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

    def _hasher(self) -> Finding:
        if not self.password and not self.authentication.login:
            return Finding()
        candidates = [*self._functions(), *self._objects()]
        best = choose(candidates, sure=9, clear=2)
        best = best or choose(list(self._methods()), sure=8, clear=1)
        return best or choose([*self._external(), *self._as_it_is()], sure=6, clear=2)

    def _methods(self) -> Iterator[Candidate]:
        """Methods of the user, and what is set like an attribute: `User.set_password`."""
        if self.chosen is None or not self.password:
            return
        for module, node in self.source.ancestry(self.chosen):
            for function in node.body:
                if (
                    not isinstance(function, FunctionNode)
                    or len(required_parameters(function)) != 1
                ):
                    continue
                sets = any(
                    isinstance(d, ast.Attribute) and d.attr == "setter"
                    for d in function.decorator_list
                )
                if not sets and not _HASH_METHODS.match(function.name):
                    continue
                stores = any(
                    isinstance(inner, ast.Attribute)
                    and isinstance(inner.ctx, ast.Store)
                    and inner.attr == self.password.value
                    for inner in ast.walk(function)
                )
                if stores:
                    address = f"{self.chosen.address}.{function.name}"
                    yield Candidate(address, module.where(function), 9.0 if not sets else 8.0)

    def _as_it_is(self) -> Iterator[Candidate]:
        """Passwords that are stored and compared without a hash."""
        for module, function in self.steps:
            for node in ast.walk(function):
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
                    sides = {terminal(side) for side in (node.left, *node.comparators)}
                    if self.password and sides == {self.password.value}:
                        yield Candidate("builtins:str", module.where(node), 4.0)

    def _functions(self) -> Iterator[Candidate]:
        for module in self.source.containing(re.compile(rb"(?i)hash|crypt")):
            if not _LOW_LEVEL.search(module.data) and not module.has(b"assword"):
                continue
            for statement in module.body:
                holders: list[tuple[str, list[ast.stmt]]] = [("", [statement])]
                if isinstance(statement, ast.ClassDef):
                    holders = [(statement.name, statement.body)]
                for holder, body in holders:
                    for function in body:
                        if isinstance(function, FunctionNode) and (
                            candidate := self._function(module, holder, function)
                        ):
                            yield candidate

    def _function(self, module: Module, holder: str, function: FunctionNode) -> Candidate | None:
        if not _HASH_NAMES.match(function.name) or isinstance(function, ast.AsyncFunctionDef):
            return None
        decorators = {terminal(decorator) for decorator in function.decorator_list}
        if holder and not decorators & {"staticmethod", "classmethod"}:
            return None
        if decorators & {"property", "setter"} or "setter" in decorators:
            return None
        required = [name for name in required_parameters(function) if name not in ("self", "cls")]
        if len(required) != 1:
            return None
        score = 6.0
        score += (
            2
            if "pass" in function.name.lower() or re.search(r"pass|pwd|plain|secret", required[0])
            else -3
        )
        segment = "".join(ast.unparse(statement) for statement in function.body)
        score += 3 if re.search(r"hash|crypt|digest|scrypt|pwd_context|derive", segment) else -3
        score -= 4 if "token" in function.name.lower() or "token" in required[0] else 0
        score += 2 if self.source.live(module) else -6
        score -= 2 if holder else 0
        score -= 3 * module.aside
        score -= 4 if "verify" in segment and "hash(" not in segment else 0
        name = f"{holder}.{function.name}" if holder else function.name
        symbol = module.symbol(name, function)
        return Candidate(symbol.address, symbol.where, score)

    def _objects(self) -> Iterator[Candidate]:
        """Objects of a package whose method is the hasher: `pwd_context.hash`."""
        for module in self.source.having(
            *(name.encode() + b"(" for name in _HASHERS), b"PasswordHash"
        ):
            for name, values in module.names.items():
                for value in values:
                    if not isinstance(value, ast.Call):
                        continue
                    made = terminal(value.func)
                    if made == "recommended" and isinstance(value.func, ast.Attribute):
                        made = terminal(value.func.value)
                    if made in _HASHERS:
                        symbol = module.symbol(name, value)
                        score = 6.0 + (2 if self.source.live(module) else -6) - 3 * module.aside
                        score += 2 if made != "Bcrypt" else 0
                        yield Candidate(f"{symbol.address}.{_HASHERS[made]}", symbol.where, score)

    def _external(self) -> Iterator[Candidate]:
        """Functions of packages that the application calls itself, or has called for it."""
        login = self.authentication.chosen
        if login is not None and login.route.special == "fastapi_users":
            yield Candidate("fastapi_users.password:PasswordHelper.hash", login.route.where, 8.0)
        needles = (b"generate_password_hash", b"passlib.hash", b"passlib.apps", b"hash_password")
        for module in self.source.having(*needles):
            for call in module.calls:
                symbol = self.source.resolve(module, call.func)
                if symbol is not None and symbol.external and symbol.path in _FUNCTIONS:
                    score = 6.0 + (2 if self.source.live(module) else -6)
                    yield Candidate(_FUNCTIONS[symbol.path], module.where(call), score)


def _is_flag(node: ast.AST) -> bool:
    return not isinstance(node, FunctionNode) and bool(re.search(r"(?i)\bbool", ast.unparse(node)))
