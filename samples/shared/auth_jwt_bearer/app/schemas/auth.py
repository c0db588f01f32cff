"""Logging in and staying logged in, over HTTP."""

from pydantic import BaseModel

from app.schemas.common import Shown


class Refresh(BaseModel):
    """A refresh token, to be traded for a new pair."""

    refresh_token: str


class TokenPair(Shown):
    """An access token for requests, and a refresh token for the next pair."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"
