"""Credentials that the application has to refuse, each made of one that it takes."""

from __future__ import annotations

import hashlib
import hmac
import importlib
from datetime import timedelta
from typing import Any

import time_machine

from test_harness.auth.styles import Credential, style, styles
from test_harness.auth.tokens import HASHES, claims_of, header_of, is_jwt, signed
from test_harness.clock import moment, now
from test_harness.errors import LoginError
from test_harness.settings import settings

FOREIGN_KEY = "an-attackers-own-key-0123456789abcdef0123456789abcdef"
# No session that the application set up then is still good.
LONG_AGO = timedelta(days=3650)

_WITHOUT_END = ["missing", "tampered"]
KINDS = {
    "http_basic": _WITHOUT_END,
    "api_key": [*_WITHOUT_END, "foreign_key"],
    "session_cookie": [*_WITHOUT_END, "foreign_key", "expired"],
    "jwt_bearer": [*_WITHOUT_END, "foreign_key", "expired", "foreign_user"],
    "jwt_cookie": [*_WITHOUT_END, "foreign_key", "expired", "foreign_user"],
}

# Which setting says how a refusal is answered, unless `[refusals]` says it of this one alone.
LIKE = {
    **dict.fromkeys(
        (
            *("tampered", "foreign_key", "foreign_user", "expired", "malformed", "unsigned"),
            *("other_algorithm", "early", "foreign_claim", "lacking_claim", "refresh_as_access"),
        ),
        "auth.bad_token_status",
    ),
    **dict.fromkeys(("ended_by_reset", "ended_by_reuse"), "flows.ended_status"),
    **dict.fromkeys(
        (
            *("login_without_name", "login_without_password"),
            *("password_null", "password_object", "password_list"),
            *("body_nothing", "body_list", "body_null"),
        ),
        "flows.malformed_status",
    ),
    **dict.fromkeys(
        ("refresh_malformed", "refresh_with_access", "refresh_ended"),
        "flows.refresh_refused_status",
    ),
    **dict.fromkeys(("verify_again", "verify_guessed"), "flows.verify_refused_status"),
    **dict.fromkeys(
        ("reset_again", "reset_late", "reset_guessed", "reset_by_verification"),
        "flows.reset_refused_status",
    ),
    **dict.fromkeys(
        ("invite_again", "invite_late", "invite_guessed", "invite_cancelled"),
        "flows.invite_refused_status",
    ),
    "weak_at_reset": "flows.weak_password_status",
}


def status_of(refusal: str) -> int:
    """Return the one status that a refusal is answered with.

    Args:
        refusal: Its name in `[refusals]` of the settings, `missing` for no credential at all, or
            `body_half` for what is no JSON.
    """
    auth, flows = settings().auth, settings().flows
    if refusal == "missing":
        return auth.no_token_status
    if refusal == "body_half":
        return flows.unreadable_status or flows.malformed_status
    section, _, key = LIKE[refusal].partition(".")
    alone: int = getattr(settings().refusals, refusal)
    return alone or int(getattr(getattr(settings(), section), key))


def kinds(name: str = "") -> list[str]:
    """Return what has to be refused in a style, the main one if none is given.

    `foreign_key` is signed, or made up, by somebody who has not the key of the application, and
    `foreign_user` says who another user is under the signature of the user's own.
    """
    return KINDS[name or styles()[0]]


def check_kind(kind: str, name: str) -> None:
    """See that there are credentials of a kind in a style.

    Raises:
        LoginError: There are none.
    """
    if kind not in kinds(name):
        raise LoginError(
            f"A credential of the style {name or styles()[0]} is never {kind!r}.",
            f"Use one of {', '.join(kinds(name))}.",
        )


def standing_still() -> time_machine.travel:
    """Within the block no time passes; it is a whole second, as in tokens."""
    return time_machine.travel(now().replace(microsecond=0), tick=False)


def back_then(own: Credential, name: str) -> time_machine.travel:
    """Within the block it is so early that what is made there has ended by now.

    Args:
        own: What the user shows now, made while time stood still: a token made as much earlier as
            it says that it lives, and a second, ended a second ago.
        name: Of the style.
    """
    token = style(name).token(own)
    claims = claims_of(token) if _has_claims(token, name) else {}
    earlier = LONG_AGO
    if "exp" in claims:
        earlier = moment(claims["exp"]) - now() + timedelta(seconds=1)
    return time_machine.travel(now() - earlier, tick=False)


def tampered(own: Credential, name: str = "") -> Credential:
    """Return `own` with one character of its secret changed: of the signature, if it has one."""
    if (name or styles()[0]) == "http_basic":
        basic = importlib.import_module("test_harness.auth.http_basic")
        user, _, password = basic.decoded(style(name).token(own)).partition(":")
        return style(name).with_token(own, basic.encoded(user, _with_another_start(password)))
    content, dot, signature = style(name).token(own).rpartition(".")
    return style(name).with_token(own, f"{content}{dot}{_with_another_start(signature)}")


def of_foreign_key(own: Credential, name: str = "") -> Credential:
    """Return what somebody would show who does not have the key of the application."""
    token = style(name).token(own)
    if _has_claims(token, name):
        header = header_of(token)
        forged = signed(header, claims_of(token), _another_key(header["alg"]))
    else:
        content, dot, signature = token.rpartition(".")
        made_up = hmac.new(FOREIGN_KEY.encode(), token.encode(), hashlib.sha512).hexdigest()
        forged = f"{content}{dot}{(made_up * 9)[: len(signature)]}"
    return style(name).with_token(own, forged)


def of_foreign_user(own: Credential, other: Credential, name: str = "") -> Credential:
    """Return what says who `other` is, under the signature of `own`."""
    content, _, _ = style(name).token(other).rpartition(".")
    _, _, signature = style(name).token(own).rpartition(".")
    return style(name).with_token(own, f"{content}.{signature}")


def _has_claims(token: str, name: str) -> bool:
    """Tell whether a token says who it is of; one that a table or a cache knows says nothing."""
    return "jwt" in (name or styles()[0]) and is_jwt(token)


def _with_another_start(secret: str) -> str:
    return f"{'B' if secret[0] == 'A' else 'A'}{secret[1:]}"


def _another_key(algorithm: str) -> str:
    if algorithm in HASHES:
        return FOREIGN_KEY
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    curves: dict[str, Any] = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if algorithm in curves:
        private = ec.generate_private_key(curves[algorithm]())
    elif algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(65537, 2048)
    pem: bytes = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode()
