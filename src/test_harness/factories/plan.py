"""What the factory of a mapped class declares: decided once for each class."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import types as t

from test_harness.application.loading import import_object
from test_harness.errors import HarnessError, SettingsError
from test_harness.factories.choosing import SCALARS, NoValueError, Option, choose
from test_harness.factories.constructors import says_of_none, takes
from test_harness.factories.declaring import Declaration, Plan
from test_harness.factories.expressions import Value, written
from test_harness.factories.mapped import (
    concrete,
    factory_name,
    inherited,
    is_view,
    once_for_a_class,
)
from test_harness.factories.parents import (
    declare_key,
    declare_parent,
    parents_of,
    required_by,
    share,
)
from test_harness.factories.reading import Field, Reading, read, why_unread
from test_harness.factories.terms import Check
from test_harness.factories.uniqueness import varying_columns
from test_harness.factories.values import SECOND_FACTOR, is_certain
from test_harness.settings import settings

# What has a value only where something has happened, or is switched on.
_TURNS = re.compile(
    r"(?i)token|secret|code|otp|factor|provider|external|oauth|google|github|facebook|apple|sso"
    r"|reset|delet|ban|block|lock|suspend|reason|error|fail|cancel|reject|hash|key$|_(by|at|id)$"
)


@once_for_a_class
def plan_of(model: type[Any]) -> Plan:
    """Decide what the factory of a mapped class declares; one that cannot be read has none."""
    base = inherited(model)
    why = read(model).failure or (plan_of(base).unread if base is not None else "")
    try:
        return _unread(model, why) if why else _plan(model)
    except HarnessError:
        raise
    except Exception as error:  # noqa: BLE001 - one class must not stop the others
        return _unread(model, why_unread(error))


def _unread(model: type[Any], why: str) -> Plan:
    plan = Plan(model, unread=why)
    plan.miss("", f"cannot be read: {why}", "the columns that a row is refused without")
    return plan


def _plan(model: type[Any]) -> Plan:
    reading = read(model)
    plan = Plan(model)
    if is_view(model):
        return plan
    login = _of_login(model, reading.fields)
    needed = _needed(reading)
    varying = varying_columns(reading, needed)
    needed |= varying
    chosen = _choose(reading, varying, needed - login.keys(), plan)
    parents = parents_of(reading, plan, chosen, needed)
    for key, one in reading.fields.items():
        relationship = next((rel for rel in parents if key in reading.local_keys(rel)), None)
        if relationship is not None:
            declare_parent(plan, relationship)
        elif key in login:
            plan.declarations[key] = _declaration(key, login[key])
        elif key in reading.keys:
            if chosen[key].key is not None:
                declare_key(plan, reading, key)
        elif chosen[key].value is not None:
            _note_capacity(plan, one, chosen[key], varying)
            plan.declarations[key] = _declaration(key, chosen[key].value)
    for key in sorted(login.keys() - reading.fields.keys()):
        plan.declarations[key] = _declaration(key, login[key])
    for name in reading.unmapped:
        plan.miss(name, "is required by the table and not mapped by the class")
    _satisfy_constructor(plan, reading)
    _do_without_unread(plan, reading)
    share(plan, plan_of)
    for parent in plan.parents.values():
        beyond = plan_of(parent)
        if beyond.capacity is not None and beyond.capacity < (plan.capacity or beyond.capacity + 1):
            plan.capacity, plan.limited = beyond.capacity, plan.limited
    return plan


def _do_without_unread(plan: Plan, reading: Reading) -> None:
    """Leave out parents that have no factory, because their class cannot be read."""
    for name, parent in tuple(plan.parents.items()):
        if plan_of(parent).unread:
            start = f'SelfAttribute("{name}.'
            lost = [key for key, one in plan.declarations.items() if one.text.startswith(start)]
            for key in (name, *lost):
                del plan.declarations[key]
            del plan.parents[name]
            if name in reading.parents:
                lost = reading.local_keys(reading.parents[name])
            why = f"needs a row of {parent.__name__}, which cannot be read"
            plan.miss(
                lost[0], why, f"{name} = SubFactory({factory_name(parent)}), once it is there"
            )


def _needed(reading: Reading) -> set[str]:
    """Return the columns that a row is refused without, or is of no use."""
    model = reading.model
    needed = {key for key, one in reading.fields.items() if one.required}
    wanted = set(takes(model)[1]) & reading.fields.keys()
    needed |= {key for key in wanted if not reading.fields[key].column.nullable}
    if logs_in(model):
        auth = settings().auth
        needed |= {auth.user_login_attribute, auth.api_key_attribute} & reading.fields.keys()
    if _is_shown_of_user(model):
        needed |= _counted_on(reading)
    return needed | _said_to_be_there(reading)


def _declaration(key: str, value: Value | None) -> Declaration:
    assert value is not None
    return Declaration(key, value.declaration, value.names)


def _note_capacity(plan: Plan, one: Field, option: Option, varying: set[str]) -> None:
    assert option.value is not None
    capacity = option.value.capacity
    if capacity is None or not (one.unique or one.key in varying):
        return
    if plan.capacity is None or capacity < plan.capacity:
        plan.capacity, plan.limited = capacity, one.key


def _choose(reading: Reading, varying: set[str], needed: set[str], plan: Plan) -> dict[str, Option]:
    for key in sorted(needed):
        one = reading.fields[key]
        if not reading.is_key(key) and not is_certain(one):
            kind = f"the type {one.column.type!r}"
            plan.miss(key, f"is a required column of {kind}, for which no value is known")
    chosen, unknown = _choose_what_can_be(reading, varying, needed, plan)
    for check in unknown:
        for key in sorted(check.columns & chosen.keys()):
            if chosen[key].value is not None:
                plan.miss(key, f"is under CHECK ({check.text}), which cannot be decided")
    _note_defaults(reading, chosen, needed, plan)
    for key in sorted(needed):
        known = {missed.attribute for missed in plan.undecided}
        if not chosen[key].given and key not in known:
            plan.miss(key, _why_none(reading.fields[key], varying))
    return chosen


def _choose_what_can_be(
    reading: Reading, varying: set[str], needed: set[str], plan: Plan
) -> tuple[dict[str, Option], list[Check]]:
    """Choose values, without regard to checks that none is found for."""
    try:
        return choose(reading, varying, needed)
    except NoValueError as error:
        for check in error.checks:
            for key in sorted(check.columns & reading.fields.keys()):
                plan.miss(key, f"has no value that was found for CHECK ({check.text})")
        others = [check for check in reading.checks if check not in error.checks]
    return _choose_what_can_be(replace(reading, checks=others), varying, needed, plan)


def _why_none(one: Field, varying: set[str]) -> str:
    if one.key in one.model.__mapper__.validators:
        return "has a validator that takes none of the values that were tried"
    if one.key in varying:
        return "is unique, and no value is known that differs from row to row"
    return f"has the type {one.column.type!r}, which takes none of the values that were tried"


def _note_defaults(
    reading: Reading, chosen: dict[str, Option], needed: set[str], plan: Plan
) -> None:
    for key, option in chosen.items():
        default, value = reading.fields[key].default, option.value
        if (
            value
            and value != written(default)
            and key not in needed
            and isinstance(default, SCALARS)
        ):
            checks = [check.text for check in reading.checks if key in check.columns]
            line = f"{key} = {value.declaration}"
            plan.miss(
                key,
                f"has the default {default!r}, which contradicts CHECK ({' AND '.join(checks)})",
                line,
            )


def _satisfy_constructor(plan: Plan, reading: Reading) -> None:
    """Give the constructor what it cannot do without and no column asked for."""
    for name in takes(reading.model)[1]:
        if name in plan.declarations:
            continue
        relationship = reading.mapper.relationships.get(name)
        if relationship is not None:
            text = "LazyFunction(list)" if relationship.uselist else "None"
            plan.declarations[name] = Declaration(name, text)
        elif name in reading.fields or name in reading.mapper.column_attrs:
            plan.declarations[name] = Declaration(name, "None")
        elif "password" in name and settings().auth.style != "none":
            password = import_object("test_harness.application.passwords:PASSWORD")
            plan.declarations[name] = Declaration(name, "PASSWORD", {"PASSWORD": password})
        else:
            plan.miss(name, f"is asked for by the constructor of {reading.model.__name__}")


def renamed_by(factory: Any) -> dict[str, str]:
    """Return attributes that a factory has other names for, by those names."""
    return {**plan_of(factory._meta.model).renamed, **factory._meta.rename}


def attributes_of(factory: Any) -> set[str]:
    """Return the attributes that a factory declares, by the names that its model has for them."""
    renamed = renamed_by(factory)
    declared = (*factory._meta.base_declarations, *factory._meta.parameters)
    return {renamed.get(name, name) for name in declared}


def logs_in(model: type[Any]) -> bool:
    """Tell whether rows of a class are who logs in."""
    path = settings().auth.user_model
    return bool(path) and import_object(path) is model


def _is_shown_of_user(model: type[Any]) -> bool:
    """Tell whether rows of a class are who logs in, or what such a one belongs to."""
    path = settings().auth.user_model
    if not path:
        return False
    user = import_object(path)
    parents = read(user).parents.values()
    return model is user or model in {concrete(one.mapper.class_) for one in parents}


def _counted_on(reading: Reading) -> set[str]:
    """Return columns that may be empty, and that applications count on when a user logs in."""
    found = {
        key
        for key, one in reading.fields.items()
        if isinstance(one.type, t.String)
        and one.default is None
        and re.fullmatch(r"e?mail(_address)?|((user|first|last|full|display)_?)?name|slug", key)
    }
    annotations = getattr(reading.model, "__annotations__", {})
    for name, relationship in reading.parents.items():
        says = str(annotations.get(name, "None"))
        other = concrete(relationship.mapper.class_)
        is_apart = other is not reading.model and reading.model not in required_by(other)
        if is_apart and "None" not in says and "Optional" not in says:
            found |= {*reading.local_keys(relationship)}
    return found


def _said_to_be_there(reading: Reading) -> set[str]:
    """Return what nobody says may be empty, though the database takes it: code counts on it.

    Those are texts and numbers whose annotation has no None, and columns of `Column(String)`, which
    may be empty for want of a word.
    """
    optional = says_of_none(reading.model)
    checked = {key for check in reading.checks for key in check.columns}
    return {
        key
        for key, one in reading.fields.items()
        if one.column.nullable
        and one.default is None
        and key not in checked
        and not optional.get(key, _is_said_to_be_nullable(one))
        and not reading.is_key(key)
        and is_certain(one)
        and _python_type(one) in {str, int, float, Decimal}
        and not _TURNS.search(key)
    }


def _is_said_to_be_nullable(one: Field) -> bool:
    said = getattr(one.column, "_user_defined_nullable", True)
    return said is True or one.column.server_default is not None


def _python_type(one: Field) -> type | None:
    try:
        return one.column.type.python_type
    except NotImplementedError:
        return None


def _opens(one: Field) -> bool:
    """Tell whether a user may not log in as long as this is false."""
    if not isinstance(one.type, t.Boolean):
        return False  # A default of another type may be one that no set can be asked for.
    is_false = one.required or one.default in {False, "false", "0", "f"}
    words = {*one.key.split("_")}
    # Of what is enabled most are features: notifications, a public profile.
    is_enabled = "enabled" in words and words <= {"is", "enabled", "account", "user", "login"}
    says = is_enabled or not words.isdisjoint({"active", "verified", "confirmed", "approved"})
    return is_false and says and not SECOND_FACTOR.search(one.key)


def _of_login(model: type[Any], fields: dict[str, Field]) -> dict[str, Value]:
    """Return what the user who logs in needs beyond what the table asks for."""
    auth = settings().auth
    if not logs_in(model):
        return {}
    named = (auth.user_login_attribute, auth.user_password_attribute, *auth.user_flags.split())
    for name in filter(None, named):
        if not hasattr(model, name):
            raise SettingsError(
                f"{model.__name__} has no {name!r}, which [auth] of harness.toml names.",
                "Correct user_login_attribute, user_password_attribute or user_flags there; the "
                "one of the password is empty where users have none.",
            )
    flags = {*auth.user_flags.split(), *(key for key, one in fields.items() if _opens(one))}
    found = {flag: Value("True") for flag in sorted(flags)}
    if auth.user_password_attribute:
        # A project without a login has no such module.
        hashed = import_object("test_harness.application.passwords:hashed_password")
        value = Value("hashed_password()", {"hashed_password": hashed})
        found[auth.user_password_attribute] = value
    return found
