"""The one list of what the template supports."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "framework": ("fastapi", "flask", "litestar", "starlette", "none"),
    "database_engine": ("sqlite", "postgresql", "mysql"),
    "mode": ("async", "sync", "both"),
    "auth": ("jwt_bearer", "jwt_cookie", "session_cookie", "api_key", "http_basic", "none"),
}

# What the sample application, for a folder without one, is written with, in which modes.
SAMPLE_MODES: Mapping[str, tuple[str, ...]] = {
    "fastapi": ("async", "sync", "both"),
    "flask": ("sync",),
    "litestar": ("async", "both"),
}

DRIVERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("sqlite", "async"): ("aiosqlite",),
    ("sqlite", "both"): ("aiosqlite",),
    ("sqlite", "sync"): ("pysqlite",),
    ("postgresql", "async"): ("asyncpg", "psycopg"),
    ("postgresql", "both"): ("psycopg", "asyncpg"),
    ("postgresql", "sync"): ("psycopg", "psycopg2"),
    ("mysql", "async"): ("asyncmy", "aiomysql"),
    ("mysql", "both"): ("asyncmy", "aiomysql"),
    ("mysql", "sync"): ("pymysql",),
}

# Of Python, oldest first, and the one that CI runs where the application has no objection.
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
_USUAL_PYTHON = "3.13"

# What the harness has to know of each way to log in.
_OF_USERS = ("user_model", "protected_path")
_OF_PASSWORDS = (*_OF_USERS, "user_password_attribute", "password_hasher")
LOGIN_FACTS: Mapping[str, tuple[str, ...]] = {
    "jwt_bearer": (*_OF_PASSWORDS, "login_path", "token_field"),
    "jwt_cookie": (*_OF_PASSWORDS, "login_path", "access_cookie"),
    "session_cookie": (*_OF_PASSWORDS, "login_path", "session_cookie"),
    "api_key": (*_OF_USERS, "api_key_name", "api_key_attribute"),
    "http_basic": _OF_PASSWORDS,
}


# What `[flows]` of the settings may say.
FLOW_KEYS = (
    "encoding", "malformed_status", "unreadable_status", "inactive_status", "unverified_status",
    "ended_status", "deactivated_status", "required_claims", "login_limit", "limited_status",
    "signup_path", "signup_payload", "signup_status", "signup_again_status", "weak_passwords",
    "weak_password_status",
    "verify_path", "verify_payload", "verify_status", "verify_refused_status", "refresh_path",
    "refresh_payload", "refresh_token_field", "refresh_status", "refresh_refused_status",
    "refresh_reuse", "refresh_reused_status", "logout_path", "logout_payload", "logout_status",
    "logout_reuse",
    "reset_request_path", "reset_request_payload", "reset_request_status", "reset_confirm_path",
    "reset_confirm_payload", "reset_confirm_status", "reset_refused_status", "reset_minutes",
    "invite_path", "invite_payload", "invite_status", "invite_role", "invite_forbidden_status",
    "invite_id_field", "invite_accept_path", "invite_accept_payload", "invite_accept_status",
    "invite_refused_status", "invite_minutes", "invite_resend_path", "invite_resend_payload",
    "invite_resend_status", "invite_cancel_path", "invite_cancel_status",
    "mail_token_pattern", "cookie_flags", "refresh_cookie_flags", "socket_path", "socket_token",
    "socket_refused_code", "socketio_path", "socketio_app", "socketio_namespace",
    "socketio_token",
)  # fmt: skip


def user_states(flags: Sequence[str]) -> dict[str, str]:
    """Return which settings the flags of a user are, such as `is_active`, that let it log in."""
    kinds = {
        "active_attribute": r"(?i)activ(e|ated)$|enabled",
        "verified_attribute": r"(?i)verif|confirm",
    }
    found = {
        key: next((flag for flag in flags if re.search(pattern, flag)), "")
        for key, pattern in kinds.items()
    }
    return {key: flag for key, flag in found.items() if flag}


def flows_refusal(flows: Any) -> str:
    """Say which line about what is around the login cannot be used; empty when all can."""
    if not isinstance(flows, Mapping):
        return "Write one `key: value` a line, for example `logout_path: /auth/logout`, or {}."
    for key, value in flows.items():
        if key not in FLOW_KEYS:
            near = difflib.get_close_matches(str(key), FLOW_KEYS, n=1)
            return f"There is no {key!r}: {f'write {near[0]}' if near else 'delete the line'}."
        if not isinstance(value, (str, int)):
            return f"{key} is neither text nor a number: put its value in quotes."
        if key.endswith("_payload") and value and not _is_object(str(value)):
            return f'{key} is no JSON object: write it as {{"email": "$email"}}.'
    return ""


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def fitting_pythons(asked: str | None) -> list[str]:
    """Return on which versions of Python CI runs unless somebody says otherwise.

    Args:
        asked: What the application asks for, such as `>=3.11,<3.13`; nothing where it does not.
    """
    try:
        fits = SpecifierSet(asked or "")
    except InvalidSpecifier:
        return [_USUAL_PYTHON]
    # A bound such as `>=3.11.4` is of a release of that version.
    able = [it for it in PYTHONS if any(fits.contains(f"{it}.{patch}") for patch in range(30))]
    usual = [it for it in able if PYTHONS.index(it) <= PYTHONS.index(_USUAL_PYTHON)]
    return usual[-1:] or able[:1] or [_USUAL_PYTHON]


def fitting_driver(engine_and_mode: Sequence[str], found: Mapping[str, Any]) -> str:
    """Return the driver that was found if it fits the engine and mode, else the usual one.

    Args:
        engine_and_mode: Both, and where it is found if not as `database_driver`.
        found: What was read from the project.
    """
    engine, mode, *rest = engine_and_mode
    fitting = DRIVERS.get((engine, mode), ("",))
    driver = str(found.get(rest[0] if rest else "database_driver", ""))
    return driver if driver in fitting else fitting[0]


def framework_that_was_found(found: Mapping[str, Any]) -> str:
    """Return the framework, `none` for one that the harness has no client for."""
    framework = str(found.get("framework", ""))
    return framework if framework in SUPPORTED["framework"] or not framework else "none"


def login_that_was_found(found: Mapping[str, Any]) -> str:
    """Return how clients log in, `none` unless all that a login needs was found with it."""
    style = str(found.get("auth", ""))
    if style not in LOGIN_FACTS or found.get("login_obstacle"):
        return "none"
    return style if all(found.get(fact) for fact in LOGIN_FACTS[style]) else "none"


def refusal(answer: Any, question: str, answers: Mapping[str, Any] | None = None) -> str:
    """Say why an answer cannot be used, in one sentence, and what to answer instead.

    Args:
        answer: The answer to check.
        question: The question it answers.
        answers: What it has to agree with: `engine` and `mode` for a driver, `sample` for a
            framework, a mode (with `framework`) and for auth, Copier's `_copier_conf` for a folder.

    Returns:
        The message, empty when the answer is fine.
    """
    if question == "driver":
        return _driver_refusal(str(answer), answers or {})
    if question == "tests_dir":
        return _folder_refusal(str(answer), answers or {})
    if (answers or {}).get("sample"):
        return _sample_refusal(str(answer), question, answers or {})
    if answer in SUPPORTED[question]:
        return ""
    return f"{answer!r} is not supported: answer {' or '.join(SUPPORTED[question])}."


def _sample_refusal(answer: str, question: str, answers: Mapping[str, Any]) -> str:
    if question == "framework" and answer not in SAMPLE_MODES:
        return f"There is no sample application in {answer}: answer {' or '.join(SAMPLE_MODES)}."
    framework = str(answers.get("framework"))
    if question == "mode" and answer not in SAMPLE_MODES[framework]:
        modes = " or ".join(SAMPLE_MODES[framework])
        return f"The sample application in {framework} is not {answer}: answer {modes}."
    return ""


def _driver_refusal(driver: str, answers: Mapping[str, Any]) -> str:
    engine, mode = str(answers["engine"]), str(answers["mode"])
    fitting = DRIVERS[engine, mode]
    if driver in fitting:
        return ""
    for (other_engine, other_mode), drivers in DRIVERS.items():
        if driver in drivers and other_engine != engine:
            return f"{driver} is a driver for {other_engine}, not for {engine}: use {fitting[0]}."
        if driver in drivers and other_mode != mode:
            return (
                f"{driver} is a driver for {other_mode} applications, but this one is {mode}: "
                f"use {fitting[0]}, or answer {other_mode}."
            )
    return f"{driver!r} is not supported: use {' or '.join(fitting)}."


# Folders that the sample has beside its tests.
_OF_THE_SAMPLE = ("app", "migrations")


def _folder_refusal(folder: str, known: Mapping[str, Any]) -> str:
    conf = known["conf"]
    path, answers = Path(conf["dst_path"], folder), Path(conf["dst_path"], conf["answers_file"])
    if folder == "test_harness":
        return "test_harness is what the engine is called: choose another, say tests_harness."
    if known["sample"] and folder in _OF_THE_SAMPLE:
        return f"{folder} is a folder of the sample application: choose another, say tests."
    # An update finds the harness where it was rendered.
    was = f"tests_dir: {folder}\n"
    if answers.is_file() and was in answers.read_text(encoding="utf-8"):
        return ""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return ""
    if folder in {"tests", "tests_harness"}:
        return f"{folder} is there already and stays as it is: choose another folder."
    return f"{folder} is there already and stays as it is: choose another, say {folder}_harness."
