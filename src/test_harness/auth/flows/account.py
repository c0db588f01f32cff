"""Requests around a login, as `[flows]` of harness.toml has them, and what they are sent with."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from string import Template
from typing import Any
from urllib.parse import quote

import pytest

from test_harness.application.clients import ANONYMOUS
from test_harness.auth.answers import field_of
from test_harness.auth.styles import PASSWORD, Credential, style
from test_harness.settings import settings

NEW_PASSWORD = "Another-Horse-8-Battery!"  # noqa: S105 - strong enough for the application


@dataclass(frozen=True)
class Account:
    """Somebody who is no user yet: what a signup is sent."""

    login: str
    password: str = NEW_PASSWORD

    @classmethod
    def new(cls) -> Account:
        """Return an account that nobody has."""
        from test_harness.factories.base import user_factory

        return cls.of(user_factory().build())

    @classmethod
    def of(cls, user: Any, password: str = NEW_PASSWORD) -> Account:
        """Return the account of a user."""
        return cls(str(getattr(user, settings().auth.user_login_attribute)), password)

    @property
    def email(self) -> str:
        """Where its mails go."""
        return self.login if "@" in self.login else f"{self.login}@example.com"

    def __getattr__(self, name: str) -> Any:
        # What logs a user in reads the attribute that the settings name.
        if name == settings().auth.user_login_attribute:
            return self.login
        raise AttributeError(name)


def request(
    step: str,
    account: Account | None = None,
    token: str = "",
    access: str = "",
    *,
    user: Any = None,
    invitation: str = "",
) -> dict[str, Any]:
    """Return what to pass to `client.request()`.

    Args:
        step: What is done, such as `signup`: the beginning of its keys in the settings.
        account: Who does it.
        token: Of a mail, or for a refresh or a logout.
        access: What is shown beside that at a refresh or a logout.
        user: Whose attributes stand in the path as `{user.attribute}`; nobody's if None.
        invitation: Its key, where one is sent again or cancelled.
    """
    flows = settings().flows
    values = {"token": token, "access": access, "invitation": invitation}
    if account is not None:
        values |= {
            "login": account.login,
            "email": account.email,
            "name": account.login.partition("@")[0],
            "password": account.password,
        }
    method, _, path = getattr(flows, f"{step}_path").rpartition(" ")
    path = path if user is None else path.format(user=user)
    quoted = {name: quote(value, safe="") for name, value in values.items()}
    sent: dict[str, Any] = {"method": method or "POST", "url": Template(path).substitute(quoted)}
    payload = getattr(flows, f"{step}_payload", "")
    if payload:
        kind = "data" if flows.encoding == "form" else "json"
        sent[kind] = _filled(json.loads(payload), values)
    return sent


def _filled(template: Any, values: dict[str, str]) -> Any:
    if isinstance(template, dict):
        return {key: _filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    return Template(template).substitute(values) if isinstance(template, str) else template


def refresh_token(response: Any) -> str:
    """Return the refresh token that the application gave with an answer.

    Raises:
        AssertionError: It gave none.
    """
    name = settings().auth.refresh_cookie
    token = response.cookies.get(name) if name else ""
    token = token or field_of(response, settings().flows.refresh_token_field)
    assert token, (
        f"{response.request.method} {response.request.url.path} gave no refresh token; "
        "correct refresh_token_field of [flows] or refresh_cookie of [auth] in harness.toml"
    )
    return str(token)


def refresh_credential(credential: Credential, token: str) -> Credential:
    """Return what a client shows that trades a refresh token: it is there or in the payload."""
    auth = settings().auth
    if settings().flows.refresh_payload:
        return ANONYMOUS
    if not auth.refresh_cookie:
        return style().with_token(credential, token)
    cookies = {**credential.cookies, auth.refresh_cookie: token}
    repeated = cookies.get(auth.csrf_cookie.replace("access", "refresh"))
    headers = {auth.csrf_header: repeated} if auth.csrf_header and repeated else {}
    return replace(credential, cookies=cookies, headers={**credential.headers, **headers})


def logout_request(credential: Credential, login: Any) -> dict[str, Any]:
    """Return what ends a login: its credential is shown, and what its payload wants is in it.

    Args:
        credential: What the client shows.
        login: The answer to its login; None where there was none.

    Raises:
        AssertionError: The payload wants a refresh token, and the login gave none.
    """
    wanted = re.findall(r"\$\{?(\w+)", settings().flows.logout_payload)
    token = ""
    if "token" in wanted:
        assert login is not None, (
            "a logout wants a refresh token, and nobody has logged in to get one; "
            "correct logout_payload of [flows] in harness.toml"
        )
        token = refresh_token(login)
    access = style().token(credential) if "access" in wanted else ""
    return request("logout", token=token, access=access)


def without_cookies(response: Any) -> bool:
    """Tell whether an answer hands out no token. A session is there before a login as well."""
    auth = settings().auth
    names = {auth.access_cookie, auth.refresh_cookie} - {""}
    return not any(response.cookies.get(name) for name in names)


def assert_no_password(response: Any, *hashes: str | bytes) -> None:
    """See that an answer shows no password that tests use, and none of the stored ones."""
    __tracebackhide__ = True
    for secret in (PASSWORD, NEW_PASSWORD, *hashes):
        hidden = secret.encode() if isinstance(secret, str) else secret
        if hidden and hidden in response.content:
            request = response.request
            pytest.fail(
                f"{request.method} {request.url.path} shows a password or its hash: "
                f"{response.text[:500]}",
                pytrace=True,
            )
