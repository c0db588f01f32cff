"""Looks at what is refused, and how: credentials that are none, and logins that are not right."""

from __future__ import annotations

import re
from typing import Any

import pytest

from test_harness.auth import attacks
from test_harness.auth.flows.steps_sync import MakeClient, enter, log_in_as
from test_harness.auth.keys import keys
from test_harness.auth.refusals import kinds
from test_harness.auth.styles import (
    ANONYMOUS,
    PASSWORD,
    Credential,
    fields_of,
    login_request,
    style,
)
from test_harness.auth.tokens import HASHES, claims_of, header_of, is_signed, signed
from test_harness.clock import now
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import CredentialOf
from test_harness.observation.answers import refuses
from test_harness.observation.notebook import Notebook
from test_harness.observation.tries_sync import is_no_way_in, shown_to, tried
from test_harness.settings import settings

WRONG = f"{PASSWORD}-wrong"


@pytest.fixture
def user(notebook: Notebook, db: Any) -> Any:
    if not notebook.knows_the_login:
        pytest.skip("how a user gets in was not seen")
    return user_factory().create()


@pytest.fixture
def anybody(db: Any) -> Any:
    """A user, whether or not one was seen to get in: a login is refused all the same."""
    return user_factory().create()


def test_credentials(
    make_client: MakeClient, refused_credential: CredentialOf, notebook: Notebook, user: Any
) -> None:
    missing = shown_to(make_client, ANONYMOUS)
    if refuses(missing):
        notebook.saw("auth.no_token_status", missing.status_code, "no credential", missing)
    answers = {}
    for kind in kinds()[1:]:
        credential = tried(refused_credential, kind, user)
        answer = shown_to(make_client, credential) if credential else None
        answers[kind] = answer if refuses(answer) else None
    if "jwt" in settings().auth.style:
        own = log_in_as(make_client, user)
        for kind, token in forged(style().token(own)):
            answer = shown_to(make_client, style().with_token(own, token))
            answers.setdefault(kind, answer if refuses(answer) else None)
    notebook.saw_refusals(answers)


def test_what_is_no_credential(make_client: MakeClient, notebook: Notebook) -> None:
    """Where no login was seen to work, what is refused without one is looked at all the same."""
    auth = settings().auth
    if notebook.knows_the_login or not auth.protected_path:
        return
    missing = shown_to(make_client, ANONYMOUS)
    if refuses(missing):
        notebook.saw("auth.no_token_status", missing.status_code, "no credential", missing)
    if "jwt" in auth.style:
        answer = shown_to(make_client, style().with_token(ANONYMOUS, "a.b.c"))
        if refuses(answer):
            notebook.saw("auth.bad_token_status", answer.status_code, "one that is none", answer)


def forged(token: str) -> list[tuple[str, str]]:
    """Return tokens that somebody made, each with its kind: of one kind, the plainest first."""
    made = [("malformed", "x"), ("malformed", "a.b.c")]
    if token.count(".") != 2:
        return made
    header, claims = header_of(token), claims_of(token)
    made += [("unsigned", attacks.unsigned_by(token, "none"))]
    key = next((one for one in keys() if is_signed(token, one)), None)
    if key is None:
        return made
    for algorithm in HASHES:
        if algorithm != header["alg"]:
            for checked_with in attacks.checking_keys(token, key):
                other = signed({**header, "alg": algorithm}, claims, checked_with)
                made.append(("other_algorithm", other))
    made.append(("early", signed(header, {**claims, "nbf": int(now().timestamp()) + 3600}, key)))
    for name in {"aud", "iss"} & claims.keys():
        made.append(("foreign_claim", signed(header, {**claims, name: "somebody-else"}, key)))
    for name in settings().flows.required_claims.split():
        lacking = {claim: value for claim, value in claims.items() if claim != name}
        made.append(("lacking_claim", signed(header, lacking, key)))
    return made


def test_another_scheme(make_client: MakeClient, notebook: Notebook, user: Any) -> None:
    auth = settings().auth
    if auth.style == "jwt_bearer":
        token = style().token(log_in_as(make_client, user))
        answer = shown_to(make_client, Credential({auth.token_header: f"Basic {token}"}))
        # The token is one of the user's own, so that even a page is no way in for others.
        if answer is not None and answer.status_code < 500:
            status = answer.status_code
            notebook.saw("auth.other_scheme_status", status, "another scheme", answer)


def test_a_wrong_password(make_client: MakeClient, notebook: Notebook, anybody: Any) -> None:
    auth = settings().auth
    if auth.user_password_attribute and (notebook.knows_the_login or auth.login_path):
        answer = refused_login(make_client, anybody, WRONG)
        if answer is not None and (
            notebook.knows_the_login or is_of_the_password(make_client, anybody, answer)
        ):
            status = answer.status_code
            notebook.saw("auth.login_refused_status", status, "a wrong password", answer)


def is_of_the_password(make_client: MakeClient, user: Any, answer: Any) -> bool:
    """Tell whether a login was refused for its password, and not because it is none at all."""
    if not refuses(answer) or settings().auth.login_encoding == "basic":
        return False
    lacking = without(login_request(user), settings().auth.password_field)
    other = tried(make_client().post, **lacking)
    differs = other is not None and other.status_code != answer.status_code
    return answer.status_code in {401, 403} or differs


def test_states(make_client: MakeClient, notebook: Notebook, user: Any, db: Any) -> None:
    auth = settings().auth
    for attribute in dict.fromkeys(
        [auth.active_attribute, auth.verified_attribute, *auth.user_flags.split()]
    ):
        if attribute and auth.user_password_attribute:
            other = user_factory().create(**{attribute: False})
            saw_state(notebook, attribute, refused_login(make_client, other))
    if auth.active_attribute:
        credential = log_in_as(make_client, user)
        setattr(user, auth.active_attribute, False)
        db.flush()
        answer = shown_to(make_client, credential)
        if refuses(answer):
            what = "the credential of who has become inactive"
            notebook.saw("flows.deactivated_status", answer.status_code, what, answer)


def saw_state(notebook: Notebook, attribute: str, answer: Any) -> None:
    """Note how the login of a user is refused for which an attribute is false, if it is.

    Args:
        notebook: Where it is noted.
        attribute: One that may have been read as none that a login turns on.
        answer: The refusal, None for none.
    """
    auth = settings().auth
    if answer is None:
        return
    if attribute == auth.active_attribute:
        what = "the login of an inactive user"
        notebook.saw("flows.inactive_status", answer.status_code, what, answer)
    elif re.search("(?i)verif|confirm", attribute):
        what = "the login of an unverified user"
        notebook.saw("auth.verified_attribute", attribute, what, answer)
        notebook.saw("flows.unverified_status", answer.status_code, what, answer)


def refused_login(make_client: MakeClient, user: Any, password: str = PASSWORD) -> Any:
    """Return the answer to a login by which nobody gets in, None if somebody does."""
    answer = tried(enter, make_client, user, password)
    return answer if is_no_way_in(make_client, answer) else None


def test_malformed_logins(make_client: MakeClient, notebook: Notebook, anybody: Any) -> None:
    auth = settings().auth
    if not auth.login_path or auth.login_encoding == "basic":
        return
    requests = {
        f"login_without_{name}": without(login_request(anybody), field)
        for name, field in (("name", auth.login_field), ("password", auth.password_field))
    }
    if auth.login_encoding == "json":
        for kind, password in (("null", None), ("object", {"$ne": ""}), ("list", [PASSWORD])):
            requests[f"password_{kind}"] = login_request(anybody, password)  # type: ignore[arg-type]
        for kind, content in (("nothing", ""), ("half", "{"), ("list", "[]"), ("null", "null")):
            headers = {"Content-Type": "application/json"}
            body = {"url": login_request(anybody)["url"], "content": content, "headers": headers}
            requests[f"body_{kind}"] = body
    answers = {}
    for kind, sent in requests.items():
        answer = tried(make_client().post, **sent)
        answers[kind] = answer if is_no_way_in(make_client, answer) else None
    half = answers.pop("body_half", None)
    notebook.saw_refusals(answers)
    flows = settings().flows
    if half is not None and (flows.unreadable_status or flows.malformed_status) != half.status_code:
        status = half.status_code
        notebook.saw("flows.unreadable_status", status, "half of an object", half)


def without(request: dict[str, Any], field: str) -> dict[str, Any]:
    """Return the request of a login without one of its fields."""
    payload = fields_of(request)
    nested = settings().auth.login_nested_in
    del (payload[nested] if nested else payload)[field]
    return request
