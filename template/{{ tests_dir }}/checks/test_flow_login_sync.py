# mypy: ignore-errors
"""Checks of who may log in, how often, and what the application gives away."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from test_harness.application.assertions import assert_status
from test_harness.application.clients import ANONYMOUS
from test_harness.auth.answers import cookie_flags
from test_harness.auth.flows.account import assert_no_password, without_cookies
from test_harness.auth.flows.steps_sync import assert_stays_out, enter, get_in, log_in_as
from test_harness.auth.login_sync import log_in
from test_harness.auth.refusals import status_of
from test_harness.auth.styles import PASSWORD, fields_of, login_request, style
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import CredentialOf, MakeClient
from test_harness.settings import settings

pytestmark = [pytest.mark.api, pytest.mark.usefixtures("db")]

AUTH, FLOWS = settings().auth, settings().flows

security = pytest.mark.security
logs_in = pytest.mark.needs("auth.login_path", "login")
needs_password = pytest.mark.needs("auth.user_password_attribute", "passwords")
needs_session = pytest.mark.needs("auth.session_cookie", "session cookie")
needs_state = pytest.mark.needs("auth.active_attribute", "inactive users")
needs_verification = pytest.mark.needs("auth.verified_attribute", "unverified users")
sends_json = pytest.mark.skipif(AUTH.login_encoding != "json", reason="a login is no JSON")
has_cookies = pytest.mark.skipif(
    AUTH.style not in {"jwt_cookie", "session_cookie"}, reason="a login sets no cookies"
)


@security
@needs_password
@needs_state
def test_an_inactive_user_is_refused(make_client: MakeClient) -> None:
    user = user_factory().create(**{AUTH.active_attribute: False})
    assert_stays_out(make_client, user, status=FLOWS.inactive_status)


@security
@needs_password
@needs_verification
def test_an_unverified_user_is_refused(make_client: MakeClient) -> None:
    user = user_factory().create(**{AUTH.verified_attribute: False})
    assert_stays_out(make_client, user, status=FLOWS.unverified_status)


@security
@needs_state
def test_a_user_who_becomes_inactive_is_out(make_client: MakeClient, db: Any) -> None:
    user = user_factory().create()
    credential = log_in_as(make_client, user)
    assert_status(get_in(make_client, credential), AUTH.opened_status)
    setattr(user, AUTH.active_attribute, False)
    db.flush()
    assert_status(get_in(make_client, credential), FLOWS.deactivated_status)


@security
@logs_in
def test_a_refused_login_leaves_nobody_logged_in(make_client: MakeClient) -> None:
    client = make_client()
    user = user_factory().create()
    response = log_in(client, user, f"{PASSWORD}-wrong")
    assert_status(response, AUTH.login_refused_status)
    assert without_cookies(response), f"it set {list(response.cookies)}"
    assert_status(client.get(AUTH.protected_path), AUTH.no_token_status)


@logs_in
@pytest.mark.skipif(AUTH.login_encoding == "basic", reason="a login has no fields")
@pytest.mark.parametrize(
    ("field", "kind"),
    [("login_field", "login_without_name"), ("password_field", "login_without_password")],
    ids=["login_field", "password_field"],
)
def test_a_login_that_lacks_a_field_is_malformed(
    client: httpx2.Client, field: str, kind: str
) -> None:
    request = login_request(user_factory().create())
    payload = fields_of(request)
    inner = payload[AUTH.login_nested_in] if AUTH.login_nested_in else payload
    del inner[getattr(AUTH, field)]
    assert_status(client.post(**request), status_of(kind))


@logs_in
@sends_json
@pytest.mark.parametrize(
    ("kind", "password"),
    [("null", None), ("object", {"$ne": ""}), ("list", [PASSWORD])],
    ids=["null", "object", "list"],
)
def test_a_login_whose_password_is_no_text_is_malformed(
    client: httpx2.Client, kind: str, password: Any
) -> None:
    request = login_request(user_factory().create(), password)
    assert_status(client.post(**request), status_of(f"password_{kind}"))


@logs_in
@sends_json
@pytest.mark.parametrize(
    ("kind", "content"),
    [("nothing", ""), ("half", "{"), ("list", "[]"), ("null", "null")],
    ids=["nothing", "half", "list", "null"],
)
def test_a_login_that_is_no_object_is_malformed(
    client: httpx2.Client, kind: str, content: str
) -> None:
    request = login_request(user_factory().create())
    headers = {"Content-Type": "application/json"}
    response = client.post(request["url"], content=content, headers=headers)
    assert_status(response, status_of(f"body_{kind}"))


@security
@needs_password
def test_what_a_user_reads_of_themselves_has_no_password(
    make_client: MakeClient, credential_of: CredentialOf
) -> None:
    user = user_factory().create()
    response = get_in(make_client, credential_of(user))
    assert_status(response, AUTH.opened_status)
    assert_no_password(response, getattr(user, AUTH.user_password_attribute))


@security
@needs_password
@pytest.mark.needs("flows.login_limit", "limit of logins")
def test_logins_are_limited(make_client: MakeClient, rate_limits: bool) -> None:
    user = user_factory().create()
    for _ in range(FLOWS.login_limit):
        refused = enter(make_client, user, f"{PASSWORD}-wrong")
        assert_status(refused, AUTH.login_refused_status)
    assert_status(enter(make_client, user), FLOWS.limited_status)


@security
@has_cookies
@logs_in
def test_cookies_are_set_as_they_shall_be(make_client: MakeClient) -> None:
    response = log_in(make_client(), user_factory().create())
    style().from_login(response)
    expected = {
        AUTH.access_cookie or AUTH.session_cookie: FLOWS.cookie_flags,
        AUTH.refresh_cookie: FLOWS.refresh_cookie_flags or FLOWS.cookie_flags,
    }
    found = cookie_flags(response)
    for name, flags in expected.items():
        if name:
            assert name in found, f"a login sets {list(found)}, and no cookie {name!r}"
            assert found[name] == set(flags.lower().split()), f"the flags of the cookie {name!r}"


@security
@needs_session
def test_a_login_does_not_take_over_a_session(make_client: MakeClient) -> None:
    planted = style().with_token(ANONYMOUS, "planted-0123456789abcdef0123456789abcdef")
    response = log_in(make_client(planted), user_factory().create())
    given = style().from_login(response)
    assert style().token(given) != style().token(planted), "the cookie is the one sent beforehand"
    assert_status(get_in(make_client, planted), status_of("tampered"))


@security
@needs_session
def test_a_login_does_not_continue_the_session_of_another(
    make_client: MakeClient, credential_of: CredentialOf
) -> None:
    before = credential_of(user_factory().create())
    other = user_factory().create()
    log_in(make_client(before), other)
    # An application may send on who is logged in already; they only must not become the other.
    shown = (get_in(make_client, before)).text
    assert str(getattr(other, AUTH.user_login_attribute)) not in shown
