"""A double of an OpenID provider, which signs people in without asking them anything.

Source: https://openid.net/specs/openid-connect-core-1_0.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from test_harness.clock import now
from test_harness.doubles.http import HttpDouble

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
LIFETIME_SECONDS = 3600


class OAuthProvider:
    """Answers at an address as a provider does.

    Args:
        http: Takes what the application sends to it.
        issuer: Where it is.
    """

    def __init__(self, http: HttpDouble, issuer: str) -> None:
        self._http = http
        self.issuer = issuer.rstrip("/")

    def id_token(self, audience: str, key: Any = KEY, **claims: Any) -> str:
        """Return a token about somebody, signed with the provider's key unless another is given."""
        moment = int(now().timestamp())
        content = {
            "iss": self.issuer,
            "aud": audience,
            "sub": "ada",
            "iat": moment,
            "exp": moment + LIFETIME_SECONDS,
            **claims,
        }
        token: str = jwt.encode(content, key, "RS256", headers={"kid": "test"})
        return token

    def sign_in(self, audience: str, **claims: Any) -> None:
        """Have the next application that trades a code be told of somebody.

        Args:
            audience: The client id of the application.
            claims: What is said of the person, such as `email`.
        """
        public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
        endpoints = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        tokens = {
            "access_token": "provider-access-token",
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "id_token": self.id_token(audience, **claims),
        }
        offer = self._http.offer
        offer("GET", f"{self.issuer}/.well-known/openid-configuration", json=endpoints)
        offer(
            "GET", f"{self.issuer}/jwks", json={"keys": [{**public, "kid": "test", "use": "sig"}]}
        )
        offer("POST", f"{self.issuer}/token", json=tokens)
        offer("GET", f"{self.issuer}/userinfo", json={"sub": "ada", **claims})


@pytest.fixture
def oauth_provider(http_double: HttpDouble) -> Callable[[str], OAuthProvider]:
    """Return what makes a provider: `oauth_provider("https://accounts.example.com")`."""
    return lambda issuer: OAuthProvider(http_double, issuer)
