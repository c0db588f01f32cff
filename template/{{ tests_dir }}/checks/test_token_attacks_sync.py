# mypy: ignore-errors
"""Checks that a token which was forged, changed or kept too long opens nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
import time_machine
from test_harness.application.assertions import assert_status
from test_harness.auth import attacks
from test_harness.auth.refusals import status_of
from test_harness.auth.styles import style
from test_harness.auth.tokens import claims_of, header_of, signed, with_claims
from test_harness.clock import moment, now
from test_harness.factories.base import user_factory
from test_harness.fixtures.login_sync import CredentialOf, MakeClient
from test_harness.settings import settings

pytestmark = [pytest.mark.api, pytest.mark.security]

AUTH, FLOWS = settings().auth, settings().flows

MORE_RIGHTS = {
    "role": "admin",
    "roles": ["admin"],
    "scope": "admin",
    "is_admin": True,
    "is_superuser": True,
}


class Target:
    """The protected route, shown tokens in the place where the application looks for them."""

    def __init__(self, make_client: MakeClient, credential: Any) -> None:
        self._make_client = make_client
        self._credential = credential
        self.token = style().token(credential)
        attacks.need_claims(self.token)

    def show(self, token: str) -> httpx2.Response:
        """Send a request with a token."""
        client = self._make_client(style().with_token(self._credential, token))
        return client.get(AUTH.protected_path)

    def assert_refused(self, token: str, kind: str = "tampered") -> None:
        """See that a token is refused as those of its kind are, and that the user's own is not."""
        __tracebackhide__ = True
        assert_status(self.show(token), status_of(kind))
        assert_status(self.show(self.token), AUTH.opened_status)


@pytest.fixture
def target(make_client: MakeClient, credential_of: CredentialOf, db: Any) -> Target:
    return Target(make_client, credential_of(user_factory().create()))


@pytest.fixture
def key(target: Target) -> str | bytes:
    """The key that the application signs with, proven by a token that it takes."""
    secret = attacks.signing_key(target.token)
    own = signed(header_of(target.token), claims_of(target.token), secret)
    assert_status(target.show(own), AUTH.opened_status)
    return secret


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_a_token_cannot_say_that_it_needs_no_signature(target: Target, algorithm: str) -> None:
    target.assert_refused(attacks.unsigned_by(target.token, algorithm), "unsigned")


def test_a_token_without_its_signature_is_refused(target: Target) -> None:
    target.assert_refused(target.token.rpartition(".")[0] + ".", "unsigned")


def test_a_token_signed_with_an_empty_key_is_refused(target: Target) -> None:
    forged = signed({"alg": "HS256", "typ": "JWT"}, claims_of(target.token), "")
    target.assert_refused(forged, "foreign_key")


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_token_cannot_choose_how_it_is_checked(
    target: Target, key: str | bytes, algorithm: str
) -> None:
    if algorithm == header_of(target.token)["alg"]:
        pytest.skip("this is how the application signs")
    header = {**header_of(target.token), "alg": algorithm}
    keys = attacks.checking_keys(target.token, key)
    assert keys
    for checked_with in keys:
        forged = signed(header, claims_of(target.token), checked_with)
        target.assert_refused(forged, "other_algorithm")


def test_a_token_ends_when_it_says(target: Target) -> None:
    claims = claims_of(target.token)
    if "exp" not in claims:  # Then the application has to know.
        with time_machine.travel(now() + timedelta(days=3650)):
            late = target.show(target.token)
        assert late.status_code == status_of("expired"), (
            "the token is good for ever: it has no `exp`"
        )
        return
    with time_machine.travel(moment(claims["exp"]) - timedelta(seconds=10)):
        assert_status(target.show(target.token), AUTH.opened_status)
    with time_machine.travel(moment(claims["exp"]) + timedelta(seconds=1)):
        assert_status(target.show(target.token), status_of("expired"))


def test_a_token_that_begins_later_is_refused(target: Target, key: str | bytes) -> None:
    later = {**claims_of(target.token), "nbf": int(now().timestamp()) + 3600}
    target.assert_refused(signed(header_of(target.token), later, key), "early")


@pytest.mark.parametrize("claim", ["aud", "iss"])
def test_a_token_for_or_of_somebody_else_is_refused(
    target: Target, key: str | bytes, claim: str
) -> None:
    if claim not in claims_of(target.token):
        pytest.skip(f"the application's tokens have no claim {claim!r}")
    foreign = {**claims_of(target.token), claim: "somebody-else"}
    target.assert_refused(signed(header_of(target.token), foreign, key), "foreign_claim")


@pytest.mark.parametrize("claim", FLOWS.required_claims.split())
def test_a_token_that_lacks_a_claim_is_refused(
    target: Target, key: str | bytes, claim: str
) -> None:
    lacking = {name: value for name, value in claims_of(target.token).items() if name != claim}
    assert len(lacking) < len(claims_of(target.token)), f"the tokens never have a claim {claim!r}"
    target.assert_refused(signed(header_of(target.token), lacking, key), "lacking_claim")


def test_rights_are_not_written_into_a_token(target: Target) -> None:
    target.assert_refused(with_claims(target.token, **MORE_RIGHTS))


def test_a_longer_life_is_not_written_into_a_token(target: Target) -> None:
    claims = claims_of(target.token)
    if "exp" not in claims:
        pytest.skip("the application's tokens have no claim 'exp'")
    ends = claims["exp"] + 3600
    target.assert_refused(with_claims(target.token, exp=ends))
