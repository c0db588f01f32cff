"""What the application answers to a login: accepted or not, its fields and its cookies."""

from __future__ import annotations

from dataclasses import replace
from http.cookies import SimpleCookie
from typing import Any

from test_harness.application.clients import Credential
from test_harness.application.tracebacks import told
from test_harness.errors import LoginError
from test_harness.runtime.process import runtime
from test_harness.settings import settings

SHOWN_CHARACTERS = 500
_proven: set[str] = set()
TOO_MANY = ("too many", "rate limit", "ratelimit", "slow down")
SECOND_FACTORS = ("mfa", "otp", "2fa", "two_factor", "two-factor", "second factor")


def factory_name() -> str:
    """Return what the factory of users is called, for messages."""
    return f"{settings().auth.user_model.rpartition(':')[2] or 'User'}Factory"


def refused(problem: str, fix: str, response: Any) -> LoginError:
    """Return an error that shows the request and the answer to it."""
    request = response.request
    sent = request.read().decode(errors="replace")[:SHOWN_CHARACTERS]
    said = told(response.text, SHOWN_CHARACTERS)
    return LoginError(
        f"{problem} {request.method} {request.url.path} with {sent or 'no body'} answered "
        f"{response.status_code}: {said or 'nothing'}",
        fix,
    )


def check_accepted(response: Any) -> None:
    """See that the application did not refuse the login.

    Raises:
        LoginError: It did; the message says what is most likely wrong.
    """
    status, said = response.status_code, response.text.lower()
    if status < 400:
        return
    factory = factory_name()
    problem = f"The login of a user made by {factory} was refused."
    if status >= 500:
        problem = f"The application failed at the login of a user made by {factory}."
        fix = "Mend the route, or give what it needs (a service, a setting) in test.env."
    elif status == 429 or any(words in said for words in TOO_MANY):
        limit = response.headers.get("x-ratelimit-limit") or response.headers.get("retry-after")
        shown = f" (its headers say {limit})" if limit else ""
        problem = f"The application limits how often somebody may log in{shown}."
        fix = (
            "Set in test.env the variable that switches the limit off or makes it high, or replace "
            "in conftest.py what counts; the limits of slowapi, Flask-Limiter, fastapi-limiter, "
            "limits and Litestar are off in tests already."
        )
    elif status in (404, 405) and response.request.url.path == settings().auth.login_path:
        problem = "Users do not log in there."
        fix = "Correct [auth] login_path in harness.toml."
    elif "csrf" in said or "xsrf" in said:
        problem = "The login demands a token against forged requests."
        fix = (
            "Name the field of its form as [auth] csrf_field in harness.toml, or the cookie and "
            "the header that repeats it as csrf_cookie and csrf_header."
        )
    elif asks_for_second_factor(said):
        problem = "The login demands a second factor."
        fix = f"Have {factory} make users without one."
    elif "tenant" in said or "organi" in said:
        problem = "The login demands a tenant."
        fix = (
            'Give it in harness.toml: [auth] login_extra = "tenant=acme", or '
            'login_path = "/{user.tenant.slug}/login".'
        )
    elif status in (400, 415, 422):
        fix = (
            "Compare login_encoding, login_field, password_field and login_nested_in under [auth] "
            "in harness.toml with what the route reads."
        )
    else:
        fix = (
            f"Compare {factory} with what the route demands of a user (active, verified), and "
            "[auth] password_hasher in harness.toml with what the route checks."
        )
    if shut_out := runtime().network.blocked:
        problem = f"{problem} Meanwhile {shut_out[-1]}"
        fix = (
            "Replace that call in conftest.py for all tests, or name its host in [application] "
            "allowed_hosts of harness.toml."
        )
    raise refused(problem, fix, response)


def is_to_be_proven(style: str) -> bool:
    """Tell whether a login in a style has to be seen to open something.

    The first has to; and each that stands for a session, because a form that refuses is answered
    with a page and a session too.
    """
    if not settings().auth.protected_path or style in _proven:
        return False
    if style != "session_cookie":
        _proven.add(style)
    return True


def check_opened(login: Any, opened: Any) -> None:
    """See that what a login gave opens the protected path.

    Args:
        login: The answer to the login.
        opened: The answer of the protected path to who shows what the login gave.

    Raises:
        LoginError: It does not.
    """
    auth = settings().auth
    path = f"GET {auth.protected_path} answered {opened.status_code}"
    if opened.status_code == 404 != auth.opened_status:
        raise refused(
            f"There is no protected path to see a login by: {path}.",
            "Correct [auth] protected_path in harness.toml.",
            login,
        )
    if opened.status_code in (401, auth.no_token_status):
        raise refused(
            f"The application did not log the user in, though it answered the login: {path}.",
            f"Compare {factory_name()} with what the route demands of a user (active, verified), "
            "and [auth] password_hasher and protected_path in harness.toml with the application.",
            login,
        )


def asks_for_second_factor(said: str) -> bool:
    """Tell whether an answer to a login wants a further code."""
    return any(word in said for word in SECOND_FACTORS)


def field_of(response: Any, path: str) -> str:
    """Return the text at a path such as `user.token` in a JSON body, empty where there is none."""
    found = _found_at(response, path)
    return found if isinstance(found, str) else ""


def identity_in(response: Any, path: str) -> str:
    """Return the number or text at a path such as `data.id` in a JSON body; empty without one."""
    found = _found_at(response, path)
    return str(found) if isinstance(found, (str, int)) else ""


def _found_at(response: Any, path: str) -> Any:
    is_json = "json" in response.headers.get("content-type", "")
    found = response.json() if is_json else None
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def cookies_of(response: Any) -> Credential:
    """Return the cookies that a client has after `response`, as browsers on localhost keep them."""
    cookies: dict[str, str] = {}
    paths: dict[str, str] = {}
    for name, sent in SimpleCookie(response.request.headers.get("cookie", "")).items():
        cookies[name] = sent.value
    for line in response.headers.get_list("set-cookie"):
        for name, given in SimpleCookie(line).items():
            if given["max-age"] == "0" or not given.value:
                cookies.pop(name, None)
                continue
            cookies[name] = given.value
            if given["path"] not in ("", "/"):
                paths[name] = given["path"]
    return Credential(cookies=cookies, paths=paths)


def cookie_flags(response: Any) -> dict[str, set[str]]:
    """Return the flags of each cookie that a response sets, in small letters: `samesite=lax`."""
    found: dict[str, set[str]] = {}
    for line in response.headers.get_list("set-cookie"):
        for name, cookie in SimpleCookie(line).items():
            flags = {flag for flag in ("httponly", "secure") if cookie[flag]}
            flags |= {f"{key}={cookie[key]}" for key in ("samesite", "path") if cookie[key]}
            found[name] = {flag.lower() for flag in flags}
    return found


def with_csrf_header(credential: Credential) -> Credential:
    """Return `credential` with the header that repeats a cookie, where one has to."""
    auth = settings().auth
    if not auth.csrf_header or auth.csrf_cookie not in credential.cookies:
        return credential
    repeated = {auth.csrf_header: credential.cookies[auth.csrf_cookie]}
    return replace(credential, headers={**credential.headers, **repeated})
