"""The password of every user that factories make, as the application's own hasher stores it.

It is hashed once per run. While tests run, passwords are hashed at the lowest cost that their
format allows; what checks one reads the cost from its hash, so that a login is cheap as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import importlib.util
import inspect
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from typing import Any
from unittest.mock import patch

from sqlalchemy import LargeBinary
from sqlalchemy.orm import class_mapper

from test_harness.application.loading import application, import_object
from test_harness.errors import HarnessError, LoginError
from test_harness.settings import settings

PASSWORD = "Correct-Horse-7-Battery!"  # noqa: S105 - the plain password of every user that factories make


@cache
def hashed_password() -> Any:
    """Return PASSWORD as the application's own hasher stores it, hashed once per run.

    Raises:
        LoginError: The hasher that harness.toml names does not work.
    """
    path = settings().auth.password_hasher
    try:
        # Extensions of Flask ask for the application that they belong to.
        with getattr(application(), "app_context", nullcontext)():
            stored = _stored(path, PASSWORD)
    except HarnessError:
        raise
    except Exception as error:
        fix = (
            "Name a function of one argument as [auth] password_hasher in harness.toml, or a "
            "method of the user's class: app.models:User.set_password."
        )
        if "72 bytes" in str(error):
            fix = "Install bcrypt<5, the last that passlib works with."
        raise LoginError(
            f"{path} does not hash a password: {type(error).__name__}: {error}", fix
        ) from error
    if not stored:
        raise LoginError(
            f"{path} gives nothing to store as the user's "
            f"{settings().auth.user_password_attribute!r}.",
            "Correct [auth] password_hasher or user_password_attribute in harness.toml.",
        )
    return stored


def _stored(path: str, password: str) -> Any:
    module, _, name = path.partition(":")
    if module in _LOW_LEVEL:
        return _as_column(_LOW_LEVEL[module](name, password.encode()))
    holder_name, _, attribute = name.rpartition(".")
    holder = import_object(f"{module}:{holder_name}") if holder_name else None
    if not isinstance(holder, type):
        return _result(_call(import_object(path), password))
    found = inspect.getattr_static(holder, attribute, None)
    if isinstance(found, (staticmethod, classmethod)):
        return _result(_call(getattr(holder, attribute), password))
    if not hasattr(holder, "__mapper__"):
        return _result(_call(getattr(holder(), attribute), password))
    # Without its constructor, which may ask for all that a user is made of.
    user: Any = class_mapper(holder).class_manager.new_instance()
    made = None
    if inspect.isfunction(found):
        made = _result(_call(getattr(user, attribute), password))
    else:
        setattr(user, attribute, password)
    return getattr(user, settings().auth.user_password_attribute) or made


def _bcrypt(_: str, password: bytes) -> bytes:
    bcrypt = importlib.import_module("bcrypt")
    made: bytes = bcrypt.hashpw(password, bcrypt.gensalt())
    return made


def _digest(kind: str, password: bytes) -> bytes:
    return hashlib.new(kind, password).hexdigest().encode()


# Of libraries that handlers call themselves, which take and give bytes: what hashes with them.
_LOW_LEVEL: dict[str, Callable[[str, bytes], bytes]] = {"bcrypt": _bcrypt, "hashlib": _digest}


def _as_column(made: bytes) -> str | bytes:
    """Return a hash as the column of the user takes it: most are of text, and some of bytes."""
    auth = settings().auth
    mapper = class_mapper(import_object(auth.user_model))
    column = mapper.get_property(auth.user_password_attribute).columns[0]
    return made if isinstance(column.type, LargeBinary) else made.decode()


def _call(hasher: Any, password: str) -> Any:
    """Hand a hasher its password, by its name where the hasher takes it in no other way."""
    try:
        given = inspect.signature(hasher).parameters.values()
    except (TypeError, ValueError):
        return hasher(password)
    named = [one for one in given if one.kind is one.KEYWORD_ONLY and one.default is one.empty]
    takes_any = any(
        one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.VAR_POSITIONAL}
        for one in given
    )
    return hasher(password) if takes_any or not named else hasher(**{named[0].name: password})


def _result(made: Any) -> Any:
    if not inspect.iscoroutine(made):
        return made
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, made).result()


@contextmanager
def at_low_cost() -> Iterator[None]:
    """Within the block the libraries that hash passwords take the least time that they can.

    To be entered before the application is imported. Whether a hash is to be renewed is decided as
    ever, because what it is compared with is as cheap.
    """
    with ExitStack() as patches:
        if bcrypt := _installed("bcrypt"):
            salt = bcrypt.gensalt
            patches.enter_context(patch.object(bcrypt, "gensalt", lambda *_, **__: salt(rounds=4)))
        if argon2 := _installed("argon2"):
            patches.enter_context(
                patch.object(argon2.PasswordHasher, "__init__", _cheap(argon2.PasswordHasher))
            )
        if werkzeug := _installed("werkzeug.security"):
            function = werkzeug.generate_password_hash
            kind = "scrypt:256:1:1" if "scrypt" in function.__defaults__ else "pbkdf2:sha256:1"
            patches.enter_context(patch.object(function, "__defaults__", (kind, 16)))
            patches.enter_context(patch.object(werkzeug, "DEFAULT_PBKDF2_ITERATIONS", 1))
        if passlib := _installed("passlib.utils.handlers"):
            # Its interface knows no other way than to make each context of the application anew.
            rounds = classmethod(lambda kind: kind.min_rounds)
            patches.enter_context(patch.object(passlib.HasRounds, "_generate_rounds", rounds))
        yield


def _installed(name: str) -> Any:
    if importlib.util.find_spec(name.partition(".")[0]) is None:
        return None
    # What a library says of itself is no error of a project that may not even use it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def _cheap(kind: Any) -> Any:
    make = kind.__init__

    def make_cheap(self: Any, *costs: int, **named: Any) -> None:
        lowest = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
        make(self, **{**named, **lowest})

    return make_cheap
