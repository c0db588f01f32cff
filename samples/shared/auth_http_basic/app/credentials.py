"""How a client shows who it is: email address and password with each request (RFC 7617)."""

import base64
import binascii

# What a client is told that has shown nothing, or nothing valid.
CHALLENGE = 'Basic realm="Catalogue", charset="UTF-8"'


def name_and_password(authorization: str) -> tuple[str, str] | None:
    """Return what the value of the header Authorization says, if it says both."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None
