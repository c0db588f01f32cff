"""Recipes of what is around a login, as `[auth]` and `[flows]` of harness.toml say it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Any

from test_harness.application.loading import import_object
from test_harness.application.routes import Route
from test_harness.auth.flows.account import NEW_PASSWORD
from test_harness.auth.styles import fields_of, login_request
from test_harness.settings import settings
from test_harness.walk.models import Models
from test_harness.walk.operation import Operation
from test_harness.walk.recipe import Recipe, Symbol
from test_harness.walk.values import NUMBER

STEPS = ("signup", "verify", "refresh", "logout", "reset_request", "reset_confirm")
NEW_ADDRESS = f"walk{NUMBER}@example.com"
NEW_NAME = f"walk{NUMBER}"


def recipe_of(operation: Operation, known: Mapping[str, Operation]) -> Recipe | None:
    """Return how an operation around the login is asked; None for any other.

    Args:
        operation: The operation.
        known: All operations of the application, by their names.
    """
    if settings().auth.style == "none":
        return None
    login = named_login(known)
    if _is_login(operation):
        return login_recipe()
    step = _step_at(operation)
    if not step:
        return None
    made = _STEPS[step](login, known)
    if made is None:
        return None
    # What stands in a path has a name in the settings, and another one in the application.
    template = getattr(settings().flows, f"{step}_path").rpartition(" ")[2].partition("?")[0]
    pairs = zip(operation.path.split("/"), template.split("/"), strict=False)
    named = {mine[1:-1]: theirs.strip("${}") for mine, theirs in pairs if mine[:1] == "{"}
    return made.but(path={mine: made.path[it] for mine, it in named.items() if it in made.path})


def status_of_step(operation: Operation) -> int:
    """Return what an operation around the login answers; 0 for any other, or where it is unknown.

    Args:
        operation: The operation.
    """
    step = _step_at(operation) if settings().auth.style != "none" else ""
    return getattr(settings().flows, f"{step}_status", 0) if step else 0


def _step_at(operation: Operation) -> str:
    paths = ((step, getattr(settings().flows, f"{step}_path")) for step in STEPS)
    return next((step for step, path in paths if _is_at(operation, path)), "")


def login_recipe() -> Recipe | None:
    """Return how the user of our side logs in; None where that takes more than a request."""
    name = login_symbol()
    if name is None or settings().auth.login_encoding == "basic":
        return None
    sent = login_request(_Somebody())
    payload = _with_symbol(fields_of(sent), name)
    if "params" in sent:
        return Recipe(query=payload)
    return Recipe(form=payload) if "data" in sent else Recipe(json=payload)


def login_symbol() -> Symbol | None:
    """Return what our user logs in by; None where that is no column."""
    auth = settings().auth
    if not auth.user_model:
        return None
    models = Models([import_object(auth.user_model)]).all
    column = models[0].column(auth.user_login_attribute) if models else None
    return None if column is None else Symbol("row", f"{models[0].table.fullname}.{column.name}")


def address_symbol() -> Symbol | None:
    """Return where our user is written to; what they log in by where nothing else is known."""
    auth = settings().auth
    models = Models([import_object(auth.user_model)]).all if auth.user_model else []
    columns = (it.column(name) for it in models for name in ("email", "email_address", "mail"))
    column = next((it for it in columns if it is not None), None)
    return login_symbol() if column is None else Symbol("row", f"{column.table}.{column.name}")


def named_login(known: Mapping[str, Operation]) -> str:
    """Return the name of the operation that logs in; empty without one."""
    return next((name for name, one in known.items() if _is_login(one)), "")


def _is_login(operation: Operation) -> bool:
    """Tell whether users log in there: what stands in its path is the user's, `{user.tenant}`."""
    return _is_at(operation, re.sub(r"\{.*?\}", "x", settings().auth.login_path))


class _Somebody:
    """Stands for a user of whom only the name of an attribute is known."""

    def __getattr__(self, name: str) -> str:
        return "$login"


def _with_symbol(payload: Any, name: Symbol) -> Any:
    if isinstance(payload, Mapping):
        return {key: _with_symbol(one, name) for key, one in payload.items()}
    return name if payload == "$login" else payload


def _is_at(operation: Operation, path: str) -> bool:
    method, _, plain = path.rpartition(" ")
    if not plain or (method or "POST") != operation.method:
        return False
    plain = re.sub(r"\$\{?\w+\}?", "x", plain.partition("?")[0])
    return Route(operation.method, operation.path).answers(operation.method, plain)


def _filled(step: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of a step with symbols in the place of what is not known yet."""
    flows = settings().flows
    template = getattr(flows, f"{step}_payload")
    made: dict[str, Any] = {}
    if template:
        made["form" if flows.encoding == "form" else "json"] = _put(json.loads(template), values)
    return {**made, "path": values, **_of_query(getattr(flows, f"{step}_path"), values)}


def _of_query(path: str, values: Mapping[str, Any]) -> dict[str, Any]:
    query = path.partition("?")[2]
    pairs = dict(re.findall(r"(\w+)=\$\{?(\w+)", query))
    return (
        {"query": {name: values[it] for name, it in pairs.items() if it in values}} if pairs else {}
    )


def _put(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, Mapping):
        return {key: _put(one, values) for key, one in template.items()}
    if isinstance(template, list):
        return [_put(one, values) for one in template]
    if not isinstance(template, str):
        return template
    whole = re.fullmatch(r"\$\{?(\w+)\}?", template)
    if whole and whole[1] in values:
        return values[whole[1]]
    texts = {name: str(one) for name, one in values.items() if not isinstance(one, Symbol)}
    return Template(template).safe_substitute(texts)


def _somebody_new() -> dict[str, Any]:
    attribute = settings().auth.user_login_attribute
    login = NEW_ADDRESS if "mail" in attribute else NEW_NAME
    return {"login": login, "email": NEW_ADDRESS, "name": NEW_NAME, "password": NEW_PASSWORD}


def _signup(login: str, known: Mapping[str, Operation]) -> Recipe:
    return Recipe(**_filled("signup", _somebody_new()))


def _verify(login: str, known: Mapping[str, Operation]) -> Recipe | None:
    signup = _named_step("signup", known)
    token = Symbol("mail", NEW_ADDRESS)
    sent = _filled("verify", {**_somebody_new(), "token": token})
    return Recipe(after=(signup,), **sent) if signup else None


def _reset_request(login: str, known: Mapping[str, Operation]) -> Recipe | None:
    name, address = login_symbol(), address_symbol()
    values = {"login": name, "email": address, "name": name, "password": NEW_PASSWORD}
    return Recipe(**_filled("reset_request", values)) if name else None


def _reset_confirm(login: str, known: Mapping[str, Operation]) -> Recipe | None:
    before, name, address = _named_step("reset_request", known), login_symbol(), address_symbol()
    if not before or address is None:
        return None
    token = Symbol("mail", address.of)
    values = {"login": name, "email": address, "token": token, "password": NEW_PASSWORD}
    sent = _filled("reset_confirm", values)
    return Recipe(after=(before,), **sent)


def _refresh(login: str, known: Mapping[str, Operation]) -> Recipe | None:
    auth, flows = settings().auth, settings().flows
    if not login:
        return None
    token = Symbol("answer", flows.refresh_token_field)
    if auth.refresh_cookie:
        token = Symbol("cookie", auth.refresh_cookie)
    access = Symbol("answer", auth.token_field) if auth.token_field else ""
    recipe = Recipe(after=(login,), **_filled("refresh", {"token": token, "access": access}))
    if flows.refresh_payload:
        return recipe
    if not auth.refresh_cookie:
        return recipe.but(headers={auth.token_header: Symbol("bearer", flows.refresh_token_field)})
    csrf = auth.csrf_cookie.replace("access", "refresh")
    return (
        recipe.but(headers={auth.csrf_header: Symbol("cookie", csrf)})
        if auth.csrf_header
        else recipe
    )


def _logout(login: str, known: Mapping[str, Operation]) -> Recipe | None:
    auth, flows = settings().auth, settings().flows
    wanted = re.findall(r"\$\{?(\w+)", flows.logout_payload)
    if not wanted:
        return Recipe(principal="owner", **_filled("logout", {}))
    token = Symbol("answer", flows.refresh_token_field)
    access = Symbol("answer", auth.token_field)
    sent = _filled("logout", {"token": token, "access": access})
    return Recipe(principal="owner", after=(login,), **sent) if login else None


def _named_step(step: str, known: Mapping[str, Operation]) -> str:
    path = getattr(settings().flows, f"{step}_path")
    return next((name for name, one in known.items() if _is_at(one, path)), "")


_STEPS: dict[str, Callable[[str, Mapping[str, Operation]], Recipe | None]] = {
    "signup": _signup,
    "verify": _verify,
    "refresh": _refresh,
    "logout": _logout,
    "reset_request": _reset_request,
    "reset_confirm": _reset_confirm,
}
