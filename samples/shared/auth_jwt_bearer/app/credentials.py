"""How a client shows who it is: `Authorization: Bearer <access token>` (RFC 6750)."""

# What a client is told that has shown nothing, or nothing valid.
CHALLENGE = "Bearer"


def bearer_token(authorization: str) -> str | None:
    """Return the token in the value of the header, if there is one."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" and token else None
