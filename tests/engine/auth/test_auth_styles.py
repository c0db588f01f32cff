"""Each way to log in: what is read off an answer, made without one, and said where it fails."""

# ruff: noqa: S106 - names of fields and of variables

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx2
import pytest
import time_machine

from tests.projects import forget_what_was_read, harness_toml, project_in
from tests.worlds import build_tree

KEY = "only-for-tests-0123456789abcdef0123456789"

STYLES = ("jwt_bearer", "jwt_cookie", "session_cookie", "api_key", "http_basic")

Respond = Callable[..., httpx2.Response]


HARNESS_TOML = harness_toml(project="shop", framework="fastapi", metadata="shop:Base")


@pytest.fixture
def auth(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Set what [auth] and [flows] of harness.toml say."""

    def answer(*, flows: dict[str, Any] | None = None, **values: Any) -> None:
        tables = {"auth": {"login_path": "/login", **values}, "flows": flows or {}}
        lines = [HARNESS_TOML]
        for table, said in tables.items():
            lines += [f"[{table}]", *(f"{key} = {json.dumps(it)}" for key, it in said.items())]
        (tmp_path / "harness.toml").write_text("\n".join(lines), encoding="utf-8")
        forget_what_was_read()

    for name in (*STYLES, "refusals", "flows.account"):
        __import__(f"test_harness.auth.{name}")
    monkeypatch.setattr(sys.modules["test_harness.auth.keys"], "application", lambda: None)
    with project_in(tmp_path):
        yield answer


def respond(status: int = 200, *, cookies: list[str] | None = None, **body: Any) -> httpx2.Response:
    """Return an answer to a login."""
    headers = [("set-cookie", line) for line in cookies or []]
    content: dict[str, Any] = body if "text" in body or "json" in body else {"json": {}}
    request = httpx2.Request("POST", "http://localhost/login", json={"email": "ada@example.com"})
    return httpx2.Response(status, headers=headers, request=request, **content)


def style(name: str) -> ModuleType:
    return sys.modules[f"test_harness.auth.{name}"]


def refusal(name: str, response: httpx2.Response) -> str:
    from test_harness.errors import LoginError

    with pytest.raises(LoginError) as refused:
        style(name).from_login(response)
    return str(refused.value)


# ---------------------------------------------------------------------------- what a login gives


def test_a_token_is_found_deep_in_an_answer_and_shown_with_its_prefix(
    auth: Callable[..., None],
) -> None:
    auth(style="jwt_bearer", token_field="user.token", token_prefix="Token")
    credential = style("jwt_bearer").from_login(respond(json={"user": {"token": "a.b.c"}}))
    assert credential.headers == {"Authorization": "Token a.b.c"}
    assert style("jwt_bearer").token(credential) == "a.b.c"
    other = style("jwt_bearer").with_token(credential, "d.e.f")
    assert other.headers == {"Authorization": "Token d.e.f"}


def test_cookies_keep_their_paths_and_a_header_repeats_one(auth: Callable[..., None]) -> None:
    auth(style="jwt_cookie", access_cookie="access", csrf_cookie="csrf", csrf_header="X-CSRF")
    cookies = ["access=a.b.c; Path=/api; HttpOnly; Secure", "csrf=123; Path=/", "old=; Max-Age=0"]
    credential = style("jwt_cookie").from_login(respond(cookies=cookies))
    assert credential.cookies == {"access": "a.b.c", "csrf": "123"}
    assert credential.paths == {"access": "/api"}
    assert credential.headers == {"X-CSRF": "123"}


def test_a_cookie_that_was_there_before_the_login_is_kept(auth: Callable[..., None]) -> None:
    auth(style="session_cookie", session_cookie="session")
    response = respond(302)
    response.request.headers["cookie"] = "session=abc; lang=en"
    credential = style("session_cookie").from_login(response)
    assert credential.cookies == {"session": "abc", "lang": "en"}


def test_secure_cookies_are_sent_to_localhost(auth: Callable[..., None]) -> None:
    auth()
    import test_harness.application.clients

    seen = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("cookie"))
        return httpx2.Response(200, headers={"set-cookie": "session=new; Secure; Path=/"})

    make = test_harness.application.clients.client_maker(
        httpx2.Client, httpx2.MockTransport(answer)
    )
    client = make(test_harness.application.clients.Credential(cookies={"session": "old"}))
    client.get("/")
    client.get("/")
    assert seen == ["session=old", "session=new"]


@pytest.mark.parametrize(
    ("payload", "sent"),
    [
        ('{"refresh_token": "$token"}', {"refresh_token": "r.r.r"}),
        ('{"token": "$access"}', {"token": "a.b.c"}),
        ('{"of": {"both": ["$access", "${token}"]}}', {"of": {"both": ["a.b.c", "r.r.r"]}}),
        ("{}", {}),
        ("", None),
    ],
)
def test_a_logout_is_sent_what_its_payload_wants(
    auth: Callable[..., None], payload: str, sent: dict[str, Any] | None
) -> None:
    auth(
        style="jwt_bearer",
        token_field="access_token",
        flows={"logout_path": "DELETE /logout", "logout_payload": payload},
    )
    from test_harness.auth.flows.account import logout_request

    login = respond(json={"access_token": "a.b.c", "refresh_token": "r.r.r"})
    asked = logout_request(style("jwt_bearer").from_login(login), login)
    expected = {"method": "DELETE", "url": "/logout"}
    assert asked == (expected if sent is None else {**expected, "json": sent})


def test_a_logout_that_wants_a_refresh_token_says_where_there_is_none(
    auth: Callable[..., None],
) -> None:
    wants = {"logout_path": "/logout", "logout_payload": '{"refresh_token": "$token"}'}
    auth(style="jwt_bearer", token_field="access_token", flows=wants)
    from test_harness.auth.flows.account import logout_request

    login = respond(json={"access_token": "a.b.c"})
    credential = style("jwt_bearer").from_login(login)
    with pytest.raises(AssertionError, match="gave no refresh token"):
        logout_request(credential, login)
    with pytest.raises(AssertionError, match="correct logout_payload"):
        logout_request(credential, None)


def test_a_key_goes_into_the_header_or_the_query(auth: Callable[..., None]) -> None:
    class User:
        api_key = "k-1"

    auth(style="api_key", api_key_header="X-API-Key", api_key_attribute="api_key")
    assert style("api_key").mint(User()).headers == {"X-API-Key": "k-1"}
    auth(style="api_key", api_key_query="key", api_key_attribute="api_key")
    assert style("api_key").mint(User()).parameters == {"key": "k-1"}


def test_name_and_password_go_with_every_request(auth: Callable[..., None]) -> None:
    class User:
        email = "ada@example.com"

    auth(style="http_basic", user_login_attribute="email")
    credential = style("http_basic").mint(User())
    expected = httpx2.BasicAuth("ada@example.com", "Correct-Horse-7-Battery!")
    request = next(expected.auth_flow(httpx2.Request("GET", "http://localhost/")))
    assert credential.headers == {"Authorization": request.headers["Authorization"]}


def test_a_tenant_in_the_path_a_nested_payload_and_further_fields(
    auth: Callable[..., None],
) -> None:
    from test_harness.auth.styles import login_request

    class User:
        email = "ada@example.com"
        tenant = "acme"

    auth(
        login_path="/{user.tenant}/login", login_encoding="json", login_field="login",
        password_field="password", user_login_attribute="email", login_nested_in="user",
        login_extra="remember=1",
    )  # fmt: skip
    assert login_request(User(), "secret") == {
        "url": "/acme/login",
        "json": {"user": {"remember": "1", "login": "ada@example.com", "password": "secret"}},
    }


@pytest.mark.parametrize(
    ("encoding", "place"), [("json", "json"), ("form", "data"), ("query", "params")]
)
def test_what_a_login_sends_is_where_the_settings_say(
    auth: Callable[..., None], encoding: str, place: str
) -> None:
    from test_harness.auth.styles import fields_of, login_request

    class User:
        email = "ada@example.com"

    auth(
        login_path="/login", login_encoding=encoding, login_field="email",
        password_field="password", user_login_attribute="email",
    )  # fmt: skip
    request = login_request(User(), "secret")
    assert request[place] == {"email": "ada@example.com", "password": "secret"}
    del fields_of(request)["password"]
    assert request == {"url": "/login", place: {"email": "ada@example.com"}}


# ------------------------------------------------------------------------- what is said otherwise


@pytest.mark.parametrize(
    ("status", "text", "problem", "fix"),
    [
        (404, "Not Found", "Users do not log in there.", "Correct [auth] login_path"),
        (500, "boom", "The application failed at the login", "Mend the route"),
        (403, "CSRF token missing", "demands a token against forged", "[auth] csrf_field"),
        (401, "mfa_required", "demands a second factor", "without one"),
        (400, "unknown tenant", "demands a tenant", "login_extra"),
        (422, "field required", "was refused", "login_encoding, login_field"),
        (429, "5 per 1 minute", "limits how often somebody may log in", "in test.env the variable"),
        (403, "Too many attempts", "limits how often somebody may log in", "replace in conftest"),
        (401, "wrong", "was refused", "active, verified"),
    ],
)
def test_a_refused_login_says_what_to_do(
    auth: Callable[..., None], status: int, text: str, problem: str, fix: str
) -> None:
    auth(style="jwt_bearer", token_field="token")
    message = refusal("jwt_bearer", respond(status, text=text))
    assert problem in message.split("\n  Fix: ")[0]
    assert fix in message.split("\n  Fix: ")[1]
    assert f'POST /login with {{"email":"ada@example.com"}} answered {status}: {text}' in message


def test_an_answer_without_what_was_expected_names_it(auth: Callable[..., None]) -> None:
    auth(style="jwt_bearer", token_field="token", access_cookie="access", session_cookie="session")
    assert "has no 'token'" in refusal("jwt_bearer", respond(json={"access_token": "a.b.c"}))
    cookies = respond(cookies=["lang=en"])
    assert "set no cookie 'access'; it set 'lang'" in refusal("jwt_cookie", cookies)
    assert "set no cookie 'session'; it set 'lang'" in refusal("session_cookie", cookies)


def test_a_session_that_opens_nothing_is_no_login(auth: Callable[..., None]) -> None:
    from test_harness.auth.answers import check_opened, is_to_be_proven
    from test_harness.errors import LoginError

    auth(style="session_cookie", protected_path="/me", no_token_status=302)
    assert is_to_be_proven("session_cookie")
    with pytest.raises(LoginError, match="did not log the user in, though it answered"):
        check_opened(respond(200), respond(302))
    with pytest.raises(LoginError, match="There is no protected path"):
        check_opened(respond(200), respond(404))
    check_opened(respond(200), respond(200))


# ------------------------------------------------------------------------------------- what is made


@pytest.fixture
def token_of(auth: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    from test_harness.application.clients import Credential
    from test_harness.auth import minting, tokens

    auth(style="jwt_bearer", user_login_attribute="email", token_key="SECRET_KEY OTHER")
    monkeypatch.setenv("SECRET_KEY", KEY)

    def login(user: dict[str, Any], /, **claims: Any) -> Any:
        now = int(time.time())
        said = {"sub": str(user["id"]), "exp": now + 900, "jti": str(uuid.uuid4()), **claims}
        token = tokens.signed({"alg": "HS256", "typ": "JWT"}, said, KEY)
        return minting.Login(user, Credential({"Authorization": f"Bearer {token}"}), now)

    return login


MAIN = ("header", "Authorization")
ADA = {"id": 7, "email": "ada@example.com", "role": "member"}
BOB = {"id": 8, "email": "bob@example.com", "role": "member"}


def test_a_token_is_made_for_another_user(
    token_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.auth import minting, tokens

    first, second = (token_of(u, user={"email": u["email"]}, role="member") for u in (ADA, BOB))
    recipe = minting.learn(first, second, MAIN)
    monkeypatch.setattr(minting, "attributes_of", lambda user: user)
    eve = {"id": 9, "email": "eve@example.com", "role": "admin"}
    made = recipe.make(eve)
    assert made is not None
    token = made.headers["Authorization"].removeprefix("Bearer ")
    assert tokens.is_signed(token, KEY)
    claims = tokens.claims_of(token)
    assert claims.pop("jti") not in {
        tokens.claims_of(login.credential.headers["Authorization"])["jti"]
        for login in (first, second)
    }
    assert abs(claims.pop("exp") - time.time() - 900) < 5
    assert claims == {"sub": "9", "user": {"email": "eve@example.com"}, "role": "admin"}


def test_no_token_is_of_the_future_after_a_login_across_two_seconds(
    token_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.auth import jwt_bearer, learning_sync, minting, tokens
    from test_harness.auth.styles import Credential
    from test_harness.factories import base as factory

    users = iter([ADA, BOB])
    factory_of_users = SimpleNamespace(create=lambda: next(users))
    monkeypatch.setattr(factory, "user_factory", lambda: factory_of_users)
    monkeypatch.setattr(minting, "attributes_of", lambda user: user)
    monkeypatch.setattr(minting, "_recipes", {})
    monkeypatch.setattr(learning_sync, "_shown", lambda _, credential: credential != Credential())
    monkeypatch.setattr(jwt_bearer, "from_login", lambda credential: credential)
    with time_machine.travel(1_700_000_000.999, tick=False) as clock:

        def log_in(_: object, user: dict[str, Any]) -> Credential:
            clock.shift(0.002)
            shown: Credential = token_of(user, iat=int(time.time())).credential
            return shown

        monkeypatch.setattr(learning_sync, "log_in", log_in)
        learning_sync._learn("jwt_bearer", lambda *_: httpx2.Client())
        clock.move_to(1_700_000_010.9995)
        made = minting.made("jwt_bearer", ADA)
        assert made is not None
        assert tokens.claims_of(jwt_bearer.token(made))["iat"] <= time.time()


def test_rights_that_no_attribute_explains_are_never_made_up(token_of: Callable[..., Any]) -> None:
    from test_harness.auth import minting

    logins = [token_of(user, scopes=["read"]) for user in (ADA, BOB)]
    with pytest.raises(minting.NotLearnedError, match="what 'scopes' is taken from is not seen"):
        minting.learn(logins[0], logins[1], MAIN)


def test_without_the_key_nothing_is_made(
    token_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.auth import minting

    monkeypatch.setenv("SECRET_KEY", "another key, of somebody else's application")
    with pytest.raises(minting.NotLearnedError, match="is not known"):
        minting.learn(token_of(ADA), token_of(BOB), MAIN)


def test_an_attribute_that_is_not_loaded_leads_to_a_real_login(
    token_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_harness.auth import minting

    recipe = minting.learn(token_of(ADA), token_of(BOB), MAIN)
    monkeypatch.setattr(minting, "attributes_of", lambda user: {"email": "eve@example.com"})
    assert recipe.make(object()) is None


def test_forged_tokens_are_what_they_say() -> None:
    from test_harness.auth import tokens

    token = tokens.signed({"alg": "HS256"}, {"sub": "7"}, KEY)
    assert not tokens.is_signed(tokens.with_claims(token, sub="8"), KEY)


# ------------------------------------------------------------------------------ what is refused


def test_a_secret_is_changed_where_it_is_signed(auth: Callable[..., None]) -> None:
    from test_harness.auth import refusals
    from test_harness.auth.styles import ANONYMOUS

    auth(style="session_cookie", session_cookie="session")
    own = style("session_cookie").with_token(ANONYMOUS, "who.when.Abc")
    assert refusals.tampered(own).cookies == {"session": "who.when.Bbc"}
    made_up = refusals.of_foreign_key(own).cookies["session"]
    assert made_up.startswith("who.when.")
    assert len(made_up) == len("who.when.Abc")
    assert made_up != "who.when.Abc"
    opaque = style("session_cookie").with_token(ANONYMOUS, "0123456789")
    assert refusals.tampered(opaque).cookies == {"session": "A123456789"}


def test_a_password_is_changed_and_the_name_is_not(auth: Callable[..., None]) -> None:
    from test_harness.auth import refusals
    from test_harness.auth.styles import ANONYMOUS

    auth(style="http_basic")
    basic = style("http_basic")
    own = basic.with_token(ANONYMOUS, basic.encoded("ada", "Pass:word"))
    assert basic.decoded(basic.token(refusals.tampered(own))) == "ada:Aass:word"


def test_a_token_of_another_key_or_user_says_what_it_did(token_of: Callable[..., Any]) -> None:
    from test_harness.auth import refusals, tokens

    ada, bob = (style("jwt_bearer").token(token_of(user).credential) for user in (ADA, BOB))
    foreign = refusals.of_foreign_key(token_of(ADA).credential)
    forged = style("jwt_bearer").token(foreign)
    assert tokens.claims_of(forged)["sub"] == tokens.claims_of(ada)["sub"]
    assert not tokens.is_signed(forged, KEY)
    assert tokens.is_signed(forged, refusals.FOREIGN_KEY)
    mixed = refusals.of_foreign_user(token_of(ADA).credential, token_of(BOB).credential)
    assert tokens.claims_of(style("jwt_bearer").token(mixed))["sub"] == tokens.claims_of(bob)["sub"]
    assert not tokens.is_signed(style("jwt_bearer").token(mixed), KEY)


def test_a_token_is_made_so_early_that_it_ended_a_second_ago(auth: Callable[..., None]) -> None:
    from test_harness.auth import refusals, tokens
    from test_harness.auth.styles import ANONYMOUS

    auth(style="jwt_bearer")
    with refusals.standing_still():
        ends = int(time.time()) + 900
        token = tokens.signed({"alg": "HS256"}, {"exp": ends}, KEY)
        with refusals.back_then(style("jwt_bearer").with_token(ANONYMOUS, token), ""):
            early = time.time()
        assert int(early) + 900 == int(time.time()) - 1


def test_a_token_that_says_no_end_is_made_long_ago(auth: Callable[..., None]) -> None:
    from test_harness.auth import refusals, tokens
    from test_harness.auth.styles import ANONYMOUS

    auth(style="jwt_bearer")
    endless = tokens.signed({"alg": "HS256"}, {"sub": "7"}, KEY)
    with refusals.back_then(style("jwt_bearer").with_token(ANONYMOUS, endless), ""):
        early = time.time()
    assert time.time() - early > 3649 * 86_400


def test_a_token_that_says_nothing_is_refused_as_a_secret_is(
    auth: Callable[..., None], token_of: Callable[..., Any]
) -> None:
    """A table of the application knows it: there is nothing in it to read or to forge."""
    from test_harness.auth import attacks, refusals
    from test_harness.auth.styles import ANONYMOUS

    auth(style="jwt_bearer")
    bearer = style("jwt_bearer")
    own = bearer.with_token(ANONYMOUS, "K25LLwaFKsAAknTur-q9")
    forged = bearer.token(refusals.of_foreign_key(own))
    assert (len(forged), forged == bearer.token(own)) == (20, False)
    with refusals.back_then(own, ""):
        early = time.time()
    assert time.time() - early > 3649 * 86_400
    with pytest.raises(pytest.skip.Exception, match="a login gives no JSON Web Token"):
        attacks.need_claims(bearer.token(own))
    attacks.need_claims(bearer.token(token_of(ADA).credential))


def test_what_is_never_signed_is_said(auth: Callable[..., None]) -> None:
    from test_harness.auth import refusals
    from test_harness.errors import LoginError

    auth(style="jwt_bearer", also="http_basic")
    refusals.check_kind("expired", "")
    with pytest.raises(LoginError, match="style http_basic is never 'expired'") as said:
        refusals.check_kind("expired", "http_basic")
    assert said.value.fix == "Use one of missing, tampered."


def test_a_hasher_that_is_only_installed_may_warn_of_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from test_harness.application import passwords

    build_tree(tmp_path, {"outdated.py": "import warnings\nwarnings.warn('old', FutureWarning)\n"})
    monkeypatch.syspath_prepend(str(tmp_path))
    assert passwords._installed("outdated").__name__ == "outdated"


def test_what_needs_a_library_to_be_signed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from test_harness.auth import tokens
    from test_harness.errors import LoginError

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LoginError, match="cannot sign tokens with RS256") as said:
        tokens.signed({"alg": "RS256"}, {"sub": "7"}, KEY)
    assert said.value.fix == "Add pyjwt[crypto] to the test requirements."
