"""The function that hashes passwords."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..code.modules import Module, Symbol
from ..code.nodes import FunctionNode, required_parameters, terminal
from ..code.source import Source
from ..findings import Candidate, Finding, choose
from ..web.schemas import PASSWORD
from .authentication import Authentication

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
    "passlib.apps.custom_app_context.hash": "passlib.apps:custom_app_context.hash",
    "flask_bcrypt.generate_password_hash": "flask_bcrypt:generate_password_hash",
    "flask_security.utils.hash_password": "flask_security.utils:hash_password",
    "flask_security.hash_password": "flask_security:hash_password",
}
_PASSLIB = re.compile(r"passlib\.hash\.(\w+)\.(?:hash|verify)$")
# What a handler calls itself, by what makes the same hash; whoever only looks at one needs it, too.
_INLINE = {
    "bcrypt.hashpw": "bcrypt:hashpw",
    "bcrypt.checkpw": "bcrypt:hashpw",
    "werkzeug.security.check_password_hash": "werkzeug.security:generate_password_hash",
    "flask_bcrypt.check_password_hash": "flask_bcrypt:generate_password_hash",
    "passlib.apps.custom_app_context.verify": "passlib.apps:custom_app_context.hash",
}
# Of these, those that are made without a word about how to hash.
_PLAIN = ("PasswordHasher", "PasswordHelper")
_HASH_METHODS = re.compile(
    r"(?i)^_?(set|hash|update|change|generate)_?(pass_?word|passwd|pwd)(_?hash)?$"
)
_LOW_LEVEL = re.compile(
    rb"hashpw|pbkdf2|scrypt|argon2|passlib|pwdlib|bcrypt|sha256|sha512|generate_password_hash|hashlib"
)


class Hashers:
    """Finds what makes the hash of a password.

    Attributes:
        found: `module:function`, or a method of an object.
    """

    def __init__(
        self, source: Source, authentication: Authentication, user: Symbol | None, password: Finding
    ) -> None:
        self.source = source
        self.authentication = authentication
        self.steps = authentication.steps
        self.user = user
        self.password = password
        self.found = self._find()

    def _find(self) -> Finding:
        if not self.password and not self.authentication.login:
            return Finding()
        candidates = [*self._functions(), *self._objects()]
        best = choose(candidates, sure=9, clear=2)
        best = best or choose(list(self._methods()), sure=8, clear=1)
        return best or choose([*self._external(), *self._as_it_is()], sure=6, clear=2)

    def _methods(self) -> Iterator[Candidate]:
        """Methods of the user, and what is set like an attribute: `User.set_password`."""
        if self.user is None or not self.password:
            return
        for module, node in self.source.ancestry(self.user):
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
                    address = f"{self.user.address}.{function.name}"
                    yield Candidate(address, module.where(function), 9.0 if not sets else 8.0)

    def _as_it_is(self) -> Iterator[Candidate]:
        """Passwords that are stored and compared without a hash."""
        for module, function in self.steps:
            for node in ast.walk(function):
                if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
                    sides = {terminal(side) for side in (node.left, *node.comparators)}
                    if self.password and sides == {self.password.value}:
                        yield Candidate("builtins:str", module.where(node), 4.0)
        mine = (module for module in self.source.modules if module.aside < 2)
        if self.password and not any(_LOW_LEVEL.search(module.data) for module in mine):
            # Nothing that could hash is there at all.
            yield Candidate("builtins:str", self.password.where, 3.0)

    def _functions(self) -> Iterator[Candidate]:
        for module in self.source.containing(re.compile(rb"(?i)hash|crypt")):
            if not _LOW_LEVEL.search(module.data) and not module.has(b"assword"):
                continue
            for symbol, function, holder in module.outer_functions():
                score = self._score(module, function, is_method=holder is not None)
                if score is not None:
                    yield Candidate(symbol.address, symbol.where, score)

    def _score(self, module: Module, function: FunctionNode, *, is_method: bool) -> float | None:
        """Return how likely a function hashes passwords; None when it does not."""
        if not _HASH_NAMES.match(function.name) or isinstance(function, ast.AsyncFunctionDef):
            return None
        decorators = {terminal(decorator) for decorator in function.decorator_list}
        if is_method and not decorators & {"staticmethod", "classmethod"}:
            return None
        if decorators & {"property", "setter"}:
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
        score -= 2 if is_method else 0
        score -= 3 * module.aside
        score -= 4 if "verify" in segment and "hash(" not in segment else 0
        return score

    def _objects(self) -> Iterator[Candidate]:
        """Objects of a package whose method is the hasher: `pwd_context.hash`."""
        for module in self.source.having(
            *(name.encode() + b"(" for name in _HASHERS), b"PasswordHash"
        ):
            for symbol, call in module.assigned_calls():
                made = terminal(call.func)
                if made == "recommended" and isinstance(call.func, ast.Attribute):
                    made = terminal(call.func.value)
                if made in _HASHERS:
                    score = 6.0 + (2 if self.source.live(module) else -6) - 3 * module.aside
                    score += 2 if made != "Bcrypt" else 0
                    yield Candidate(f"{symbol.address}.{_HASHERS[made]}", symbol.where, score)

    def _external(self) -> Iterator[Candidate]:
        """Functions of packages that the application calls itself, or has called for it."""
        login = self.authentication.chosen
        if login is not None and login.route.special == "fastapi_users":
            yield Candidate("fastapi_users.password:PasswordHelper.hash", login.route.where, 8.0)
        needles = (
            b"generate_password_hash", b"check_password_hash", b"passlib.hash", b"passlib.apps",
            b"hash_password", b"hashpw", b"checkpw",
        )  # fmt: skip
        for module in self.source.having(*needles):
            for call in module.calls:
                symbol = self.source.resolve(module, call.func)
                if symbol is None or not symbol.external:
                    continue
                score = 6.0 + (2 if self.source.live(module) else -6)
                if found := _PASSLIB.match(symbol.path):
                    yield Candidate(f"passlib.hash:{found[1]}.hash", module.where(call), score)
                if symbol.path in _FUNCTIONS:
                    yield Candidate(_FUNCTIONS[symbol.path], module.where(call), score)
                elif symbol.path in _INLINE:
                    yield Candidate(_INLINE[symbol.path], module.where(call), score - 1)
        yield from self._digests()
        yield from self._made_where_they_hash()

    def _digests(self) -> Iterator[Candidate]:
        """Plain digests that a login compares: `hashlib.sha256(password.encode()).hexdigest()`."""
        for module, function in self.steps:
            for node in ast.walk(function):
                match node:
                    case ast.Call(
                        func=ast.Attribute(attr="hexdigest", value=ast.Call(args=[given]) as made)
                    ) if _is_plain(given):
                        symbol = self.source.resolve(module, made.func)
                        if symbol is not None and symbol.path.startswith("hashlib."):
                            kind = symbol.path.removeprefix("hashlib.")
                            yield Candidate(f"hashlib:{kind}", module.where(node), 6.0)

    def _made_where_they_hash(self) -> Iterator[Candidate]:
        """Objects that no module holds: a function makes one and hashes with it."""
        for module in self.source.having(*(name.encode() + b"(" for name in _PLAIN)):
            for call in module.calls:
                if terminal(call.func) not in _PLAIN or call.args or call.keywords:
                    continue
                symbol = self.source.resolve(module, call.func)
                if symbol is not None and symbol.external:
                    package, _, name = symbol.path.rpartition(".")
                    score = 6.0 + (2 if self.source.live(module) else -6)
                    address = f"{package}:{name}.{_HASHERS[name]}"
                    yield Candidate(address, module.where(call), score)


def _is_plain(node: ast.expr) -> bool:
    """Whether it is a password as bytes, and nothing beside it: `password.encode()`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="encode", value=value)):
            return bool(PASSWORD.match(terminal(value)))
        case ast.Call(func=ast.Name(id="bytes"), args=[value, *_]):
            return bool(PASSWORD.match(terminal(value)))
    return False
