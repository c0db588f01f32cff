"""Which files the sample application has: layers of real Python trees, laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .copied import files_below

# What is around the login of every sample that has one.
_FLOWS: dict[str, str | int] = {
    "signup_path": "/auth/signup",
    "signup_payload": '{"email": "$email", "password": "$password"}',
    "signup_status": 202,
    "signup_again_status": 202,
    "verify_path": "/auth/verify",
    "verify_payload": '{"token": "$token"}',
    "verify_status": 204,
    "reset_request_path": "/auth/password/forgot",
    "reset_request_payload": '{"email": "$email"}',
    "reset_request_status": 202,
    "reset_confirm_path": "/auth/password/reset",
    "reset_confirm_payload": '{"token": "$token", "password": "$password"}',
    "reset_confirm_status": 204,
    "login_limit": 5,
}
_LOGOUT: dict[str, str | int] = {"logout_path": "/auth/logout", "logout_status": 204}
_TOKENS: dict[str, str | int] = {
    "refresh_path": "/auth/refresh",
    "refresh_reuse": "ends",
    "required_claims": "aud sub ver sid jti exp",
}
_COOKIE = "HttpOnly Secure SameSite=lax Path="
_FLOWS_OF: Mapping[str, Mapping[str, str | int]] = {
    "jwt_bearer": {
        **_LOGOUT,
        **_TOKENS,
        "refresh_payload": '{"refresh_token": "$token"}',
        "refresh_status": 200,
        "socket_token": "query:token",
    },
    "jwt_cookie": {
        **_LOGOUT,
        **_TOKENS,
        "refresh_status": 204,
        "cookie_flags": f"{_COOKIE}/",
        "refresh_cookie_flags": f"{_COOKIE}/auth",
        "socket_token": "cookie",
    },
    "session_cookie": {**_LOGOUT, "cookie_flags": f"{_COOKIE}/", "socket_token": "cookie"},
    # Giving up a key is no logout of one device: a user has one key.
    "api_key": {"socket_token": "header"},
    "http_basic": {"socket_token": "header"},
}

# What an application with each way to log in consists of; a later part may replace files.
PARTS: Mapping[str, tuple[str, ...]] = {
    "none": ("base", "none"),
    "jwt_bearer": ("base", "login", "jwt", "auth_jwt_bearer"),
    "jwt_cookie": ("base", "login", "jwt", "cookie", "auth_jwt_cookie"),
    "session_cookie": ("base", "login", "cookie", "auth_session_cookie"),
    "api_key": ("base", "login", "auth_api_key"),
    "http_basic": ("base", "login", "auth_http_basic"),
}


def sample_flows(auth_and_framework: list[str]) -> dict[str, str | int]:
    """Return what `[flows]` of the settings says of a sample.

    Args:
        auth_and_framework: How its clients log in; the framework it is written with.
    """
    auth, framework = auth_and_framework
    if auth == "none":
        return {}
    socket = {} if framework == "flask" else {"socket_path": "/ws"}
    return {**_FLOWS, **_FLOWS_OF[auth], **socket}


def sample_files(
    template: Path, framework: str, mode: str, auth: str, tests_dir: str
) -> dict[str, str]:
    """Return where each file of a sample goes and which file of the template it comes from.

    Args:
        template: The root of the template.
        framework: The framework that the sample is written with.
        mode: `async`, `sync` or `both`.
        auth: How its clients log in.
        tests_dir: What the folder `tests` of a layer is called in the destination.

    Raises:
        FileNotFoundError: There is no such sample.
    """
    samples = Path(template) / "samples"
    main_mode = "sync" if mode == "sync" else "async"
    stacks = ["shared", main_mode, f"{framework}_{main_mode}"]
    if framework != "flask":
        stacks += ["asgi", f"asgi_{main_mode}"]
    if mode == "both":
        stacks.append("both")
    if not (samples / stacks[2]).is_dir():
        raise FileNotFoundError(f"the template has no sample {stacks[2]!r}")
    files: dict[str, str] = {}
    for layer in (f"{stack}/{part}" for part in PARTS[auth] for stack in stacks):
        for relative in files_below(samples / layer):
            first, slash, rest = relative.partition("/")
            place = f"{tests_dir}/{rest}" if first == "tests" and slash else relative
            files[place] = f"samples/{layer}/{relative}"
    return files
