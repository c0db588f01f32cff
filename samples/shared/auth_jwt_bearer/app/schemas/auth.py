"""Logging in and staying logged in, over HTTP."""

from pydantic import BaseModel, ConfigDict


class Refresh(BaseModel):
    """A refresh token, to be traded for a new pair."""

    refresh_token: str


class TokenPair(BaseModel):
    """An access token for requests, and a refresh token for the next pair."""

    model_config = ConfigDict(from_attributes=True)

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 - how it is presented (RFC 6750), not a token
